# SPDX-License-Identifier: Apache-2.0
"""What is said of a kept direction: whose it is, how it was found, what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from registry.result import Metric
from workbench.app import engine
from workbench.app.parts import text, words

if TYPE_CHECKING:
    from workbench.store import DirectionRecord

NOT_MEASURED = "—"


def of(one: DirectionRecord) -> str:
    """Space and model, in a few words."""
    return f"{one.space} of {one.model}" if one.model is not None else f"{one.space}, bare data"


def how(one: DirectionRecord) -> str:
    """How it was found, in one clause."""
    told, made = one.how, one.how.get("made")
    if made == "combination":
        return " ".join(_parts(told.get("parents")))
    if made == "orthogonalised":
        return f"{_name(told.get('of'))} without {_names(told.get('against'))}"
    if made == "capped":
        return f"{_name(told.get('of'))} with another step"
    if made == "import":
        return f"from the file {told.get('file')}"
    method, attribute, analysis = told.get("method"), told.get("attribute"), told.get("analysis")
    parts = [str(method)] if method else []
    parts += [engine.title_of(str(analysis))] if analysis and not method else []
    parts += [f"for {attribute}"] if attribute else []
    return " ".join(parts) or "not said"


def metrics(card: Mapping[str, Any]) -> dict[str, Metric]:
    """The numbers of a card that can be read, by name: bare ones, and those with their intervals."""
    found: dict[str, Metric] = {}
    for name, given in card.items():
        plain = dict(given) if isinstance(given, Mapping) else {"value": given}
        value, low, high, n = (_number(plain.get(one)) for one in ("value", "low", "high", "n"))
        if value is None:
            continue
        both = low is not None and high is not None
        found[str(name)] = Metric(value, low if both else None, high if both else None, n=None if n is None else int(n))
    return found


def measured(one: DirectionRecord, name: str) -> str:
    """A number of the card, its interval below it, for a narrow column; a dash where it was not measured."""
    found = metrics(one.card).get(name)
    if found is None:
        return NOT_MEASURED
    told = text.plain(_short(found.value))
    if found.low is None or found.high is None:
        return told
    return f"{told}  \n:small[{text.plain(f'{_short(found.low)} to {_short(found.high)}')}]"


def _short(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if abs(value) < 100 else words.number(value)


def _number(given: Any) -> float | None:
    return float(given) if isinstance(given, int | float) and not isinstance(given, bool) else None


def _parts(given: Any) -> list[str]:
    """``2 × smile``, ``− 0.5 × age``."""
    found = []
    for place, one in enumerate(each for each in given or [] if isinstance(each, Mapping)):
        weight = _number(one.get("weight"))
        number = 1.0 if weight is None else weight
        sign = "−" if number < 0 else ("+" if place else "")
        size = words.number(abs(number))
        found.append(f"{sign} {size} × {one.get('name')}".strip())
    return found


def _names(given: Any) -> str:
    return " and ".join(_name(one) for one in given or []) or "others"


def _name(given: Any) -> str:
    return str(given.get("name")) if isinstance(given, Mapping) else "another"
