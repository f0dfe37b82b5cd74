# SPDX-License-Identifier: Apache-2.0
"""All checks of the maps of a run: each says what it found, or why it says nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.attribution.batching import Passes, rows_of
from plugins.attribution.checks import judging
from plugins.attribution.checks.agreement import Pair, agreement, baseline_sensitivity
from plugins.attribution.checks.border import border_share
from plugins.attribution.checks.checked import Checked, Settings
from plugins.attribution.checks.deletion import INPUT, deletion_insertion
from plugins.attribution.checks.gradients import BATCH, gradients_of
from plugins.attribution.checks.labels import label_randomisation
from plugins.attribution.checks.means import CORRELATION, mean_of, ratio_of, usable, why_unusable
from plugins.attribution.checks.perturbation import Remembered, infidelity, sensitivity
from plugins.attribution.checks.randomisation import Randomised, moved_by, randomisation
from plugins.attribution.checks.rows import Row, refused
from plugins.attribution.checks.similarity import spearman_where_any

if TYPE_CHECKING:
    import torch

    from plugins.attribution.methods.method import Attributed, Method
    from plugins.attribution.questions import Question

LOCAL: Final = (  # derivatives, not shares of the answer
    "saliency", "smoothgrad", "smoothgrad-squared", "vargrad", "guided-backprop", "deconvolution", "guided-grad-cam",
)  # fmt: skip
RANDOMISED: Final = "map of random weights: "
AGAIN: Final = "map made again: "  # as that of random weights is
SHARES: Final = {"deletion": 0.3, "randomisation": 0.35, "labels": 0.1, "infidelity": 0.1, "sensitivity": 0.1}

Told = Callable[[float, str], None]
AttributeWith = Callable[["Question", "torch.Tensor", str], Any]


@dataclass
class Checking:
    """One run of the checks: what they work on, and what they have found so far."""

    question: Question
    inputs: torch.Tensor
    attributed: Mapping[str, Attributed]
    methods: Mapping[str, Method]
    attribute_with: AttributeWith
    baseline: torch.Tensor
    by_baseline: Mapping[str, Mapping[str, Any]]
    settings: Settings
    seed: int
    progress: Told
    rows: list[Row] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    done: float = 0.0

    @cached_property
    def passes(self) -> Passes:
        """As many rows as memory holds."""
        rows = rows_of(self.question, tuple(self.inputs.shape[1:]), itemsize=self.inputs.element_size())
        return Passes(rows)

    def answers(self, inputs: torch.Tensor) -> torch.Tensor:
        """What the question answers, without gradients."""
        import torch

        with torch.no_grad():
            return self.passes.over(len(inputs), lambda part: self.question.function(inputs[part]))

    # -- what maps there are

    @property
    def values(self) -> dict[str, Any]:
        """Maps of all methods."""
        return {name: np.asarray(one.values, dtype=np.float64) for name, one in self.attributed.items()}

    @property
    def signed(self) -> dict[str, bool]:
        """Whether the sign of each method means something."""
        return {name: self.methods[name].signed for name in self.attributed}

    def maps_of_input(self, check: str) -> dict[str, Any]:
        """Maps over the input; a method that attributes to a layer, or has no map that can be used, is refused."""
        found = {}
        for name, values in self.values.items():
            other = values.ndim != self.inputs.ndim or values.shape[2:] != tuple(self.inputs.shape[2:])
            if other or self.methods[name].layer:  # maps of a layer may well have the size of the picture
                self.rows.append(refused(name, check, "its values are of a layer, and this asks about the input"))
            elif not usable(values).any():
                self.rows.append(refused(name, check, why_unusable(values)))
            else:
                found[name] = values
        return found

    def guarded(self, check: str, make: Callable[[], None]) -> None:
        """Make one check; what it refuses is told in a row."""
        if check not in self.settings.checks:
            return
        self.progress(self.done, f"check: {check}")
        try:
            make()
        except wb.WorkbenchError as error:
            if check == "gradients":  # of the question, not of a method
                self.rows.append(refused("", "saturation", str(error)))
                return
            for name in self.attributed or [""]:
                self.rows.append(refused(name, check, str(error)))
        self.done = min(1.0, self.done + SHARES.get(check, 0.01))

    def part(self, check: str) -> Callable[[float], None]:
        """Progress within a check."""
        start, share = self.done, SHARES.get(check, 0.01)
        return lambda part: self.progress(min(1.0, start + share * part), f"check: {check}")

    # -- the checks

    def gradients(self) -> None:
        """Answers, their changes, and what gradients say of them."""
        if self.question.differentiable:
            raise wb.DoesNotApply(f"there are no gradients: {self.question.differentiable}")
        rows = min(BATCH, self.passes.rows)
        self.found["gradients"] = gradients_of(self.question.function, self.inputs, self.baseline, rows)

    def completeness(self) -> None:
        """Sums against changes of the answer, for methods that promise it."""
        found = {}
        for name, one in self.attributed.items():
            if one.gap is None or one.change is None:
                self.rows.append(refused(name, "completeness", "the method does not promise that its values add up"))
                continue
            found[name] = ratio_of(np.abs(one.gap), np.abs(one.change), self.seed)
            self.rows.append(judging.completeness(name, found[name]))
        self.found["completeness"] = found

    def deletion(self) -> None:
        """Curves; with the maps of random weights among the orders, where they were made."""
        maps = {name: one[: self.settings.most] for name, one in self.maps_of_input("deletion").items()}
        if not maps:
            return
        inputs, baseline = self.inputs[: self.settings.most], self.baseline[: self.settings.most]
        compared = self._compared(maps, len(inputs))
        everything = deletion_insertion(
            self.answers, inputs, {**maps, **compared}, baseline, steps=self.settings.deletion_steps,
            random_orders=self.settings.random_orders, seed=self.seed, progress=self.part("deletion"),
        )  # fmt: skip
        self.found["curves"] = replace(
            everything,
            **{
                kind: {name: one for name, one in getattr(everything, kind).items() if name not in compared}
                for kind in ("deletion", "insertion")
            },
        )
        for name in maps:
            own = AGAIN + name if AGAIN + name in compared else name
            self.rows += judging.deletion(name, everything, own, RANDOMISED + name if compared else None)

    def _compared(self, maps: Mapping[str, Any], n: int) -> dict[str, Any]:
        """Maps of random weights, of the first samples; and those that they are compared with, where made again."""
        randomised: Randomised | None = self.found.get("randomised")
        if randomised is None:
            return {}
        found = {}
        for stem, given in ((RANDOMISED, randomised.last), (AGAIN, randomised.before)):
            for name in set(maps) & set(given) & set(randomised.last):
                whole = np.full((n, *np.shape(given[name])[1:]), np.nan)
                whole[: len(given[name])] = given[name][:n]
                found[stem + name] = whole
        return dict(sorted(found.items()))

    def randomisation(self) -> None:
        """The cascade and each layer alone, with ``|input - baseline|`` beside the methods."""
        few = self.inputs[: self.settings.randomised_samples]
        maps = {name: one[: len(few)] for name, one in self.values.items() if usable(one[: len(few)]).any()}
        for name in set(self.attributed) - set(maps):
            self.rows.append(refused(name, "randomisation", why_unusable(self.values[name][: len(few)])))
        if not maps:
            return
        if not moved_by(self.question, few, self.seed):
            raise wb.DoesNotApply(
                "drawing the weights of its layers anew leaves every answer as it was: the answer comes about elsewhere"
            )
        again = self._again(few, maps)
        maps |= again
        distance = (few - self.baseline[: len(few)]).abs().cpu().numpy()
        kept = {**maps, INPUT: distance} if usable(distance).any() else maps
        found = randomisation(
            self.question,
            kept,
            lambda question, name: distance if name == INPUT else self.attribute_with(question, few, name),
            stages=self.settings.stages,
            signed=self.signed,
            alone=self.settings.alone,
            seed=self.seed,
            progress=self.part("randomisation"),
        )
        self.found["randomised"] = replace(found, before=again)
        likeness = {}
        for name, one in maps.items():
            if name in found.failed:
                self.rows.append(refused(name, "randomisation", f"with random weights: {found.failed[name]}"))
                continue
            if np.shape(one) == distance.shape:
                likeness[name] = spearman_where_any(np.abs(one), distance)
            self.rows.append(judging.randomisation(name, found, likeness.get(name)))
        self.found["input_likeness"] = likeness

    def _again(self, few: torch.Tensor, maps: Mapping[str, Any]) -> dict[str, Any]:
        """Maps of the methods that are asked again with less, made with less as well."""
        names = [name for name in self.settings.fewer if name in maps]
        return {name: np.asarray(self.attribute_with(self.question, few, name), dtype=np.float64) for name in names}

    def labels(self) -> None:
        """Maps of probes of shuffled labels."""
        few = self.inputs[: self.settings.randomised_samples]
        again = self._again(few, self.values) if self.question.relabelled is not None else {}
        found, failed = label_randomisation(
            self.question,
            {name: one[: len(few)] for name, one in self.values.items()} | again,
            lambda question, name: self.attribute_with(question, few, name),
            signed=self.signed,
            draws=self.settings.draws,
            seed=self.seed,
        )
        for name, why in failed.items():
            self.rows.append(refused(name, "labels", f"with shuffled labels: {why}"))
        for name, one in found.items():
            self.rows.append(judging.labels(name, mean_of(one, within=CORRELATION)))
        self.found["labels"] = found

    def infidelity(self) -> None:
        """What maps foretell of changes, beside the same map with its places shuffled."""
        rng = np.random.default_rng([self.seed, 7])
        asked: dict[bytes, Remembered] = {}  # methods with maps of the same samples share the answers
        for name, whole in self.maps_of_input("infidelity").items():
            if not self.methods[name].signed:
                self.rows.append(refused(name, "infidelity", "its values have no sign, and cannot foretell a change"))
                continue
            there = np.flatnonzero(usable(whole))[: self.settings.most]
            values = whole[there]
            answers = asked.setdefault(there.tobytes(), Remembered(self.answers))
            flat = values.reshape(len(values), -1)
            shuffled = rng.permuted(flat, axis=1).reshape(values.shape)
            own, control = (
                infidelity(
                    answers, self.inputs[there], one, self.baseline[there], local=name in LOCAL,
                    changes=self.settings.changes, seed=self.seed,
                )
                for one in (values, shuffled)
            )  # fmt: skip
            self.rows.append(judging.infidelity(name, own, control))

    def sensitivity(self) -> None:
        """How far maps move when the input hardly does."""
        few = self.inputs[: self.settings.moved_samples]
        radius = self.settings.radius * float(self.inputs.max() - self.inputs.min())
        if not radius > 0 or not math.isfinite(radius):
            raise wb.DoesNotApply("all numbers of the inputs are the same, or one is not finite: nothing to move by")
        for name, maps in self.values.items():
            if not usable(maps[: len(few)]).any():
                self.rows.append(refused(name, "sensitivity", why_unusable(maps[: len(few)])))
                continue
            try:
                found = sensitivity(
                    partial(self._of_this, name),
                    few,
                    radius=radius,
                    changes=self.settings.moves,
                    seed=self.seed,
                )
            except wb.WorkbenchError as error:
                self.rows.append(refused(name, "sensitivity", str(error)))
                continue
            self.rows.append(judging.sensitivity(name, mean_of(found), self.settings.radius))

    def _of_this(self, name: str, inputs: torch.Tensor) -> Any:
        return self.attribute_with(self.question, inputs, name)

    def agreement(self) -> None:
        """Every pair of methods."""
        known = {name: one for name, one in self.values.items() if usable(one).any()}
        pairs: list[Pair] = []
        for of_layer in (False, True):  # one may be as large as the other, and yet they are of other things
            pairs += agreement(
                {name: known[name] for name in known if self.methods[name].layer is of_layer}, self.signed
            )
        if not pairs:
            raise wb.DoesNotApply("there are no two methods with maps of one shape")
        self.found["agreement"] = tuple(pairs)
        same = {name for name in self.attributed if self.methods[name].needs_baseline and self.methods[name].signed}
        titles = {name: one.title for name, one in self.methods.items()}
        self.rows.append(judging.agreement(pairs, same, titles))

    def baselines(self) -> None:
        """Every pair of baselines of each method that has one."""
        for name in self.attributed:
            if not self.methods[name].needs_baseline:
                self.rows.append(refused(name, "baselines", "the method has no baseline"))
            elif len(self.by_baseline.get(name, {})) < 2:
                self.rows.append(refused(name, "baselines", "fewer than two baselines were tried"))
        tried = {name: one for name, one in self.by_baseline.items() if len(one) > 1 and name in self.attributed}
        pairs = baseline_sensitivity(tried, self.signed)
        self.found["baselines"] = tuple(pairs)
        for name in tried:
            self.rows.append(judging.baselines(name, [one for one in pairs if one.method == name]))

    def border(self) -> None:
        """Shares of the frame and of corners."""
        if self.inputs.ndim != 4:
            raise wb.DoesNotApply("the inputs are no pictures: they have no border")
        distance = (self.inputs - self.baseline).abs().cpu().numpy()
        found = {}
        for name, values in self.maps_of_input("border").items():
            found[name] = border_share(values, distance, self.settings.border)
            self.rows += judging.border(name, found[name])
        self.found["borders"] = found


def check(
    question: Question,
    inputs: torch.Tensor,
    attributed: Mapping[str, Attributed],
    *,
    attribute_with: AttributeWith,
    baseline: torch.Tensor | None = None,
    baseline_name: str = "",
    by_baseline: Mapping[str, Mapping[str, Any]] | None = None,
    methods: Mapping[str, Method] | None = None,
    settings: Settings | None = None,
    spent: str = "",
    seed: int = 0,
    progress: Told = lambda part, stage: None,
) -> Checked:
    """Make the checks of a run's maps; none of them raises for what a map or a network is like, a row says it.

    Parameters
    ----------
    inputs : ``[n, *shape]``, the samples that were asked
    attributed : what each method gave for them
    attribute_with : ``(question, inputs, method) -> values``, as the run attributed: for copies with other weights, and
        for inputs that were moved; what it raises (a :class:`workbench.WorkbenchError`) is told in the row
    baseline : ``[n or 1, *shape]``; ``None``: zeros
    settings : how much is spent; what ``attribute_with`` gives must keep to its steps and draws; ``None``: plenty
    spent : what was left out for its cost, in words
    by_baseline : maps of the first samples from other baselines, by method and baseline
    """
    import torch

    if methods is None:
        from plugins.attribution.methods import METHODS

        methods = METHODS
    start = torch.zeros_like(inputs) if baseline is None else baseline.to(inputs).expand_as(inputs)
    named = baseline_name or ("zero" if baseline is None else "the chosen one")
    others = {
        name: {named: attributed[name].values[: len(next(iter(maps.values())))], **maps} if named not in maps else maps
        for name, maps in (by_baseline or {}).items()
        if maps and name in attributed
    }
    one = Checking(
        question,
        inputs,
        attributed,
        methods,
        attribute_with,
        start,
        others,
        settings or Settings(),
        seed,
        progress,
    )
    for name in (
        "gradients", "completeness", "randomisation", "deletion", "labels", "infidelity", "sensitivity", "agreement",
        "baselines", "border",
    ):  # fmt: skip
        one.guarded(name, getattr(one, name))
    one.rows += judging.of_question(one.found.get("gradients"), question, inputs)
    titles = {name: methods[name].title for name in attributed}
    progress(1.0, "checked")
    return Checked(tuple(one.rows), titles, named, len(inputs), probe=question.probe, spent=spent, **one.found)
