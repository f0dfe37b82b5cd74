# SPDX-License-Identifier: Apache-2.0
"""The search: which ways of finding are asked, on which points, and how stable what they find is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.directions.finding import components, jacobian, labelled, weights
from plugins.directions.finding.found import Found, axes, matched

if TYPE_CHECKING:
    import torch

    from plugins.directions.measuring.readers import Reader

Float64 = NDArray[np.float64]
Boolean = NDArray[np.bool_]
Method = Literal["ganspace", "sefa", "jacobian", "axes", "regression", "boundary", "svm", "mean-difference"]
TOLD: Final = ("regression", "boundary", "svm", "mean-difference")  # methods that are told what to look for

HALVES: Final = 4  # subsamples on which a method is asked again
AT_CODES: Final = 16  # codes at which derivatives are taken, once: they cost the most


@dataclass
class Ground:
    """What methods search on.

    Attributes
    ----------
    codes : float64 ``[n, d]``
    scores : float64 ``[n, j]``, each attribute of each code, by its reader
    readers : those of the columns of ``scores``
    groups : named bool ``[n]`` labels of the codes: slices, classes of a column
    activations : float32 ``[n, u]`` of the layer for GANSpace, made when asked for; and its name
    affine : the first affine maps, made when asked for
    decode : codes to flattened outputs, differentiable
    """

    codes: Float64
    scores: Float64
    readers: list[Reader]
    groups: Mapping[str, Boolean]
    activations: Callable[[], tuple[Any, str]]
    affine: Callable[[], dict[str, Float64]]
    decode: Callable[[torch.Tensor], torch.Tensor]
    device: str = "cpu"


@dataclass
class Searched:
    """What was found, with the stability ``[k]`` of each vector, and what did not apply."""

    found: list[tuple[Found, Float64]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def search(
    ground: Ground,
    methods: tuple[str, ...],
    count: int,
    *,
    share: float,
    normalise: bool,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda _: None,
) -> Searched:
    """Ask every method; one that does not apply to this model leaves a note, one that is given bad points raises."""
    result = Searched()
    jobs: list[tuple[str, Callable[[Any], Found], bool]] = []
    n = len(ground.codes)
    for method in methods:
        if method in TOLD:
            jobs += [(method, one, True) for one in _told(ground, method, share)]
        else:
            jobs.append((method, _untold(ground, method, count, normalise), method != "axes" and method != "sefa"))
    for at, (method, ask, depends) in enumerate(jobs):
        try:
            whole = ask(np.arange(n))
        except (wb.DoesNotApply, wb.DataError) as error:
            result.notes.append(f"{method}: {error}.")
            continue
        stability = np.full(len(whole), np.nan)
        if depends:
            stability = _stability(ask, whole, n, rng, result.notes)
        result.found.append((whole, stability))
        progress((at + 1) / len(jobs))
    return result


def _untold(ground: Ground, method: str, count: int, normalise: bool) -> Callable[[Any], Found]:
    if method == "ganspace":
        held: list[tuple[Any, str]] = []

        def principal(rows: Any) -> Found:
            if not held:
                held.append(ground.activations())
            values, layer = held[0]
            return components.ganspace(ground.codes[rows], values[rows], count, layer=layer)

        return principal
    if method == "sefa":
        return lambda rows: weights.sefa(list(ground.affine().values()), count, normalise=normalise)
    if method == "jacobian":
        metrics: list[Any] = []

        def derivatives(rows: Any) -> Found:
            if not metrics:
                metrics.append(jacobian.local_metrics(ground.decode, _tensor(ground, np.arange(AT_CODES)), count))
            taken = np.asarray(rows)[np.asarray(rows) < len(metrics[0])]
            return jacobian.mean_basis(metrics[0][taken], count)

        return derivatives
    if method == "axes":
        return lambda rows: _first(axes(ground.codes.shape[1], ground.codes.std(axis=0)), count)
    raise wb.ParameterError(f"there is no method '{method}'")


def _told(ground: Ground, method: str, share: float) -> list[Callable[[Any], Found]]:
    """One search for each attribute and each group that the method can be told."""
    asked: list[Callable[[Any], Found]] = []
    if method == "regression":
        asked += [partial(_of_number, ground, at, one.name) for at, one in enumerate(ground.readers)]
        return asked
    asked += [partial(_of_sides, ground, method, share, at, one.name) for at, one in enumerate(ground.readers)]
    asked += [partial(_of_group, ground, method, labels, name) for name, labels in ground.groups.items()]
    return asked


def _of_number(ground: Ground, at: int, name: str, rows: Any) -> Found:
    whole = len(rows) == len(ground.codes)  # on parts of the points only the direction is wanted
    return labelled.regression(ground.codes[rows], ground.scores[rows, at], attribute=name, held_out=whole)


def _of_sides(ground: Ground, method: str, share: float, at: int, name: str, rows: Any) -> Found:
    taken, high = labelled.two_sides(ground.scores[rows, at], share)
    return _of_labels(method, ground.codes[rows][taken], high, name, len(rows) == len(ground.codes))


def _of_group(ground: Ground, method: str, labels: Boolean, name: str, rows: Any) -> Found:
    return _of_labels(method, ground.codes[rows], labels[rows], name, len(rows) == len(ground.codes))


def _of_labels(method: str, codes: Float64, labels: Boolean, name: str, held_out: bool) -> Found:
    if method == "mean-difference":
        return labelled.mean_difference(codes, labels, attribute=name, held_out=held_out)
    kind: Literal["logistic", "svm"] = "svm" if method == "svm" else "logistic"
    return labelled.boundary(codes, labels, attribute=name, kind=kind, held_out=held_out)


def _first(found: Found, count: int) -> Found:
    kept = {name: np.asarray(one)[:count] for name, one in found.extra.items()}
    return Found(found.method, found.vectors[:count], found.strength[:count], found.strength_is, extra=kept)


def _stability(
    ask: Callable[[Any], Found], whole: Found, n: int, rng: np.random.Generator, notes: list[str]
) -> Float64:
    """Mean |cosine| of each vector with its partner among those found on random halves of the points."""
    cosines = []
    for _ in range(HALVES):
        try:
            again = ask(np.sort(rng.choice(n, n // 2, replace=False)))
        except wb.DataError:
            notes.append(f"{whole.method}: half of the points are too few to search on, so its stability is not known.")
            return np.full(len(whole), np.nan)
        if len(again) < len(whole):
            return np.full(len(whole), np.nan)
        cosines.append(matched(whole.vectors, again.vectors)[1])
    return np.asarray(np.mean(cosines, axis=0))


def _tensor(ground: Ground, rows: Any) -> torch.Tensor:
    import torch

    return torch.as_tensor(ground.codes[rows], dtype=torch.float32, device=ground.device)
