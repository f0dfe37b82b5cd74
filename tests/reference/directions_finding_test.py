# SPDX-License-Identifier: Apache-2.0
"""Ways of finding directions on cases whose answer is known: planted, in closed form, or published.

Sources stand beside each case; "closed form" ones follow from the formula that the docstring of the method gives.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import ortho_group
from sklearn.linear_model import LogisticRegression

import workbench as wb
from plugins.directions.finding.components import ganspace
from plugins.directions.finding.concepts import sensitivity, tcav
from plugins.directions.finding.curvature import hessian_penalty
from plugins.directions.finding.erasure import leace
from plugins.directions.finding.found import matched, unit, without
from plugins.directions.finding.labelled import (
    boundary,
    expected_cosine,
    mean_difference,
    regression,
    two_sides,
)
from plugins.directions.finding.weights import first_affine_maps, sefa

COSINE = 2 * np.sqrt(2 / np.pi)  # of the difference of means of both sides of a plane through normal points: 1.5958


def hyperplane(n: int, d: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Normal points, on which side of a plane each lies, and its normal."""
    rng = np.random.default_rng(seed)
    normal = unit(rng.standard_normal(d))[0]
    z = rng.standard_normal((n, d))
    return z, z @ normal > 0, normal


def planted(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A = U diag(4 .. 0.5) V', 20 x 8; A, its singular values, and V' (a right singular vector in each row)."""
    rng = np.random.RandomState(seed)
    left, right = ortho_group.rvs(20, random_state=rng)[:, :8], ortho_group.rvs(8, random_state=rng)
    sizes = np.linspace(4, 0.5, 8)
    return left @ np.diag(sizes) @ right, sizes, right


def test_sefa_gives_the_right_singular_vectors() -> None:
    a, sizes, right = planted()
    found = sefa([a[:7], a[7:]], 8)
    assert found.strength == pytest.approx(sizes, rel=1e-12)
    assert np.abs(np.sum(found.vectors * right, axis=1)) == pytest.approx(1, abs=1e-12)


def test_sefa_normalised_makes_every_output_count_alike() -> None:
    a = np.array([[100.0, 0.0], [0.0, 1.0], [0.0, -2.0]])
    assert np.abs(sefa([a], 1).vectors[0]).round(6).tolist() == [1, 0]
    assert np.abs(sefa([a], 1, normalise=True).vectors[0]).round(6).tolist() == [0, 1]


def test_the_first_affine_maps_are_found_by_running_the_decoder() -> None:
    torch.manual_seed(0)
    first, beside = torch.nn.Linear(5, 7), torch.nn.ConvTranspose2d(5, 3, 4, 1, 1)
    later = torch.nn.Linear(7, 5)
    modules = {"first": first, "beside": beside, "later": later, "unused": torch.nn.Linear(5, 2)}

    def decode(z: torch.Tensor) -> torch.Tensor:
        return later(first(z).relu()) + beside(z.reshape(-1, 5, 1, 1)).mean((2, 3)).sum(1, keepdim=True)

    found = first_affine_maps(modules, decode, torch.randn(4, 5))
    assert sorted(found) == ["beside", "first"]
    assert found["first"] == pytest.approx(first.weight.detach().double().numpy(), abs=1e-6)
    cropped = beside.weight.detach().double().numpy()[:, :, 1:3, 1:3]  # padding cuts a row off each side
    assert found["beside"] == pytest.approx(cropped.reshape(5, -1).T, abs=1e-6)
    with pytest.raises(wb.DoesNotApply, match="no affine layer reads the code itself"):
        first_affine_maps({"first": first}, lambda z: first(z / z.norm(dim=1, keepdim=True)), torch.randn(4, 5))


@pytest.mark.parametrize(("n", "least"), [(2_000, 0.97), (10_000, 0.995), (100_000, 0.999)])
def test_ganspace_on_a_linear_layer_gives_its_singular_vectors(n: int, least: float) -> None:
    """x = A z + b: components are U, directions V, shares s^2 / sum s^2 (closed form)."""
    a, sizes, right = planted()
    z = np.random.default_rng(1).standard_normal((n, 8))
    found = ganspace(z, z @ a.T + 3.0, 8)
    assert np.abs(np.sum(found.vectors * right, axis=1)).min() > least
    assert found.strength == pytest.approx(sizes**2 / np.sum(sizes**2), rel=6 / np.sqrt(n))
    assert found.extra["r2"] == pytest.approx(1, abs=1e-9)


def test_ganspace_says_when_a_component_does_not_follow_the_code() -> None:
    z = np.random.default_rng(2).standard_normal((4_000, 4))
    found = ganspace(z, np.column_stack([3 * z[:, 0], np.abs(z[:, 1])]), 2)
    assert found.extra["r2"][0] == pytest.approx(1, abs=1e-6)
    assert found.extra["r2"][1] < 0.05  # the size of an axis is no linear function of it


@pytest.mark.parametrize(("n", "least"), [(2_000, 0.985), (50_000, 0.9993)])
def test_mean_difference_of_both_sides_of_a_plane(n: int, least: float) -> None:
    z, told, normal = hyperplane(n, 32)
    found = mean_difference(z, told, attribute="side")
    assert found.vectors[0] @ normal > least
    assert found.extra["length"] == pytest.approx(COSINE, abs=5 * np.sqrt(32 / n))
    assert found.strength[0] > 0.97


@pytest.mark.parametrize("exemplars", [1, 3, 10, 50])
def test_few_exemplars_give_the_cosine_that_is_expected(exemplars: int) -> None:
    """Why DCGAN averages three: the mean cosine is 3 / sqrt(9 + 2 d / k), for two normal clouds 3 apart."""
    rng = np.random.default_rng(3)
    apart = np.zeros(100)
    apart[0] = 3.0
    cosines = []
    for _ in range(300):
        sides = rng.standard_normal((2, exemplars, 100)).mean(axis=1)
        cosines.append(unit(sides[1] + apart - sides[0])[0][0])
    expected = {1: 0.208, 3: 0.345, 10: 0.557, 50: 0.832}[exemplars]
    assert expected_cosine(3.0, 100, exemplars) == pytest.approx(expected, abs=1.1e-3)
    assert np.mean(cosines) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("kind", ["logistic", "svm"])
@pytest.mark.parametrize(("n", "least"), [(2_000, 0.97), (10_000, 0.995)])
def test_boundary_of_the_surest_points_is_the_plane(kind: str, n: int, least: float) -> None:
    """InterFaceGAN's recipe: score, keep the surest at both ends, fit; d = 32."""
    z, _, normal = hyperplane(n, 32, seed=4)
    rows, high = two_sides(z @ normal, 0.1)
    found = boundary(z[rows], high, attribute="side", kind=kind)  # type: ignore[arg-type]
    assert found.vectors[0] @ normal > least


def test_boundary_keeps_its_intercept() -> None:
    rng = np.random.default_rng(5)
    z = rng.standard_normal((4_000, 3)) * (1, 5, 0.2)
    found = boundary(z, z[:, 2] > 0.3, attribute="high")
    assert found.extra["normal"] @ (0, 0, 1) > 0.999
    assert -found.extra["intercept"] == pytest.approx(0.3, abs=0.01)
    assert found.extra["accuracy"] > 0.98 > found.extra["majority"]


def test_regression_finds_slope_and_direction() -> None:
    rng = np.random.default_rng(6)
    z = rng.standard_normal((5_000, 20))
    normal = unit(rng.standard_normal(20))[0]
    found = regression(z, 2.0 * z @ normal + rng.standard_normal(5_000), attribute="size")
    assert found.vectors[0] @ normal > 0.99
    assert found.extra["slope"] == pytest.approx(2.0, abs=0.06)
    assert found.strength[0] == pytest.approx(0.8, abs=0.02)  # 4 / (4 + 1) of the variance
    nothing = regression(z, rng.standard_normal(5_000), attribute="noise")
    assert nothing.strength[0] < 0.01


def test_a_direction_does_not_lead_along_an_axis_that_never_moves() -> None:
    """Collapsed axes of a VAE: the weights on them are large and mean nothing."""
    rng = np.random.default_rng(13)
    z = rng.standard_normal((3_000, 6)) * (1, 1, 1, 1, 0.01, 0.01)
    value = z[:, 0] + 10 * z[:, 4] + 0.1 * rng.standard_normal(3_000)
    for found in (
        regression(z, value, attribute="x"),
        boundary(z, value > 0, attribute="x"),
        boundary(z, value > 0, attribute="x", kind="svm"),
    ):
        assert found.vectors[0] @ np.eye(6)[0] > 0.99
    assert regression(z, value, attribute="x").extra["weights"] @ np.eye(6)[4] == pytest.approx(10, rel=0.1)


def test_conditional_projection_leaves_nothing_along_the_conditions() -> None:
    rng = np.random.default_rng(7)
    for _ in range(13):
        others = rng.standard_normal((3, 512)) + 2.0  # far from orthogonal to each other
        found = without(rng.standard_normal(512), others)
        assert np.abs(unit(others) @ found).max() < 1e-14
        assert np.linalg.norm(found) == pytest.approx(1)
    with pytest.raises(wb.DataError, match="nothing is left"):
        without(others[0] + others[1], others)


def test_uncentred_components_of_differences_find_the_mean_and_centred_ones_do_not() -> None:
    """The trap of PCA of differences: centring takes away the direction that they have in common."""
    rng = np.random.default_rng(8)
    common = np.zeros(50)
    common[0] = 4.0
    pairs = common + rng.standard_normal((2_000, 50)) * np.where(np.arange(50) == 7, 2.0, 0.5)
    centred = np.linalg.svd(pairs - pairs.mean(axis=0), full_matrices=False)[2][0]
    uncentred = np.linalg.svd(pairs, full_matrices=False)[2][0]
    assert abs(centred[0]) < 0.05
    assert abs(uncentred[0]) > 0.99
    assert (
        mean_difference(np.concatenate([pairs, -pairs]), np.arange(4_000) < 2_000, attribute="x").vectors[0][0] > 0.99
    )


class TestErasure:
    """LEACE (Belrose and others 2023): covariance zero, a linear probe at the majority, the least change."""

    @staticmethod
    def codes(classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        told = rng.integers(classes, size=4_000)
        z = rng.standard_normal((4_000, 12)) * np.geomspace(5, 0.2, 12)
        return z + rng.standard_normal((classes, 12))[told], told

    @pytest.mark.parametrize(("classes", "rank"), [(2, 1), (5, 4)])
    def test_nothing_linear_is_left(self, classes: int, rank: int) -> None:
        z, told = self.codes(classes)
        one_of = np.eye(classes)[told]
        eraser = leace(z, one_of)
        erased = eraser(z)
        assert eraser.rank == rank
        crossed = (erased - erased.mean(0)).T @ (one_of - one_of.mean(0)) / len(z)
        assert np.abs(crossed).max() < 1e-12
        probe = LogisticRegression(C=1e6, max_iter=2000).fit(erased, told)
        assert probe.score(erased, told) <= np.bincount(told).max() / len(told) + 5e-3
        assert LogisticRegression(max_iter=2000).fit(z, told).score(z, told) > 0.5

    def test_it_changes_less_than_an_orthogonal_projection(self) -> None:
        z, told = self.codes(2)
        eraser = leace(z, told)
        away = z - z.mean(0)
        normal = unit(away.T @ (told - told.mean()))[0]
        orthogonal = away - np.outer(away @ normal, normal)
        changed = [np.square(away - one).sum(1).mean() for one in (eraser(z) - z.mean(0), orthogonal)]
        assert changed[0] < 0.9 * changed[1]

    def test_a_weak_attribute_is_kept_by_a_large_tolerance(self) -> None:
        rng = np.random.default_rng(1)
        z = rng.standard_normal((200_000, 3))
        told = (rng.random(200_000) < 0.5 + 0.0075 * z[:, 0]).astype(float)
        correlation = np.abs(np.corrcoef(z[:, 0], told)[0, 1])
        assert 5e-3 < correlation < 2.5e-2
        with pytest.raises(wb.DataError, match="nothing is erased"):
            leace(z, told, tolerance=0.05)
        erased = leace(z, told, tolerance=1e-4)(z)
        assert np.abs(np.cov(erased.T, told)[:3, 3]).max() < 1e-12

    def test_a_quadratic_trace_stays(self) -> None:
        rng = np.random.default_rng(2)
        z = rng.standard_normal((4_000, 2))
        told = np.abs(z[:, 0]) > 0.7
        erased = leace(np.column_stack([z, told + rng.standard_normal(4_000)]), told)(
            np.column_stack([z, told + rng.standard_normal(4_000)])
        )
        squares = np.column_stack([erased, np.square(erased)])
        assert LogisticRegression(max_iter=2000).fit(squares, told).score(squares, told) > 0.9


def test_tcav_of_a_linear_decision_is_all_or_nothing() -> None:
    """One derivative for all points: scores are 0 or 1, random concepts half each, and the test means nothing."""
    rng = np.random.default_rng(9)
    slope = rng.standard_normal(10)
    slopes = np.tile(slope, (50, 1))
    random = [tcav(slopes, rng.standard_normal(10)) for _ in range(2_000)]
    assert set(random) == {0.0, 1.0}
    assert np.mean(random) == pytest.approx(0.5, abs=0.04)
    found = sensitivity(slopes, rng.standard_normal((40, 10)) + slope, rng.standard_normal((200, 10)))
    assert found.score == 1.0
    assert np.isnan(found.p)
    assert "linear in the layer" in found.note


def test_tcav_tells_a_concept_that_a_decision_uses_from_one_it_does_not() -> None:
    rng = np.random.default_rng(10)
    points = rng.standard_normal((400, 10))
    slopes = np.column_stack([2 + np.sin(points[:, 0]), rng.standard_normal((400, 9))])  # rises with axis 0, always
    others = rng.standard_normal((300, 10))
    used = sensitivity(slopes, others[:60] + 3 * np.eye(10)[0], others[60:])
    unused = sensitivity(slopes, others[:60] + 3 * np.eye(10)[5], others[60:])
    assert used.score > 0.9
    assert used.p < 1e-3
    assert used.agreement > 0.8
    assert abs(unused.score - 0.5) < 0.15
    assert 1 - tcav(slopes, np.eye(10)[0]) == tcav(slopes, -np.eye(10)[0])  # relative scores are symmetric


class TestHessianPenalty:
    """Peebles and others 2020; the two-output case is the self-test of their repository."""

    def test_a_quadratic_gives_twice_the_squares_off_the_diagonal(self) -> None:
        rng = np.random.default_rng(11)
        h = rng.standard_normal((6, 6))
        h = h + h.T
        curved = torch.as_tensor(h)
        expected = 2 * (np.square(h).sum() - np.square(np.diag(h)).sum())
        found = hessian_penalty(
            lambda z: (z @ curved * z).sum(1, keepdim=True) / 2, np.zeros((1, 6)), probes=20_000, step=0.1
        )
        assert found[0] == pytest.approx(expected, rel=0.05)

    def test_the_largest_of_two_outputs(self) -> None:
        """G = [z0 z1, z0^2 z1]: the penalties are 4 and 16 z0^2 (all v of two signs, in the limit)."""
        z = np.array([[3.0, 1.0]])
        for at, expected in ((0, 4.0), (1, 16 * 9.0)):
            found = hessian_penalty(
                lambda one, at=at: torch.stack([one[:, 0] * one[:, 1], one[:, 0] ** 2 * one[:, 1]], 1)[:, at : at + 1],
                z,
                probes=4_000,
                step=1e-2,
            )
            assert found[0] == pytest.approx(expected, rel=0.02)

    def test_linear_or_separable_outputs_have_none(self) -> None:
        z = np.random.default_rng(12).standard_normal((5, 4))
        assert hessian_penalty(lambda one: one @ torch.ones(4, 3).double(), z).max() < 1e-18
        assert hessian_penalty(lambda one: one.pow(3), z).max() < 1e-18

    def test_directions_that_turn_the_axes_have_some(self) -> None:
        turned = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)
        z = np.zeros((1, 2))
        found = hessian_penalty(lambda one: one.pow(2)[:, :1], z, turned, probes=2_000)
        assert found[0] == pytest.approx(4.0, rel=0.05)  # diag(2, 0) turned has 1 off the diagonal, twice

    def test_a_decoder_with_noise_is_refused(self) -> None:
        with pytest.raises(wb.DataError, match="noise would be taken for curvature"):
            hessian_penalty(lambda one: one + torch.randn_like(one), np.zeros((1, 2)))


def test_matching_finds_the_same_directions_in_another_order_and_sense() -> None:
    rng = np.random.RandomState(0)
    first = ortho_group.rvs(9, random_state=rng)[:5]
    order = rng.permutation(5)
    partner, cosines = matched(first, -first[order])
    assert order[partner].tolist() == [0, 1, 2, 3, 4]
    assert cosines == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: unit([[0.0, 0.0]]), "leads nowhere"),
        (lambda: unit([[np.nan, 1.0]]), "NaN"),
        (lambda: mean_difference(np.ones((6, 3)), np.arange(6) < 3, attribute="x"), "all exemplars are the same point"),
        (lambda: mean_difference(np.eye(4), np.ones(4, dtype=bool), attribute="x"), "0 points without"),
        (lambda: boundary(np.eye(4), np.zeros(4, dtype=bool), attribute="x"), "0 points with"),
        (lambda: regression(np.eye(12), np.ones(12), attribute="x"), "no direction changes it"),
        (lambda: regression(np.eye(12), np.full(12, np.nan), attribute="x"), "only 0 points have 'x'"),
        (lambda: ganspace(np.eye(5), np.eye(5), 2), "too few"),
        (lambda: two_sides(np.ones(9), 0.3), "no two sides"),
        (lambda: sefa([np.eye(2), np.eye(3)], 2), "same axes"),
    ],
)
def test_what_is_no_case_is_refused(call: object, words: str) -> None:
    with pytest.raises(wb.DataError, match=words):
        call()  # type: ignore[operator]
