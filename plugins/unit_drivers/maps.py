# SPDX-License-Identifier: Apache-2.0
"""Where a unit looks, class by class: mean attribution maps, and whether two halves of a class give the same one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.attribution.checks.means import Mean, mean_of
from plugins.attribution.checks.similarity import spearman

if TYPE_CHECKING:
    from plugins.unit_drivers.analysis import UnitDrivers
    from plugins.unit_drivers.ground import Ground

Float64 = NDArray[np.float64]

FEWEST: Final = 4  # samples of a class
MOST_CLASSES: Final = 12
HALVINGS: Final = 40


@dataclass(frozen=True)
class ClassMaps:
    """Mean maps of one unit.

    Attributes
    ----------
    names, counts : of the classes, and the samples of each
    means : float64 ``[k, *shape]``, mean attribution map of each class
    errors : float64 ``[k, *shape]``, its standard error
    inputs : float64 ``[k, *shape]``, mean input of each class
    within, between : rank correlation of the mean maps of two halves of a class, of halves of two classes
    method, baseline : how the maps were made
    """

    names: tuple[str, ...]
    counts: tuple[int, ...]
    means: Float64
    errors: Float64
    inputs: Float64
    within: Mean
    between: Mean
    method: str
    baseline: str


def class_maps(
    job: wb.Job,
    ground: Ground,
    unit: int,
    classes: NDArray[Any],
    params: UnitDrivers.Params,
    progress: Callable[[float], None],
) -> ClassMaps:
    """Attribute the unit at some samples of each class (of ``classes [n]``, text, empty where unknown).

    Raises
    ------
    DoesNotApply
        When no map drives the unit, its inputs cannot be had, or no class has enough samples.
    """
    import torch

    from plugins.attribution.methods import attribute
    from plugins.attribution.questions import Channel, Unit, ask

    if ground.through is None:
        raise wb.DoesNotApply("no map of the model leads straight to these units, so that nothing can be attributed")
    source = job.model.maps[ground.through].source
    chosen = _some(classes, params.per_class, job.rng)
    if not chosen:
        raise wb.DoesNotApply(f"no class has {FEWEST} samples or more among these")
    positions = np.sort(np.concatenate(list(chosen.values())))
    rows = np.asarray(ground.points.rows)[positions]
    inputs = torch.from_numpy(np.array(job.points(source.name, rows=rows).values, dtype=np.float32)).to(job.device)
    baseline = inputs.mean(dim=0, keepdim=True)
    words = f"{ground.word} {unit} of {params.space}"
    number = Channel(unit) if ground.channels else Unit(unit)
    question = ask(job.model, ground.through, number, inputs[:2], words, at=ground.at)
    found = attribute(
        question, inputs, params.method, baseline=baseline, seed=job.seed, progress=progress, steps=params.steps
    )
    values = np.asarray(found.values, dtype=np.float64)
    place = {int(row): at for at, row in enumerate(positions)}
    groups = {name: np.array([place[int(one)] for one in rows]) for name, rows in chosen.items()}
    within, between = _alike(values, groups, job.rng)
    pixels = inputs.double().cpu().numpy()
    return ClassMaps(
        tuple(groups),
        tuple(len(one) for one in groups.values()),
        np.stack([values[one].mean(axis=0) for one in groups.values()]),
        np.stack([values[one].std(axis=0, ddof=1) / np.sqrt(len(one)) for one in groups.values()]),
        np.stack([pixels[one].mean(axis=0) for one in groups.values()]),
        within,
        between,
        params.method,
        "mean of these samples",
    )


def _some(classes: NDArray[Any], most: int, rng: np.random.Generator) -> dict[str, NDArray[np.int64]]:
    """Positions of at most ``most`` samples of each class with enough; the largest classes where there are many."""
    names, counts = np.unique(classes[classes != ""], return_counts=True)
    enough = [(str(name), int(count)) for name, count in zip(names, counts, strict=True) if count >= FEWEST]
    kept = sorted(enough, key=lambda one: -one[1])[:MOST_CLASSES]
    return {
        name: np.sort(rng.permutation(np.flatnonzero(classes == name))[:most]).astype(np.int64)
        for name in sorted((one[0] for one in kept), key=_in_order)
    }


def _alike(values: Float64, groups: Mapping[str, NDArray[np.int64]], rng: np.random.Generator) -> tuple[Mean, Mean]:
    """Likeness of mean maps of halves: of one class, and of two; each class (pair of classes) counts once."""
    names = list(groups)
    halves: list[list[tuple[Float64, Float64]]] = []
    for _ in range(HALVINGS):
        made = []
        for name in names:
            order = rng.permutation(groups[name])
            half = len(order) // 2
            made.append((values[order[:half]].mean(axis=0).ravel(), values[order[half:]].mean(axis=0).ravel()))
        halves.append(made)
    within = [
        float(np.mean(spearman([one[at][0] for one in halves], [one[at][1] for one in halves])))
        for at in range(len(names))
    ]
    between = [
        float(np.mean(spearman([one[at][0] for one in halves], [one[other][1] for one in halves])))
        for at in range(len(names))
        for other in range(len(names))
        if at != other
    ]
    cut = (-1.0, 1.0)
    return mean_of(within, within=cut), mean_of(between, within=cut)


def _in_order(text: str) -> tuple[int, float, str]:
    try:
        return (0, float(text), text)
    except ValueError:
        return (1, 0.0, text)
