# SPDX-License-Identifier: Apache-2.0
"""The first gallery: runs worth a look on every model that is ready, so that a new store is not an empty room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.errors import WorkbenchError
from registry.parameters import Subject, offers
from registry.spaces import Layer

if TYPE_CHECKING:
    from registry.analysis import Analysis
    from registry.discovery import Catalogue
    from workbench.store import RunRecord, Store


def queue_gallery(store: Store, catalogue: Catalogue) -> tuple[list[RunRecord], list[str]]:
    """Queue what every analysis names in its ``gallery`` on every model that has what it needs.

    Returns the runs (stored ones are given back, not repeated), and a sentence for each model that was left out.
    """
    from workbench.runs import RunSpec, describe, submit

    runs: list[RunRecord] = []
    left_out: list[str] = []
    for card in catalogue.models.values():
        lacking = card.missing()
        if lacking:
            left_out.append(f"{card.name}: {lacking}")
            continue
        try:
            subject = describe(store, card.name).subject((), ())
            for analysis in catalogue.analyses.values():
                if analysis.missing(subject):
                    continue
                for setting in analysis.gallery:
                    params = {**first_picks(analysis, subject), **setting}
                    runs.append(submit(store, RunSpec(analysis=analysis.name, model=card.name, params=params)))
        except WorkbenchError as error:
            left_out.append(f"{card.name}: {error}")
    return runs, left_out


def first_picks(analysis: type[Analysis], subject: Subject) -> dict[str, Any]:
    """For each required pick the option to look at first: a latent with a prior, else any space that is no layer."""
    chosen = {}
    for name, offer in offers(analysis.Params, subject).items():
        if offer.required:
            chosen[name] = min(offer.options, key=lambda option: _rank(option, subject))
    return chosen


def _rank(option: str, subject: Subject) -> int:
    space = subject.spaces.get(option)
    if space is None:
        return 0
    if isinstance(space, Layer):
        return 2
    return 0 if getattr(space, "prior", None) is not None else 1
