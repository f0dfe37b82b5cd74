# SPDX-License-Identifier: Apache-2.0
"""What the run states: a decision that follows the concept, one that does not, and when neither can be said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import workbench as wb

if TYPE_CHECKING:
    import pandas as pd

LEVEL: Final = 0.05
STABLE: Final = 0.5  # cosine of vectors of two halves: that of all exemplars with the true one is then about 0.8
LINEAR: Final = 0.95  # share of random concepts at 0 or 1


TESTS: Final = 2  # the score and the mean derivative: the smaller p counts twice


def findings_of(layers: pd.DataFrame, best: pd.Series, decision: str, concept: str) -> list[wb.Finding]:
    """Of the layer where the concept stands out most; whether its vector can be trusted at all stands last."""
    among = f" (the clearest of {len(layers)} layers, corrected for all)" if len(layers) > 1 else ""
    p = min(1.0, TESTS * min(best["p"], best["p_slope"]))
    found = [_linear(best, decision, concept)] if best["extreme"] >= LINEAR else []
    if p < LEVEL:
        answer = _by_score if best["p"] <= best["p_slope"] else _by_slope
        found = [answer(best, among, decision, concept, p), *found]
    elif not found:
        found = [_none(best, among, decision, concept, p)]
    return [*found, *_unstable(best, concept)]


def _by_score(best: pd.Series, among: str, decision: str, concept: str, p: float) -> wb.Finding:
    way = "rises" if best["score"] > best["control"] else "falls"
    share = best["score"] if way == "rises" else 1 - best["score"]
    return _sensitive(
        best,
        f"At {best['layer']}{among}, {decision} {way} along '{concept}' at {share:.0%} of {best['asked']:,} points; "
        f"along random concepts it rises at {best['control_low']:.0%} to {best['control_high']:.0%} of them "
        f"(p {p:.3f}, for two tests).",
        ("score", "low", "high"),
        float(best["control_high"] if way == "rises" else best["control_low"]),
        "scores",
    )


def _by_slope(best: pd.Series, among: str, decision: str, concept: str, p: float) -> wb.Finding:
    way = "rises" if best["slope"] > 0 else "falls"
    return _sensitive(
        best,
        f"At {best['layer']}{among}, {decision} {way} along '{concept}' by {abs(best['slope']):.2f} standard "
        "deviations for each one of the layer's points; along random concepts it changes by "
        f"{best['control_slope_low']:+.2f} to {best['control_slope_high']:+.2f} (p {p:.3f}, for two tests). The score "
        f"of {best['score']:.2f} alone would not tell it from them.",
        ("slope", "slope_low", "slope_high"),
        float(best["control_slope_high"] if way == "rises" else best["control_slope_low"]),
        "slopes",
    )


def _sensitive(
    best: pd.Series, statement: str, names: tuple[str, str, str], threshold: float, figure: str
) -> wb.Finding:
    value, low, high = (float(best[one]) for one in names)
    return wb.Finding(
        "concept-sensitivity.sensitive",
        statement,
        value=value,
        threshold=threshold,
        low=low,
        high=high,
        n=int(best["asked"]),
        severity="info",
        wrong_if="the exemplars share something besides the concept that the others lack, and the decision follows "
        "that",
        figure=figure,
    )


def _none(best: pd.Series, among: str, decision: str, concept: str, p: float) -> wb.Finding:
    blunt = (
        f" {best['extreme']:.0%} of random concepts have score 0 or 1 there, so that no score could stand out."
        if best["extreme"] > LEVEL
        else ""
    )
    return wb.Finding(
        "concept-sensitivity.no-better-than-random",
        f"'{concept}' moves {decision} no more than a random concept does: at {best['layer']}{among} its score is "
        f"{best['score']:.2f}, random ones {best['control_low']:.2f} to {best['control_high']:.2f}; its mean "
        f"derivative {best['slope']:+.2f}, random ones {best['control_slope_low']:+.2f} to "
        f"{best['control_slope_high']:+.2f} (p {p:.2f}, for two tests).{blunt}",
        value=float(p),
        threshold=LEVEL,
        n=int(best["random"]),
        wrong_if="more exemplars would settle the vector, or the decision rises at some points and falls at others",
        figure="slopes",
    )


def _linear(best: pd.Series, decision: str, concept: str) -> wb.Finding:
    told = "beyond" if best["p_slope"] < LEVEL else "within"
    return wb.Finding(
        "concept-sensitivity.linear-decision",
        f"{best['extreme']:.0%} of random concepts have score 0 or 1 at {best['layer']}: {decision} has (nearly) one "
        f"derivative for all points there, and a score of {best['score']:.2f} says nothing. Its mean derivative along "
        f"'{concept}' is {best['slope']:+.2f}, {told} what random concepts have ({best['control_slope_low']:+.2f} to "
        f"{best['control_slope_high']:+.2f}, p {best['p_slope']:.3f}).",
        value=float(best["extreme"]),
        threshold=LINEAR,
        n=int(best["random"]),
        wrong_if="the asked points lie in one corner of the layer, and the decision bends elsewhere",
        figure="slopes",
    )


def _unstable(best: pd.Series, concept: str) -> list[wb.Finding]:
    shaky = best["agreement"] < STABLE
    if not shaky and best["accuracy"] > best["random_accuracy_high"]:
        return []
    if shaky:
        said = f"vectors of two halves of its exemplars agree by {best['agreement']:.2f} (random concepts by "
        said += f"{best['random_agreement']:.2f})"
        value, threshold, low, high = best["agreement"], STABLE, best["agreement_low"], best["agreement_high"]
    else:
        said = f"its vector tells other exemplars from others with accuracy {best['accuracy']:.2f}, and shuffled ones "
        said += f"up to {best['random_accuracy_high']:.2f}"
        value, threshold = best["accuracy"], best["random_accuracy_high"]
        low, high = best["accuracy_low"], best["accuracy_high"]
    return [
        wb.Finding(
            "concept-sensitivity.unstable-concept",
            f"'{concept}' was not learnt reliably at {best['layer']}: {said}.",
            value=float(value),
            threshold=float(threshold),
            low=float(low),
            high=float(high),
            n=int(best["exemplars"]),
            wrong_if="halves of the exemplars are too few where all of them are enough",
            figure="scores",
        )
    ]
