# SPDX-License-Identifier: Apache-2.0
"""Data sets: rows of one space, read in batches, with columns of labels and attributes and pictures beside them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import Array
from registry.errors import DataError, DoesNotApply, WorkbenchError
from registry.pictures import to_pixels
from registry.spaces import Images, Space, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


_NOT_COUNTED = (list, tuple, dict, set, bytes, np.ndarray)


class Dataset:
    """Rows of one space.

    Subclasses give ``space``, :meth:`__len__` and :meth:`batch`; columns are optional, and so are pictures of rows that
    are no images.
    """

    space: Space

    def __len__(self) -> int:
        raise NotImplementedError

    def batch(self, rows: Array) -> Any:
        """The points at positions ``rows`` (int64 ``[m]``) as a batch of ``space`` (arrays are float32)."""
        raise NotImplementedError

    @property
    def columns(self) -> pd.DataFrame:
        """Labels and attributes, one row for each point (an empty frame with the right index when there are none)."""
        import pandas as pd

        return pd.DataFrame(index=range(len(self)))

    def pictures(self, rows: Array) -> Array:
        """How rows (int64 ``[m]``) are drawn: uint8 ``[m, height, width]`` or ``[m, height, width, 3]``.

        Rows of an image space are drawn as they are. A data set of other points that has something to show, a sketch of
        a curve or the photograph that a vector was made of, says so here. It is called beside the page, in a thread.

        Raises
        ------
        DoesNotApply
            When these rows have no pictures.
        """
        if not isinstance(self.space, Images):
            raise DoesNotApply("the rows of this data set have no pictures")
        return to_pixels(np.asarray(self.batch(rows)), self.space)

    @property
    def has_pictures(self) -> bool:
        """Whether rows can be drawn: those of an image space, and those of a class that has :meth:`pictures`."""
        return isinstance(self.space, Images) or type(self).pictures is not Dataset.pictures

    def checked_pictures(self, rows: Array) -> Array:
        """What :meth:`pictures` gives, held to its shape: uint8 ``[m, height, width, 1 or 3]``.

        Call it in the tests of a data set of your own.

        Raises
        ------
        DataError
            When :meth:`pictures` raises, or gives anything but ``m`` pictures.
        """
        name, count = type(self).__name__, len(rows)
        try:
            given = self.pictures(rows)
        except WorkbenchError:
            raise
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            raise DataError(f"{name}.pictures failed on {count} rows with {told}") from error
        drawn = np.asarray(given)
        drawn = drawn[..., None] if drawn.ndim == 3 else drawn
        right = drawn.ndim == 4 and drawn.shape[3] in (1, 3) and drawn.dtype == np.uint8
        if not right or len(drawn) != count or 0 in drawn.shape[1:]:
            wanted = f"uint8 [{count}, height, width] or [{count}, height, width, 3]"
            raise DataError(
                f"{name}.pictures gives {np.asarray(given).dtype} {list(np.shape(given))}, expected {wanted}"
            )
        return drawn

    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) of everything that the rows and columns hold; the default reads all of it."""
        digest = hashlib.sha256(repr(self.space.describe()).encode())
        for start in range(0, len(self), 1024):
            batch = self.batch(np.arange(start, min(start + 1024, len(self))))
            digest.update(batch.tobytes() if isinstance(batch, np.ndarray) else repr(batch).encode())
        digest.update(self.columns.to_csv().encode())
        return digest.hexdigest()


class ArrayDataset(Dataset):
    """A data set over an array (a memory map stays one): ``values [n, ...]`` in the units of ``space``.

    ``scale`` and ``offset`` turn stored numbers into the space's (``value * scale + offset``), so that pictures can
    stay uint8 on disk: 0..255 becomes 0..1 with ``scale=1 / 255``.
    """

    def __init__(
        self,
        values: Array,
        space: Space,
        columns: pd.DataFrame | None = None,
        *,
        scale: float = 1.0,
        offset: float = 0.0,
    ) -> None:
        if columns is not None and len(columns) != len(values):
            raise DataError(f"the data has {len(values)} rows and its columns {len(columns)}")
        self.values, self.space, self.scale, self.offset = values, space, scale, offset
        self._columns = None if columns is None else plain_columns(columns)

    def __len__(self) -> int:
        return len(self.values)

    def batch(self, rows: Array) -> Array:
        """Rows as float32."""
        taken = np.asarray(self.values[rows], dtype=np.float32)
        if self.scale != 1.0 or self.offset != 0.0:
            taken = taken * np.float32(self.scale) + np.float32(self.offset)
        return taken

    @property
    def columns(self) -> pd.DataFrame:
        return super().columns if self._columns is None else self._columns


class TextDataset(Dataset):
    """A data set of texts: sentences, captions, prompts; its columns begin with ``text``, the text itself.

    >>> TextDataset(["a red rose", "a glass of wine"]).batch(np.array([1]))
    ['a glass of wine']

    Raises
    ------
    DataError
        When there is no text, one is empty or none, or the columns have another length or one called ``text``.
    """

    def __init__(self, rows: Sequence[str], columns: pd.DataFrame | None = None) -> None:
        import pandas as pd

        self.texts, self.space = tuple(rows), texts()
        if not self.texts:
            raise DataError("a data set of texts needs at least one text")
        for row, one in enumerate(self.texts):
            if not isinstance(one, str):
                raise DataError(f"row {row} is a {type(one).__name__}, expected text")
            if not one.strip():
                raise DataError(f"the text of row {row} is empty: leave it out")
            try:
                one.encode()
            except UnicodeEncodeError:  # half a character: no file and no model takes it
                raise DataError(f"the text of row {row} holds half a character (a lone surrogate): mend it") from None
        if columns is not None and len(columns) != len(self.texts):
            raise DataError(f"the data has {len(self.texts)} texts and its columns {len(columns)} rows")
        beside = plain_columns(columns).reset_index(drop=True) if columns is not None else pd.DataFrame()
        if "text" in beside.columns:
            raise DataError("a column beside the texts is called 'text' too: rename it")
        told = pd.DataFrame({"text": pd.Series(self.texts, dtype=object)})
        self._columns = pd.concat([told, beside], axis=1) if len(beside.columns) else told

    def __len__(self) -> int:
        return len(self.texts)

    def batch(self, rows: Array) -> list[str]:
        """Texts at these rows."""
        return [self.texts[int(one)] for one in rows]

    @property
    def columns(self) -> pd.DataFrame:
        return self._columns


def plain_columns(columns: pd.DataFrame) -> pd.DataFrame:
    """The same columns with text for names, and text in place of cells that are lists, bytes or the like.

    Such cells cannot be counted, or have no order among those of other kinds, so that no page could colour, filter or
    compare by them.

    >>> import pandas as pd
    >>> plain_columns(pd.DataFrame({0: [["a"], {"b": 1}]})).to_dict("list")
    {'0': ["['a']", "{'b': 1}"]}

    Raises
    ------
    DataError
        When two columns have one name.
    """
    import pandas as pd

    names = [str(one) for one in columns.columns]
    twice = next((one for one in names if names.count(one) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise DataError(f"the data has two columns of the name '{twice}': rename one of them")
    found = columns if names == list(columns.columns) else columns.set_axis(names, axis=1)
    for name in names:
        if found[name].dtype == object and any(isinstance(one, _NOT_COUNTED) for one in found[name]):
            told = [str(one) if isinstance(one, _NOT_COUNTED) else one for one in found[name]]
            found = found.assign(**{name: pd.Series(told, index=found.index, dtype=object)})
    return found
