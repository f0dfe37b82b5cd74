# SPDX-License-Identifier: Apache-2.0
"""How numbers, spans of time and parameters are written on the pages."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from registry.result import Metric

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float | None) -> str:
    r"""A number with four significant digits, the minus sign a real one.

    >>> number(0.912345), number(-2.0), number(12345.6), number(float("nan")), number(1e-5)
    ('0.9123', '−2', '12,346', 'not defined', '1\xa0×\xa010⁻⁵')
    """
    if value is None or math.isnan(value):
        return "not defined"
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    whole = 1e4 <= abs(value) < 1e15 or (abs(value) < 1e15 and float(value).is_integer())
    text = f"{value:,.0f}" if whole else f"{value:.4g}"
    text, _, power = text.partition("e")
    raised = f"\u00a0×\u00a010{str(int(power)).translate(_RAISED)}" if power else ""
    return text.replace("-", "−") + raised


#: What is said of a number that came without one: whether it is exact, only its note can tell.
NO_INTERVAL = "no interval"


def interval(metric: Metric) -> str:
    """The interval of a metric, or nothing when it has none.

    >>> interval(Metric(0.91, low=0.9, high=0.92))
    '0.9 to 0.92'
    """
    return f"{number(metric.low)} to {number(metric.high)}" if _has_interval(metric) else ""


def about(metric: Metric, seed: int | None = None) -> str:
    """What a number stands on: interval, level, sample, seed.

    >>> about(Metric(0.91, low=0.9, high=0.92, n=500), seed=3)
    '95 % interval 0.9 to 0.92 · n = 500 · seed 3'
    """
    parts = [f"{metric.level * 100:g} % interval {interval(metric)}"] if _has_interval(metric) else []
    if metric.n is not None:
        parts.append(f"n = {metric.n:,}")
    if seed is not None:
        parts.append(f"seed {seed}")
    return " · ".join(parts)


def label(name: str) -> str:
    """A name from code as people read it.

    >>> label("seed_stability"), label("knn-recall")
    ('Seed stability', 'Knn recall')
    """
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def seconds(span: float | None) -> str:
    """A span of time in the unit that suits it.

    >>> seconds(0.0421), seconds(4.21), seconds(75), seconds(7300), seconds(None)
    ('42 ms', '4.2 s', '1 min 15 s', '2 h 1 min', '')
    """
    if span is None or span < 0:
        return ""
    if span < 0.9995:
        return f"{span * 1000:.0f} ms"
    if span < 59.95:
        return f"{span:.1f} s"
    whole = round(span)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def since(moment: datetime | None, now: datetime | None = None) -> str:
    """How long ago a moment was.

    >>> noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    >>> since(noon, datetime(2026, 1, 2, 12, 0, 30, tzinfo=UTC)), since(noon, datetime(2026, 1, 2, 15, tzinfo=UTC))
    ('just now', '3 h ago')
    """
    if moment is None:
        return ""
    then = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    passed = ((now or datetime.now(UTC)) - then).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if passed >= size:
            return f"{int(passed // size)} {unit} ago"
    return "just now"


def moment(when: datetime | None) -> str:
    """A moment to the second, in UTC."""
    if when is None:
        return ""
    then = when if when.tzinfo else when.replace(tzinfo=UTC)
    return then.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def size(count: float) -> str:
    """A number of bytes in the unit that suits it.

    >>> size(900), size(13_600_000)
    ('900 B', '13.6 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError("unreachable")


def value(given: Any) -> str:
    """A parameter's value as the pages write it."""
    if given is None:
        return "none"
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, float):
        return number(given)
    if isinstance(given, (list, tuple)):
        return ", ".join(value(one) for one in given) or "none"
    return str(given)


def shape(row_shape: tuple[int | None, ...] | None) -> str:
    """Shape of one point.

    >>> shape((3, None, None)), shape((128,)), shape(()), shape(None)
    ('3 × any × any', '128', 'one', '')
    """
    if row_shape is None:
        return ""
    return " × ".join("any" if one is None else str(one) for one in row_shape) or "one"


def _has_interval(metric: Metric) -> bool:
    return metric.low is not None and metric.high is not None
