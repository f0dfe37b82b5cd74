# SPDX-License-Identifier: Apache-2.0
"""What a step does to the shape, each with the share of draws in which it happens: the same draws before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from plugins.layer_homology.follow import Share, Track, share_of

if TYPE_CHECKING:
    from plugins.layer_homology.rows import Rows
    from plugins.layer_homology.steps import Shaped

What = Literal["loop removed", "loop made", "class torn", "classes merged", "classes parted"]
MOST_DRAWS = 0.5  # of the draws: the lower end of the interval must reach it


@dataclass(frozen=True)
class Change:
    """Something that happens between two steps.

    Attributes
    ----------
    what : which kind
    before, at : the two steps
    of : number of the loop, or places of the classes among the groups
    share : of the draws in which it happens
    control : the same of what chance has: rows of any class, or shuffled labels; for loops there is none
    told : whether it is more than chance
    """

    what: What
    before: int
    at: int
    of: tuple[int, ...]
    share: Share
    control: Share | None

    @property
    def told(self) -> bool:
        """In most draws, and in more of them than by chance."""
        if not self.share.low >= MOST_DRAWS:
            return False
        return self.control is None or self.what == "class torn" or self.share.low > self.control.high


def neighbours(shaped: Sequence[Shaped], *, constant: bool = False) -> Iterator[tuple[int, int]]:
    """Places of each step that is measured and of the one before it; with ``constant`` also where all becomes one."""
    known = [at for at, one in enumerate(shaped) if one.state == "measured" or (constant and one.state == "constant")]
    yield from zip(known[:-1], known[1:], strict=True)


def loop_changes(shaped: Sequence[Shaped], tracks: Sequence[Track]) -> list[Change]:
    """Loops that go or come, as the landmarks and most draws say."""
    found = []
    for before, at in neighbours(shaped, constant=True):
        for track in tracks:
            here, there = track.present[before], track.present[at]
            if before in track.seen and at not in track.seen:
                found.append(Change("loop removed", before, at, (track.number,), share_of(here & ~there), None))
            if at in track.seen and track.states[at] == "new":
                found.append(Change("loop made", before, at, (track.number,), share_of(there & ~here), None))
    return found


def class_changes(shaped: Sequence[Shaped], rows: Rows) -> list[Change]:
    """Classes that fall into more pieces, and pairs that join or part."""
    found = []
    for before, at in neighbours(shaped):
        for place in range(1, len(rows.groups)):
            one, two = shaped[before].groups[place], shaped[at].groups[place]
            if not len(one.standing):
                continue
            share = share_of(two.standing[:, 0] > one.standing[:, 0])
            found.append(Change("class torn", before, at, (place,), share, share_of(two.others > one.others)))
        for pair, ratios in shaped[at].joins.items():
            earlier, shuffled = shaped[before].joins[pair], shaped[at].shuffled[pair]
            mixed = shaped[before].shuffled[pair]
            merged = share_of((earlier > 1) & (ratios < 1))
            found.append(Change("classes merged", before, at, pair, merged, share_of((mixed > 1) & (shuffled < 1))))
            parted = share_of((earlier < 1) & (ratios > 1))
            found.append(Change("classes parted", before, at, pair, parted, share_of((mixed < 1) & (shuffled > 1))))
    return found
