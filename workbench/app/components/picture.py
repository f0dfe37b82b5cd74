# SPDX-License-Identifier: Apache-2.0
"""Pictures of a map drawn by the server, for browsers that cannot draw so many points."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from workbench.app.components.resolver import Resolver

if TYPE_CHECKING:
    from workbench.app.served.rasters import Painter, View

#: Maps of more points than this may be drawn by the server where the browser can do no better.
SERVED_FROM: Final = 100_000
_KEPT: Final = 2
_painters: OrderedDict[tuple[str, ...], Painter] = OrderedDict()
_lock = Lock()


def publish_picture(
    key: str,
    resolver: Resolver,
    chosen: npt.NDArray[np.bool_],
    shown: npt.NDArray[np.bool_] | None,
    *,
    expected: bool,
) -> str | None:
    """Let the browser ask for pictures of the map as it is now; None where the server has no routes.

    Args:
        key: of the map, unique on the page.
        resolver: points and colours.
        chosen: bool [n], what is selected.
        shown: bool [n], what a filter leaves.
        expected: pictures will be asked for, so what they need is compiled at once.
    """
    from workbench.app.served import rasters

    visible = shown if resolver.other is None else resolver.drawn & (True if shown is None else shown)

    def draw(view: View) -> bytes:
        return _painter(resolver).draw(view, selected=chosen if chosen.any() else None, visible=visible)

    return rasters.publish(key, draw, warm=expected)


def version_of(resolver: Resolver, chosen: npt.NDArray[np.bool_], shown: npt.NDArray[np.bool_] | None) -> int:
    """A number that changes with what a picture of the same view shows."""
    digest = hashlib.blake2b(repr(_name(resolver)).encode(), digest_size=6)
    digest.update(np.packbits(chosen).tobytes())
    digest.update(b"" if shown is None else np.packbits(shown).tobytes())
    return int.from_bytes(digest.digest(), "little") + 1


def _name(resolver: Resolver) -> tuple[str, ...]:
    column, other = resolver.colour.column, resolver.other
    return (
        resolver.cloud.fingerprint,
        "" if column is None else column.digest,
        "" if other is None else other.fingerprint,
    )


def _painter(resolver: Resolver) -> Painter:
    """The points made ready for drawing: kept, for that takes longer than a picture."""
    from workbench.app.served.rasters import Painter

    name = _name(resolver)
    with _lock:
        if name not in _painters:
            legend = resolver.colour.legend
            options: dict[str, Any] = {"colours": [mark["colour"] for mark in legend.get("categories", ())]}
            if legend["kind"] == "value":
                options["ramp"] = legend["ramp"]
            if resolver.other is not None:
                options["other"] = resolver.other.coordinates
            _painters[name] = Painter(resolver.cloud.positions, resolver.colour.codes, **options)
        _painters.move_to_end(name)
        while len(_painters) > _KEPT:
            _painters.popitem(last=False)
        return _painters[name]
