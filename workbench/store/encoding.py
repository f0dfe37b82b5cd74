# SPDX-License-Identifier: Apache-2.0
"""Results as strict JSON, and back without loss. Numbers that are not finite are written as text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from registry.errors import ResultError
from registry.result import Finding, Metric

_REAL = ("value", "low", "high", "level", "threshold")


def strict(value: Any) -> Any:
    """``value`` as JSON can hold it: numpy numbers become numbers, arrays lists, NaN and infinities null.

    >>> strict({"a": (1, float("nan"))})
    {'a': [1, None]}
    """
    if isinstance(value, Mapping):
        return {str(key): strict(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(one) for one in value]
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return strict(value.tolist())
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "__fspath__"):
        return str(value)
    raise ResultError(f"a {type(value).__name__} cannot be stored as JSON: give numbers, text, lists and objects")


def to_text(value: Any) -> str:
    """Strict JSON text, indented."""
    return json.dumps(strict(value), indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def packed(one: Metric | Finding) -> dict[str, Any]:
    """A metric or finding as JSON can hold it, exactly.

    >>> packed(Metric(float("nan")))["value"]
    'nan'
    """
    plain = asdict(one)
    for name in _REAL:
        if plain.get(name) is not None:
            real = float(plain[name])
            plain[name] = real if math.isfinite(real) else str(real)
    if plain["n"] is not None:
        plain["n"] = int(plain["n"])
    return plain


def unpacked_metric(plain: Mapping[str, Any]) -> Metric:
    """The metric that :func:`packed` was given; what a later version added is left out."""
    return Metric(**_known(Metric, plain))


def unpacked_finding(plain: Mapping[str, Any]) -> Finding:
    """The finding that :func:`packed` was given."""
    return Finding(**_known(Finding, plain))


def _known(kind: type[Metric] | type[Finding], plain: Mapping[str, Any]) -> dict[str, Any]:
    values = {one.name: plain[one.name] for one in fields(kind) if one.name in plain}
    return {name: float(value) if name in _REAL and isinstance(value, str) else value for name, value in values.items()}


def column(value: Any) -> float | None:
    """A number as a database column holds it: NaN is NULL."""
    if value is None or math.isnan(float(value)):
        return None
    return float(value)


def text(value: str) -> str:
    """Text as every database holds it: no NUL, no lone surrogates."""
    return str(value).encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
