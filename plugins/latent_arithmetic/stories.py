# SPDX-License-Identifier: Apache-2.0
"""Sums worth a first look, and labelled draws that a model brings with it."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import workbench as wb
from workbench.runs import draws_source

if TYPE_CHECKING:
    from plugins.latent_arithmetic.places import Place
    from registry.cards import ModelCard
    from workbench.store import SliceRecord

FILE = "labels.json"


@dataclass(frozen=True)
class Story:
    """A sum with a name and what to look for."""

    title: str
    terms: tuple[str, ...]
    about: str


def stories_of(place: Place, labels: Labels | None = None) -> list[Story]:
    """Sums that can be made here: of a class narrowed by a score, of labelled draws, of scores alone."""
    found: list[Story] = []
    scorers = place.scorers
    for column, values in place.columns.items():
        if "slant" in scorers and {"7", "1"} <= set(values):
            found.append(
                Story(
                    "Slanted 7 − upright 7 + 1",
                    (f"+class:{column}=7&high:slant", f"-class:{column}=7&low:slant", f"+class:{column}=1"),
                    "Does a one lean as the sevens do?",
                )
            )
        if "stroke-thickness" in scorers and {"0", "4"} <= set(values):
            found.append(
                Story(
                    "Thick 0 − thin 0 + 4",
                    (
                        f"+class:{column}=0&high:stroke-thickness",
                        f"-class:{column}=0&low:stroke-thickness",
                        f"+class:{column}=4",
                    ),
                    "Does a four grow thicker?",
                )
            )
    if labels is not None:
        found += _labelled(place, labels)
    if not place.columns:
        for scorer, word in (("smile", "smile"), ("brightness", "brightness")):
            if scorer in scorers:
                found.append(
                    Story(
                        f"High {word} − low {word} + three draws",
                        (f"+high:{scorer}", f"-low:{scorer}", "+rows:1.2.5"),
                        "Groups by a scorer: what do three other draws gain?",
                    )
                )
    return found


def _labelled(place: Place, labels: Labels) -> list[Story]:
    """For each attribute whose draws are saved: with it, without it, and three single draws without it."""
    known = saved(place.slices, place.model, labels)
    found = []
    for attribute in labels.attributes:
        sides = [known.get((attribute, side)) for side in (True, False)]
        if None in sides:
            continue
        rows = ".".join(str(one) for one in labels.groups[attribute, False][:3])
        found.append(
            Story(
                f"With {attribute} − without + three draws",
                (f"+{sides[0]}", f"-{sides[1]}", f"+rows:{rows}"),
                f"The recipe of Radford, Metz and Chintala: do three draws without {attribute} get it?",
            )
        )
    return found


# -- labels beside a model


@dataclass(frozen=True)
class Labels:
    """Draws of a prior that were labelled one by one.

    Attributes
    ----------
    space, seed : which draws
    groups : rows by attribute and whether they have it; unsure ones are in none
    about : who labelled, and how
    """

    space: str
    seed: int
    groups: Mapping[tuple[str, bool], tuple[int, ...]]
    about: str

    @property
    def attributes(self) -> list[str]:
        """The attributes, in their order."""
        return list(dict.fromkeys(attribute for attribute, _ in self.groups))


def labels_of(card: ModelCard) -> Labels | None:
    """The labels in ``labels.json`` beside the module of a model, where there is one that can be read."""
    folder = _folder(card)
    if folder is None or not (folder / FILE).is_file():
        return None
    try:
        given = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return read_labels(given)
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # none of what is expected
        raise wb.DataError(f"the labels '{folder.name}/{FILE}' cannot be read: {error}") from error


def read_labels(given: Mapping[str, Any]) -> Labels:
    """Labels from their plain values: for each attribute a letter for each draw, ``y`` yes, ``n`` no, else unsure.

    >>> plain = {"space": "z", "seed": 0, "attributes": {"smile": {"rows": "nyuy"}}}
    >>> dict(read_labels(plain).groups)
    {('smile', True): (1, 3), ('smile', False): (0,)}
    """
    groups = {}
    for attribute, one in given["attributes"].items():
        for letter, has in (("y", True), ("n", False)):
            rows = tuple(place for place, found in enumerate(one["rows"]) if found == letter)
            if rows:
                groups[attribute, has] = rows
    return Labels(str(given["space"]), int(given["seed"]), groups, str(given.get("labelled", "")))


def saved(slices: Sequence[SliceRecord], model: str, labels: Labels) -> dict[tuple[str, bool], str]:
    """Names of the slices that hold just the labelled draws, by attribute and whether they have it."""
    source = draws_source(model, labels.space, labels.seed)
    found = {}
    for key, rows in labels.groups.items():
        for one in slices:
            if one.data == source and one.length == len(rows) and tuple(one.rows().tolist()) == rows:
                found[key] = one.name
                break
    return found


def save(store: wb.Store, model: str, labels: Labels) -> list[str]:
    """Save the labelled draws as slices ``with-glasses``, ``without-glasses``, ...; those that are saved stay.

    Raises
    ------
    StoreError
        When another slice has one of the names.
    """
    source = draws_source(model, labels.space, labels.seed)
    known = saved(store.slices(), model, labels)
    for (attribute, has), rows in labels.groups.items():
        if (attribute, has) not in known:
            name = f"{'with' if has else 'without'}-{attribute}"
            note = f"Draws {'with' if has else 'without'} {attribute}, labelled {labels.about}"
            known[attribute, has] = store.save_slice(name, source, rows, note=note, origin=FILE).name
    return list(known.values())


def _folder(card: ModelCard) -> Path | None:
    """Where the module of a model lies; its import is not needed for it."""
    name = card.model.partition(":")[0] if isinstance(card.model, str) else getattr(card.model, "__module__", "")
    spec = importlib.util.find_spec(name) if name else None
    return Path(spec.origin).parent if spec is not None and spec.origin else None
