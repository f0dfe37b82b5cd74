# SPDX-License-Identifier: Apache-2.0
"""Readers: what tells an attribute off decoded pictures; a scorer, or a probe that learned a column of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from registry.scorers import Scorer, scorers_named

if TYPE_CHECKING:
    from pydantic import BaseModel

Float64 = NDArray[np.float64]

COMPONENTS: Final = 60  # principal components of the pixels that a probe sees
MOST_CLASSES: Final = 12
LEARNED_FROM: Final = 4000  # rows of the data
FEWEST: Final = 20  # rows of a class
LEAST: Final = 1e-9  # spread below which an attribute is the same for all pictures


@dataclass(frozen=True)
class Reader:
    """An attribute and what tells it.

    Attributes
    ----------
    name, title, unit : as tables and pages call it
    source : who measured it: ``"scorer brightness"``, ``"probe of the column label"``
    read : float32 pixels ``[n, c, h, w]`` in 0..1 to float64 ``[n]``, NaN where a picture has no such number
    resolution : standard deviation over pictures below which it means nothing
    quality : of a probe, its held-out area under the curve or share explained; NaN of a scorer, which is a definition
    """

    name: str
    title: str
    unit: str
    source: str
    read: Callable[[Any], Float64]
    resolution: float = 0.0
    quality: float = float("nan")


def readers_of(params: BaseModel, space: wb.Images) -> tuple[list[Reader], list[str]]:
    """A reader for each scorer that the parameters name, or each that applies to such images; and notes of the others.

    Raises
    ------
    ParameterError
        When one that is named does not apply.
    """
    known = wb.catalogue().scorers
    asked = {one for name in type(params).model_fields for one in _names(getattr(params, name))}
    found, notes = [], []
    for name in scorers_named(params, known) or []:
        scorer = known[name]
        why = scorer.lacks(space)
        if why is None:
            found.append(_scored(scorer))
        elif name in asked:
            raise wb.ParameterError(f"the scorer '{name}' does not apply to these pictures: {why}")
        elif scorer.requires is not None and scorer.requires() == why:
            notes.append(f"{scorer.label} was not measured: {why}.")
    return found, notes


def _names(value: Any) -> list[str]:
    return [str(one) for one in value if isinstance(one, wb.Scored)] if isinstance(value, tuple | list) else []


def _scored(scorer: Scorer) -> Reader:
    return Reader(scorer.name, scorer.label, scorer.unit, f"scorer {scorer.name}", scorer, scorer.resolution)


def probes_of(column: str, values: Any, pixels: Any, seed: int) -> list[Reader]:
    """Probes that read a column of the data off pictures: one for a number, one for each class of up to 12.

    Linear, on the first 60 principal components of the pixels: the log odds of a class, or the number itself.

    Parameters
    ----------
    column : its name
    values : ``[n]`` of the data
    pixels : float32 ``[n, c, h, w]`` of the same rows, 0..1

    Raises
    ------
    DataError
        When the column has one value, or too many classes, or none with 20 rows.
    """
    import pandas as pd
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    told = pd.Series(np.asarray(values))
    flat = pixels.reshape(len(pixels), -1)
    size = min(COMPONENTS, len(flat) - 1, flat.shape[1])
    if pd.api.types.is_float_dtype(told.dtype) or (
        pd.api.types.is_numeric_dtype(told.dtype) and told.nunique() > MOST_CLASSES
    ):
        known = np.isfinite(told.to_numpy(dtype=np.float64))
        if known.sum() < FEWEST or told[known].nunique() < 2:
            raise wb.DataError(f"the column '{column}' has no two values in enough rows to learn it from")
        model = make_pipeline(PCA(size, random_state=seed), StandardScaler(), RidgeCV(np.logspace(-2, 5, 15)))
        number = told[known].to_numpy(dtype=np.float64)
        held = cross_val_predict(model, flat[known], number, cv=5)
        quality = 1 - np.square(number - held).sum() / np.square(number - number.mean()).sum()
        fitted = model.fit(flat[known], number)
        read = _predicted(fitted.predict)
        return [Reader(column, column, "", f"probe of the column {column}", read, quality=float(quality))]
    counts = told.value_counts()
    classes = sorted((one for one in counts.index if counts[one] >= FEWEST), key=str)
    if len(counts) > MOST_CLASSES or len(classes) < 2:
        raise wb.DataError(
            f"the column '{column}' has {len(counts)} classes, {len(classes)} of them with {FEWEST} rows or more: a "
            f"probe needs 2 to {MOST_CLASSES}"
        )
    readers = []
    for one in classes:
        model = make_pipeline(PCA(size, random_state=seed), StandardScaler(), LogisticRegression(max_iter=2000))
        is_one = (told == one).to_numpy()
        held = cross_val_predict(model, flat, is_one, cv=3, method="decision_function")
        quality = _area(is_one, held)
        fitted = model.fit(flat, is_one)
        title = f"{column} = {one}"
        read = _predicted(fitted.decision_function)
        source = f"probe of the column {column}"
        readers.append(Reader(f"{column}={one}", title, "log odds", source, read, quality=quality))
    return readers


def _predicted(function: Callable[[Any], Any]) -> Callable[[Any], Float64]:
    return lambda pixels: np.asarray(function(np.asarray(pixels).reshape(len(pixels), -1)), dtype=np.float64)


def _area(labels: Any, scores: Any) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores))


def read_all(readers: Iterable[Reader], pixels: Any) -> Float64:
    """Every attribute of pictures, float64 ``[n, readers]``."""
    columns = [one.read(pixels) for one in readers]
    return np.stack(columns, axis=1) if columns else np.empty((len(pixels), 0))


def varying(readers: Sequence[Reader], unmoved: Float64) -> tuple[list[int], list[str]]:
    """Which attributes vary over unmoved pictures ``[n, j]`` by more than their resolution; and why the others not."""
    kept, notes = [], []
    for at, one in enumerate(readers):
        known = np.isfinite(unmoved[:, at])
        if known.sum() < max(8, len(unmoved) // 2):
            notes.append(f"{one.title} was left out: {int((~known).sum())} of {len(unmoved)} pictures have none.")
        elif not float(np.std(unmoved[known, at])) > max(LEAST, one.resolution):
            notes.append(f"{one.title} was left out: it is (nearly) the same for all pictures.")
        else:
            kept.append(at)
    return kept, notes
