# SPDX-License-Identifier: Apache-2.0
"""The runs that the page of the digits tells its story with, and the sentences that are made of what they measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ANALYSIS, MODEL, DATA = "class-homology", "mnist-vae", "mnist"
PER_CLASS, DRAWS = 120, 20  # of every run, so that they can be compared
GAP = 1.2  # times the scale of each beyond which two digits are called apart
TOUCH = 1.05  # and up to which they are said to touch
NAMED = 4  # pairs named in a sentence


@dataclass(frozen=True)
class Chapter:
    """A run: its parameters beside ``by``, what it is of in words, and how the page calls it.

    ``params`` name every parameter that chapters differ in, so that one run is not taken for another.
    """

    key: str
    params: Mapping[str, Any]
    title: str
    told: str


def _params(space: str, metric: str = "auto", components: int | None = None) -> dict[str, Any]:
    return {
        "space": space,
        "by": "digit",
        "metric": metric,
        "components": components,
        "classes": "",
        "per_class": PER_CLASS,
        "draws": DRAWS,
    }


CHAPTERS = (
    Chapter("z", _params("z"), "z, all 16 axes", "straight distances of the codes"),
    Chapter("graph", _params("z", metric="geodesic"), "z, along the graph", "ways from neighbour to neighbour"),
    Chapter("flat", _params("z", components=2), "z, flat", "two principal components: what a flat map is made of"),
    Chapter("hidden", _params("net.encoder.hidden"), "encoder, hidden layer", "64 units before the code"),
    Chapter("pixels", _params("pixels"), "pictures", "784 pixels, before the model"),
)
SEED = 0


def found(chapter: Chapter, records: Sequence[Any]) -> Any | None:
    """The newest of ``records`` that is the run of a chapter, one that is done before one that is not.

    Failed and cancelled ones count only where there is no other.
    """
    own = [
        one
        for one in records
        if one.model == MODEL
        and one.data == DATA
        and one.slice is None
        and all(one.params.get(name) == value for name, value in chapter.params.items())
    ]
    order = {"done": 0, "running": 1, "queued": 2}
    return min(own, key=lambda one: order.get(one.status, 3), default=None)


def answer(pairs: pd.DataFrame, draws: int) -> str:
    """Whether digits are joined by loops, in a sentence with the numbers of a run's table ``pairs``."""
    rows = pairs.to_dict("records")
    joined = [row for row in rows if row["joined_by_loop"]]
    if joined:
        told = ", ".join(
            f"{_pair(row)} ({row['loop_share']:.0%} of {draws} draws, {row['loop_share_low']:.0%} to "
            f"{row['loop_share_high']:.0%})"
            for row in joined[:NAMED]
        )
        more = f" and {len(joined) - NAMED} more" if len(joined) > NAMED else ""
        return f"**{len(joined)} of {len(rows)} pairs of digits are joined by a loop:** {told}{more}."
    seen = [row for row in rows if row["loop_share"] > 0]
    most = max(rows, key=lambda row: (row["loop_share"], row["stretch"]))
    if not seen:
        return (
            f"**No two digits are joined by a loop.** In none of {draws} random draws does a loop that stands out join "
            f"any of the {len(rows)} pairs; for each pair that leaves at most {most['loop_share_high']:.0%} of draws "
            "(95 % interval)."
        )
    few = f"{len(seen)} of {len(rows)} pairs show one in some of {draws} draws"
    return (
        f"**No two digits are joined by a loop that can be trusted.** {few.capitalize()}, at most {_pair(most)}: "
        f"{most['loop_share']:.0%} ({most['loop_share_low']:.0%} to {most['loop_share_high']:.0%}); more than half is "
        "asked for."
    )


def stretched(pairs: pd.DataFrame) -> str:
    """How much longer the loops of digits last than those of normal clouds in their place."""
    best = max(pairs.to_dict("records"), key=lambda row: row["stretch"])
    excess = pairs["stretch"] / pairs["blob_stretch"] - 1
    sure = int((pairs["stretch_low"] > pairs["blob_stretch_high"]).sum())
    return (
        f"The longest loop of a pair is filled at {pairs['stretch'].mean():.2f} times the scale at which it closes, "
        f"mean of all pairs; that of normal clouds in their place at {pairs['blob_stretch'].mean():.2f}. The digits' "
        f"loops are longer by {excess.mean():.0%} on average, surely so in {sure or 'none'} of {len(pairs)} pairs, "
        f"most of all in {_pair(best)} ({best['stretch']:.2f} against {best['blob_stretch']:.2f}): codes are not quite "
        "normal, but that is no hole."
    )


