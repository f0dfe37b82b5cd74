# SPDX-License-Identifier: Apache-2.0
"""All checks together, on pictures whose evidence was planted: what is known beforehand must come out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import nn

import workbench as wb
from plugins.attribution.checks import Checked, Settings, check
from plugins.attribution.checks.deletion import INPUT
from plugins.attribution.findings import CODES, findings_of
from plugins.attribution.methods.method import Attributed, Method
from plugins.attribution.questions import Probe, ask_function

if TYPE_CHECKING:
    from plugins.attribution.questions import Question


def _never(*_: Any) -> Any:
    raise AssertionError("methods are not run here")


METHODS = {
    "saliency": Method("saliency", "Saliency", _never, _never, signed=False),
    "integrated": Method("integrated", "Integrated gradients", _never, _never, needs_baseline=True, complete=True),
    "input": Method("input", "Size of the input", _never, _never, signed=False, gradient=False),
    "opposite": Method("opposite", "Opposite", _never, _never, needs_baseline=True),
}


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Nets this small only lose by more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


FEW = Settings(randomised_samples=6, stages=3, moves=2, moved_samples=2, random_orders=3, deletion_steps=8, changes=16)


def _maps(question: Question, inputs: torch.Tensor, name: str) -> np.ndarray:
    from tests.plugins.attribution.planted import gradient, integrated

    if name == "saliency":
        return gradient(question.function, inputs).abs().numpy()
    if name == "input":
        return inputs.abs().numpy()
    found = integrated(question.function, inputs, torch.zeros_like(inputs), steps=16)
    return -found if name == "opposite" else found


def _attributed(question: Question, inputs: torch.Tensor, names: tuple[str, ...]) -> dict[str, Attributed]:
    found = {}
    for name in names:
        values = _maps(question, inputs, name)
        change = question.values(inputs) - question.values(torch.zeros_like(inputs))
        gap = values.reshape(len(values), -1).sum(axis=1) - change if name == "integrated" else None
        found[name] = Attributed(name, values, gap=gap, change=change)
    return found


def _check(question: Question, inputs: torch.Tensor, names: tuple[str, ...], **more: Any) -> Checked:
    more = {"settings": FEW, "attributed": _attributed(question, inputs, names), **more}
    return check(question, inputs, attribute_with=_maps, methods=METHODS, baseline_name="black", **more)


@pytest.fixture(scope="module")
def asked() -> tuple[Question, Any]:
    from tests.plugins.attribution.planted import Margin, planted

    found = planted()
    return ask_function(Margin(found.net), found.pictures[:1], "the margin of class 1"), found


@pytest.fixture(scope="module")
def checked(asked: Any) -> Checked:
    question, found = asked
    by_baseline = {
        "integrated": {
            "opposite": _maps(question, found.pictures[:6], "opposite"),
        }
    }
    return _check(
        question, found.pictures, ("saliency", "integrated", "input", "opposite"), by_baseline=by_baseline, seed=1
    )


def test_the_network_has_learned_and_its_gradients_point_at_the_evidence(asked: Any) -> None:
    question, found = asked
    assert ((question.values(found.pictures) > 0) == (found.labels == 1)).all()
    chance = 9 / 14**2
    hits = {}
    for name in ("saliency", "integrated", "input"):
        values = _maps(question, found.pictures, name).sum(axis=1)
        turned = values * np.where(found.labels == 1, 1, -1)[:, None, None] if name == "integrated" else values
        top = turned.reshape(len(turned), -1).argmax(axis=1)
        hits[name] = found.evidence.reshape(len(turned), -1)[np.arange(len(top)), top].mean()
    assert hits["saliency"] > 5 * chance and hits["integrated"] > 5 * chance
    assert hits["input"] <= chance  # the brighter bar is of no class


def test_the_size_of_the_input_stays_as_it_is_under_random_weights_and_gradients_change(checked: Checked) -> None:
    assert checked.randomised is not None
    assert np.allclose(checked.randomised.spearman["input"], 1)
    assert np.allclose(checked.randomised.spearman[INPUT], 1)
    row = checked.row("randomisation", "input")
    assert row is not None and row.verdict == "not passed" and row.value == pytest.approx(1)
    for name in ("saliency", "integrated"):
        assert checked.row("randomisation", name).verdict == "passed"  # type: ignore[union-attr]


def test_orders_by_the_network_delete_better_than_random_ones_and_the_opposite_worse(checked: Checked) -> None:
    assert checked.curves is not None
    assert checked.row("deletion", "integrated").verdict == "passed"  # type: ignore[union-attr]
    assert checked.row("deletion", "opposite").verdict == "not passed"  # type: ignore[union-attr]
    row = checked.row("insertion", "integrated")
    assert row is not None and row.verdict == "passed" and row.low > 0
    assert checked.row("deletion-randomised", "integrated").high < 0  # type: ignore[union-attr]
    randomly = checked.curves.area("deletion", "random order").mean()
    assert randomly == pytest.approx(checked.curves.area("insertion", "random order").mean(), abs=0.25)


def test_integrated_gradients_add_up_and_foretell_more_than_shuffled_ones(checked: Checked) -> None:
    row = checked.row("completeness", "integrated")
    assert row is not None and row.verdict == "passed" and row.value < 0.05
    assert checked.row("completeness", "saliency").verdict == "not applicable"  # type: ignore[union-attr]
    row = checked.row("infidelity", "integrated")
    assert row is not None and row.verdict == "passed" and row.high < row.threshold


def test_what_failed_is_stated_once_with_its_numbers(checked: Checked) -> None:
    found = {one.code: one for one in findings_of(checked, "the margin")}
    randomised = found["attribution.no-better-than-randomised"]
    assert "Size of the input" in randomised.statement and randomised.value == pytest.approx(1)
    assert randomised.threshold == 0.7 and randomised.n == 6 and randomised.wrong_if and randomised.figure
    assert found["attribution.methods-contradict"].value < 0
    assert found["attribution.baseline-decides"].value == pytest.approx(-1)
    assert not {"attribution.completeness-gap", "attribution.dead-units", "attribution.attention-on-border"} & set(
        found
    )


def test_tables_and_metrics_can_be_stored(checked: Checked) -> None:
    tables = checked.tables()
    result = wb.Result(tables=tables, metrics=checked.metrics())
    assert {"checks", "curves", "randomisation", "agreement", "baselines", "border"} == set(tables)
    assert set(tables["checks"]["verdict"]) == {"passed", "not passed", "told", "not applicable"}
    assert tables["checks"].loc[tables["checks"]["verdict"] == "not applicable", "why"].str.len().min() > 5
    assert isinstance(result.metrics["deletion.integrated"], wb.Metric)
    labels = tables["checks"].query("check == 'labels'")
    assert (labels["verdict"] == "not applicable").all() and labels["why"].str.contains("trained elsewhere").all()


# -- what goes wrong


def test_maps_of_nan_constant_maps_and_one_sample_are_told_not_raised(asked: Any) -> None:
    question, found = asked
    one = found.pictures[:1]
    maps = _attributed(question, one, ("saliency", "integrated", "input"))
    maps["saliency"] = Attributed("saliency", np.full_like(maps["saliency"].values, np.nan))
    maps["input"] = Attributed("input", np.ones_like(maps["input"].values))
    checked = _check(question, one, (), attributed=maps)
    assert "not finite" in checked.row("deletion", "saliency").why  # type: ignore[union-attr]
    assert "same everywhere" in checked.row("randomisation", "input").why  # type: ignore[union-attr]
    row = checked.row("deletion", "integrated")
    assert row is not None and row.verdict == "told" and math.isnan(row.low)
    assert checked.row("unit").verdict == "not applicable"  # type: ignore[union-attr]
    wb.Result(tables=checked.tables(), metrics=checked.metrics(), findings=findings_of(checked, "the margin"))


def test_without_a_method_the_question_is_still_checked(asked: Any) -> None:
    question, found = asked
    checked = _check(question, found.pictures[:4], ())
    assert {one.check for one in checked.rows if one.verdict != "not applicable"} == {"unit", "saturation"}
    assert findings_of(checked, "the margin") == []


def test_a_unit_that_never_changes_is_dead_and_one_behind_a_plateau_saturated() -> None:
    points = torch.rand((8, 1, 6, 6), generator=torch.Generator().manual_seed(0)) + 0.5
    dead = ask_function(lambda x: torch.relu(-x.sum(dim=(1, 2, 3))), points[:1])
    found = findings_of(_check(dead, points, ("saliency", "input")), "unit 3 of z")
    assert found[0].code == "attribution.dead-units" and "unit 3 of z" in found[0].statement
    flat = ask_function(lambda x: torch.tanh(2 * x.sum(dim=(1, 2, 3))) + 1e-5 * x[:, 0, 0, 0], points[:1])
    codes = {one.code for one in findings_of(_check(flat, points, ("saliency",)), "unit 3")}
    assert "attribution.saturated-gradient" in codes


def test_a_map_of_the_frame_is_on_the_border_and_a_gap_is_found() -> None:
    weights = torch.zeros(1, 1, 12, 12)
    weights[..., 0], weights[..., :1, :] = 1.0, 1.0
    points = torch.rand((8, 1, 12, 12), generator=torch.Generator().manual_seed(0))
    question = ask_function(lambda x: (x * weights).sum(dim=(1, 2, 3)), points[:1])
    maps = _attributed(question, points, ("integrated",))
    short = maps["integrated"]
    assert short.gap is not None and short.change is not None
    maps["integrated"] = dataclasses.replace(short, gap=short.gap - 0.1 * short.change)
    found = {one.code: one for one in findings_of(_check(question, points, (), attributed=maps), "the frame")}
    assert found["attribution.attention-on-border"].value == pytest.approx(1)
    assert found["attribution.completeness-gap"].value == pytest.approx(0.1, rel=1e-3)


def test_a_probe_no_better_than_its_control_and_its_shuffled_labels(asked: Any) -> None:
    question, found = asked
    weak = dataclasses.replace(
        question, probe=Probe(0.55, 0.4, 0.7, 0.5, 0.42, 0.61, 60, 40), relabelled=lambda seed: question
    )
    checked = _check(weak, found.pictures[:4], ("saliency",))
    row = checked.row("labels", "saliency")
    assert row is not None and row.verdict == "not passed" and row.value == pytest.approx(1)
    stated = {one.code for one in findings_of(checked, "the probe")}
    assert {"attribution.probe-no-better-than-control", "attribution.no-better-than-randomised"} <= stated


def test_methods_that_fail_on_other_networks_are_told(asked: Any) -> None:
    question, found = asked

    def fails(*_: Any) -> Any:
        raise wb.MapError("no gradients here")

    some = found.pictures[:4]
    checked = check(
        question, some, _attributed(question, some, ("saliency",)), attribute_with=fails, methods=METHODS, settings=FEW
    )
    for name in ("randomisation", "sensitivity"):
        row = checked.row(name, "saliency")
        assert row is not None and row.verdict == "not applicable" and "no gradients here" in row.why


def test_layer_maps_are_not_asked_about_the_input(asked: Any) -> None:
    question, found = asked
    some = found.pictures[:4]
    values = np.random.default_rng(0).normal(size=(4, 12, 7, 7))
    checked = _check(question, some, (), attributed={"opposite": Attributed("opposite", values)},
                     settings=Settings(checks=("deletion", "border", "agreement")))  # fmt: skip
    assert "of a layer" in checked.row("deletion", "opposite").why  # type: ignore[union-attr]


def test_every_code_has_an_entry() -> None:
    import plugins.attribution as plugin
    from workbench.compendium.entry import read_entry

    known = {code for path in plugin.workbench_entries() for code in read_entry(path).codes}
    assert {f"attribution.{one[0]}" for one in CODES.values()} <= known


def test_a_network_asked_through_a_function_over_it_is_refused_not_passed() -> None:
    held = nn.Linear(5, 1)

    class Outside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.unused = nn.Linear(5, 1)

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            self.unused(inputs)
            with torch.no_grad():
                weight = WEIGHT
            return (inputs * weight).sum(dim=1)

    WEIGHT = held.weight.detach()
    points = torch.rand((6, 5), generator=torch.Generator().manual_seed(0))
    question = ask_function(Outside(), points[:1])
    checked = _check(question, points, ("integrated",), settings=Settings(checks=("randomisation",)))
    row = checked.row("randomisation", "integrated")
    assert row is not None and row.verdict == "not applicable" and "leaves every answer" in row.why
