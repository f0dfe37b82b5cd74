# SPDX-License-Identifier: Apache-2.0
"""Opening files as data sets: one function for every format."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry.data import Dataset
from registry.errors import DataError
from workbench.data.arrays import FileDataset, Reading, array_dataset, choose, read_npy, read_npz, read_safetensors

if TYPE_CHECKING:
    import pandas as pd


def open_path(path: str | Path, *, space: str | None = None, **options: Any) -> Dataset:
    """Open texts, a folder of images, or points in a ``.npy``, ``.npz``, ``.safetensors``, ``.parquet``, ``.csv`` file.

    Texts are the lines of a ``.txt`` file, or a column of a ``.jsonl``, ``.csv`` or ``.parquet`` file.

    Parameters
    ----------
    path : the folder or file; never unpickled, never written to
    space : name for the space of the points; with a model's name for one of its spaces they are points of that one
    options : for a folder of images ``size`` (height, width), ``mode`` (``L`` or ``RGB``), ``skip_broken``,
        ``captions`` (a table in the folder that names pictures; by default ``captions`` or ``metadata`` as csv, tsv,
        jsonl or parquet, else a ``.txt`` beside each picture) and ``skip_missing`` (leaves out what it names in vain);
        for arrays ``kind`` (``images`` or ``vectors``), ``layout`` (``channels-first`` or ``channels-last``) and the
        range ``low``, ``high`` of images, with ``values`` naming the array where there are several;
        for tables ``values`` and ``labels``: columns that are the points, and numeric columns that are not; or
        ``texts``: the column whose texts are the points

    Returns
    -------
    Dataset
        Vectors ``[n, d]``, or images with values in their range (0..1 for 8-bit ones, scaled when read).
        A ``.csv`` of the same stem beside a ``.npy`` gives its columns; one-dimensional arrays beside the points in a
        ``.npz`` or ``.safetensors`` file are columns; images have ``file``, ``folder`` and captions, texts
        have ``text``.

    Raises
    ------
    DataError
        When the file is not there or none of these, or does not hold points; in one sentence.
    """
    location = Path(path).expanduser()
    if not location.exists():
        raise DataError(f"there is no file or folder '{location}'")
    if not (location.is_dir() or location.is_file()):  # reading a pipe or device could wait for ever
        raise DataError(f"'{location}' is neither a file nor a folder")
    ending = "folder" if location.is_dir() else location.suffix.lower()
    if ending not in _OPENERS:
        known = ", ".join(one for one in _OPENERS if one != "folder")
        raise DataError(f"'{location.name}' is no data that can be opened: give a folder of images, or one of {known}")
    opener = _OPENERS[ending]
    _check_options(opener, options, ending)
    opened = opener(location, **options)
    if space is not None:
        opened.space = opened.space.named(space)
    return opened


def _check_options(opener: Callable[..., Dataset], options: dict[str, Any], ending: str) -> None:
    known = [one for one in inspect.signature(opener).parameters if one != "path"]
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join([*known, 'space'])}"
            raise DataError(f"'{name}' is no option for a {ending}: {hint}")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were set, for the fingerprint (a path is none)."""
    return {name: value for name, value in options.items() if value is not None and name != "path"}


def _open_npy(
    path: Path, kind: str | None = None, layout: str | None = None, low: float | None = None, high: float | None = None
) -> Dataset:
    options = _given(locals())
    values, beside = read_npy(path), path.with_suffix(".csv")
    columns, files = None, [path]
    if beside.exists():
        columns, files = _columns_beside(beside, values.shape[0] if values.ndim else 0, path), [path, beside]
    return array_dataset(values, f"'{path.name}'", columns, Reading(kind, layout, low, high), tuple(files), options)


def _open_npz(
    path: Path,
    values: str | None = None,
    kind: str | None = None,
    layout: str | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Dataset:
    return _open_named(path, read_npz, values, Reading(kind, layout, low, high), _given(locals()))


def _open_safetensors(
    path: Path,
    values: str | None = None,
    kind: str | None = None,
    layout: str | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Dataset:
    return _open_named(path, read_safetensors, values, Reading(kind, layout, low, high), _given(locals()))


def _open_named(
    path: Path, read: Callable[[Path], dict[str, Any]], values: str | None, reading: Reading, options: dict[str, Any]
) -> FileDataset:
    import pandas as pd

    arrays = read(path)
    chosen, beside = choose(arrays, path, values)
    columns = pd.DataFrame(beside) if beside else None
    return array_dataset(arrays[chosen], f"'{chosen}' of '{path.name}'", columns, reading, (path,), options)


def _open_table(
    path: Path,
    values: str | Sequence[str] | None = None,
    labels: str | Sequence[str] | None = None,
    texts: str | None = None,
) -> Dataset:
    options = _given(locals())  # before the import, which is a local name too
    from workbench.data.tables import read_table, table_dataset

    if texts is not None:
        if values is not None or labels is not None:
            raise DataError("points are numbers (values=) or texts (texts=): give one of them")
        from workbench.data.texts import texts_of_table

        return texts_of_table(path, read_table(path), texts, options)
    return table_dataset(path, options, values, labels)


def _open_lines(path: Path) -> Dataset:
    from workbench.data.texts import lines_dataset

    return lines_dataset(path, {})


def _open_lines_of_json(path: Path, texts: str | None = None) -> Dataset:
    options = _given(locals())
    from workbench.data.texts import read_lines_of_json, texts_of_table

    return texts_of_table(path, read_lines_of_json(path), texts, options)


def _open_folder(
    path: Path,
    size: int | Sequence[int] | None = None,
    mode: str | None = None,
    skip_broken: bool = False,
    captions: str | None = None,
    skip_missing: bool = False,
) -> Dataset:
    options = _given(locals())
    from workbench.data.image_folder import ImageFolder

    return ImageFolder(
        path, options, size=size, mode=mode, skip_broken=skip_broken, captions=captions, skip_missing=skip_missing
    )


def _columns_beside(path: Path, rows: int, owner: Path) -> pd.DataFrame:
    from workbench.data.tables import read_table

    table = read_table(path)
    if len(table) != rows:
        raise DataError(f"'{path.name}' has {len(table)} rows, '{owner.name}' beside it has {rows}: they must be equal")
    return table


_OPENERS: dict[str, Callable[..., Dataset]] = {
    "folder": _open_folder,
    ".npy": _open_npy,
    ".npz": _open_npz,
    ".safetensors": _open_safetensors,
    ".parquet": _open_table,
    ".csv": _open_table,
    ".txt": _open_lines,
    ".jsonl": _open_lines_of_json,
}
