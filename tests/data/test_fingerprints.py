# SPDX-License-Identifier: Apache-2.0
"""Fingerprints of files: the same in every process, for a run is found again by them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from safetensors.numpy import save_file

from workbench.data import open_path

POINTS = np.arange(24, dtype=np.float32).reshape(8, 3)


def written(folder: Path, kind: str) -> Path:
    path = folder / f"points.{kind}"
    frame = pd.DataFrame(POINTS, columns=["a", "b", "c"]).assign(label=list("xyxyxyxy"))
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "npy":
        np.save(path, POINTS)
    elif kind == "npz":
        np.savez(path, points=POINTS)
    elif kind == "safetensors":
        save_file({"points": POINTS}, path)
    else:
        path.mkdir()
        for name in "ab":
            Image.fromarray(np.full((4, 4), ord(name), dtype=np.uint8)).save(path / f"{name}.png")
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet", "npy", "npz", "safetensors", "folder"])
def test_another_process_finds_the_same_fingerprint(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind)
    script = "import sys; from workbench.data import open_path; print(open_path(sys.argv[1]).fingerprint())"
    told = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == open_path(path).fingerprint()
