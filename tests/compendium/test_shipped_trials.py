# SPDX-License-Identifier: Apache-2.0
"""The trials that are shipped: each can be started as it stands, and a quick one is made from end to end."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.compendium import trials
from workbench.compendium.collection import gather
from workbench.compendium.entry import Entry, Trial
from workbench.discovered import catalogue
from workbench.runs import RunSpec
from workbench.runs.preparation import complete
from workbench.runs.worker import run_here
from workbench.store import Store

PLUGINS = Path(__file__).parents[2] / "plugins"
QUICK_MODELS = {"mnist-vae", "eigenfaces", "glove-words", None}  # here, and described at once; None: data alone

held = gather([(path, path.parts[-3]) for path in sorted(PLUGINS.glob("*/entries/*.md"))])
SHIPPED = [
    pytest.param(entry, place, id=f"{entry.id}-{place + 1}")
    for entry in held
    for place, remedy in enumerate(entry.remedies)
    if remedy.trial is not None
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("shipped") / "store") as opened:
        yield opened


def sides(trial: Trial) -> list[RunSpec]:
    """Both runs of the first seed."""
    subject: dict[str, Any] = {name: getattr(trial, name) for name in ("model", "data", "points")}
    return [
        RunSpec(trial.analysis, **{**subject, **changed}, params={**trial.common, **own})
        for own, changed in ((trial.before, dict[Any, str]()), (trial.after, trial.subject_after))
    ]


@functools.cache
def words_in(folder: Path) -> frozenset[str]:
    """Every string constant in the code of a plugin."""
    return frozenset(
        node.value
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_at_least_ten_entries_can_be_tried() -> None:
    assert len({one.values[0].id for one in SHIPPED}) >= 10  # type: ignore[union-attr]


@pytest.mark.parametrize(("entry", "place"), SHIPPED)
def test_each_can_be_started(entry: Entry, place: int, store: Store) -> None:
    trial = entry.remedies[place].trial
    assert trial is not None and trial.says
    analysis = catalogue().analysis(trial.analysis)
    folder = PLUGINS / Path(inspect.getfile(analysis)).relative_to(PLUGINS).parts[0]
    assert set(trial.metric.split(".")) <= words_in(folder), f"no code of {folder.name} names the metric"
    assert trial.data is not None or trial.model in catalogue().models
    specs = sides(trial)
    if trial.model in QUICK_MODELS:  # names of spaces, maps and columns are held to those of the model
        assert len({complete(store, spec, inline=True).key for spec in specs}) == 2
    else:
        assert len({analysis.Params.read(dict(spec.params)).model_dump_json() for spec in specs}) == 2


def test_a_quick_one_from_end_to_end(store: Store) -> None:
    entry = held.entry("analogy-input-suppression")
    place, trial = trials.trial_of(entry)
    for seed in (0, 1):
        for spec in sides(trial):
            given = RunSpec(spec.analysis, model=spec.model, params=spec.params, seed=seed)
            assert run_here(store, complete(store, given, inline=True)).status == "done"
    told = trials.start(store, entry, place, seeds=2)  # runs that are stored count
    assert told.verdict == "helped", told.error
    assert told.outcome["low"] > trial.least
    (kept,) = trials.ledger(store, entry.id)
    assert kept.outcome == told.outcome and trials.line([kept]) == "helped 1 of 1 trial (glove-words)"
