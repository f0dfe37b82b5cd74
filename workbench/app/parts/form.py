# SPDX-License-Identifier: Apache-2.0
"""A form from a pydantic ``Params``: one widget for each field, its range and help read off the field."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st
from pydantic.fields import FieldInfo

from registry.errors import ParameterError
from registry.parameters import Offer, Params, Pick
from workbench.app.parts import text, words

#: As many choices as are shown side by side instead of in a list.
_SIDE_BY_SIDE = 4
#: As many fields as are shown at once; optional ones after them are folded away.
_AT_ONCE = 4
_AUTOMATIC = "automatic"


@dataclass(frozen=True)
class Range:
    """The range of a number: bounds, whether they are themselves excluded, and the step."""

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    step: float | None = None


def draw(
    params: type[Params], offers: Mapping[str, Offer], *, key: str, initial: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Draw the form and give the values as they stand; fields left empty are not in it.

    Parameters
    ----------
    params : the parameters of an analysis
    offers : for each pick, what the subject has for it; and for lists of names, what can be named
    key : prefix of the widgets' keys, so that two forms do not mix
    initial : values to begin with instead of the defaults (of a stored run)
    """
    start = dict(initial or {})
    fields = {name: one for name, one in params.model_fields.items() if not _single(one)}
    shown = [name for place, (name, one) in enumerate(fields.items()) if one.is_required() or place < _AT_ONCE]
    rest = [name for name in fields if name not in shown]
    values: dict[str, Any] = {}

    def ask(names: list[str]) -> None:
        for name in names:
            one = fields[name]
            given = _widget(name, one, offers.get(name), f"{key}.{name}", start.get(name, _default(one)))
            if given is not _ABSENT:
                values[name] = given

    ask(shown)
    if rest:
        with st.expander("More parameters", icon=":material/tune:"):
            ask(rest)
    return values


def read(params: type[Params], values: Mapping[str, Any]) -> tuple[Params | None, str]:
    """The parameters, or nothing and a sentence that says what is wrong."""
    try:
        return params.read(values), ""
    except ParameterError as error:
        return None, str(error)


def range_of(one: FieldInfo) -> Range:
    """The range that the field's metadata state (``ge``, ``gt``, ``le``, ``lt``, ``multiple_of``)."""
    found: dict[str, Any] = {}
    for mark in one.metadata:
        for name in ("ge", "gt", "le", "lt", "multiple_of"):
            bound = getattr(mark, name, None)
            if bound is not None:
                found[name] = bound
    low, high = found.get("ge", found.get("gt")), found.get("le", found.get("lt"))
    return Range(
        low, high, "gt" in found and "ge" not in found, "lt" in found and "le" not in found, found.get("multiple_of")
    )


_ABSENT = object()


def _single(one: FieldInfo) -> bool:
    """Whether the field can only have one value, so that there is nothing to ask."""
    return typing.get_origin(one.annotation) is Literal and len(typing.get_args(one.annotation)) == 1


def _default(one: FieldInfo) -> Any:
    return None if one.is_required() else one.get_default(call_default_factory=True)


