# SPDX-License-Identifier: Apache-2.0
"""What is taken where nothing is named: layers of a network's trunk, and rows of the data as pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from torch import Tensor, nn

import workbench as wb
from plugins.feature_visualisation.optimising.reading import NONLINEAR, said_of
from plugins.layers.walk import Step, find_way

ENOUGH: Final = 4  # layers at one depth that make a trunk
NORMS: Final = (nn.BatchNorm2d, nn.InstanceNorm2d, nn.GroupNorm)


def trunk(model: wb.Model, through: wb.Map[Any, Any], batch: Tensor) -> list[str]:
    """Layers with positions, in the order in which the map runs them, at the least depth that has several.

    The blocks of a network, not what is inside them; of a plain chain every layer.

    Raises
    ------
    MapError
        When the map cannot take the batch.
    DoesNotApply
        When no layer of the map gives feature maps.
    """
    return [one.name for one in _trunk(model, through, batch)]


def _trunk(model: wb.Model, through: wb.Map[Any, Any], batch: Tensor) -> list[Step]:
    known = model.layers()
    runs: Counter[nn.Module] = Counter()
    counting = [one.register_forward_hook(lambda layer, *_: runs.update([layer])) for one in known.values()]
    try:
        with said_of(through, batch):
            way = find_way(model, through, batch, 10_000)
    finally:
        for hook in counting:
            hook.remove()
    # a layer that is run several times in a pass (an activation that is shared) has no one output to be read
    maps = [one for one in way.layers if len(one.shape) == 3 and runs[known[one.name]] == 1]
    learnt = [at for at, one in enumerate(maps) if _is_learnt(known[one.name])]
    maps = maps[learnt[0] :] if learnt else maps  # before that, pixels are put in another order or range
    if not maps:
        raise wb.DoesNotApply(f"no layer of the map '{through.name}' gives feature maps (channels with positions)")
    depths = [one.name.count(".") for one in maps]
    for depth in sorted(set(depths)):
        chosen = [one for one, deep in zip(maps, depths, strict=True) if deep <= depth]
        if len(chosen) >= ENOUGH:
            return chosen
    return maps


def _is_learnt(layer: nn.Module) -> bool:
    return next(layer.parameters(), None) is not None


def stages(model: wb.Model, through: wb.Map[Any, Any], batch: Tensor) -> list[list[str]]:
    """Layers of the trunk that hold weights, in a list for each size of their maps, from large maps to small ones.

    A convolution stands for itself and the norm and nonlinearity right behind it: the name is that of the last of them.
    Of VGG these are relu1_1, relu1_2; relu2_1, relu2_2; and so on, what the literature on style calls conv1_1 ... .

    Raises
    ------
    MapError, DoesNotApply
        As :func:`trunk`.
    """
    known = model.layers()
    found: list[list[str]] = []
    size: tuple[int, ...] = ()
    before = ""
    for one in _trunk(model, through, batch):
        layer, same = known[one.name], tuple(one.shape[1:]) == size
        if isinstance(layer, (*NONLINEAR, *NORMS)):
            if found and same and found[-1][-1] == before:
                found[-1][-1] = one.name
        elif _is_learnt(layer):
            if not same:
                found.append([])
            found[-1].append(one.name)
            size = tuple(one.shape[1:])
        before = one.name
    return found


def settled(model: wb.Model, names: Sequence[str], name: str) -> str:
    """The last of the norms and nonlinearities right behind a layer of the trunk; the layer itself where none follows.

    What leaves a convolution before its rectifier has values below 0, which nothing behind it gets to see.
    """
    known, at = model.layers(), names.index(name)
    while at + 1 < len(names) and isinstance(known[names[at + 1]], (*NONLINEAR, *NORMS)):
        at += 1
    return names[at]


def at_share(names: Sequence[str], share: float) -> str:
    """The name at a share of the way, 0 the first and 1 the last.

    >>> at_share(["a", "b", "c"], 0.6)
    'b'
    """
    return names[round(share * (len(names) - 1))]


def rows_of(job: wb.Job, space: str, wanted: Sequence[int]) -> list[np.ndarray[Any, Any]]:
    """Pictures of rows of the data (or of numbered draws), in the order in which they are named, float32 ``[c, h, w]``.

    Raises
    ------
    ParameterError
        When the data has no such row.
    DataError
        When a picture holds NaN or infinity.
    """
    there = job.rows(space)
    for one in wanted:
        if one not in there:
            raise wb.ParameterError(
                f"there is no row {one}: the pictures have rows {int(there[0])} to {int(there[-1])}"
            )
    rows = np.unique(np.asarray(wanted, dtype=np.int64))
    points = job.points(space, rows=rows)
    found = [np.array(points.values[int(np.searchsorted(rows, one))], dtype=np.float32) for one in wanted]
    for row, picture in zip(wanted, found, strict=True):
        if not np.isfinite(picture).all():
            raise wb.DataError(f"the picture of row {row} holds NaN or infinity: choose another")
    return found
