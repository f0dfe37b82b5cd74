# SPDX-License-Identifier: Apache-2.0
"""The commands on findings and trials, called in this process on a store of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from registry.errors import EntryError, ParameterError, StoreError, WorkbenchError
from registry.result import Finding, Metric, Result
from workbench.cli.application import application
from workbench.compendium import trials
from workbench.runs.spec import RunSpec
from workbench.store import Store

Call = Callable[..., str]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls a command; gives what it prints, raises what it raises. Nothing is started."""
    monkeypatch.setenv("COLUMNS", "240")
    monkeypatch.setattr("workbench.runs.submission.ensure_supervisor", lambda _: None)
    monkeypatch.setattr(trials, "ensure_supervisor", lambda _: None)
    with Store.open(tmp_path / "store") as store:
        run, _ = store.submit(RunSpec("vae-training", data="mnist"), "0" * 64, {})
        store.claim("test", run.id)
        store.publish(run.id, Result(findings=[Finding("vae-training.posterior-collapse", "collapse", 1.0)]), {})

    def call(*arguments: str) -> str:
        done = CliRunner().invoke(application, list(arguments))
        if isinstance(done.exception, WorkbenchError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    return call


def test_findings_are_listed_dismissed_assigned_and_noted(call: Call) -> None:
    (one,) = json.loads(call("findings", "--json"))["findings"]
    assert one["finding"]["statement"] == "collapse" and one["state"] == "open"
    short = one["id"][:6]
    assert short in call("findings", "list", "--entry", "posterior-collapse", "--new")
    call("findings", "assign", short, "--to", "Ada")
    call("findings", "note", short, "seen")
    assert "1 of 1 changed" in call("findings", "dismiss", short, "--reason", "as it should be", "--who", "Ben")
    assert "No finding" in call("findings")
    shown = call("findings", "show", short)
    assert "dismissed, assigned to Ada" in shown and "as it should be" in shown and "Ben" in shown
    assert json.loads(call("findings", "reopen", short, "--json")) == {"changed": 1, "of": 1}
    for wrong, error in (
        (("findings", "show", "nothing"), StoreError),
        (("findings", "list", "--state", "odd"), ParameterError),
        (("findings", "list", "--entry", "no-such"), EntryError),
        (("findings", "dismiss", short, "--reason", " "), StoreError),
    ):
        with pytest.raises(error):
            call(*wrong)


def test_a_remedy_is_tried_and_stands_in_the_ledger(call: Call, tmp_path: Path) -> None:
    begun = json.loads(call("try", "vae-training.posterior-collapse", "--seeds", "2", "--no-wait", "--json"))["trial"]
    assert begun["entry"] == "posterior-collapse" and begun["status"] == "running"
    metric = begun["setup"]["metric"]
    with Store.open(tmp_path / "store") as store:
        while (run := store.claim("test")) is not None:
            is_after = run.id in {pair["after"] for pair in begun["pairs"]}
            store.publish(run.id, Result(metrics={metric: Metric(5.0 * is_after + run.seed / 10)}), {})
    told = call("ledger", "posterior-collapse")
    assert "helped 1 of 1 trial (mnist)" in told and begun["id"] in told
    assert "run before" in call("try", "posterior-collapse", "--seeds", "2")  # the same: shown, not repeated
    assert len(json.loads(call("ledger", "--json"))["trials"]) == 1
    for wrong in (("try", "no-such-entry"), ("try", "posterior-collapse", "--remedy", "7")):
        with pytest.raises(EntryError):
            call(*wrong)
