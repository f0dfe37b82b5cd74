# SPDX-License-Identifier: Apache-2.0
"""Numbers of the result, each with its interval, its sample and how it was measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

import workbench as wb
from plugins.latent_health.drawn import Drawn
from plugins.latent_health.encoded import Encoded
from plugins.latent_health.norms import OUTSIDE, Norms
from plugins.latent_health.posterior import Estimates
from plugins.latent_holes.shares import hole_mass
from plugins.space_comparison.trials import Mean, mean_of

if TYPE_CHECKING:
    from plugins.latent_health.analysis import LatentHealth

Better = Literal["higher", "lower", ""]


def metrics_of(
    encoded: Encoded | None, norms: tuple[Norms, ...], drawn: Drawn | None, params: LatentHealth.Params
) -> dict[str, wb.Metric]:
    """All numbers, those of codes first."""
    found: dict[str, wb.Metric] = {}
    if encoded is not None:
        found |= _posterior(encoded, params) | _aggregate(encoded, params)
    found |= _shell(norms)
    if drawn is not None:
        found |= _draws(drawn)
    return found


def _metric(value: Any, low: float, high: float, n: int, label: str, note: str, better: Better = "") -> wb.Metric:
    """A metric whose limits are left out where they are not numbers."""
    limits = [float(one) if math.isfinite(one) else None for one in (low, high)]
    return wb.Metric(float(value), low=limits[0], high=limits[1], n=n, label=label, note=note, better=better)


def _of(one: Estimates, n: int, label: str, note: str, better: Better = "", factor: float = 1.0) -> wb.Metric:
    return _metric(
        one.value[0] * factor, float(one.low[0]) * factor, float(one.high[0]) * factor, n, label, note, better
    )


def _share(one: Mean, n: int, label: str, note: str, better: Better = "") -> wb.Metric:
    low = max(one.low, 0.0) if one.low == one.low else one.low
    high = min(one.high, 1.0) if one.high == one.high else one.high
    return _metric(one.value, low, high, n, label, note, better)


def _posterior(encoded: Encoded, params: LatentHealth.Params) -> dict[str, wb.Metric]:
    axes, n = encoded.axes, len(encoded.codes.rows)
    size = len(axes.active)
    note = (
        f"Axes whose posterior means vary more than {params.threshold:g} variances of the prior; bootstrap over rows."
    )
    found = {
        "active_units": _of(axes.units, n, "Active axes", note),
        "active_share": _of(axes.units, n, "Share of axes that are active", note, factor=1 / size),
    }
    if axes.kl_rows is not None and axes.total is not None:
        whole = axes.kl_rows.sum(axis=1)
        telling = (axes.kl_rows > params.epsilon).mean(axis=0)
        vanished = (whole < params.epsilon).astype(np.float64)
        low, high = _wilson(int(vanished.sum()), n)
        found |= {
            "kl_total": _of(axes.total, n, "Divergence from the prior (rate), nats", "Mean over rows."),
            "collapsed_units": wb.Metric(
                float((telling <= params.delta).sum()),
                n=n,
                label="Axes collapsed in nearly all rows",
                note=f"More than {params.epsilon:g} nats in at most {params.delta:.1%} of rows: (epsilon, delta)-"
                "collapse, Lucas, Tucker, Grosse and Norouzi, NeurIPS 2019.",
            ),
            "kl_vanished": _metric(
                vanished.mean(), low, high, n, "Rows that the code says nothing of",
                f"Share of rows whose total divergence is below {params.epsilon:g} nats.", "lower",
            ),
        }  # fmt: skip
    info = encoded.information
    if info is not None:
        upper, about = info.upper, "Each row left out of the mixture it is set against, mean over rows."
        if axes.total is not None and axes.total.value[0] < upper.value[0]:
            upper, about = axes.total, "The total divergence, which is never below the mutual information."
        found |= {
            "mutual_information": _of(
                info.lower, n, "Mutual information of data and code, lower bound, nats",
                f"Lower bound from {n:,} rows, at most ln n = {info.ceiling:.2f}; by chance perhaps a little below 0.",
            ),
            "mutual_information_upper": _of(
                upper, n, "Mutual information, upper bound, nats", about,
            ),
        }  # fmt: skip
    return found


def _aggregate(encoded: Encoded, params: LatentHealth.Params) -> dict[str, wb.Metric]:
    q, shares, shift = params.quantile, encoded.shares, encoded.shift
    n = shares.size
    note = (
        f"Share of draws from the prior farther from every one of {n:,} {encoded.what} than {q:.3g} of held-out ones "
        f"are; {1 - q:.3g} if distributed alike. Mean of {params.trials} trials, as in latent-holes."
    )
    uncovered = shares.of_sample(shares.uncovered)
    low, high = (hole_mass(one, q) for one in (uncovered.low, uncovered.high))
    found = {
        "uncovered_prior_mass": _share(uncovered, n, "Prior mass without codes", note, "lower"),
        "uncovered_if_perfect": _share(
            shares.of_draws(shares.perfect), n, "Prior mass without draws (control)", "The same of draws for codes."
        ),
        "hole_mass": _metric(
            hole_mass(uncovered.value, q), low, high, n, "Uncovered beyond chance",
            "(uncovered - (1 - q)) / q: what is uncovered beyond that of held-out codes; below 0 by chance.", "lower",
        ),
    }  # fmt: skip
    if encoded.samples is not None:
        of = encoded.means.of_sample(encoded.means.uncovered)
        words = note.replace("posterior samples", "posterior means")
        found["uncovered_prior_mass_means"] = _share(of, n, "Prior mass without posterior means", words)
    for name, words, values, control in (
        ("mean_shift", "Shift of the mean", shift.mean, shift.mean_control),
        ("covariance_shift", "Shift of the covariance", shift.covariance, shift.covariance_control),
    ):
        one, same = shift.of_codes(values), shift.of_draws(control)
        found[name] = _metric(
            one.value, max(one.low, 0.0), one.high, shift.size, words,
            f"Of {shift.size:,} {encoded.what} from the prior, root mean square over axes in its deviations. Draws: "
            f"{same.value:.3g} ({same.low:.3g} to {same.high:.3g}).", "lower",
        )  # fmt: skip
    for name, words, test in (
        ("mmd", "codes and prior", shift.apart),
        ("mmd_control", "prior and prior (control)", shift.same),
    ):
        squared, p = (f"{name}2", f"{name}_p") if name == "mmd" else ("mmd2_control", "mmd_p_control")
        about = f"Unbiased, Gaussian kernel of width {test.width:.3g}, {test.permutations} permutations."
        found[squared] = wb.Metric(test.value, n=test.n, label=f"Squared MMD of {words}", note=about)
        told = "Small where both can be told apart; it does not say how far apart they are."
        found[p] = wb.Metric(test.p, n=test.n, label=f"p value of MMD of {words}", note=told)
    return found


def _shell(norms: tuple[Norms, ...]) -> dict[str, wb.Metric]:
    found = {}
    for one in norms:
        name = {"posterior means": "_means", "draws": "_draws"}.get(one.name, "")
        for what, (value, low, high) in one.shares().items():
            if name and what != "outside":
                continue
            where = {"inside": "nearer to the centre than", "beyond": "farther out than", "outside": "outside"}[what]
            label = f"{one.name[:1].upper()}{one.name[1:]} {where} the shell"
            expected = OUTSIDE if what == "outside" else OUTSIDE / 2
            note = f"Shell: {one.inner:.3g} to {one.outer:.3g} deviations (chi distribution); of draws {expected:.3g}."
            key = f"{what}_shell{name}" if what != "inside" else f"inside_of_shell{name}"
            found[key] = _metric(value, low, high, len(one.distance), label, note)
    return found


def _draws(drawn: Drawn) -> dict[str, wb.Metric]:
    one = drawn.duplicates
    against = "a tenth of the median distance of draws" if drawn.real is None else (
        f"the distance that 1 % of {drawn.real.what} fall below"
    )  # fmt: skip
    note = f"Nearest of {one.size:,} other draws within {against} ({one.threshold.mean():.3g})."
    found = {"near_duplicates": _share(one.share(), one.size, "Draws with a near duplicate", note, "lower")}
    control = one.control_share()
    what = "the codes" if drawn.real is None else drawn.real.what
    how = "By another division into halves." if drawn.real else "By a tenth of the median distance of the codes."
    found["near_duplicates_control"] = _share(control, one.size, f"Near duplicates among {what} (control)", how)
    for name, words, value in (
        ("support_size", "Effective number of different draws", one.support),
        ("support_size_control", "Effective number of different reference points (control)", one.support_reference),
    ):
        if value is not None:
            about = f"1 / chance that two of them are near duplicates, of {one.total:,}; no number where no pair is."
            found[name] = _metric(*value, one.total, words, about)
    effects = drawn.effects
    found["output_change"] = wb.Metric(
        effects.whole,
        n=effects.n,
        label="Difference of two draws",
        note="Root mean square of the output; what a step along an axis is to be compared with.",
    )
    if drawn.cover is not None and drawn.real is not None:
        cover = drawn.cover
        total = len(cover.real_covered)
        for name, label, values in (
            ("modes_covered", f"{drawn.real.what.capitalize()} with a draw near", cover.numbers[:, 3]),
            ("modes_covered_control", "The same by their other half (control)", cover.control[:, 3]),
        ):
            about = f"Coverage: a draw among {cover.size:,} lies nearer than the fifth neighbour. Mean of trials."
            found[name] = _share(mean_of(values, cover.size, total), cover.size, label, about)
    copies = drawn.copies
    if copies is not None:
        n = len(copies.generated)
        found["memorised"] = _metric(
            copies.share, copies.low, copies.high, n, "Draws nearer to a training sample than new samples are",
            f"Nearer than {copies.threshold:.3g}, the 1 % quantile of a {drawn.held_out_is} "
            f"({len(copies.held_out):,}); of {copies.training:,} training samples. Of new ones: {copies.expected:.3g}.",
            "lower",
        )  # fmt: skip
        found["memorised_control"] = wb.Metric(
            copies.control, n=len(copies.held_out) // 2, label="The same among held-out samples (control)",
            note="One half below the 1 % quantile of the other, both ways.",
        )  # fmt: skip
    return found


def _wilson(hits: int, n: int) -> tuple[float, float]:
    from plugins.homology.trust import wilson

    low, high = wilson([hits], n)
    return float(low[0]), float(high[0])
