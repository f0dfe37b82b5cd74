# SPDX-License-Identifier: Apache-2.0
"""The page of findings, links from findings to entries, and the ledger on the page of an entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from registry.result import Finding, Result
from tests.app.conftest import EVIL, Open, in_address, said
from workbench.runs.spec import RunSpec
from workbench.store import Store

ENTRY = """---
id: torn-maps
title: Torn maps
area: maps
symptoms: [a map is torn]
cause: Neighbours.
remedies:
  - text: Take more neighbours.
    grade: weak evidence
    sources: [a]
    trial:
      {analysis: no-such-analysis, model: no-such-model, metric: trust, better: higher, before: {k: 1}, after: {k: 2}}
verify: {text: look}
sources: {a: {text: A paper}}
codes: [unknown-analysis.torn]
---
"""


@pytest.fixture(scope="module")
def triaged(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with 13 findings, one of them dismissed, one gone, one of an entry with trials."""
    location = tmp_path_factory.mktemp("findings") / "store"
    with Store.open(location) as store:
        (location / "entries").mkdir()
        (location / "entries" / "torn-maps.md").write_text(ENTRY)
        chart = {"mark": "bar", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a"}}}
        for number in range(13):
            found = [
                Finding("unknown-analysis.torn", f"torn {EVIL}", 0.3, 0.2, 0.25, 0.35, 50, "serious", EVIL, "bars")
            ]
            publish(store, number, Result(findings=found, charts={"bars": chart}), model=f"model-{number}")
        publish(store, 99, Result(), model="model-12")
        one = store.tracked_findings(model="model-11")[0]
        store.dismiss_findings([one.id], f"known {EVIL}", who=EVIL)
        setup = {"analysis": "no-such-analysis", "metric": "trust", "better": "higher", "least": 0.1,
                 "before": {"model": "vae"}, "after": {"model": "vae"}}  # fmt: skip
        about: dict[str, Any] = {
            "entry": "torn-maps",
            "remedy": 0,
            "remedy_text": "Take more neighbours.",
            "setup": setup,
        }
        trial, _ = store.add_trial(key="a", pairs=[], **about)
        seeds = [{"seed": s, "before": 0.5, "after": 0.7 + s / 9, "before_run": "0" * 12, "after_run": "1" * 12}
                 for s in (0, 1, 2)]  # fmt: skip
        outcome = {"value": 0.3, "low": 0.2, "high": 0.4, "level": 0.95, "p": 0.25, "n": 3, "said": ["Few."],
                   "seeds": seeds, "label": "trust", "unit": "", "note": "", "analysis_version": "1",
                   "versions": {"torch": "2"}, "device": "cpu"}  # fmt: skip
        store.end_trial(trial.id, verdict="helped", outcome=outcome)
        failed, _ = store.add_trial(key="b", pairs=[], **about)
        store.end_trial(failed.id, error="the run 0123 failed: out of memory")
    return str(location)


def publish(store: Store, number: int, result: Result, **about: Any) -> None:
    run, _ = store.submit(RunSpec("unknown-analysis", **about), f"{number:064x}", {})
    store.claim("test", run.id)
    store.publish(run.id, result, {})


def test_findings_are_listed_filtered_and_dismissed_together(open_page: Open, triaged: str) -> None:
    test = open_page("findings", store=triaged)
    told = said(test)
    assert "11 findings" in told and "1 dismissed" in told.replace("\\", "") and "1 gone" in told
    assert "Page 1 of 2" in told and len(test.checkbox) == 10 and "torn" in told
    assert "<img" not in told.replace("\\<", "") and "Torn maps" in told  # the way on to the entry
    assert "helped 1 of 1 trial" in told and len(test.get("vega_lite_chart") or test.get("arrow_vega_lite_chart")) == 10
    for box in test.checkbox[:2]:
        box.check()
    test.run()
    test.text_input(key="findings.reason").input("as planned")
    test.button(key="findings.dismiss").click().run()
    assert not test.exception and "9 findings" in said(test)
    test.selectbox(key="findings.state").select("dismissed").run()
    assert in_address(test, "state") == "dismissed" and "as planned" in said(test)
    with Store.open(triaged) as store:
        assert store.count_findings(state="dismissed") == 3


def test_dismissing_without_a_reason_is_refused(open_page: Open, triaged: str) -> None:
    test = open_page("findings", store=triaged, model="model-0", figures="0", state="all")
    with Store.open(triaged) as store:
        before = store.count_findings(state="dismissed")
        test.button(key="findings.dismiss").click().run()
        assert "with a reason" in test.error[0].value and store.count_findings(state="dismissed") == before


def test_one_finding_shows_its_history(open_page: Open, triaged: str) -> None:
    with Store.open(triaged) as store:
        one = store.tracked_findings(state="gone")[0]
    told = said(open_page("findings", store=triaged, finding=one.id))
    assert "History" in told and "no longer found" in told and "gone" in told
    assert open_page("findings", store=triaged, finding="zz").error


def test_an_entry_shows_its_ledger_and_says_why_it_cannot_be_tried(open_page: Open, triaged: str) -> None:
    test = open_page("compendium", store=triaged, entry="torn-maps")
    told = said(test).replace("\\", "")
    assert "Helped 1 of 1 trial (vae)" in told and "weak evidence" in told
    assert "out of memory" in told and "(deleted)" in told and "+0.3" in told
    test.button(key="try.0").click().run()
    assert "there is no analysis" in test.error[0].value and not test.exception
    with Store.open(triaged) as store:
        assert len(store.trials()) == 2 and len(store.runs()) == 14


def test_an_empty_store_has_no_findings(open_page: Open, tmp_path: Path) -> None:
    assert "No run has stated anything yet" in said(open_page("findings", store=str(tmp_path / "none")))
