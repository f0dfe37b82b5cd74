# SPDX-License-Identifier: Apache-2.0
"""A linear variational autoencoder is probabilistic PCA, so that every number of its posterior has a closed form.

With data variances v, noise variance s and the maximum-likelihood weights, the posterior of an axis with v > s has
variance s / v and a mean of variance 1 - s / v over the data; its mean divergence from the prior is ln(v / s) / 2
over the data. Axes with v <= s are collapsed. The evidence lower bound equals the log-likelihood. Tipping and Bishop,
"Probabilistic principal component analysis", Journal of the Royal Statistical Society B 61, 1999, section 3; Lucas,
Tucker, Grosse and Norouzi, "Don't blame the ELBO", NeurIPS 2019.
"""

from __future__ import annotations

import numpy as np
import pytest

from plugins.latent_health.norms import norms_of
from plugins.latent_health.posterior import Axes, axes_of, kl_of_axes, mutual_information

VARIANCES = np.array([9.0, 4.0, 2.25, 1.5, 1.21, 0.8, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1])
LATENT, N = 8, 2000


def data(seed: int = 0) -> np.ndarray:
    """Rows of mean 0 whose second moments are exactly ``VARIANCES`` (1 / n)."""
    values = np.random.default_rng(seed).standard_normal((N, len(VARIANCES)))
    return np.asarray(np.linalg.qr(values - values.mean(axis=0))[0] * np.sqrt(N * VARIANCES))


def posterior(rows: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and deviation of the posterior of each row, ``[n, 8]``, and the gain of the decoder, ``[8]``."""
    kept = VARIANCES[:LATENT] > noise
    gain = np.sqrt(np.maximum(VARIANCES[:LATENT] - noise, 0))
    mean = np.where(kept, gain / VARIANCES[:LATENT], 0.0) * rows[:, :LATENT]
    spread = np.where(kept, np.sqrt(noise / VARIANCES[:LATENT]), 1.0)
    return mean, np.broadcast_to(spread, mean.shape), gain


def measured(noise: float) -> Axes:
    mean, spread, _ = posterior(data(), noise)
    return axes_of(mean, np.array(spread), True, 0.01, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("noise", "kl", "active"),
    [(1.0, [1.0986, 0.6931, 0.4055, 0.2027, 0.0953, 0, 0, 0], 5), (2.0, [0.7520, 0.3466, 0.0589, 0, 0, 0, 0, 0], 3)],
)
def test_divergence_and_active_axes(noise: float, kl: list[float], active: int) -> None:
    found = measured(noise)
    assert found.kl is not None and found.total is not None
    np.testing.assert_allclose(found.kl.value, kl, atol=5e-5)
    assert found.units.value == active and int(found.active.sum()) == active
    assert found.total.value == pytest.approx(sum(kl), abs=2e-4)
    assert (found.kl.low <= found.kl.value + 1e-12).all() and (found.kl.high >= found.kl.value - 1e-12).all()


def test_variance_of_the_means_and_spread() -> None:
    found = measured(1.0)
    exact = [0.8889, 0.75, 0.5556, 0.3333, 0.1736, 0, 0, 0]
    np.testing.assert_allclose(found.variance.value * (N - 1) / N, exact, atol=5e-5)
    assert found.spread is not None
    np.testing.assert_allclose(found.spread + found.variance.value * (N - 1) / N, 1.0, atol=1e-9)


def test_bound_is_the_log_likelihood() -> None:
    """-17.22253 both, with the divergence of :func:`kl_of_axes`."""
    rows = data()
    mean, spread, gain = posterior(rows, 1.0)
    padded = np.zeros_like(rows)
    padded[:, :LATENT] = mean * gain
    missed = np.square(rows - padded).sum(axis=1) + (np.square(spread) * np.square(gain)).sum(axis=1)
    reconstruction = -(len(VARIANCES) * np.log(2 * np.pi) + missed) / 2
    bound = (reconstruction - kl_of_axes(mean, np.array(spread)).sum(axis=1)).mean()
    model = np.where(np.arange(len(VARIANCES)) < LATENT, np.maximum(VARIANCES, 1.0), 1.0)
    likelihood = -(len(VARIANCES) * np.log(2 * np.pi) + np.log(model).sum() + np.square(rows) @ (1 / model)).mean() / 2
    assert bound == pytest.approx(likelihood, abs=1e-9)
    assert bound == pytest.approx(-17.22253, abs=5e-6)


def test_aggregated_posterior_is_the_prior() -> None:
    """Covariance of the codes of all rows together: means and posterior variance add up to 1 on each of 8 axes."""
    mean, spread, _ = posterior(data(), 1.0)
    whole = mean.T @ mean / N + np.diag(np.square(spread).mean(axis=0))
    np.testing.assert_allclose(whole, np.eye(LATENT), atol=1e-9)


def test_information_is_the_divergence_where_the_aggregated_posterior_is_the_prior() -> None:
    values = np.random.default_rng(1).standard_normal((3000, len(VARIANCES))) * np.sqrt(VARIANCES)
    mean, spread, _ = posterior(values, 1.0)
    found = mutual_information(mean, np.array(spread), np.random.default_rng(0))
    truth = float(np.log([9, 4, 2.25, 1.5, 1.21]).sum() / 2)
    assert found.lower.value[0] == pytest.approx(truth, abs=0.12)
    assert found.lower.value[0] < found.upper.value[0]
    assert found.upper.value[0] == pytest.approx(truth, abs=0.12)


@pytest.mark.parametrize("d", [2, 16, 100, 512])
def test_one_draw_in_a_hundred_is_outside_the_shell(d: int) -> None:
    shares = norms_of("draws", np.random.default_rng(d).standard_normal((20_000, d))).shares()
    value, low, high = shares["outside"]
    assert low - 0.001 <= 0.01 <= high + 0.001
    assert norms_of("middle", np.full((5, d), 1 / np.sqrt(2))).shares()["outside"][0] == (1.0 if d > 16 else 0.0)
