# SPDX-License-Identifier: Apache-2.0
"""Every check of the conformance kit catches the model that was planted for it, and no other check accuses it."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import workbench as wb
from registry.conformance import CHECKS, Check, Report, check_model, model_checks
from registry.spaces import Vectors

Function = Callable[[Any, torch.Tensor], Any]


def linear(self: Any, x: torch.Tensor) -> torch.Tensor:
    return self.net(x)


def planted(function: Function = linear, *, target: wb.Space | None = None, prepare: Any = None) -> wb.Model:
    """A model ``f: x -> y`` with the given function; by default the linear map of a 3x4 layer, which conforms."""

    class Planted(wb.Model):
        x = wb.vectors(4, prior=wb.normal())
        y = target or wb.vectors(3)

        def __init__(self) -> None:
            torch.manual_seed(0)
            self.net = torch.nn.Sequential(torch.nn.Linear(4, 3))
            self.net.eval()
            self.calls = 0
            self.kept: list[torch.Tensor] = []
            if prepare is not None:
                prepare(self)

        @wb.maps(x, to=y)
        def f(self, x: torch.Tensor) -> Any:
            self.calls += 1
            return function(self, x)

    return Planted()


def raises(self: Any, x: torch.Tensor) -> torch.Tensor:
    raise RuntimeError("no such kernel")


def too_wide(self: Any, x: torch.Tensor) -> torch.Tensor:
    return self.net(x).repeat(1, 2)


def drops_rows(self: Any, x: torch.Tensor) -> torch.Tensor:
    return self.net(x)[:1]


def whole_numbers(self: Any, x: torch.Tensor) -> torch.Tensor:
    return self.net(x).long()


def elsewhere(self: Any, x: torch.Tensor) -> torch.Tensor:
    return torch.empty(len(x), 3, device="meta")


def not_finite(self: Any, x: torch.Tensor) -> torch.Tensor:
    return self.net(x) / torch.tensor([0.0, 1.0, 1.0], dtype=x.dtype)


def out_of_range(self: Any, x: torch.Tensor) -> torch.Tensor:
    return 5 + self.net(x).tanh().reshape(-1, 1, 1, 3)


def no_spread(self: Any, x: torch.Tensor) -> Any:
    mean = self.net(x)
    return torch.distributions.Normal(mean, torch.zeros_like(mean), validate_args=False)


def unseeded(self: Any, x: torch.Tensor) -> torch.Tensor:
    return self.net(x) + np.random.default_rng().normal()


def batch_statistics(self: Any, x: torch.Tensor) -> torch.Tensor:
    return self.net(x) - self.net(x).mean(dim=0)


def wants_two_rows(self: Any, x: torch.Tensor) -> torch.Tensor:
    if len(x) < 2:
        raise ValueError("at least two rows")
    return self.net(x)


def detached_in_part(self: Any, x: torch.Tensor) -> torch.Tensor:
    return self.net(x) * x.detach().sum(dim=1, keepdim=True)


def leaves_a_hook(self: Any, x: torch.Tensor) -> torch.Tensor:
    self.net.register_forward_hook(lambda *_: None)
    return self.net(x)


def to_training(self: Any, x: torch.Tensor) -> torch.Tensor:
    self.net.train()
    return self.net(x)


def counts_in_a_buffer(self: Any, x: torch.Tensor) -> torch.Tensor:
    self.seen += 1
    return self.net(x)


def keeps_memory(self: Any, x: torch.Tensor) -> torch.Tensor:
    self.kept.append(torch.ones(2**23))  # 32 MiB a call: more than what a process has lying about from before
    return self.net(x)


def with_counter(self: Any) -> None:
    self.seen = torch.zeros(1)


# check -> (model, all checks that must fail: what is not a batch of the target space fails there too)
PLANTED: dict[str, tuple[Callable[[], wb.Model], set[str]]] = {
    "runs": (lambda: planted(raises), {"runs"}),
    "shape": (lambda: planted(too_wide), {"shape", "target space"}),
    "shape (rows)": (lambda: planted(drops_rows), {"shape"}),
    "dtype": (lambda: planted(whole_numbers), {"dtype", "target space"}),
    "finite": (lambda: planted(not_finite), {"finite", "target space"}),
    "target space": (lambda: planted(out_of_range, target=wb.images(1, 1, 3)), {"target space"}),
    "spread": (lambda: planted(no_spread), {"spread"}),
    "determinism": (lambda: planted(unseeded), {"determinism"}),
    "batch invariance": (lambda: planted(batch_statistics), {"batch invariance"}),
    "batch invariance (one row)": (lambda: planted(wants_two_rows), {"batch invariance"}),
    "gradients": (lambda: planted(detached_in_part), {"gradients"}),
    "hook leaks": (lambda: planted(leaves_a_hook), {"hook leaks"}),
    "training mode": (lambda: planted(to_training), {"training mode"}),
    "parameters unchanged": (lambda: planted(counts_in_a_buffer, prepare=with_counter), {"parameters unchanged"}),
    "memory": (lambda: planted(keeps_memory), {"memory"}),
}


def of(report: Report, name: str) -> list[Check]:
    return [one for one in report.checks if one.name == name]


@pytest.mark.parametrize(("seconds", "rows"), [(-1.0, "1 row"), (1e9, "7 rows")])
def test_slow_maps_are_given_one_row_when_memory_is_looked_at(
    seconds: float, rows: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.conformance.side_effects.SLOW", seconds)
    taken: list[int] = []

    def listens(self: Any, x: torch.Tensor) -> torch.Tensor:
        taken.append(len(x))
        return self.net(x)

    (check,) = model_checks(planted(listens))[list(CHECKS).index("memory")]()
    assert check.outcome == "pass" and check.words.endswith(f"rounds of {rows}")
    assert taken[0] == 7 and set(taken[1:]) == {int(rows[0])}


def test_sound_model_passes_every_check() -> None:
    report = check_model(planted())
    assert report.passed, str(report)
    assert {one.name for one in report.checks} == set(CHECKS)


@pytest.mark.parametrize("name", PLANTED)
def test_planted_model_fails_its_check_and_no_other(name: str) -> None:
    make, expected = PLANTED[name]
    report = check_model(make())
    assert {one.name for one in report.failed} == expected, str(report)
    assert not report.passed


def test_device_is_that_of_the_model() -> None:
    """A tensor on torch's meta device stands for one on another device than the model's."""
    device = of(check_model(planted(elsewhere)), "device")
    assert [(one.outcome, one.words) for one in device] == [("fail", "meta, expected cpu")]


def test_card_that_cannot_be_loaded_is_one_failed_check() -> None:
    def broken(device: str) -> wb.Model:
        raise FileNotFoundError("weights.safetensors")

    report = check_model(wb.ModelCard("m", broken))
    assert [(one.name, one.outcome) for one in report.checks] == [("loads", "fail")]
    assert "weights.safetensors" in report.checks[0].words


def test_model_without_spaces_does_not_load() -> None:
    class Empty(wb.Model):
        pass

    assert [one.name for one in check_model(Empty()).failed] == ["loads"]


def test_space_whose_prior_gives_no_points() -> None:
    class Odd(wb.Model):
        z = Vectors(2, prior=wb.normal([0, 0, 0]))  # three means for two axes, past the check of wb.vectors

    (check,) = of(check_model(Odd()), "space")
    assert check.outcome == "fail"
    assert "the prior's mean has 3 axes" in check.words


def test_space_that_refuses_its_own_points() -> None:
    class Fussy(Vectors):
        def validate(self, batch: Any) -> None:
            raise wb.SpaceError("never content")

    class Odd(wb.Model):
        z = Fussy(2)

    report = check_model(Odd())
    assert [(one.name, one.outcome) for one in report.failed] == [("space", "fail")]


def test_stochastic_map_is_a_fact_and_no_failure() -> None:
    report = check_model(planted(lambda self, x: self.net(x) + torch.randn(len(x), 3, dtype=x.dtype)))
    assert report.passed, str(report)
    assert of(report, "determinism")[0].words.startswith("stochastic")
    assert of(report, "batch invariance")[0].outcome == "does not apply"


def test_map_without_gradient_does_not_apply() -> None:
    for function in (lambda self, x: self.net(x).detach(), lambda self, x: torch.ones(len(x), 3)):
        (check,) = of(check_model(planted(function)), "gradients")
        assert check.outcome == "does not apply"
        assert "not differentiable" in check.words


def test_gradient_of_a_linear_map_is_exact_in_float64() -> None:
    (check,) = of(check_model(planted()), "gradients")
    assert check.value is not None
    assert check.value < 1e-6
    assert "float64" in check.words


def test_a_map_that_bends_at_once_is_tried_with_a_smaller_step_and_a_wrong_slope_stays_wrong() -> None:
    def ripple(self: Any, x: torch.Tensor) -> torch.Tensor:
        return self.net(x) + torch.sin(1e6 * x[:, :3]) / 1e6

    def wrong(self: Any, x: torch.Tensor) -> torch.Tensor:
        return ripple(self, x) + 0.01 * ripple(self, x).detach()

    (right,), (off,) = (of(check_model(planted(one)), "gradients") for one in (ripple, wrong))
    assert right.outcome == "pass" and right.limit == 1e-4
    assert off.outcome == "fail" and off.value is not None and off.value > 5e-3


def test_gradient_is_measured_in_float32_where_no_copy_can_be_made() -> None:
    weights = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))  # out of the copy's reach
    (check,) = of(check_model(planted(lambda self, x: x @ weights)), "gradients")
    assert (check.outcome, check.limit) == ("pass", 5e-2)
    assert "float32" in check.words


class Halves(wb.Model):
    """encode drops the second half of ``x``; decode puts zeros there: z comes back exactly, x loses what was there."""

    x = wb.vectors(4, prior=wb.normal())
    z = wb.vectors(2)

    @wb.maps(x, to=z)
    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, :2]

    @wb.maps(z, to=x)
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return torch.cat([2 * z, torch.zeros_like(z)], dim=1)


def test_round_trip_is_the_relative_difference() -> None:
    """encode(decode(encode(x))) = 2 encode(x), and the same the other way round: the relative difference is 1."""
    trips = {one.subject: one for one in of(check_model(Halves()), "round trip")}
    assert set(trips) == {"encode, decode", "decode, encode"}
    assert all(one.outcome == "pass" and one.limit is None for one in trips.values())
    assert [one.value for one in trips.values()] == pytest.approx([1.0, 1.0])


def test_round_trip_that_overflows_fails() -> None:
    class Grows(Halves):
        @wb.maps(Halves.z, to=Halves.x)
        def decode(self, z: torch.Tensor) -> torch.Tensor:
            return torch.cat([z, z], dim=1).sign() * (z.abs().max() * 1e30) ** 2

    assert "round trip" in {one.name for one in check_model(Grows()).failed}


def test_data_are_the_points_that_maps_are_tried_on() -> None:
    seen: list[torch.Tensor] = []

    def watch(self: Any, x: torch.Tensor) -> torch.Tensor:
        seen.append(x.detach())
        return self.net(x)

    values = np.full((9, 4), 0.25, dtype=np.float32)
    check_model(planted(watch), data=wb.ArrayDataset(values, wb.vectors(4)))
    assert (seen[0] == 0.25).all()
    assert len(seen[0]) == 7


def test_latents_of_a_decoder_are_made_by_the_encoder_when_there_is_no_prior() -> None:
    class Shifted(wb.Model):
        x = wb.vectors(2)
        z = wb.vectors(2)

        @wb.maps(x, to=z)
        def encode(self, x: torch.Tensor) -> torch.Tensor:
            return x + 100

        @wb.maps(z, to=x)
        def decode(self, z: torch.Tensor) -> torch.Tensor:
            if (z < 50).any():
                raise ValueError("no such code")
            return z - 100

    report = check_model(Shifted(), data=wb.ArrayDataset(np.zeros((20, 2), np.float32), wb.vectors(2).named("x")))
    assert report.passed, str(report)
    assert [one.outcome for one in of(report, "runs")] == ["pass", "pass"]


def test_items_texts_and_tables() -> None:
    class Words(wb.Model):
        words = wb.items(["red", "green", "blue"])
        captions = wb.texts()
        rows = wb.table(["a"])
        v = wb.vectors(3)

        @wb.maps(words, to=v)
        def embed(self, words: torch.Tensor) -> torch.Tensor:
            return torch.eye(3)[words]

        @wb.maps(v, to=words)
        def nearest(self, v: torch.Tensor) -> torch.Tensor:
            return v.argmax(dim=1)

        @wb.maps(captions, to=v)
        def read(self, captions: list[str]) -> torch.Tensor:
            return torch.tensor([[float(len(one)), 0.0, 0.0] for one in captions])

        @wb.maps(v, to=captions)
        def tell(self, v: torch.Tensor) -> list[str]:
            return [f"{float(one.sum()):.3f}" for one in v]

        @wb.maps(rows, to=v)
        def row(self, rows: Any) -> torch.Tensor:
            raise AssertionError("there are no rows to try")

    report = check_model(Words())
    assert report.passed, str(report)
    trips = {one.subject: one.value for one in of(report, "round trip")}
    assert trips["embed, nearest"] == 0
    assert of(report, "runs")[4].outcome == "does not apply"


def test_everything_global_is_left_as_it_was() -> None:
    model = planted(lambda self, x: self.net(x) * torch.rand(1, dtype=x.dtype))
    torch.manual_seed(3)
    np.random.seed(3)
    expected = torch.randn(1), np.random.rand()
    torch.manual_seed(3)
    np.random.seed(3)
    check_model(model)
    assert torch.equal(torch.randn(1), expected[0])
    assert np.random.rand() == expected[1]
    assert torch.is_grad_enabled()


def test_same_seed_same_report() -> None:
    def numbers(report: Report) -> list[float | None]:
        return [one.value for one in report.checks if one.name not in ("memory", "loads")]

    assert numbers(check_model(planted(), seed=5)) == numbers(check_model(planted(), seed=5))


def test_report_as_table_and_text() -> None:
    report = check_model(planted(batch_statistics))
    frame = report.frame()
    assert list(frame.columns) == ["name", "subject", "outcome", "value", "limit", "words"]
    assert len(frame) == len(report.checks) == sum(report.counts().values())
    assert (frame.outcome == "fail").sum() == report.counts()["fail"] == 1
    assert frame["value"].dtype == "float64"
    assert "fail           batch invariance, map f:" in str(report)


def test_a_crash_inside_a_check_is_a_failure_of_that_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wb.Vectors, "row_shape", property(lambda self: 1 / 0))
    report = check_model(planted())
    assert {one.name for one in report.failed} == {"shape"}
    assert "the check could not end: ZeroDivisionError" in report.failed[0].words


def test_model_whose_layers_cannot_be_listed_does_not_load() -> None:
    model = planted()
    model.net = None  # type: ignore[attr-defined]
    model.layers = lambda: {"net": None}  # type: ignore[method-assign,assignment,dict-item,return-value]
    report = check_model(model)
    assert [(one.name, one.outcome) for one in report.checks] == [("loads", "fail")]


CARD = wb.ModelCard("sound", lambda device: planted())


@pytest.mark.parametrize("check", model_checks(CARD), ids=str)
def test_one_test_for_each_check(check: Callable[[], list[Check]]) -> None:
    try:
        assert all(one.outcome != "fail" for one in check())
    except unittest.SkipTest as reason:
        assert str(reason)
        assert str(check) in ("spread", "round-trip", "pictures")


def test_check_of_a_team_fails_with_the_number() -> None:
    checks = {one.name: one for one in model_checks(planted(batch_statistics))}
    with pytest.raises(AssertionError, match=r"batch invariance: map f: .* \(limit 0.0001\)"):
        checks["batch invariance"]()
    checks["shape"]()
    with pytest.raises(unittest.SkipTest, match="no distribution"):
        checks["spread"]()


def test_making_the_list_of_checks_loads_nothing() -> None:
    def load(device: str) -> wb.Model:
        raise AssertionError("loaded")

    checks = model_checks(wb.ModelCard("m", load))
    assert [str(one) for one in checks[:2]] == ["loads", "space"]
    with pytest.raises(AssertionError, match="loaded"):
        checks[3]()