def _kind(annotation: Any) -> tuple[Any, bool]:
    """The type without ``None``, and whether ``None`` was among its alternatives."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kept = [one for one in typing.get_args(annotation) if one is not type(None)]
        optional = len(kept) < len(typing.get_args(annotation))
        return (kept[0] if len(kept) == 1 else annotation), optional
    return annotation, False


def _widget(name: str, one: FieldInfo, offer: Offer | None, key: str, start: Any) -> Any:
    kind, optional = _kind(one.annotation)
    label, help_text = text.plain(one.title or words.label(name)), text.paragraphs(one.description or "") or None
    if offer is not None and typing.get_origin(kind) in (tuple, list):
        return _several(label, help_text, offer, key, start)
    if offer is not None or typing.get_origin(kind) is Pick:
        return _pick(label, help_text, offer or Offer((), "", one.is_required()), key, start, optional)
    if typing.get_origin(kind) is Literal:
        return _literal(label, help_text, typing.get_args(kind), key, start, optional)
    if kind is bool and not optional:
        return st.toggle(label, value=bool(start), help=help_text, key=key)
    if kind in (int, float):
        return _number(label, help_text, kind, range_of(one), key, start, optional)
    if kind is str:
        given = st.text_input(label, value=start or "", help=help_text, key=key)
        return given if given or not optional else None
    return _json(label, help_text, kind, key, start, optional, one.is_required())


def _pick(label: str, help_text: str | None, offer: Offer, key: str, start: Any, optional: bool) -> Any:
    may_be_empty = optional or not offer.required
    if not offer.options:
        shown = "none here" if may_be_empty else f"needs {offer.kind}"
        st.selectbox(label, [], placeholder=text.one_line(shown), disabled=True, help=help_text, key=f"{key}.empty")
        return None if optional else _ABSENT
    options: list[str | None] = [None, *offer.options] if may_be_empty else list(offer.options)
    index = options.index(start) if start in options else 0
    return st.selectbox(label, options, index=index, format_func=_choice, help=help_text, key=key)


def _several(label: str, help_text: str | None, offer: Offer, key: str, start: Any) -> list[str]:
    """Any number of names; those of a stored run that are gone stay to be seen, so that the check can say so."""
    before = [str(one) for one in start or ()]
    options = [*offer.options, *(one for one in before if one not in offer.options)]
    shown = "Any number" if options else "none here"
    return st.multiselect(
        label,
        options,
        default=before,
        format_func=_choice,
        placeholder=shown,
        disabled=not options,
        help=help_text,
        key=key,
    )


def _literal(label: str, help_text: str | None, choices: tuple[Any, ...], key: str, start: Any, optional: bool) -> Any:
    options: list[Any] = [None, *choices] if optional else list(choices)
    index = options.index(start) if start in options else 0
    if len(options) <= _SIDE_BY_SIDE and sum(len(str(one)) for one in options) <= 40:
        return st.segmented_control(
            label, options, default=options[index], required=True, format_func=_escaped, help=help_text, key=key
        )
    return st.selectbox(label, options, index=index, format_func=_choice, help=help_text, key=key)


def _number(label: str, help_text: str | None, kind: type, allowed: Range, key: str, start: Any, optional: bool) -> Any:
    convert = int if kind is int else float
    low, high = allowed.low, allowed.high
    if kind is int:
        low = None if low is None else int(low) + (1 if allowed.low_open else 0)
        high = None if high is None else int(high) - (1 if allowed.high_open else 0)
    bounds = None if low is None else convert(low), None if high is None else convert(high)
    step = convert(allowed.step) if allowed.step else (1 if kind is int else _step(start, bounds))
    shown = None if start is None else _within(convert(start), bounds)
    given = st.number_input(
        label,
        min_value=bounds[0],
        max_value=bounds[1],
        value=shown,
        step=step,
        format=None if kind is int else "%.6g",
        placeholder=_AUTOMATIC if optional else "",
        help=_with_range(help_text, allowed),
        key=key,
    )
    return _ABSENT if given is None and not optional else given


def _within(start: Any, bounds: tuple[Any, Any]) -> Any:
    start = start if bounds[0] is None else max(start, bounds[0])
    return start if bounds[1] is None else min(start, bounds[1])


def _step(start: Any, bounds: tuple[Any, Any]) -> float:
    """A step that moves a decimal number by about a tenth of itself, or a hundredth of its range."""
    if None not in bounds:
        return float(f"{(bounds[1] - bounds[0]) / 100:.0e}") or 0.01
    return float(f"{abs(start) / 10:.0e}") if start else 0.1


def _with_range(help_text: str | None, allowed: Range) -> str | None:
    ends = []
    if allowed.low is not None:
        ends.append(f"{'above' if allowed.low_open else 'from'} {words.number(allowed.low)}")
    if allowed.high is not None:
        ends.append(f"{'below' if allowed.high_open else 'up to'} {words.number(allowed.high)}")
    told = text.plain(" ".join(ends))
    return "\n\n".join(one for one in (help_text, told[:1].upper() + told[1:]) if one) or None


def _json(label: str, help_text: str | None, kind: Any, key: str, start: Any, optional: bool, required: bool) -> Any:
    """Lists are written with commas, everything else as JSON."""
    listed = typing.get_origin(kind) in (list, tuple, set, frozenset) or kind in (list, tuple)
    shown = "" if start is None else (", ".join(map(str, start)) if listed else json.dumps(start))
    written = st.text_input(label, value=shown, help=help_text, placeholder="a, b, c" if listed else "JSON", key=key)
    if not written.strip():
        return None if optional else (_ABSENT if required or not listed else [])
    if listed:
        return [one.strip() for one in written.split(",") if one.strip()]
    try:
        return json.loads(written)
    except json.JSONDecodeError:
        return written  # the check of the parameters says in words what is wrong with it


def _choice(given: Any) -> str:
    return "none" if given is None else text.one_line(given, 80)


def _escaped(given: Any) -> str:
    return text.plain(_choice(given))
