# SPDX-License-Identifier: Apache-2.0
"""Assemble what a run works with: analysis, parameters, model, data; and check that they are what was described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.discovered import catalogue
from workbench.runs.datasets import Opened, open_data, open_points
from workbench.runs.descriptions import describe
from workbench.runs.job import RunJob, Sources
from workbench.runs.kept import directions_in_key
from workbench.runs.key import run_key
from workbench.runs.loading import load_model
from workbench.runs.slicing import in_key, slices_named
from workbench.runs.stamps import code_of, stamp_of

if TYPE_CHECKING:
    from registry.analysis import Analysis
    from registry.discovery import PluginRecord
    from registry.model import Model
    from registry.parameters import Params
    from workbench.points import Description
    from workbench.store import RunRecord, Store


@dataclass(frozen=True)
class Assembled:
    """All that a run needs; ``same_as`` is a finished run that already has its result."""

    job: RunJob
    analysis: type[Analysis]
    params: Params
    plugin: PluginRecord
    key: str
    preimage: dict[str, Any]
    same_as: str | None = None


def assemble(store: Store, record: RunRecord, device: str, write: Callable[[str], None]) -> Assembled:
    """Open and load what the run names; ``write`` takes the lines of its log.

    Weights and data are hashed again: where they are not what the key was made of, the run gets the key of what it
    really computes, and the model's description is made anew.
    """
    found = catalogue()
    analysis = found.analysis(record.analysis)
    params = analysis.Params.read(record.params)
    model: Model | None = None
    description: Description | None = None
    if record.model is not None:
        model = load_model(record.model, device)
        description = describe(store, record.model, inline=True)
    data = _opened(store, record)
    preimage = store.preimage(record.id)
    actual, description = _actual(store, record, preimage, model, description, data)
    same_as = None
    if run_key(actual) != record.key and run_key(actual) != run_key(preimage):
        other = store.rekey(record.id, run_key(actual), actual)
        same_as = other.id if other is not None else None
    sources = Sources(model, description, data, actual)
    job = RunJob(store, record, device, sources, write)
    return Assembled(job, analysis, params, found.origin("analysis", analysis.name), run_key(actual), actual, same_as)


def _opened(store: Store, record: RunRecord) -> Opened | None:
    if record.points is not None:
        return open_points(record.points)
    return open_data(store, catalogue(), record.data) if record.data is not None else None


def _actual(
    store: Store,
    record: RunRecord,
    preimage: dict[str, Any],
    model: Model | None,
    description: Description | None,
    data: Opened | None,
) -> tuple[dict[str, Any], Description | None]:
    """The preimage with what model, data and slices are now, and a description that is true of the model."""
    from workbench.points import fingerprint
    from workbench.runs.descriptions import make_description

    actual = dict(preimage)
    if model is not None and description is not None and record.model is not None:
        now = fingerprint(model)
        if now != description.fingerprint:
            description = make_description(store, record.model, stamp_of(catalogue(), record.model))
        code = code_of(catalogue(), record.model)
        actual["model"] = {**preimage["model"], "fingerprint": now, "code": code}
    if data is not None:
        name = "points" if data.is_points else "data"
        actual[name] = {**preimage[name], "fingerprint": data.dataset.fingerprint()}
    asked = catalogue().analysis(record.analysis).Params
    slices = slices_named(store, record.slice, asked, record.params)
    if slices.own is not None:  # another may have been saved under its name since
        actual["slice"] = in_key(slices.own)
    actual["slices"] = {**preimage.get("slices", {}), **{one.name: in_key(one) for one in slices.picked.values()}}
    directions = directions_in_key(store, asked, record.params)
    if directions is not None:
        actual["directions"] = directions
    return actual, description
