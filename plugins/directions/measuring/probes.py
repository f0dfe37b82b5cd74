# SPDX-License-Identifier: Apache-2.0
"""Probes: linear readers of a column of the data, learned from its pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.directions.measuring.readers import Reader

Float64 = NDArray[np.float64]

COMPONENTS: Final = 60  # principal components of the pixels that a probe sees
MOST_CLASSES: Final = 12
LEARNED_FROM: Final = 4000  # rows of the data
FEWEST: Final = 20  # rows of a class


def probes_of(column: str, values: Any, pixels: Any, seed: int) -> list[Reader]:
    """Probes that read a column of the data off pictures: one for a number, one for each class of up to 12.

    Linear, on the first 60 principal components of the pixels (found without labels): the number itself, or the log
    odds of a class; of two classes one is enough. Quality is told on rows held out.

    Parameters
    ----------
    column : its name
    values : ``[n]`` of the data
    pixels : float32 ``[n, c, h, w]`` of the same rows, 0..1

    Raises
    ------
    DataError
        When the column has one value, or too many classes, or fewer than two with 20 rows.
    """
    import pandas as pd
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict

    told = pd.Series(np.asarray(values))
    source = f"probe of the column {column}"
    whole = pd.api.types.is_numeric_dtype(told.dtype) and told.nunique() > MOST_CLASSES
    if pd.api.types.is_float_dtype(told.dtype) or whole:
        number = told.to_numpy(dtype=np.float64)
        known = np.isfinite(number)
        if known.sum() < FEWEST or not np.ptp(number[known]) > 0:
            raise wb.DataError(f"the column '{column}' has no two values in enough rows to learn it from")
        seen, features = _components(pixels[known], seed)
        model = RidgeCV(np.logspace(-2, 5, 8))
        held = cross_val_predict(model, features, number[known], cv=5)
        missed = np.square(number[known] - held).sum() / np.square(number[known] - number[known].mean()).sum()
        fitted = model.fit(features, number[known])
        return [Reader(column, column, "", source, _reader(seen, fitted.predict), quality=float(1 - missed))]
    counts = told.value_counts()
    classes = sorted((one for one in counts.index if counts[one] >= FEWEST), key=str)
    if len(counts) > MOST_CLASSES or len(classes) < 2:
        raise wb.DataError(
            f"the column '{column}' has {len(counts)} classes, {len(classes)} of them with {FEWEST} rows or more: a "
            f"probe needs 2 to {MOST_CLASSES}"
        )
    seen, features = _components(pixels, seed)
    readers = []
    for one in classes[-1:] if len(counts) == 2 else classes:
        is_one = (told == one).to_numpy()
        model = LogisticRegression(max_iter=2000)
        held = cross_val_predict(model, features, is_one, cv=3, method="decision_function")
        fitted = model.fit(features, is_one)
        read = _reader(seen, fitted.decision_function)
        name, quality = f"{column}={one}", float(roc_auc_score(is_one, held))
        readers.append(Reader(name, f"{column} = {one}", "log odds", source, read, quality=quality))
    return readers


def _components(pixels: Any, seed: int) -> tuple[Any, Float64]:
    """What takes pictures to their standardised principal components, fitted; and those of these pictures."""
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    flat = pixels.reshape(len(pixels), -1)
    size = min(COMPONENTS, len(flat) - 1, flat.shape[1])
    seen = make_pipeline(PCA(size, svd_solver="randomized", random_state=seed), StandardScaler())
    return seen, np.asarray(seen.fit_transform(flat), dtype=np.float64)


def _reader(seen: Any, predict: Callable[[Any], Any]) -> Callable[[Any], Float64]:
    def read(pixels: Any) -> Float64:
        flat = np.asarray(pixels).reshape(len(pixels), -1)
        return np.asarray(predict(seen.transform(flat)), dtype=np.float64)

    return read