def touching(pairs: pd.DataFrame) -> str:
    """Which digits touch and between which there is a gap."""
    rows = sorted(pairs.to_dict("records"), key=lambda row: float(row["join"]))
    near = [row for row in rows if row["join_low"] <= TOUCH]
    apart = [row for row in rows if row["join_low"] > GAP][::-1]
    first, last = rows[0], rows[-1]
    told = (
        f"**What is there are heaps.** {len(near)} of {len(rows)} pairs touch: they become one piece at no more than "
        f"{TOUCH:g} times the scale at which each digit is one. The closest are {_listed(rows[:NAMED])} "
        f"({_measured(first)} for {_pair(first)})."
    )
    if not apart:
        return f"{told} No pair is surely apart; the widest gap is that of {_pair(last)} ({_measured(last)})."
    are = "pair is" if len(apart) == 1 else "pairs are"
    return (
        f"{told} {len(apart)} {are} apart, joining at more than {GAP:g} times that scale: {_listed(apart[:NAMED])} "
        f"({_measured(apart[0])} for {_pair(apart[0])})."
    )


def alone(classes: pd.DataFrame) -> str:
    """What each digit is by itself."""
    torn = [str(one["class"]) for one in classes.to_dict("records") if one["pieces"] > 1]
    ringed = [str(one["class"]) for one in classes.to_dict("records") if one["loops"] > 0]
    pieces = f"{_and(torn)} fall{'s' if len(torn) == 1 else ''} into pieces" if torn else "Each digit is one piece"
    loops = "none has a loop that is"
    if ringed:
        loops = f"{_and(ringed)} {'has a loop of its own that is' if len(ringed) == 1 else 'have loops of their own'}"
    return f"{pieces}, and {loops} more than noise."


def summary(chapter: Chapter, pairs: pd.DataFrame, draws: int) -> dict[str, str]:
    """One row of the table of all runs."""
    rows = pairs.to_dict("records")
    most = max(rows, key=lambda row: (row["loop_share"], row["stretch"]))
    widest = max(rows, key=lambda row: float(row["join"]))
    return {
        "Where": chapter.title,
        "Pairs joined": f"{int(pairs['joined_by_loop'].sum())} of {len(pairs)}",
        "Nearest to it": f"{_pair(most)}: {most['loop_share']:.0%} of {draws} draws ({most['loop_share_low']:.0%} to "
        f"{most['loop_share_high']:.0%})",
        "All pairs": f"{pairs['loop_share'].mean():.1%} of draws",
        "Normal clouds": f"{pairs['blob_share'].mean():.1%} of draws",
        "Widest gap": f"{_pair(widest)}: {widest['join']:.2f}",
    }


def strongest(loops: pd.DataFrame) -> dict[Any, Any] | None:
    """The strongest loop of all pairs: one that joins before one that does not, then by draws and length."""
    rows = loops.to_dict("records")
    order = ("joined_by_loop", "joins", "recurrence", "relative_length")
    return max(rows, key=lambda row: tuple(row[name] for name in order), default=None)


def of_strongest(row: Mapping[Any, Any]) -> str:
    """What the strongest loop is and how far it can be trusted."""
    p = row["p_value"]
    told = "not defined" if p != p else "below 0.001" if p < 0.001 else f"{p:.2f}"
    kind = "runs through both, an arc of each" if row["joins"] else "does not run through both"
    return (
        f"The strongest loop on one larger sample of each pair is of {_pair(row)}: {row['samples_of_first']} samples "
        f"of a {row['first']} and {row['samples_of_second']} of a {row['second']}. It {kind}. It lasts for "
        f"{row['relative_length']:.2f} median distances, p for all pairs is {told}, and "
        f"{row['recurrence']:.0%} ({row['recurrence_low']:.0%} to {row['recurrence_high']:.0%}) of the draws show one "
        "that stands out."
    )


def _pair(row: Mapping[Any, Any]) -> str:
    return f"{row['first']} and {row['second']}"


def _listed(rows: Sequence[Mapping[Any, Any]]) -> str:
    return ", ".join(_pair(row) for row in rows)


def _measured(row: Mapping[Any, Any]) -> str:
    return f"{row['join']:.2f}, {row['join_low']:.2f} to {row['join_high']:.2f}"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
