# SPDX-License-Identifier: Apache-2.0
"""Fitting: the rows of a data set in the units of a model's space."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import Array
from registry.data import Dataset
from registry.errors import DataError
from registry.spaces import Images, Items, Layer, Scalars, Space, Tables, Texts, Vectors

if TYPE_CHECKING:
    import pandas as pd

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601, as image libraries turn colour to grey


def fit(dataset: Dataset, space: Space) -> Dataset:
    """The same rows in the units of ``space``.

    Values of images are rescaled from the data set's range to the space's; colour becomes grey where the space has
    one channel (BT.601 luma), grey is repeated where it has three. Nothing is resized: shapes must match.

    Raises
    ------
    DataError
        When the data set does not fit, in one sentence with both shapes.
    """
    problem = misfit(dataset.space, space)
    if problem:
        raise DataError(problem)
    return dataset if dataset.space == space else FittedDataset(dataset, space)


def misfit(data_space: Space, space: Space) -> str | None:
    """Why points of ``data_space`` cannot be points of ``space``, in one sentence; ``None`` when they can."""
    have, want = in_words(data_space), in_words(space)
    if isinstance(space, Images) and isinstance(data_space, Images):
        if (data_space.height, data_space.width) != (space.height, space.width) and not (
            space.height in (None, data_space.height) and space.width in (None, data_space.width)
        ):
            size = f"(size=({space.height}, {space.width}))"
            return f"the data are {have}, {space.label} wants {want}: open the data at that size {size}"
        if data_space.channels == space.channels or {data_space.channels, space.channels} == {1, 3}:
            return None
    elif isinstance(space, Layer):
        return f"the data are {have}, {space.label} is captured, not read"
    elif isinstance(space, Vectors) and isinstance(data_space, Vectors):
        if data_space.size == space.size:
            return None
    elif isinstance(space, (Items, Scalars)) and type(space) is type(data_space):
        if isinstance(data_space, (Items, Scalars)) and data_space.names == space.names:
            return None
    elif isinstance(space, Tables) and isinstance(data_space, Tables):
        if set(space.columns) <= set(data_space.columns):
            return None
    elif isinstance(space, Texts) and isinstance(data_space, Texts):
        return None
    return f"the data are {have}, {space.label} wants {want}"


def starting_space(data_space: Space, spaces: Iterable[Space]) -> Space | None:
    """The space of a model that a data set stands for: the one with its name if it fits, else the first that it fits.

    ``None`` when it fits none.
    """
    fitting = [one for one in spaces if misfit(data_space, one) is None]
    named = [one for one in fitting if data_space.name and one.name == data_space.name]
    return next(iter(named or fitting), None)


def in_words(space: Space) -> str:
    """Kind and shape of a space as messages say them.

    >>> from registry.spaces import images, vectors
    >>> in_words(images(1, 28, 28, low=-1)), in_words(vectors(3))
    ('images of shape 1 x 28 x 28', 'vectors of shape 3')
    """
    if isinstance(space, Tables):
        return f"a table of {', '.join(space.columns)}"
    if isinstance(space, (Items, Scalars)):
        return f"{space.kind} ({len(space.names)} names)"
    if not space.row_shape:
        return space.kind
    return f"{space.kind} of shape {' x '.join('any' if one is None else str(one) for one in space.row_shape)}"


class FittedDataset(Dataset):
    """A data set seen in the units of another space."""

    def __init__(self, inner: Dataset, space: Space) -> None:
        self.inner, self.space = inner, space

    def __len__(self) -> int:
        return len(self.inner)

    def batch(self, rows: Array) -> Any:
        """Rows converted: range, then channels; texts and tables as they are."""
        batch = self.inner.batch(rows)
        source, target = self.inner.space, self.space
        if not (isinstance(source, Images) and isinstance(target, Images)):
            return batch
        values = np.asarray(batch, dtype=np.float32)
        if source.channels == 3 and target.channels == 1:
            values = np.tensordot(values, LUMA, axes=(1, 0))[:, None]
        elif source.channels == 1 and target.channels == 3:
            values = np.repeat(values, 3, axis=1)
        if (source.low, source.high) != (target.low, target.high):
            scale = (target.high - target.low) / (source.high - source.low)
            values = (values - np.float32(source.low)) * np.float32(scale) + np.float32(target.low)
        return values

    @property
    def columns(self) -> pd.DataFrame:
        return self.inner.columns

    def pictures(self, rows: Array) -> Array:
        """The inner data set's: what is seen does not depend on units."""
        return self.inner.pictures(rows)

    @property
    def has_pictures(self) -> bool:
        return self.inner.has_pictures

    def fingerprint(self) -> str:
        """The inner data set's: units are the model's affair, and the model has its own."""
        return self.inner.fingerprint()
