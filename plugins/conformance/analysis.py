# SPDX-License-Identifier: Apache-2.0
"""The analysis around the conformance kit: its checks as a table, the worst numbers, and a finding for each failure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import workbench as wb
from registry.conformance import Check, Report, check_model

WRONG_IF = {
    "gradients": "the map is not smooth along most directions, so that differences say nothing",
    "memory": "another part of the same process took memory meanwhile, or the allocator keeps pages for later",
    "determinism": "the device has no deterministic kernel for one of the layers",
    "batch invariance": "the device sums in an order that depends on the size of the batch, with a large error",
}


class Conformance(wb.Analysis):
    """Does the model do what its spaces and maps promise?

    Runs every map on a few points and measures: shapes, types and devices; finite numbers in the target space;
    determinism under a seed; the same row alone and in a batch; how far round trips come back; gradients against finite
    differences; and that no hook, changed weight, changed mode or memory is left behind.
    """

    name = "conformance"
    title = "Conformance of a model"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("model", "check")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    needs_model = True

    def run(self, job: wb.Job, params: wb.Params) -> wb.Result:
        """Run the kit on the job's model, with points of the job's data where they fit."""
        report = check_model(job.model, device=job.device, seed=job.seed, data=job.data, progress=job.progress)
        for line in str(report).splitlines():
            job.log(line)
        return wb.Result(
            metrics=_metrics(report),
            tables={"checks": report.frame()},
            findings=[_finding(one) for one in report.failed],
            notes=[f"{one.subject}: {one.words}" for one in report.checks if one.words.startswith("stochastic")],
        )


def _metrics(report: Report) -> dict[str, wb.Metric]:
    counts, n = report.counts(), len(report.checks)
    metrics = {
        "passed": wb.Metric(counts["pass"], n=n, label="Checks passed"),
        "failed": wb.Metric(counts["fail"], n=n, label="Checks failed", better="lower"),
        "does_not_apply": wb.Metric(counts["does not apply"], n=n, label="Checks that do not apply"),
    }
    for name, label, unit in (
        ("batch invariance", "Largest difference between a row alone and in a batch", ""),
        ("round trip", "Largest relative difference after a round trip", ""),
        ("gradients", "Largest relative error of a gradient", ""),
        ("memory", "Growth of memory", "MiB"),
    ):
        values = list(_numbers(report, name))
        if values:
            note = f"the worst of {len(values)}; the table 'checks' has each with its limit"
            key = name.replace(" ", "_")
            metrics[key] = wb.Metric(max(values), n=len(values), unit=unit, label=label, note=note, better="lower")
    return metrics


def _numbers(report: Report, name: str) -> Iterator[float]:
    for one in report.checks:
        if one.name == name and one.value is not None and math.isfinite(one.value):
            yield one.value


def _finding(check: Check) -> wb.Finding:
    measured = check.value is not None and math.isfinite(check.value) and check.limit is not None
    number = f" ({check.value:.3g}, limit {check.limit:.3g})" if measured else ""
    return wb.Finding(
        "conformance.failed-check",
        f"The check '{check.name}' fails for {check.subject}{number}: {check.words or 'see the table of checks'}.",
        value=float(check.value) if measured and check.value is not None else 1.0,
        threshold=check.limit if measured else 0.0,
        severity="serious",
        wrong_if=WRONG_IF.get(check.name, "the points that were tried are none that the map is meant for"),
    )
