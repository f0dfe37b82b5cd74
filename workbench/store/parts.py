# SPDX-License-Identifier: Apache-2.0
"""The parts of a result as files of a folder: parquet, .npy, png and JSON. Nothing is pickled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from registry.arrays import Array
from registry.errors import ResultError
from registry.result import Metric, Result
from workbench.store.encoding import packed, to_text
from workbench.store.files import seal, sync

FORMAT = 1


@dataclass(frozen=True)
class Part:
    """A written part: its file is relative to the run's folder."""

    name: str
    kind: str
    file: str
    sha256: str
    bytes: int


def checked(result: Result) -> Result:
    """The result, validated once more (its mappings may have been changed since it was made)."""
    return Result(
        metrics=result.metrics,
        tables=result.tables,
        arrays=result.arrays,
        images=result.images,
        charts=result.charts,
        findings=list(result.findings),
        notes=[str(one) for one in result.notes],
    )


def write_parts(folder: Path, result: Result) -> list[Part]:
    """Write every part below ``folder``, each synced; raises :class:`ResultError` for what cannot be written."""
    parts = []
    for kind, name, path, write in _plan(folder, result):
        path.parent.mkdir(exist_ok=True)
        write(path)
        parts.append(Part(name, kind, str(path.relative_to(folder)), *seal(path)))
    return parts


def write_manifest(folder: Path, manifest: Mapping[str, Any], parts: list[Part]) -> Part:
    """Write ``manifest.json`` with the list of parts, and sync the folders."""
    path = folder / "manifest.json"
    listed = [
        {"name": one.name, "kind": one.kind, "file": one.file, "sha256": one.sha256, "bytes": one.bytes}
        for one in parts
    ]
    path.write_text(to_text({**manifest, "format": FORMAT, "parts": listed}), encoding="ascii")
    part = Part("manifest", "manifest", path.name, *seal(path))
    for inner in sorted({(folder / one.file).parent for one in parts} | {folder}):
        sync(inner)
    return part


def _plan(folder: Path, result: Result) -> Iterator[tuple[str, str, Path, Any]]:
    """(kind, name, path, what writes it) for each part; names are validated, so no path leaves the folder."""
    for name, table in result.tables.items():
        yield (
            "table",
            name,
            folder / "tables" / f"{name}.parquet",
            lambda path, one=table, of=name: _table(path, one, of),
        )
    for name, array in result.arrays.items():
        yield "array", name, folder / "arrays" / f"{name}.npy", lambda path, one=array: _array(path, one)
    for name, image in result.images.items():
        yield "image", name, folder / "images" / f"{name}.png", lambda path, one=image: _image(path, one)
    for name, chart in result.charts.items():
        yield "chart", name, folder / "charts" / f"{name}.json", lambda path, one=chart: _text(path, one)
    words = {
        "metrics": {name: packed(one) for name, one in result.metrics.items() if isinstance(one, Metric)},
        "findings": [packed(one) for one in result.findings],
        "notes": result.notes,
    }
    yield "result", "result", folder / "result.json", lambda path: _text(path, words)


def _table(path: Path, table: Any, name: str) -> None:
    import pyarrow as pa

    try:
        table.to_parquet(path, engine="pyarrow", compression="zstd")
    except (pa.ArrowException, TypeError, ValueError, NotImplementedError) as error:
        why = " ".join(str(error).split())
        raise ResultError(
            f"the table '{name}' cannot be stored: {why}; give columns named by text, of one plain type each"
        ) from error


def _array(path: Path, array: Array) -> None:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def _image(path: Path, image: Array) -> None:
    from PIL import Image

    Image.fromarray(np.ascontiguousarray(image)).save(path, format="PNG", compress_level=3)


def _text(path: Path, value: Any) -> None:
    path.write_text(to_text(value), encoding="ascii")
