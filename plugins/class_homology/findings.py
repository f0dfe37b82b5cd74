# SPDX-License-Identifier: Apache-2.0
"""What the run states: pairs that a loop joins, classes in pieces, shapes that differ; or that no loop joins a pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import workbench as wb
from plugins.homology.bars import LEVEL, RECURS

if TYPE_CHECKING:
    import pandas as pd

    from plugins.class_homology.classes import Single
    from plugins.homology.clouds import Group

NAMED = 5  # pairs that are named in a sentence
WORDS = ("pieces", "loops", "voids")


def findings_of(
    groups: Sequence[Group], single: Sequence[Single], pairs: pd.DataFrame, by: str, draws: int
) -> list[wb.Finding]:
    """Loops first."""
    rows = pairs.to_dict("records")
    found = [_joined(row, by, draws, len(rows)) for row in rows if row["joined_by_loop"]]
    if not found:
        found.append(_none(rows, by, draws))
    found += [_pieces(group, one, by) for group, one in zip(groups, single, strict=True) if one.torn is not None]
    return found + _shapes(rows, by)


def _joined(row: dict[Any, Any], by: str, draws: int, tried: int) -> wb.Finding:
    p = row["p_value"]
    told = "" if p != p else f" p {'< 0.001' if p < 0.001 else f'= {p:.3f}'} against noise, for {counted(tried)} tried;"
    return wb.Finding(
        "class-homology.joined-by-loop",
        f"{by} {row['first']} and {by} {row['second']} are joined by a loop that neither has by itself: "
        f"{row['loop_share']:.0%} of {draws} random draws show it;{told} normal clouds in their place show one in "
        f"{row['blob_share']:.0%}, two halves of one class in at most {row['halves_share']:.0%}.",
        value=row["loop_share"],
        threshold=RECURS,
        low=row["loop_share_low"],
        high=row["loop_share_high"],
        n=int(row["n"]),
        severity="info",
        wrong_if="the classes lie on thin curved sheets whose borders touch in two places, or the labels follow no "
        "border in the points",
        figure="loops",
    )


def _none(rows: Sequence[dict[Any, Any]], by: str, draws: int) -> wb.Finding:
    best = most_often(rows)
    if best["loop_share"] > 0:
        seen = (
            f"most draws show one that stands out of {best['first']} and {best['second']}, {best['loop_share']:.0%} of "
            f"{draws}, and normal clouds in their place show one in {best['blob_share']:.0%}"
        )
    else:
        blobs = max(row["blob_share"] for row in rows)
        seen = (
            f"in none of {draws} random draws does one stand out, and in normal clouds in place of the classes in at "
            f"most {blobs:.0%} of a pair"
        )
    none = f"None of {len(rows)} pairs of {by} is" if len(rows) > 1 else f"The one pair of {by} is not"
    return wb.Finding(
        "class-homology.none",
        f"{none} joined by a loop: {seen}.",
        value=best["loop_share"],
        threshold=RECURS,
        low=best["loop_share_low"],
        high=best["loop_share_high"],
        n=int(best["n"]),
        severity="info",
        wrong_if="there is a loop smaller than the spacing of the points, or one along a thin sheet, which distances "
        "along the graph of neighbours would show",
        figure="loops",
    )


def counted(pairs: int) -> str:
    """A number of pairs in words.

    >>> counted(1), counted(45)
    ('1 pair', '45 pairs')
    """
    return f"{pairs} pair" if pairs == 1 else f"{pairs} pairs"


def most_often(rows: Sequence[dict[Any, Any]]) -> dict[Any, Any]:
    """The pair that shows a loop in most draws; of equal ones that whose longest loop stretches farthest."""
    return max(rows, key=lambda row: (row["loop_share"], row["stretch"]))


def _pieces(group: Group, one: Single, by: str) -> wb.Finding:
    bar = one.torn
    assert bar is not None
    n = len(group.positions)
    following = [each.death for each in one.bars if each.dimension == 0 and each.rank == bar.rank + 1]
    within = f", where within pieces {following[0]:.3g} is enough" if following else ""
    return wb.Finding(
        "class-homology.class-in-pieces",
        f"{by} {group.name} falls into {len(one.sizes)} pieces that do not join below a distance of {bar.death:.3g}"
        f"{within}; the second largest holds {one.sizes[1] / n:.1%} of its points. {bar.recurrence:.0%} of "
        f"{len(one.measured.draws)} random draws show as many.",
        value=bar.recurrence,
        threshold=RECURS,
        low=bar.recurrence_low,
        high=bar.recurrence_high,
        n=n,
        wrong_if="the sample leaves out what lies between the pieces, or the class is of separate kinds in the data",
        figure="joins",
    )


def _shapes(rows: Sequence[dict[Any, Any]], by: str) -> list[wb.Finding]:
    differing = [row for row in rows if row["shapes_differ"]]
    if not differing:
        return []
    differing.sort(key=lambda row: -row["excess_low"])
    first = differing[0]
    named = ", ".join(f"{row['first']} and {row['second']}" for row in differing[:NAMED])
    more = " first of all" if len(differing) > NAMED else ""
    return [
        wb.Finding(
            "class-homology.shapes-differ",
            f"{len(differing)} of {counted(len(rows))} of {by} "
            f"{'differs' if len(differing) == 1 else 'differ'} in shape by more than two halves of one class:"
            f"{more} {named}. Of the first, {first['excess_of']} is "
            f"{first['excess_value']:.3g} median distances, {first['excess']:.3g} more than between two halves.",
            value=first["excess"],
            threshold=0.0,
            low=first["excess_low"],
            high=first["excess_high"],
            n=int(first["n"]),
            severity="info",
            wrong_if="a few far points make the bars that differ, or classes differ in dimension alone, which changes "
            "the lengths of all bars",
            figure="distances",
        )
    ]


def is_joined(share: float, low: float, p: float, radii: float, controls: float, controls_high: float) -> bool:
    """Whether a pair counts as joined by a loop.

    Parameters
    ----------
    share, low : of the draws in which a loop that stands out joins them, and the lower end of its 95 % interval
    p : adjusted p of the loop that joins them
    radii : length of that loop in covering radii
    controls, controls_high : the largest share among the controls, and the largest upper end of their intervals

    One of two tests has to call it more than noise: it recurs in most draws, surely more often than in any control; or
    the universal null says so, and no control shows it as often. And it may not be below what the sample resolves.

    >>> is_joined(1.0, 0.84, 1.0, 4.0, 0.0, 0.16), is_joined(0.2, 0.08, 1.0, 4.0, 0.0, 0.16)
    (True, False)
    """
    by_draws = low >= RECURS and low > controls_high
    by_p = p <= LEVEL and share > controls
    return (by_draws or by_p) and not radii < 1
