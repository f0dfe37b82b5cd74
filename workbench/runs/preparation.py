# SPDX-License-Identifier: Apache-2.0
"""Prepare a run: find what is named, check what is asked for, fill in what is left out, make the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from registry.errors import DataError, DoesNotApply, ParameterError
from registry.parameters import Column, Params, Slice, Subject, check_picks, offers, picks_of
from registry.scorers import scorers_named
from workbench.discovered import catalogue
from workbench.runs.datasets import Opened, leads_to, open_data, open_points, starts_at
from workbench.runs.descriptions import describe
from workbench.runs.devices import check_device, device_class
from workbench.runs.draws import read_draws
from workbench.runs.kept import check_kept, directions_in_key
from workbench.runs.key import preimage_of, run_key
from workbench.runs.slicing import check_picked, check_routes, in_key, on_draws, slices_named
from workbench.runs.spec import RunSpec
from workbench.runs.stamps import code_of, scorers_of, source_of

if TYPE_CHECKING:
    from registry.analysis import Analysis
    from registry.discovery import Catalogue
    from workbench.points import Description
    from workbench.store import Store


@dataclass(frozen=True)
class Prepared:
    """A run that can be queued: the spec with everything filled in, its key and what the key is made of."""

    spec: RunSpec
    key: str
    preimage: dict[str, Any]


def prepare(store: Store, spec: RunSpec) -> tuple[str, dict[str, Any]]:
    """Key and preimage of a run; the model is described first where the store does not know it.

    Raises :class:`WorkbenchError` for a wrong name, parameter, pick, slice, device or combination of them.
    """
    prepared = complete(store, spec)
    return prepared.key, prepared.preimage


def complete(store: Store, spec: RunSpec, *, inline: bool = False) -> Prepared:
    """The same with the spec filled in; ``inline`` describes the model in this process."""
    found = catalogue()
    analysis = found.analysis(spec.analysis)
    check_device(spec.device)
    _check_combination(spec, analysis)
    slices = slices_named(store, spec.slice, analysis.Params, spec.params)
    spec = on_draws(spec, slices)
    description = describe(store, spec.model, inline=inline) if spec.model is not None else None
    data = None if slices.drawn else _data(store, found, spec)
    _check_fit(spec, description, data)
    subject = subject_of(store, description, data, spec.model)
    lacking = analysis.missing(subject)
    if lacking:
        raise DoesNotApply(f"'{spec.analysis}' does not apply here: {'; '.join(lacking)}")
    values = fill_in(analysis.Params, subject, spec.params)
    filled = slices_named(store, spec.slice, analysis.Params, values)
    if filled.drawn != slices.drawn:  # the one slice that there is to pick is of draws
        return complete(store, replace(spec, params=values), inline=inline)
    params = analysis.Params.read(values)
    check_picked(filled, subject)
    check_picks(params, subject)
    check_kept(store, params, subject, spec.model, description.fingerprint if description is not None else "")
    if data is not None and data.is_default and not _is_used(analysis.Params, params, description, data):
        data = None
    check_routes(filled, params, description, data, spec.model)
    return _keyed(store, found, spec, analysis, params, description, data)


def subject_of(store: Store, description: Description | None, data: Opened | None, model: str | None = None) -> Subject:
    """What an analysis is applied to: the model's spaces and maps, or the data's own space; columns and slices.

    Slices of draws from the priors of ``model`` are among them unless data was asked for.
    """
    columns: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()
    if data is not None:
        columns = tuple(str(one) for one in data.dataset.columns.columns)
        slices = tuple(one.name for one in store.slices(data.name))
    if model is not None and (data is None or data.is_default):
        slices += tuple(slices_of_draws(store, model))
    if description is not None:
        return description.subject(columns, slices)
    if data is None:
        return Subject()
    return Subject({data.space: data.dataset.space.named(data.space)}, {}, columns, slices, has_model=False)


def fill_in(params: type[Params], subject: Subject, values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with every required pick that is left out and has a single option."""
    filled = dict(values)
    for name, offer in offers(params, subject).items():
        if offer.required and name not in filled and len(offer.options) == 1:
            filled[name] = offer.options[0]
    return filled


