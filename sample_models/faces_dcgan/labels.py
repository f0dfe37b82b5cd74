# SPDX-License-Identifier: Apache-2.0
"""Draws from the prior that were labelled by eye, and the slices made of them.

Put them into a store::

    python -m sample_models.faces_dcgan.labels
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from registry.arrays import Array

if TYPE_CHECKING:
    from workbench.store import SliceRecord, Store

FILE: Final = Path(__file__).with_name("labels.json")
SLICES: Final = {
    "faces-with-glasses": ("glasses", "y"),
    "faces-without-glasses": ("glasses", "n"),
    "faces-smiling": ("smile", "y"),
    "faces-not-smiling": ("smile", "n"),
    "faces-open-mouth": ("open-mouth", "y"),
    "faces-closed-mouth": ("open-mouth", "n"),
}
"""Names of the slices, each with its attribute and the label of its rows; rows that are unsure are in none."""


def labelled() -> dict[str, Any]:
    """The file as it is: model, space, seed, who labelled, and one letter for each draw (y yes, n no, u unsure)."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def rows_of(attribute: str, label: str) -> Array:
    """Numbers of the draws that have a label, int64, ascending.

    >>> rows_of("glasses", "y")[:4].tolist()
    [10, 12, 13, 17]
    """
    return np.flatnonzero(np.array(list(labelled()["attributes"][attribute]["rows"])) == label)


def agreement(attribute: str) -> tuple[int, int, int]:
    """Of the draws looked at twice: how many got the same label, how many yes once and no once, and how many there are.

    >>> agreement("glasses")
    (53, 0, 60)
    """
    held = labelled()
    first = [held["attributes"][attribute]["rows"][row] for row in held["second_look"]["order"]]
    pairs = list(zip(first, held["second_look"][attribute], strict=True))
    return sum(a == b for a, b in pairs), sum({a, b} == {"y", "n"} for a, b in pairs), len(pairs)


def save_slices(store: Store) -> list[SliceRecord]:
    """Save the labelled draws in a store as slices of the prior of ``faces-dcgan``; those of the same names give way.

    Raises
    ------
    StoreError
        When the store cannot be written.
    """
    from workbench.runs import draws_source

    held = labelled()
    source = draws_source(held["model"], held["space"], held["seed"])
    saved = []
    for name, (attribute, label) in SLICES.items():
        about = held["attributes"][attribute]
        note = f"{about['question']} {held['labels'][label].capitalize()}, {held['labelled']}; unsure ones left out."
        origin = f"labels.json of faces-dcgan, the first {len(about['rows'])} draws"
        saved.append(store.save_slice(name, source, rows_of(attribute, label), note=note, origin=origin, replace=True))
    return saved


def main(arguments: list[str] | None = None) -> int:
    """Save the slices and say what they hold."""
    from workbench.store import Store

    parser = argparse.ArgumentParser(
        prog="python -m sample_models.faces_dcgan.labels", description="Save labelled draws of faces as slices."
    )
    parser.add_argument("--store", help="where runs and slices are kept; default: $WORKBENCH_STORE, else the user's")
    chosen = parser.parse_args(arguments)
    try:
        for one in save_slices(Store.open(chosen.store)):
            print(f"{one.name}: {one.length} of {one.data}")
    except wb.WorkbenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
