# SPDX-License-Identifier: Apache-2.0
"""Millions of points as one picture: counted for each pixel by datashader, coloured by :mod:`inking`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from registry.errors import ParameterError
from workbench.app.components.palette import CATEGORY_COLOURS, NEUTRAL_COLOUR, SEQUENTIAL_RAMP
from workbench.app.served import inking
from workbench.app.served.inking import Ink, read_colour

if TYPE_CHECKING:
    from workbench.app.served.view import View

Numbers: TypeAlias = npt.NDArray[Any]
Flags: TypeAlias = npt.NDArray[np.bool_]

#: The value code of "no value", as the columns of the map have it.
MISSING: Final = 65535
#: Diameter of a point in pixels when this many are drawn at most.
SIZES: Final = ((2_000, 7), (20_000, 5), (200_000, 3))
#: Points that are turned or moved at a time: it bounds the memory.
_PORTION: Final = 2**20


@dataclass(frozen=True)
class _Window:
    """A view's window with a margin, so that marks of points just outside reach in."""

    low: tuple[float, float]
    high: tuple[float, float]
    width: int
    height: int

    @classmethod
    def of(cls, view: View, margin: int) -> _Window:
        size = (view.width, view.height)
        more = [margin * (view.high[axis] - view.low[axis]) / size[axis] for axis in range(2)]
        low = (view.low[0] - more[0], view.low[1] - more[1])
        high = (view.high[0] + more[0], view.high[1] + more[1])
        return cls(low, high, view.width + 2 * margin, view.height + 2 * margin)

    def count(self, x: Numbers, y: Numbers, codes: Numbers | None = None) -> tuple[Numbers, Numbers]:
        """Points in each pixel, and the sum of their codes when there are some; the top row first."""
        import datashader
        import pandas as pd

        canvas = datashader.Canvas(
            self.width, self.height, x_range=(self.low[0], self.high[0]), y_range=(self.low[1], self.high[1])
        )
        if codes is None:
            plain = pd.DataFrame({"x": x, "y": y}, copy=False)
            counts = canvas.points(plain, "x", "y", datashader.count()).to_numpy()[::-1]
            return counts, counts
        table = pd.DataFrame({"x": x, "y": y, "code": codes}, copy=False)
        both = datashader.summary(count=datashader.count(), total=datashader.sum("code"))
        made = canvas.points(table, "x", "y", both)
        return made["count"].to_numpy()[::-1], made["total"].to_numpy()[::-1]


