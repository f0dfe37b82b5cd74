# SPDX-License-Identifier: Apache-2.0
"""A run as one HTML page: no script, no link to elsewhere, every text escaped, charts as SVG pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from registry.pictures import drawn, png_address
from registry.pictures import svg_address as svg_address
from registry.result import in_words
from workbench import __version__

if TYPE_CHECKING:
    from workbench.store import RunRecord, Store

SHOWN_ROWS = 200  # of a table; the whole table is in the parquet file beside the page
OPEN_ROWS = 30  # a longer table is folded at first


def page(store: Store, record: RunRecord) -> str:
    """The HTML text of the report of a finished run."""
    stored = store.result(record.id)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("workbench.report", "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("report.html").render(
        record=record,
        subject=Path(record.points).name if record.points else record.model or record.data,
        space=record.params.get("space"),
        open_rows=OPEN_ROWS,
        params=json.dumps(record.params, indent=2, ensure_ascii=False),
        metrics=[(one.label or name, in_words(one), one.note) for name, one in stored.metrics.items()],
        findings=stored.findings,
        notes=stored.notes,
        images=[(name, png_address(stored.image(name))) for name in stored.images],
        charts=[(name, *drawn(stored.chart(name))) for name in stored.charts],
        tables=[(name, *_table(stored.table(name))) for name in stored.tables],
        arrays=[(name, list(stored.array(name).shape), str(stored.array(name).dtype)) for name in stored.arrays],
        manifest=json.dumps(stored.manifest, indent=2, ensure_ascii=False),
        version=__version__,
    )


def _table(frame: Any) -> tuple[list[str], list[list[str]], int]:
    shown = frame.head(SHOWN_ROWS)
    cells = [
        [
            "" if missing else f"{cell:.6g}" if isinstance(cell, float) else str(cell)
            for cell, missing in zip(*row, strict=True)
        ]
        for row in zip(shown.astype(object).to_numpy().tolist(), shown.isna().to_numpy().tolist(), strict=True)
    ]
    return [str(column) for column in frame.columns], cells, len(frame)
