# SPDX-License-Identifier: Apache-2.0
"""What stands out: layers that remove or make loops, tear or merge classes, or carry nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import workbench as wb
from plugins.layer_homology.changes import MOST_DRAWS, Change
from plugins.layer_homology.follow import Track
from plugins.layer_homology.frames import words_of
from plugins.layers.walk import listed

if TYPE_CHECKING:
    from plugins.layer_homology.rows import Rows
    from plugins.layer_homology.steps import Shaped

MOST = 3  # findings of one kind


def findings_of(
    shaped: Sequence[Shaped], rows: Rows, tracks: Sequence[Track], changes: Sequence[Change]
) -> list[wb.Finding]:
    """Serious ones first; of each kind the three that happen in most draws."""
    told = [one for one in changes if one.told]
    found = _broken(shaped, len(rows))
    found += [_removed(one, shaped, rows, tracks) for one in _first(told, "loop removed")]
    found += [_made(one, shaped, rows, tracks) for one in _first(told, "loop made")]
    found += _of_classes(told, shaped, rows, "class torn")
    found += _of_classes(told, shaped, rows, "classes merged")
    return found


def _first(told: Sequence[Change], what: str) -> list[Change]:
    """Loops of all points before those of classes, those in most draws first."""
    mine = [one for one in told if one.what == what]
    return sorted(mine, key=lambda one: (-one.share.low, one.at, one.of))[:MOST]


def _broken(shaped: Sequence[Shaped], n: int) -> list[wb.Finding]:
    found = [
        wb.Finding(
            "layer-homology.not-finite",
            f"{one.step.name} gives NaN or infinity for {one.bad:,} of {n:,} points; it has no shape.",
            value=one.bad / n,
            threshold=0.0,
            n=n,
            severity="serious",
            wrong_if="the points are of another range than the model was made for",
            figure="betti",
        )
        for one in shaped
        if one.state == "not finite"
    ]
    constant = [one.step.name for one in shaped if one.state == "constant"]
    if constant:
        found.append(
            wb.Finding(
                "layer-homology.constant",
                f"At {listed(constant)} more than half of the pairs among {n:,} points are equal: no shape is left.",
                value=len(constant),
                threshold=0.0,
                n=n,
                severity="serious",
                wrong_if="the points of the sample are mostly equal themselves",
                figure="betti",
            )
        )
    return found


def _group(track: Track, rows: Rows) -> str:
    name = rows.groups[track.group].group.name
    return f"of {name} " if name else ""


def _removed(one: Change, shaped: Sequence[Shaped], rows: Rows, tracks: Sequence[Track]) -> wb.Finding:
    track = next(each for each in tracks if each.number == one.of[0])
    before, at = shaped[one.before].step.name, shaped[one.at].step.name
    loop = track.seen[one.before]
    fades = track.states[one.at] == "fades"
    how = "makes so short that it is no more than noise" if fades else "removes"
    return wb.Finding(
        "layer-homology.loop-removed",
        f"{at} {how} loop {track.number} {_group(track, rows)}({loop.bar.length:.2f} median distances long at "
        f"{before}): it is there before and gone after in {one.share.value:.0%} of {one.share.n} draws.",
        value=one.share.value,
        threshold=MOST_DRAWS,
        low=one.share.low,
        high=one.share.high,
        n=one.share.n,
        wrong_if="the loop is still there, but smaller than the spacing of the points: more landmarks would show it",
        figure="loops",
    )


def _made(one: Change, shaped: Sequence[Shaped], rows: Rows, tracks: Sequence[Track]) -> wb.Finding:
    track = next(each for each in tracks if each.number == one.of[0])
    before, at = shaped[one.before].step.name, shaped[one.at].step.name
    loop = track.seen[one.at]
    return wb.Finding(
        "layer-homology.loop-made",
        f"{at} makes loop {track.number} {_group(track, rows)}({loop.bar.length:.2f} median distances long), which "
        f"{before} has not: it is new in {one.share.value:.0%} of {one.share.n} draws.",
        value=one.share.value,
        threshold=MOST_DRAWS,
        low=one.share.low,
        high=one.share.high,
        n=one.share.n,
        severity="info",
        wrong_if="the loop was there before, hidden among points that filled it or that lay too sparsely",
        figure="loops",
    )


def _of_classes(told: Sequence[Change], shaped: Sequence[Shaped], rows: Rows, what: str) -> list[wb.Finding]:
    """One finding for each step that does it, with the classes it does it to; the value is that of the clearest."""
    by_step: dict[int, list[Change]] = {}
    for one in sorted(told, key=lambda one: (-one.share.low, one.of)):
        if one.what == what:
            by_step.setdefault(one.at, []).append(one)
    steps = sorted(by_step, key=lambda at: (-len(by_step[at]), at))[:MOST]
    return [(_torn if what == "class torn" else _merged)(by_step[at], shaped, rows) for at in steps]


def _torn(mine: Sequence[Change], shaped: Sequence[Shaped], rows: Rows) -> wb.Finding:
    best = mine[0]
    name = rows.groups[best.of[0]].group.name
    also = f" The same holds for {listed([words_of(one, rows) for one in mine[1:]], 6)}." if len(mine) > 1 else ""
    chance = best.control.value if best.control is not None else float("nan")
    return wb.Finding(
        "layer-homology.class-torn",
        f"{shaped[best.at].step.name} tears {name}: it falls into more pieces than at {shaped[best.before].step.name} "
        f"in {best.share.value:.0%} of {best.share.n} draws (as many rows of any class: {chance:.0%}).{also}",
        value=best.share.value,
        threshold=MOST_DRAWS,
        low=best.share.low,
        high=best.share.high,
        n=best.share.n,
        wrong_if="the pieces hang together by points that the sample is too small to hold",
        figure="pieces",
    )


def _merged(mine: Sequence[Change], shaped: Sequence[Shaped], rows: Rows) -> wb.Finding:
    best = mine[0]
    before, at = shaped[best.before], shaped[best.at]
    pair = f"{rows.groups[best.of[0]].group.name} with {rows.groups[best.of[1]].group.name}"
    also = ""
    if len(mine) > 1:
        also = f" So it does with {len(mine) - 1} more: {listed([words_of(one, rows) for one in mine[1:]], 4)}."
    chance = best.control.value if best.control is not None else float("nan")
    return wb.Finding(
        "layer-homology.classes-merged",
        f"{at.step.name} merges {pair}: apart at {before.step.name}, they join there before each is one piece, in "
        f"{best.share.value:.0%} of {best.share.n} draws (labels shuffled: {chance:.0%}).{also}",
        value=best.share.value,
        threshold=MOST_DRAWS,
        low=best.share.low,
        high=best.share.high,
        n=best.share.n,
        wrong_if="a boundary between the classes is there, but narrower than the spacing of the points",
        figure="pairs",
    )
