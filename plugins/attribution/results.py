# SPDX-License-Identifier: Apache-2.0
"""What a run gives: maps of every method as arrays, a row for each method, what the checks found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import workbench as wb
from plugins.attribution.methods import METHODS
from plugins.attribution.questions import Region

if TYPE_CHECKING:
    from plugins.attribution.checks import Checked
    from plugins.attribution.methods import Attributed
    from plugins.attribution.working import Worked, Working


def result_of(working: Working, worked: Worked, checked: Checked | None, rows: np.ndarray) -> wb.Result:
    """All parts of the result."""
    question = working.question
    answers = {name: question.values(one) for name, one in {"": working.inputs, **working.starts}.items()}
    tables = {"methods": methods_of(worked), "samples": samples_of(rows, answers, list(working.starts)[0])}
    if worked.refused:
        tables["refused"] = refused_of(worked)
    metrics: dict[str, Any] = {"answer": _mean("answer", answers[""], question.sentence)}
    metrics["cost"] = wb.Metric(
        sum(one.forwards + one.backwards for one in worked.attributed.values()),
        n=len(working.inputs),
        unit="rows",
        label="cost of all methods",
        note="rows that went through the model forwards and backwards, without those of the checks",
    )
    charts: dict[str, Any] = {}
    findings: list[wb.Finding] = []
    if checked is not None:
        from plugins.attribution.charts import charts_of
        from plugins.attribution.findings import findings_of

        tables |= {name: one for name, one in checked.tables().items() if name not in tables}
        metrics |= checked.metrics()
        charts = charts_of(checked, worked.attributed, latent=working.inputs.ndim == 2)
        findings = findings_of(checked, question.sentence)
    return wb.Result(
        metrics=metrics,
        tables=tables,
        arrays=arrays_of(working, worked, rows, answers),
        charts=charts,
        findings=findings,
        notes=notes_of(working, worked, checked),
    )


def arrays_of(working: Working, worked: Worked, rows: np.ndarray, answers: dict[str, Any]) -> dict[str, Any]:
    """Inputs, maps, baselines and answers."""
    names = list(working.starts)
    found: dict[str, Any] = {
        "inputs": _kept(working.inputs),
        "rows": np.asarray(rows, dtype=np.int64),
        "answers": answers[""],
        "answers_baseline": answers[names[0]],
        "baseline": _kept(working.start),
    }
    for name, one in worked.attributed.items():
        found[f"values.{name}"] = np.asarray(one.values, dtype=np.float32)
    for name, start in working.starts.items():
        found[f"baselines.{name}"] = _kept(start)
    for name, by in worked.by_baseline.items():
        found |= {f"by_baseline.{name}.{other}": np.asarray(one, np.float32) for other, one in by.items()}
    asked = working.question.module
    if isinstance(asked.number, Region):
        import torch

        region = asked.number
        found["region"] = np.array([region.top, region.left, region.height, region.width], dtype=np.int64)
        with torch.no_grad():
            found["outputs"] = _kept(torch.cat([asked.read(one) for one in torch.split(working.inputs, 16)]))
    return found


def methods_of(worked: Worked) -> pd.DataFrame:
    """One row a method that answered."""
    return pd.DataFrame([_method(name, one) for name, one in worked.attributed.items()])


def _method(name: str, one: Attributed) -> dict[str, Any]:
    method = METHODS[name]
    gap = one.relative_gap
    return {
        "method": name,
        "title": method.title,
        "signed": method.signed,
        "complete": method.complete,
        "layer": one.layer or "",
        "gap": float("nan") if gap is None else gap,
        "forwards": one.forwards,
        "backwards": one.backwards,
        "seconds": one.seconds,
        "adapted": " ".join(one.adapted),
        "caveat": " ".join(one.notes),
        "family": "signed" if method.signed else "unsigned",
        "of": "layer" if method.layer else "input",
        "source": method.source,
    }


def refused_of(worked: Worked) -> pd.DataFrame:
    """One row a method that did not answer, with the reason."""
    return pd.DataFrame(
        [{"method": name, "title": METHODS[name].title, "reason": why} for name, why in worked.refused.items()]
    )


def samples_of(rows: np.ndarray, answers: dict[str, Any], main: str) -> pd.DataFrame:
    """One row a sample: the number there, and at its baseline."""
    return pd.DataFrame(
        {
            "row": np.asarray(rows, dtype=np.int64),
            "number": answers[""],
            "at_the_baseline": answers[main],
            "change": answers[""] - answers[main],
        }
    )


def notes_of(working: Working, worked: Worked, checked: Checked | None) -> list[str]:
    """What the reader must know."""
    names = list(working.starts)
    notes = [f"Asked: {working.question.sentence}. Measured from: {names[0]}.", *working.question.notes]
    still = int((working.inputs == working.start).flatten(1).all(dim=1).sum())
    if still:
        notes.append(
            f"{still} of {len(working.inputs)} samples are the same as their baseline: what is measured from it is 0 "
            "there. Another baseline, or other samples, say more."
        )
    if working.question.differentiable:
        notes.append(f"The number has no gradient: {working.question.differentiable}. Other methods remain.")
    for name, one in worked.attributed.items():
        notes += [f"{METHODS[name].title}: {said}" for said in (*one.adapted, *one.notes)]
    if worked.refused:
        titles = ", ".join(METHODS[name].title for name in worked.refused)
        notes.append(f"Not offered here: {titles}; the table 'refused' says why.")
    if checked is not None and checked.spent:
        notes.append(checked.spent)
    if checked is None:
        notes.append("The maps were not checked: they may be no better than those of a network of random weights.")
    return notes


def _mean(name: str, values: np.ndarray, label: str) -> wb.Metric:
    mean, count = float(values.mean()), len(values)
    if count < 2:
        return wb.Metric(mean, n=count, label=label, note="at the one sample")
    half = 1.96 * float(values.std(ddof=1)) / count**0.5
    return wb.Metric(mean, mean - half, mean + half, n=count, label=label, note="mean over the samples")


def _kept(tensor: Any) -> np.ndarray:
    return np.asarray(tensor.detach().cpu().float().numpy())
