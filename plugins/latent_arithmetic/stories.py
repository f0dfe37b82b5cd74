# SPDX-License-Identifier: Apache-2.0
"""Sums worth a first look, and labelled draws that a model brings with it."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import workbench as wb
from workbench.runs import draws_source

if TYPE_CHECKING:
    from plugins.latent_arithmetic.places import Place
    from registry.cards import ModelCard

FILE = "labels.json"


@dataclass(frozen=True)
class Story:
    """A sum with a name and what to look for."""

    title: str
    terms: tuple[str, ...]
    about: str


def stories_of(place: Place) -> list[Story]:
    """Sums that can be made here with what there is: of a class narrowed by a score, and of scores alone."""
    found = []
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
    names = {one.name for one in place.slices}
    found += _labelled(names)
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


def _labelled(names: set[str]) -> list[Story]:
    """Sums of pairs of slices such as ``with-glasses`` and ``without-glasses``."""
    found = []
    for name in sorted(names):
        other = name.replace("with-", "without-", 1)
        if name.startswith("with-") and other in names:
            word = name.removeprefix("with-")
            found.append(
                Story(
                    f"With {word} − without {word} + draws without",
                    (f"+{name}", f"-{other}", "+rows:1.2.5"),
                    f"The recipe of Radford, Metz and Chintala: do three other draws get {word}?",
                )
            )
    return found


# -- labels beside a model


@dataclass(frozen=True)
class Labels:
    """Draws of a prior that somebody has labelled by hand.

    Attributes
    ----------
    space, seed : which draws
    groups : rows by the name of the slice that they would be
    about : who labelled, and how
    """

    space: str
    seed: int
    groups: dict[str, list[int]]
    about: str


def labels_of(card: ModelCard) -> Labels | None:
    """The labels in ``labels.json`` beside the module of a model, where there is one that can be read."""
    folder = _folder(card)
    if folder is None or not (folder / FILE).is_file():
        return None
    try:
        given = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return read_labels(given)
    except (ValueError, KeyError, TypeError) as error:
        raise wb.DataError(f"the labels '{folder.name}/{FILE}' cannot be read: {error}") from error


def read_labels(given: dict[str, Any]) -> Labels:
    """Labels from their plain values: ``space``, ``seed`` and for each attribute the rows with and without it.

    >>> read_labels({"space": "z", "seed": 0, "labels": {"smile": {"with": [3, 5], "without": [4]}}}).groups
    {'with-smile': [3, 5], 'without-smile': [4]}
    """
    groups: dict[str, list[int]] = {}
    for attribute, sides in given["labels"].items():
        for side in ("with", "without"):
            rows = [int(one) for one in sides[side]]
            if rows:
                groups[f"{side}-{attribute}"] = rows
    return Labels(str(given.get("space", "z")), int(given.get("seed", 0)), groups, str(given.get("about", "")))


def save(store: wb.Store, model: str, labels: Labels) -> list[str]:
    """Save every labelled group as a slice of draws, those that are there already aside; gives all their names."""
    known = {one.name for one in store.slices()}
    for name, rows in labels.groups.items():
        if name not in known:
            store.save_slice(
                name, draws_source(model, labels.space, labels.seed), rows, note=labels.about, origin="labelled by hand"
            )
    return list(labels.groups)


def _folder(card: ModelCard) -> Path | None:
    """Where the module of a model lies; its import is not needed for it."""
    name = card.model.partition(":")[0] if isinstance(card.model, str) else getattr(card.model, "__module__", "")
    spec = importlib.util.find_spec(name) if name else None
    return Path(spec.origin).parent if spec is not None and spec.origin else None
