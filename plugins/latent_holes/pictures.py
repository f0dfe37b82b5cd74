# SPDX-License-Identifier: Apache-2.0
"""What the model decodes in a hole, beside the samples whose codes are nearest to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import workbench as wb
from plugins.coverage.samples import Pixels, pixels
from plugins.coverage.ways import carried, way
from plugins.latent_holes.codes import Codes
from plugins.latent_holes.holes import Holes


@dataclass(frozen=True)
class Pictures:
    """Of each hole its decoded centre, uint8 ``[h, height, width, channels]``; the nearest samples ``[h, m, ...]``."""

    centres: Pixels | None
    near: Pixels | None


def pictures_of(job: wb.Job, codes: Codes, holes: Holes) -> Pictures:
    """Pictures where a chain of maps leads from the codes to images, and where the data is images."""
    if not len(holes.centres) or codes.metric == "cosine":
        return Pictures(None, None)
    return Pictures(_decoded(job, codes, holes), _samples(job, codes, holes))


def _decoded(job: wb.Job, codes: Codes, holes: Holes) -> Pixels | None:
    spaces = job.model.spaces
    found = [
        (one[1], spaces[name])
        for name in spaces
        if isinstance(spaces[name], wb.Images) and (one := way(job.model.maps, [codes.space.name], name)) is not None
    ]
    if not found:
        return None
    names, space = min(found, key=lambda one: len(one[0]))
    assert isinstance(space, wb.Images)
    return pixels(carried(job, holes.centres, names), space)


def _samples(job: wb.Job, codes: Codes, holes: Holes) -> Pixels | None:
    space = codes.encoded
    if not isinstance(space, wb.Images):
        return None
    wanted = codes.rows[holes.near]
    rows, back = np.unique(wanted, return_inverse=True)
    values: Any = job.points(space.name, rows=rows).values
    drawn = pixels(values, space)
    return np.asarray(drawn[back.reshape(wanted.shape)])
