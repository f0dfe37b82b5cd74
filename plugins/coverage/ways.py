# SPDX-License-Identifier: Apache-2.0
"""Ways through the maps of a model: from a prior to the points that are compared, and on to where they are compared."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import workbench as wb
from plugins.coverage.neighbours import Float32

BATCH = 128
MOST_BYTES = 2 * 2**30  # of one set of points in the space they are compared in


def way(maps: Mapping[str, Any], starts: Sequence[str], end: str) -> tuple[str, tuple[str, ...]] | None:
    """The start and the maps of a shortest way to the space ``end``; ``None`` where there is none.

    ``maps`` are maps of a model, or their descriptions, by name.
    """
    found: dict[str, tuple[str, tuple[str, ...]]] = {one: (one, ()) for one in starts}
    waiting = deque(starts)
    while waiting:
        here = waiting.popleft()
        if here == end:
            return found[here]
        for name, one in maps.items():
            source, target = ends_of(one)
            if source == here and target not in found:
                start, path = found[here]
                found[target] = (start, (*path, name))
                waiting.append(target)
    return None


def ends_of(one: Any) -> tuple[str, str]:
    """Names of the spaces that a map, or the description of one, leads from and to."""
    source, target = one.source, one.target
    return (source if isinstance(source, str) else source.name, target if isinstance(target, str) else target.name)


def with_prior(spaces: Mapping[str, wb.Space]) -> list[str]:
    """Names of the spaces that can be drawn from."""
    return [name for name, one in spaces.items() if getattr(one, "prior", None) is not None]


def draw(job: wb.Job, space: Any, count: int, truncation: float = 1.0) -> Float32:
    """Draws from the prior of a space of vectors, float32 ``[count, d]``.

    With ``truncation`` below 1 they are moved toward the middle of the draws to that share of their distance from it
    (Karras, Laine and Aila, "A style-based generator architecture for generative adversarial networks", CVPR 2019,
    appendix B; there it is the mean of w).
    """
    drawn = np.asarray(space.prior.sample(count, space.size, job.generator).cpu().numpy(), dtype=np.float32)
    if truncation == 1.0:
        return drawn
    middle = drawn.mean(axis=0, dtype=np.float64).astype(np.float32)
    return np.asarray(middle + np.float32(truncation) * (drawn - middle), dtype=np.float32)


def carried(job: wb.Job, values: Any, names: Sequence[str], layer: str = "") -> Float32:
    """Points taken through maps one after the other, float32 ``[n, ...]``; with ``layer``, what it is in the last map.

    Raises
    ------
    DataError
        When the result would take more than 2 GiB.
    """
    import torch

    if not names:
        return np.asarray(values, dtype=np.float32)
    before, last = names[:-1], names[-1]
    parts: list[Float32] = []
    for start in range(0, len(values), BATCH):
        batch = torch.from_numpy(np.array(values[start : start + BATCH], dtype=np.float32)).to(job.device)
        with torch.no_grad():
            for name in before:
                batch = job.model.maps[name].point(batch)
            if layer:
                (seen,) = wb.capture(job.model, last, [batch], [layer], device=job.device)
                out = seen[layer].reshape(len(batch), -1)
            else:
                out = job.model.maps[last].point(batch)
        parts.append(np.asarray(out.detach().float().cpu().numpy()))
        if parts[0].nbytes / len(parts[0]) * len(values) > MOST_BYTES:
            raise wb.DataError(
                f"{len(values):,} points with {parts[0][0].size:,} numbers each are too many to compare at once: take "
                "fewer points, or a smaller layer"
            )
    return np.concatenate(parts)


def to_comparison(job: wb.Job, start: str, where: str | None, example: Any) -> tuple[tuple[str, ...], str, str]:
    """The maps that take points of ``start`` to the space or layer ``where``, the layer, and the metric there.

    Raises
    ------
    ParameterError
        When no map leads from ``start`` to it, so that only one of the two sets could be there.
    """
    spaces, maps = job.model.spaces, job.model.maps
    if where is None or where == start:
        return (), "", getattr(spaces[start], "metric", "euclidean")
    if where in spaces:
        found = way(maps, [start], where)
        if found is not None:
            return found[1], "", getattr(spaces[where], "metric", "euclidean")
    else:
        for name, one in maps.items():
            found = way(maps, [start], one.source.name)
            if found is not None and _drives(job, example, (*found[1], name), where):
                return (*found[1], name), where, "euclidean"
    reached = [one for one in spaces if one != start and way(maps, [start], one) is not None]
    raise wb.ParameterError(
        f"'compare_in' = '{where}': no map leads there from '{start}', so that decoded draws cannot be compared there; "
        f"choose {' or '.join([start, *reached])}, or a layer on the way"
    )


def _drives(job: wb.Job, example: Any, names: tuple[str, ...], layer: str) -> bool:
    try:
        carried(job, example, names, layer)
    except wb.MapError:
        return False
    return True
