# SPDX-License-Identifier: Apache-2.0
"""Descriptions: the spaces, maps and layers of a model, found by loading it once and kept until it changes."""

from __future__ import annotations

import json
import time
import traceback
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from registry.errors import ModelError
from workbench.discovered import catalogue, useless_plugins
from workbench.runs.places import Places, leave_plan
from workbench.runs.stamps import stamp_of
from workbench.runs.starting import ensure_supervisor

if TYPE_CHECKING:
    from workbench.points import Description
    from workbench.store import Store

POLL = 0.05
LOOK_AFTER = 2.0  # seconds between two looks whether there is a supervisor
LIMIT = 600.0  # seconds
STALE = timedelta(seconds=10)  # a failure older than this is tried again: its cause may lie outside the model's files


def describe(
    store: Store, model_name: str, *, wait: bool = True, inline: bool = False, again: bool = False
) -> Description:
    """The description of a model: from the store when the model is as it was, else made in a process of its own.

    Parameters
    ----------
    wait : wait for it to be made; otherwise :class:`ModelError` says that it is being made
    inline : make it in this process
    again : make it even if the model has not changed

    Raises
    ------
    ModelError
        When there is no such model, or it cannot be loaded or described; the message says why.
    """
    card = catalogue().model(model_name)
    lacking = card.missing()
    if lacking:
        raise ModelError(f"the model '{model_name}' cannot be loaded: {lacking}")
    stamp = stamp_of(catalogue(), model_name)
    if not again:
        kept = _kept(store, model_name, stamp, datetime.now(UTC) - STALE)
        if kept is not None:
            return kept
    if inline:
        return make_description(store, model_name, stamp)
    asked = datetime.now(UTC)
    leave_plan(Places(store.root), f"{model_name}-{stamp}", useless_plugins(catalogue()))
    store.want_description(model_name, stamp)
    ensure_supervisor(store)
    if not wait:
        raise ModelError(f"the model '{model_name}' is being described: ask again in a moment")
    return _wait(store, model_name, stamp, asked)


def make_description(store: Store, model_name: str, stamp: str) -> Description:
    """Load the model on the processor, trace it and keep what was found; a failure is kept as well, and raised."""
    from workbench.points import trace
    from workbench.runs.loading import load_model
    from workbench.runs.randomness import Seeds, seeded

    try:
        with seeded(Seeds.of(0)):
            description = trace(load_model(model_name, "cpu"), device="cpu")
    except Exception as error:
        sentence = str(error).strip() or type(error).__name__
        store.save_description(
            model_name, stamp, status="failed", error=f"{type(error).__name__}: {sentence}\n{traceback.format_exc()}"
        )
        raise ModelError(f"the model '{model_name}' cannot be described: {sentence}") from error
    store.save_description(model_name, stamp, status="ready", json=as_text(description))
    return description


def as_text(description: Description) -> str:
    """The description as JSON text."""
    plain = description.to_json()
    return plain if isinstance(plain, str) else json.dumps(plain)


def _kept(store: Store, model_name: str, stamp: str, since: datetime) -> Description | None:
    """What the store has for this stamp; raises :class:`ModelError` for a failure after ``since``.

    An older failure counts for nothing: a package that was missing may have been installed, a device freed.
    """
    from workbench.points import Description

    record = store.description(model_name)
    if record is None or record.stamp != stamp or record.status == "wanted":
        return None
    if record.status == "failed":
        if record.updated < since:
            return None
        first = (record.error or "").strip().splitlines()
        raise ModelError(f"the model '{model_name}' cannot be described: {first[0] if first else 'it failed'}")
    assert record.json is not None
    return Description.from_json(record.json)


def _wait(store: Store, model_name: str, stamp: str, asked: datetime) -> Description:
    begun = looked = time.monotonic()
    while True:
        kept = _kept(store, model_name, stamp, asked)
        if kept is not None:
            return kept
        now = time.monotonic()
        if now - begun > LIMIT:
            raise ModelError(f"the model '{model_name}' was not described within {LIMIT:g} s")
        if now - looked > LOOK_AFTER:
            looked = now
            store.want_description(model_name, stamp)
            ensure_supervisor(store)
        time.sleep(POLL)
