# SPDX-License-Identifier: Apache-2.0
"""What the run states of a style shift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import workbench as wb

if TYPE_CHECKING:
    from plugins.style_shift.results import Found

HALF: Final = 0.5  # of the texts whose content and style do not change together
FEWEST: Final = 20  # texts that can tell which comes first


def findings_of(found: Found) -> list[wb.Finding]:
    """Styles that no probe tells apart, a gain that random directions have, content lost first, style lost in words."""
    probe = next(iter(found.judges.values()))
    if probe.low <= HALF:
        return [_not_told_apart(found)]
    listed = [_no_better(found)] if found.gain.low <= found.gain.random_high else []
    listed += [one for one in [_content_first(found), *_content_first_in_words(found)] if one is not None]
    return listed + _not_in_words(found)


def _not_told_apart(found: Found) -> wb.Finding:
    name, probe = next(iter(found.judges.items()))
    return wb.Finding(
        "style-shift.styles-not-told-apart",
        f"A linear probe of {name} is right for {probe.accuracy:.0%} of held-out texts, no more than guessing: the "
        "gain in style means nothing here.",
        value=probe.accuracy,
        threshold=HALF,
        low=probe.low,
        high=probe.high,
        n=probe.n,
        wrong_if="more texts to learn of, or a probe that is no line, would tell them apart",
        figure="style",
    )


def _no_better(found: Found) -> wb.Finding:
    gain = found.gain
    return wb.Finding(
        "style-shift.no-better-than-random",
        f"From {found.source} to {found.target}, the probability of {found.target} changes by {gain.value:+.2f}; along "
        f"random directions of the same length it changes by {gain.random_low:+.2f} to {gain.random_high:+.2f}.",
        value=gain.value,
        threshold=gain.random_high,
        low=gain.low,
        high=gain.high,
        n=found.n,
        wrong_if="the texts are in the new style by this probe to begin with, so that there is nothing to gain",
        figure="style",
    )


def _content_first(found: Found) -> wb.Finding | None:
    order = found.order
    if order.of < FEWEST or not order.low > HALF:
        return None
    return wb.Finding(
        "style-shift.content-over-style",
        f"On the way from {found.source} to {found.target}, {order.share:.0%} of {order.of:,} texts lose their place "
        f"as the nearest text before a probe takes the moved point for {found.target}: the direction changes content "
        "more than style.",
        value=order.share,
        threshold=HALF,
        low=order.low,
        high=order.high,
        n=order.of,
        wrong_if="texts of nearly the same content stand in the data, or the probe misses the style",
        figure="content",
    )


def _content_first_in_words(found: Found) -> list[wb.Finding]:
    listed = []
    for one in found.words:
        low, high = one.first.interval
        if one.first.of < FEWEST or not low > HALF:
            continue
        share = one.first.count / one.first.of
        listed.append(
            wb.Finding(
                "style-shift.content-over-style",
                f"Told in words by {one.name}, {share:.0%} of {one.first.of:,} texts are nearer to another text than "
                f"to their own before they turn from {found.source} to {found.target}: the direction changes content "
                "more than style.",
                value=share,
                threshold=HALF,
                low=low,
                high=high,
                n=one.first.of,
                wrong_if="the map back to text changes content whatever direction it is moved along: see what random "
                "directions do",
                figure="content",
            )
        )
    return listed


def _not_in_words(found: Found) -> list[wb.Finding]:
    """A gain of the points that their texts do not have."""
    if found.gain.low <= found.gain.random_high:
        return []
    return [
        wb.Finding(
            "style-shift.not-in-words",
            f"The moved points gain {found.gain.value:+.2f} in probability of {found.target}, the texts that "
            f"{one.name} tells of them {one.gain.value:+.2f} [{one.gain.low:+.2f}, {one.gain.high:+.2f}]: the style is "
            "in the point and not in the words.",
            value=one.gain.value,
            threshold=0.0,
            low=one.gain.low,
            high=one.gain.high,
            n=one.n,
            wrong_if="what it tells without a shift is in the new style already, so that nothing is left to gain",
            figure="style",
        )
        for one in found.words
        if one.gain.low <= 0
    ]
