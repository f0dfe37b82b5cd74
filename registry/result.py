# SPDX-License-Identifier: Apache-2.0
"""Results and findings: plain things that can be stored, drawn and compared; nothing in them is pickled."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from registry.arrays import Array, to_numpy
from registry.errors import ResultError

if TYPE_CHECKING:
    import pandas as pd

ITEM = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")
VEGA = {"$schema", "mark", "layer", "hconcat", "vconcat", "concat", "facet", "spec"}
ROWS = ("values", "datasets")  # where a specification holds rows of data
CODE = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")


@dataclass(frozen=True)
class Metric:
    """A measured number with what it needs to be trusted.

    Attributes
    ----------
    value : the number (NaN says that it is not defined here)
    low, high : interval of the estimate, where it is one
    level : share of intervals that would cover the truth, e.g. 0.95
    n : size of the sample it was measured on
    unit, label, note : for the reader; the note says how it was measured and what would make it wrong
    better : which way is good, for colouring and sorting ("higher", "lower" or "" when neither)
    """

    value: float
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    n: int | None = None
    unit: str = ""
    label: str = ""
    note: str = ""
    better: Literal["higher", "lower", ""] = ""


@dataclass(frozen=True)
class Finding:
    """A measured statement that a run makes, and the compendium entry that it is a case of.

    ``code`` is ``analysis.what`` (``projection.low-trustworthiness``); ``wrong_if`` says what would make the statement
    wrong; ``figure`` names the chart or image of the result that shows it; ``entry`` the compendium entry (by default
    the one that lists the code).
    """

    code: str
    statement: str
    value: float
    threshold: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    severity: Literal["info", "warning", "serious"] = "warning"
    wrong_if: str = ""
    figure: str = ""
    entry: str = ""

    def __post_init__(self) -> None:
        if not CODE.fullmatch(self.code):
            raise ResultError(f"the finding code '{self.code}' must look like 'analysis.what'")
        if not isinstance(self.statement, str) or not self.statement:
            raise ResultError(f"the finding '{self.code}' needs a statement")
        _number(f"the value of the finding '{self.code}'", self.value)
        if self.severity not in ("info", "warning", "serious"):
            raise ResultError(f"the finding '{self.code}' has severity '{self.severity}': info, warning or serious")


@dataclass
class Result:
    """What an analysis returns.

    Attributes
    ----------
    metrics : numbers by name, plain or as :class:`Metric`
    tables : pandas frames by name (plain column types)
    arrays : numpy arrays by name (no object arrays)
    images : pictures by name: uint8 ``[height, width]``, ``[height, width, 3]`` or ``[height, width, 4]``
    charts : Altair charts or Vega-Lite specifications by name
    findings : measured statements
    notes : sentences that the reader must see with the result (what is not deterministic, what means nothing)
    """

    metrics: Mapping[str, float | Metric] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)
    images: Mapping[str, Array] = field(default_factory=dict)
    charts: Mapping[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.metrics = {name: _metric(name, value) for name, value in self.metrics.items()}
        self.arrays = {name: _array(name, value) for name, value in self.arrays.items()}
        self.images = {name: _image(name, value) for name, value in self.images.items()}
        self.charts = {name: _chart(name, value) for name, value in self.charts.items()}
        for name, one in self.tables.items():
            if not hasattr(one, "to_parquet"):
                raise ResultError(f"the table '{name}' is a {type(one).__name__}, expected a pandas DataFrame")
        for what, listed in (("findings", self.findings), ("notes", self.notes)):
            if not isinstance(listed, (list, tuple)):
                raise ResultError(f"the {what} of a result are a {type(listed).__name__}, expected a list")
        for finding in self.findings:
            if not isinstance(finding, Finding):
                raise ResultError(f"a finding is a {type(finding).__name__}, expected a workbench.Finding")
        for group in (self.metrics, self.tables, self.arrays, self.images, self.charts):
            for name in group:
                if not isinstance(name, str) or not ITEM.fullmatch(name):
                    raise ResultError(f"{name!r} cannot name a part of a result: use lower-case letters, digits, _ . -")

    def numbers(self) -> dict[str, float]:
        """Metrics as plain numbers."""
        return {name: _metric(name, one).value for name, one in self.metrics.items()}

    def _repr_html_(self) -> str:
        """A compact view for notebooks: findings, pictures, charts and numbers; every text is escaped."""
        from registry.pictures import drawn, png_address

        said = html.escape
        left = "style='text-align:left'"
        metrics = [(name, one) for name, one in self.metrics.items() if isinstance(one, Metric)]
        rows = "".join(
            f"<tr title='{said(one.note)}'><th {left}>{said(one.label or name)}</th>"
            f"<td {left}>{said(in_words(one))}</td></tr>"
            for name, one in metrics
        )
        findings = "".join(f"<li>{said(one.severity)}: {said(one.statement)}</li>" for one in self.findings)
        figures = [(name, png_address(one), "") for name, one in self.images.items()]
        figures += [(name, *drawn(one)) for name, one in self.charts.items()]
        shown = "".join(
            f"<figure><img src='{address}' alt='{said(name)}' style='max-width:100%;background:#fff'>"
            f"<figcaption>{said(name.replace('_', ' '))}</figcaption></figure>"
            if address
            else f"<p>The chart {said(name)} cannot be drawn: {said(fault)}</p>"
            for name, address, fault in figures
        )
        notes = "".join(f"<p>Note: {said(one)}</p>" for one in self.notes)
        parts = ", ".join([*self.tables, *self.arrays])
        return (
            (f"<ul>{findings}</ul>" if findings else "")
            + (f"<table>{rows}</table>" if rows else "")
            + notes
            + shown
            + (f"<p>holds: {said(parts)}</p>" if parts else "")
        )


def in_words(metric: Metric) -> str:
    """A metric as text, with its interval and sample.

    >>> in_words(Metric(0.91234, low=0.9, high=0.92, n=500))
    '0.9123 [0.9, 0.92] (95 %, n = 500)'
    """
    text = f"{metric.value:.4g}" + (f" {metric.unit}" if metric.unit else "")
    about = []
    if metric.low is not None and metric.high is not None:
        text += f" [{metric.low:.4g}, {metric.high:.4g}]"
        about.append(f"{metric.level:.0%}".replace("%", " %"))
    if metric.n is not None:
        about.append(f"n = {metric.n:,}")
    return text + (f" ({', '.join(about)})" if about else "")


def fetches(part: Any) -> bool:
    """Whether a Vega-Lite specification names an address: of data, of pictures or of links, written out or computed.

    Rows that a chart brings with it may call a column what they like.

    >>> fetches({"data": {"url": "http://example.org"}}), fetches({"data": {"values": [{"url": "a"}]}})
    (True, False)
    >>> fetches({"mark": "image", "encoding": {"url": {"field": "picture"}}})
    True
    """
    if isinstance(part, dict):
        return any(key in ("url", "href") or (key not in ROWS and fetches(one)) for key, one in part.items())
    return isinstance(part, (list, tuple)) and any(fetches(one) for one in part)


def _metric(name: str, value: Any) -> Metric:
    number = _number(f"the metric '{name}'", value.value if isinstance(value, Metric) else value)
    if math.isinf(number):
        raise ResultError(f"the metric '{name}' is infinite: give NaN where it is not defined, and say why in a note")
    return value if isinstance(value, Metric) else Metric(number)


def _number(what: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ResultError(f"{what} is a {type(value).__name__}, expected a number") from None


def _array(name: str, value: Any) -> Array:
    if isinstance(value, np.ma.MaskedArray):
        raise ResultError(f"the array '{name}' is masked, and a mask is not stored: fill it, with NaN for example")
    try:
        array = to_numpy(value)
    except (TypeError, ValueError) as error:
        raise ResultError(f"the array '{name}' cannot be stored: {error}") from None
    if array.dtype.hasobject:
        raise ResultError(f"the array '{name}' holds Python objects: give numbers or fixed-width text")
    return array


def _image(name: str, value: Any) -> Array:
    array = np.asarray(value)
    fits = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    if array.dtype != np.uint8 or not fits or 0 in array.shape:
        raise ResultError(
            f"the image '{name}' is {array.dtype} of shape {list(array.shape)}, "
            f"expected uint8 [height, width] or [height, width, 3 or 4]"
        )
    return array


def _chart(name: str, value: Any) -> dict[str, Any]:
    try:
        spec = value.to_dict() if hasattr(value, "to_dict") else value
    except Exception as error:  # Altair has errors of its own, and it is not imported here
        first = str(error).strip().partition("\n")[0]
        raise ResultError(f"the chart '{name}' cannot be written as a specification: {first}") from error
    if not isinstance(spec, dict) or not VEGA.intersection(spec):
        raise ResultError(f"the chart '{name}' is a {type(value).__name__}, expected an Altair chart or Vega-Lite dict")
    if fetches(spec):
        raise ResultError(f"the chart '{name}' names an address (url or href): charts must bring their data with them")
    return {key: one for key, one in spec.items() if key != "usermeta"}  # it would set how the app embeds charts