class Painter:
    """Points, prepared once for many pictures.

    A pixel counts the points whose place in it is ``floor((x - low) / (high - low) * width)``: what a polygon on the
    picture encloses is what it encloses among the coordinates, to the pixel.

    Parameters
    ----------
    positions : ``[n, 2]`` or ``[n, 3]``; rows that are not finite are never drawn
    codes : uint8 ``[n]``, a category each; or uint16 ``[n]``, a value each: 0 to 65534 of its range, 65535 for none
    colours : of the categories by code, as ``#RRGGBB``; by default the ten of the palette, over and over
    ramp : colours of values from low to high, for ``light`` and for ``dark`` ground
    other : ``[n, 2]``, a second place of each point in the plane, for views with ``morph``

    Raises
    ------
    ValueError
        When a shape, dtype or colour is another.
    """

    def __init__(
        self,
        positions: Numbers,
        codes: Numbers | None = None,
        *,
        colours: Sequence[str] = (),
        ramp: Mapping[str, Sequence[str]] | None = None,
        other: Numbers | None = None,
    ) -> None:
        if positions.ndim != 2 or positions.shape[1] not in (2, 3):
            raise ValueError(f"positions must have the shape [n, 2] or [n, 3], not {list(positions.shape)}")
        self.count, self.dimensions = positions.shape
        if codes is not None and (codes.shape != (self.count,) or codes.dtype not in (np.uint8, np.uint16)):
            raise ValueError(f"codes must be uint8 or uint16 [{self.count}], not {codes.dtype} {list(codes.shape)}")
        if other is not None and (self.dimensions != 2 or other.shape != positions.shape):
            raise ValueError(f"other must have the shape of positions in the plane, not {list(other.shape)}")
        values = codes is not None and codes.dtype == np.uint16
        self.values = codes if values else None
        self.colours = [read_colour(one) for one in colours or CATEGORY_COLOURS]
        self.tables = {ground: inking.colour_table(one) for ground, one in (ramp or SEQUENTIAL_RAMP).items()}
        # Sorted by category, the points of each are one piece: counted one after the other, they need no room at once.
        self.order = None if codes is None or values else np.argsort(codes, kind="stable").astype(np.int32)
        self.pieces = [(0, slice(0, self.count))]
        if self.order is not None and codes is not None:
            ends = np.cumsum(np.bincount(codes)).tolist()
            pieces = zip([0, *ends], ends, strict=False)
            self.pieces = [(code, slice(start, end)) for code, (start, end) in enumerate(pieces) if end > start]
        self.axes = [self._sorted(positions[:, axis]) for axis in range(self.dimensions)]
        self.others = None if other is None else [self._sorted(other[:, axis]) for axis in range(2)]

    def draw(self, view: View, *, selected: Flags | None = None, visible: Flags | None = None) -> bytes:
        """The picture of a window as a PNG with a transparent ground.

        Parameters
        ----------
        view : the window
        selected : bool ``[n]``; where any point is, those stand on top and the rest is faded
        visible : bool ``[n]``, the points that a filter leaves

        Raises
        ------
        ParameterError
            When the view has no matrix for points in space, or a matrix or ``morph`` that the points have no use for.
        ValueError
            When flags have another length.
        """
        import io

        from PIL import Image

        buffer = io.BytesIO()
        pixels = self.pixels(view, selected=selected, visible=visible)
        Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()

    def pixels(
        self, view: View, *, selected: Flags | None = None, visible: Flags | None = None
    ) -> npt.NDArray[np.uint8]:
        """The picture as uint8 ``[height, width, 4]``; see :meth:`draw`."""
        self._check(view, selected, visible)
        chosen, shown = self._sorted(selected), self._sorted(visible)
        if chosen is None or not chosen.any():
            return inking.to_bytes(self._layers(view, [shown])[0])
        rest = ~chosen
        if shown is not None:
            rest &= shown
            chosen = chosen & shown
        below, top = self._layers(view, [rest, chosen])
        below[..., 3] *= inking.FADED
        return inking.to_bytes(inking.over(top, below))

    def _check(self, view: View, *flags: Flags | None) -> None:
        if (view.matrix is not None) != (self.dimensions == 3):
            needed = "needs the matrix of the camera" if self.dimensions == 3 else "has no use for a matrix"
            raise ParameterError(f"A picture of points in {self.dimensions} dimensions {needed}.")
        if view.morph and self.others is None:
            raise ParameterError("These points have no second place to move to.")
        for one in flags:
            if one is not None and (one.shape != (self.count,) or one.dtype != np.bool_):
                raise ValueError(f"flags must be bool [{self.count}], not {one.dtype} {list(one.shape)}")

    def _layers(self, view: View, flags: Sequence[Flags | None]) -> list[inking.Picture]:
        """A picture of the points of each set of flags, all with marks of the same size; the last is the strongest."""
        margin = int(view.size) // 2 if view.size else SIZES[0][1] // 2
        window = _Window.of(view, margin)
        inks = [self._ink(view, window, one) for one in flags]
        amount = sum(float(one.total.sum(dtype=np.float64)) for one in inks)
        radius = margin if view.size else next((size // 2 for limit, size in SIZES if amount <= limit), 0)
        table = self.tables["dark" if view.dark else "light"]
        made: list[inking.Picture] = []
        for at, ink in enumerate(one.grown(radius, margin) for one in inks):
            last = at == len(inks) - 1
            least = inking.FLOOR[min(radius, len(inking.FLOOR) - 1)]
            if view.density and last:
                # The more points, the farther from the ground: darker on light, brighter on dark.
                made.append(inking.shade_density(ink, table if view.dark else table[::-1]))
            else:
                made.append(inking.shade(ink, max(least, inking.FLOOR[-1]) if last and len(inks) > 1 else least))
        return made

    def _ink(self, view: View, window: _Window, flags: Flags | None) -> Ink:
        ink = Ink(window.height, window.width)
        if self.values is not None:
            self._ink_values(ink, view, window, flags)
            return ink
        for code, piece in self.pieces:
            if self.order is None or code not in view.hidden:
                for x, y, _ in self._places(view, piece, flags):
                    ink.add(window.count(x, y)[0], self.colours[code % len(self.colours)])
        return ink

    def _ink_values(self, ink: Ink, view: View, window: _Window, flags: Flags | None) -> None:
        table = self.tables["dark" if view.dark else "light"]
        for x, y, codes in self._places(view, slice(0, self.count), flags):
            there = codes != MISSING
            if view.between is not None:
                there &= (codes >= view.between[0]) & (codes <= view.between[1])
            elif not there.all():
                ink.add(window.count(x[~there], y[~there])[0], read_colour(NEUTRAL_COLOUR))
            counts, sums = window.count(x[there], y[there], codes[there])
            mean = np.divide(sums, counts, out=np.zeros(counts.shape), where=counts > 0)
            ink.add_each(counts, table, np.rint(mean / (MISSING - 1) * (len(table) - 1)).astype(np.intp))

    def _sorted(self, column: Numbers | None) -> Any:
        if column is None:
            return None
        return np.ascontiguousarray(column) if self.order is None else column[self.order]

    def _places(self, view: View, piece: slice, flags: Flags | None) -> Iterator[tuple[Numbers, Numbers, Numbers]]:
        """Across and up of the points of a piece whose flag is set, and their value codes; a portion at a time."""
        as_they_are = view.matrix is None and not view.morph and self.values is None
        step = max(1, piece.stop - piece.start) if as_they_are else _PORTION
        for start in range(piece.start, piece.stop, step):
            part = slice(start, min(start + step, piece.stop))
            x, y = self._across_and_up(view, part)
            codes = x if self.values is None else self.values[part]
            kept = None if flags is None else flags[part]
            if kept is None or kept.all():
                yield x, y, codes
            elif kept.any():
                yield x[kept], y[kept], codes[kept]

    def _across_and_up(self, view: View, part: slice) -> tuple[Numbers, Numbers]:
        places = [axis[part] for axis in self.axes]
        if view.matrix is not None:
            x, y, z = places
            with np.errstate(invalid="ignore"):  # rows with infinities become NaN and are not drawn
                # The browser and the resolver of polygons compute this same sum in the same order.
                across, up = (a * x + b * y + c * z + d for a, b, c, d in (view.matrix[:4], view.matrix[4:8]))
            return across, up
        if view.morph and self.others is not None:
            moved = [axis[part] for axis in self.others]
            with np.errstate(invalid="ignore"):
                x, y = (
                    one.astype(np.float64) * (1 - view.morph) + two.astype(np.float64) * view.morph
                    for one, two in zip(places, moved, strict=True)
                )
            return x, y
        x, y = places
        return x, y


def draw(
    positions: Numbers,
    view: View,
    *,
    codes: Numbers | None = None,
    colours: Sequence[str] = (),
    ramp: Mapping[str, Sequence[str]] | None = None,
    other: Numbers | None = None,
    selected: Flags | None = None,
    visible: Flags | None = None,
) -> bytes:
    """One picture of points, as a PNG: see :class:`Painter`, which is to be kept where more follow.

    >>> from workbench.app.served.view import View
    >>> view = View(low=(0, 0), high=(4, 2), width=4, height=2, size=1)
    >>> draw(np.array([[0.5, 0.5]], dtype=np.float32), view)[:4]
    b'\x89PNG'
    """
    painter = Painter(positions, codes, colours=colours, ramp=ramp, other=other)
    return painter.draw(view, selected=selected, visible=visible)


def warm_up() -> None:
    """Draw three points, so that what is compiled once for each process is compiled."""
    from workbench.app.served.view import View

    window = View(low=(0, 0), high=(1, 1), width=8, height=8)
    points = np.zeros((3, 2), dtype=np.float32)
    for codes in (np.zeros(3, dtype=np.uint8), np.zeros(3, dtype=np.uint16)):
        draw(points, window, codes=codes)
