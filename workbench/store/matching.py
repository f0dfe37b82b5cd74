# SPDX-License-Identifier: Apache-2.0
"""Which finding of a run is one that is known from earlier runs of the same question."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")
SUBJECT = ("analysis", "model", "data", "points", "slice", "params")


def question_of(run: Mapping[Any, Any]) -> str:
    """SHA-256 of what a run asks: analysis, subject and parameters; neither seed nor versions nor weights.

    >>> question_of({"analysis": "a", "seed": 0}) == question_of({"analysis": "a", "seed": 1})
    True
    """
    asked = {name: run.get(name) for name in SUBJECT}
    written = json.dumps(asked, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()


def match(known: Sequence[str], found: Sequence[str]) -> list[int | None]:
    """For each statement of a run the position of the known one that it is again; ``None`` where it is new.

    All are statements of one code and one question. The same words are the same finding; so are those that differ
    in numbers with a decimal point only, or in any number where just one of each such wording is left. A single
    finding on both sides is the same however it is worded.

    >>> match(["5 of 16 axes are inactive"], ["1 of 16 axes is inactive"])
    [0]
    >>> match(["axis 3 carries 0.2 nats", "axis 7 carries 0.4 nats"], ["axis 7 carries 0.5 nats"])
    [1]
    >>> match(["axis 3 carries 0.2 nats", "axis 7 carries 0.4 nats"], ["axis 9 carries 0.5 nats"])
    [None]
    """
    result: list[int | None] = [None] * len(found)
    if len(known) == len(found) == 1:
        return [0]
    for worded in (str, _without_decimals):
        taken = set(result)
        left: dict[str, list[int]] = {}
        for place, statement in enumerate(known):
            if place not in taken:
                left.setdefault(worded(statement), []).append(place)
        for position, statement in enumerate(found):
            if result[position] is None and (places := left.get(worded(statement))):
                result[position] = places.pop(0)
    groups: dict[str, tuple[list[int], list[int]]] = {}
    for side, statements in enumerate((known, found)):
        for position, statement in enumerate(statements):
            groups.setdefault(NUMBER.sub("#", statement), ([], []))[side].append(position)
    taken = set(result)
    for places, positions in groups.values():
        if len(places) == len(positions) == 1 and result[positions[0]] is None and places[0] not in taken:
            result[positions[0]] = places[0]
    return result


def _without_decimals(statement: str) -> str:
    return NUMBER.sub(lambda one: one.group() if one.group().replace(",", "").isdecimal() else "#", statement)
