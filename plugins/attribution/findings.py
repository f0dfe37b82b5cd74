# SPDX-License-Identifier: Apache-2.0
"""What the run states of its maps: what they may not be taken for, by their checks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

import workbench as wb

if TYPE_CHECKING:
    from plugins.attribution.checks import Checked, Row

#: Row of a failed check -> the finding's code, its severity, the chart that shows it, and what would make it wrong.
CODES: Final[dict[str, tuple[str, Literal["info", "warning", "serious"], str, str]]] = {
    "completeness": (
        "completeness-gap",
        "serious",
        "completeness",
        "the answer has a jump between baseline and input that more steps would meet",
    ),
    "randomisation": (
        "no-better-than-randomised",
        "serious",
        "randomisation",
        "the input has few places at which any network could look (a black ground), so that all maps are alike there; "
        "the check then says nothing of the method",
    ),
    "labels": (
        "no-better-than-randomised",
        "serious",
        "checks",
        "the layers below the probe decide the place, and the probe the sign alone",
    ),
    "baselines": (
        "baseline-decides",
        "warning",
        "baselines",
        "one of the two baselines is none that anybody would ask about",
    ),
    "agreement": (
        "methods-contradict",
        "warning",
        "agreement",
        "one of the two takes away squares and the other single places, and the answer hangs on places together",
    ),
    "unit": (
        "dead-units",
        "serious",
        "checks",
        "the samples are all of one kind, and others would move the answer",
    ),
    "saturation": (
        "saturated-gradient",
        "warning",
        "checks",
        "the baseline lies far outside of what the network has seen, and the change to it means little",
    ),
    "probe": (
        "probe-no-better-than-control",
        "serious",
        "checks",
        "more labelled rows would settle the probe, or the layer holds the class in a way that no line shows",
    ),
    "border": (
        "attention-on-border",
        "warning",
        "border",
        "what is asked for does lie there (a frame, a ground that tells the class), or the baseline differs most there",
    ),
    "corner": (
        "attention-on-border",
        "warning",
        "border",
        "what is asked for does lie in that corner",
    ),
}


def findings_of(checked: Checked, question: str) -> list[wb.Finding]:
    """One finding for each code: of the methods that failed a check, the clearest case; the others are named.

    ``question`` is the number that was asked about, in words: "unit 3 of z".
    """
    found: dict[str, wb.Finding] = {}
    for check in CODES:
        failed = [one for one in checked.rows if one.check == check and one.verdict == "not passed"]
        if (
            check == "randomisation"
        ):  # what takes the answer away faster than a map of random weights knows of the weights
            failed = [one for one in failed if not _deletes_better(checked, one.method)]
        code = f"attribution.{CODES[check][0]}"
        if failed and code not in found:
            found[code] = _finding(checked, check, failed, question)
    order = {"serious": 0, "warning": 1, "info": 2}
    return sorted(found.values(), key=lambda one: order[one.severity])


def _deletes_better(checked: Checked, method: str) -> bool:
    row = checked.row("deletion-randomised", method)
    return row is not None and row.verdict == "passed"


def _finding(checked: Checked, check: str, failed: list[Row], question: str) -> wb.Finding:
    code, severity, figure, wrong_if = CODES[check]
    worst = max(failed, key=lambda one: abs(one.value - one.threshold))
    names = [checked.titles.get(one.method, one.method) for one in failed if one.method]
    method = checked.titles.get(worst.method, worst.method)
    also = [one for one in names if one != method]
    return wb.Finding(
        f"attribution.{code}",
        STATEMENTS[check](checked, worst, method, question) + (f" So also {_listed(also)}." if also else ""),
        value=worst.value,
        threshold=worst.threshold,
        low=worst.low if math.isfinite(worst.low) else None,
        high=worst.high if math.isfinite(worst.high) else None,
        n=worst.n,
        severity=severity,
        wrong_if=wrong_if,
        figure=figure,
    )


def _completeness(checked: Checked, row: Row, method: str, question: str) -> str:
    return (
        f"The values of {method} for {question} do not add up to the change of the answer: {row.value:.1%} of it is "
        f"missing, or too much ({row.n} samples)."
    )


def _randomisation(checked: Checked, row: Row, method: str, question: str) -> str:
    return (
        f"{method} hardly changes when all weights of the network are drawn anew: its maps for {question} keep a rank "
        f"correlation of {row.value:.2f} with those of random weights. They show the input, not what was learned."
    )


def _labels(checked: Checked, row: Row, method: str, question: str) -> str:
    return (
        f"{method} gives nearly the same maps for {question} when the probe was trained on shuffled labels (rank "
        f"correlation {row.value:.2f})."
    )


def _baselines(checked: Checked, row: Row, method: str, question: str) -> str:
    least = next(one for one in checked.baselines if one.method == row.method)
    return (
        f"The baseline decides the maps of {method} for {question}: from '{least.first}' and from '{least.second}' "
        f"their rank correlation is {row.value:.2f}."
    )


def _agreement(checked: Checked, row: Row, method: str, question: str) -> str:
    return f"Methods contradict each other on {question}: {row.why}."


def _unit(checked: Checked, row: Row, method: str, question: str) -> str:
    return f"The number that was asked about, {question}, is the same for all {row.n} samples: nothing drives it there."


def _saturation(checked: Checked, row: Row, method: str, question: str) -> str:
    return (
        f"The gradient of {question} is saturated at {row.value:.0%} of {row.n} samples: it is all but 0 where the "
        "answer differs from that of the baseline. Methods of plain gradients say nothing there."
    )


def _probe(checked: Checked, row: Row, method: str, question: str) -> str:
    return (
        f"The probe behind {question} is no better than its control: held-out accuracy {row.value:.2f}, probes of "
        f"shuffled labels reach {row.threshold:.2f} ({row.n} rows). Its maps are of noise."
    )


def _border(checked: Checked, row: Row, method: str, question: str) -> str:
    one = checked.borders[row.method]
    where = (
        f"the outer {one.width} pixel{'s' * (one.width > 1)}" if row.check == "border" else f"the {one.corner} corner"
    )
    area = one.area if row.check == "border" else one.corner_area
    control = one.control if row.check == "border" else one.corner_control
    told = f" (of the input's distance from its baseline {control.value:.0%})" if math.isfinite(control.value) else ""
    return f"{row.value:.0%} of what {method} shows of {question} lies in {where}, {area:.0%} of the picture{told}."


STATEMENTS: Final[dict[str, Callable[[Checked, Row, str, str], str]]] = {
    "completeness": _completeness,
    "randomisation": _randomisation,
    "labels": _labels,
    "baselines": _baselines,
    "agreement": _agreement,
    "unit": _unit,
    "saturation": _saturation,
    "probe": _probe,
    "border": _border,
    "corner": _border,
}


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