def slices_of_draws(store: Store, model: str) -> list[str]:
    """Names of the slices of draws from the priors of a model."""
    found = {one.name: read_draws(one.data) for one in store.slices()}
    return [name for name, draws in found.items() if draws is not None and draws.model == model]


def _check_combination(spec: RunSpec, analysis: type[Analysis]) -> None:
    if spec.points is not None and (spec.model is not None or spec.data is not None):
        raise ParameterError("points stand alone: leave out the model and the data, or give the file as data")
    if isinstance(spec.seed, bool) or not isinstance(spec.seed, int) or not 0 <= spec.seed < 2**63:
        raise ParameterError(f"the seed {spec.seed!r} must be a whole number from 0 to 2**63 - 1")
    for name, limit in (("time", spec.time_limit), ("memory", spec.memory_limit)):
        if limit is not None and not limit > 0:
            raise ParameterError(f"the {name} limit {limit!r} must be greater than 0")
    if spec.model is None and spec.data is None and spec.points is None and spec.slice is None:
        needs = "a model" if analysis.needs_model else "a model, a data set or a file of points"
        raise DoesNotApply(f"'{spec.analysis}' needs something to work on: give {needs}")


def _check_fit(spec: RunSpec, description: Description | None, data: Opened | None) -> None:
    """Raise :class:`DoesNotApply` when the data that was asked for fits no space of the model."""
    if description is not None and data is not None and not data.is_default:
        from workbench.points.routes import start_of_data

        start_of_data(description, data.dataset.space)


def _data(store: Store, found: Catalogue, spec: RunSpec) -> Opened | None:
    """The data that is named, that the slice is of, or that the model is at home with."""
    of = store.slice(spec.slice).data if spec.slice is not None else None
    name = spec.data if spec.data is not None else of
    if spec.points is not None or name is not None:
        opened = open_points(spec.points) if spec.points is not None else open_data(store, found, str(name))
        if of is not None and opened.name != of:
            raise DataError(f"the slice '{spec.slice}' is of the data set '{of}', not of '{opened.name}'")
        return opened
    card = found.model(spec.model) if spec.model is not None else None
    if card is None or card.data is None:
        return None
    if card.data in found.datasets and found.datasets[card.data].missing() is not None:
        return None  # only a default: the prior serves, or the analysis says what it lacks
    return replace(open_data(store, found, card.data), is_default=True)


def _is_used(params: type[Params], chosen: Params, description: Description | None, data: Opened) -> bool:
    """Whether an analysis can use the model's own data: it picks a column, a slice, or a space the data leads to."""
    assert description is not None
    if starts_at(description, data.dataset) is None:
        return False
    used = [(kind, getattr(chosen, name)) for name, (kind, _) in picks_of(params).items()]
    used = [(kind, value) for kind, value in used if value is not None]
    if not used or any(kind in (Column, Slice) for kind, _ in used):
        return True
    return any(leads_to(description, data.dataset, value) for _, value in used)


def _keyed(
    store: Store,
    found: Catalogue,
    spec: RunSpec,
    analysis: type[Analysis],
    params: Params,
    description: Description | None,
    data: Opened | None,
) -> Prepared:
    values = params.model_dump(mode="json")
    named = spec.data if data is None or data.is_points else data.name
    filled = replace(spec, params=values, data=named, points=data.path if data is not None and data.is_points else None)
    slices = slices_named(store, spec.slice, type(params), values)
    fingerprint = data.dataset.fingerprint() if data is not None else ""
    preimage = preimage_of(
        analysis=analysis.name,
        analysis_version=analysis.version,
        source=source_of(found, analysis),
        params=values,
        seed=spec.seed,
        device=device_class(spec.device),
        model=(spec.model, description.fingerprint) if spec.model is not None and description is not None else None,
        code=code_of(found, spec.model) if spec.model is not None else "",
        data=(data.label, fingerprint) if data is not None and not data.is_points else None,
        points=fingerprint if data is not None and data.is_points else None,
        slice=None if slices.own is None else in_key(slices.own),
        slices={one.name: in_key(one) for one in slices.picked.values()},
        scorers=scorers_of(found, scorers_named(params, found.scorers)),
        directions=directions_in_key(store, type(params), values),
    )
    return Prepared(filled, run_key(preimage), preimage)
