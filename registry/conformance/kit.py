# SPDX-License-Identifier: Apache-2.0
"""The kit: all checks in order, as one report or as one callable for each check."""

from __future__ import annotations

import time
import unittest
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from registry.cards import ModelCard
from registry.conformance import data_checks, gradients, map_checks, randomness, round_trip, side_effects
from registry.conformance.probe import Probe
from registry.conformance.report import Check, Report
from registry.data import Dataset
from registry.model import Model

CheckFunction = Callable[[Probe], Iterator[Check]]

CHECKS: dict[str, CheckFunction] = {
    "loads": map_checks.check_loads,
    "space": map_checks.check_spaces,
    "runs": map_checks.check_runs,
    "shape": map_checks.check_shape,
    "dtype": map_checks.check_dtype,
    "device": map_checks.check_device,
    "finite": map_checks.check_finite,
    "target space": map_checks.check_target,
    "spread": map_checks.check_spread,
    "determinism": randomness.check_determinism,
    "batch invariance": randomness.check_batch_invariance,
    "round trip": round_trip.check_round_trip,
    "gradients": gradients.check_gradients,
    "hook leaks": side_effects.check_hooks,
    "training mode": side_effects.check_training_mode,
    "parameters unchanged": side_effects.check_parameters,
    "memory": side_effects.check_memory,
    "pictures": data_checks.check_pictures,
}


def check_model(
    card_or_model: ModelCard | Model,
    *,
    device: str = "cpu",
    seed: int = 0,
    data: Dataset | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> Report:
    """Measure whether a model does what the contract says.

    Parameters
    ----------
    card_or_model
        A card, loaded here on ``device``; or a model that is already on it.
    device
        ``"cpu"`` or ``"cuda:0"``.
    seed
        Of the points that the maps are tried on, and of everything random in the maps.
    data
        Points for the maps from its space, in place of made-up ones; other spaces are reached from there by maps.
    progress
        Told the fraction done and the name of the next check.

    Returns
    -------
    Report
        One line for each check of each map, space or network: pass, fail or does not apply, with the number.
    """
    name = card_or_model.name if isinstance(card_or_model, ModelCard) else type(card_or_model).__name__
    made = _probe(card_or_model, name, device, seed, data)
    if isinstance(made, Check):
        return Report(name, device, seed, (made,))
    found: list[Check] = []
    for row, (check, function) in enumerate(CHECKS.items()):
        if progress is not None:
            progress(row / len(CHECKS), check)
        found += _run(check, function, made)
    return Report(name, device, seed, tuple(found))


def _probe(card_or_model: ModelCard | Model, name: str, device: str, seed: int, data: Dataset | None) -> Probe | Check:
    """The probe around the loaded model, or the failed check ``loads``."""
    start = time.perf_counter()
    try:
        model = card_or_model if isinstance(card_or_model, Model) else card_or_model.load(device)
        seconds = None if isinstance(card_or_model, Model) else time.perf_counter() - start
        return Probe(model, device, seed, data, name, seconds, side_effects.Trace.of(model))
    except Exception as error:  # noqa: BLE001 - the error is what is reported
        return Check("loads", "model", "fail", words=f"{type(error).__name__}: {error}")


def _run(name: str, function: CheckFunction, probe: Probe) -> list[Check]:
    try:
        return list(function(probe))
    except Exception as error:  # noqa: BLE001 - a model can fail in ways that a check did not foresee
        return [Check(name, "model", "fail", words=f"the check could not end: {type(error).__name__}: {error}")]


@dataclass
class ModelCheck:
    """One check of one model, to be called in a test; the model is loaded once for all checks of a list.

    Calling it raises ``AssertionError`` with what failed, or ``unittest.SkipTest`` (pytest: skipped) when the check
    applies to nothing in the model.
    """

    name: str
    card: ModelCard | Model
    device: str
    seed: int
    data: Dataset | None
    shared: dict[str, Probe | Check] = field(repr=False, default_factory=dict)

    def __call__(self) -> list[Check]:
        if "probe" not in self.shared:
            label = self.card.name if isinstance(self.card, ModelCard) else type(self.card).__name__
            self.shared["probe"] = _probe(self.card, label, self.device, self.seed, self.data)
        probe = self.shared["probe"]
        found = [probe] if isinstance(probe, Check) else _run(self.name, CHECKS[self.name], probe)
        failed = [
            f"{one.subject}: {one.value} (limit {one.limit}) {one.words}" for one in found if one.outcome == "fail"
        ]
        if failed:
            raise AssertionError(f"{self.name}: " + "; ".join(failed))
        if all(one.outcome == "does not apply" for one in found):
            raise unittest.SkipTest("; ".join(dict.fromkeys(one.words for one in found)) or "it applies to nothing")
        return found

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


def model_checks(
    card_or_model: ModelCard | Model, *, device: str = "cpu", seed: int = 0, data: Dataset | None = None
) -> list[ModelCheck]:
    """All checks of a model, each to be called in a test of its own (``pytest.mark.parametrize(..., ids=str)``).

    Nothing is loaded before the first call.
    """
    shared: dict[str, Probe | Check] = {}
    return [ModelCheck(name, card_or_model, device, seed, data, shared) for name in CHECKS]
