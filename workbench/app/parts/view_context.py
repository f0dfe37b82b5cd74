# SPDX-License-Identifier: Apache-2.0
"""ViewContext: what a plugin's ``view.draw(view)`` is given to show its result with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.errors import DoesNotApply, WorkbenchError
from workbench.app import engine
from workbench.app.parts import (
    background,
    charts,
    contact_sheet,
    errors,
    findings,
    permalink,
    pictures,
    selections,
    style,
    text,
    thumbnail,
    words,
)
from workbench.app.parts.metrics import draw as draw_metrics
from workbench.app.parts.metrics import draw_table as draw_measures

if TYPE_CHECKING:
    import pandas as pd

    from registry.discovery import Catalogue
    from workbench.app.components.scatter import Selection
    from workbench.store import RunRecord, Store, StoredResult


@dataclass(frozen=True)
class ViewContext:
    """One finished run and the means to draw it.

    Attributes
    ----------
    run, result : the record, and the stored result whose parts are read when asked for
    store, catalogue : for what else a view may want to look up
    drawn : which of findings and notes the view has placed; the others follow at the end
    """

    run: RunRecord
    result: StoredResult
    store: Store
    catalogue: Catalogue
    drawn: set[str] = field(default_factory=set)

    def key(self, name: str) -> str:
        """A widget key that no other run's view has."""
        return f"view.{self.run.id}.{name}"

    # -- the points of the run

    @property
    def data(self) -> str | None:
        """Name of the data set whose rows the points are, ``None`` for draws from the prior and bare points."""
        return pictures.source_of(self.run, self.result)

    def columns(self, rows: Any) -> pd.DataFrame:
        """Labels and attributes of data rows (index 0 .. n-1); no columns where the run has no data."""
        import pandas as pd

        found = engine.columns_of(self.data)
        if found is None:
            return pd.DataFrame(index=range(len(rows)))
        return found.iloc[np.asarray(rows)].reset_index(drop=True)

    def images_of(self, rows: Any) -> list[Any]:
        """Pictures of points, uint8 ``[height, width, channels]``: the data set's, or decoded by the model.

        Raises
        ------
        DoesNotApply
            When neither the data nor the model has pictures of such points.
        """
        return pictures.of_rows(self.run, self.result, np.asarray(rows, dtype=np.int64))

    # -- parts of a page

    def beside(self, *shares: int) -> Any:
        """Columns of these shares that stand one below the other where the window is narrow."""
        import streamlit as st

        with st.container(key=f"beside-{self.run.id}-{len(shares)}-{sum(shares)}"):
            return st.columns(list(shares), gap="medium")

    def scatter(self, coordinates: Any, **options: Any) -> Selection:
        """The map of points, see :func:`workbench.app.components.scatter.scatter`."""
        from workbench.app.components.scatter import scatter

        return scatter(coordinates, **{"key": self.key("map"), **options})

    def starting_selection(self, rows: Any) -> Any:
        """Positions among the points that the address selects; give them to :meth:`scatter` as ``selected``."""
        return selections.start(self.store, self.data, np.asarray(rows), self.key("selected"))

    def keep_selection(self, rows: Any, chosen: Any) -> None:
        """Make what is selected part of the address, or say how to keep more points than an address can hold."""
        import streamlit as st

        if not selections.keep(self.store, self.data, np.asarray(rows), chosen) and self.data is not None:
            st.caption("More points than the address can hold: save them as a slice to keep them in the link.")

    def thumbnail(self, coordinates: Any, codes: Any = None, *, width: int = 320, height: int = 240) -> bytes:
        """A small map as a PNG file, for small multiples; codes are category numbers, or values in 0..1."""
        return contact_sheet.png(thumbnail.of_points(np.asarray(coordinates), codes, width=width, height=height))

    def findings(self) -> None:
        """What the run states, placed here."""
        self.drawn.add("findings")
        findings.draw(self.result.findings)

    def notes(self) -> None:
        """What must be read with the result, placed here."""
        self.drawn.add("notes")
        findings.notes(self.result.notes)

    def rest(self) -> None:
        """Findings and notes that the view has not placed: they are never left out."""
        if "findings" not in self.drawn:
            self.findings()
        if "notes" not in self.drawn:
            self.notes()

    def chart(self, name: str) -> None:
        """A chart of the result in the colours of the app."""
        charts.draw(self.result.chart(name), name)

    def measures(self, names: Sequence[str] | None = None) -> None:
        """Metrics as a compact table: number and interval, their notes folded below."""
        chosen = self.result.metrics
        draw_measures(chosen if names is None else {name: chosen[name] for name in names if name in chosen})

    def metrics(self, names: Sequence[str] | None = None) -> None:
        """Metrics (all by default) with interval, sample and seed."""
        chosen = self.result.metrics
        draw_metrics(
            chosen if names is None else {name: chosen[name] for name in names if name in chosen}, self.run.seed
        )

    def pictures(self, rows: Any, captions: Sequence[str] | None = None, *, limit: int = 48) -> None:
        """A contact sheet of points, got in the background when the model has to decode them."""
        import streamlit as st

        wanted = np.asarray(rows, dtype=np.int64)[:limit]
        told = None if captions is None else list(captions)[: len(wanted)]
        run, result = self.run, self.result

        def show(images: list[Any]) -> None:
            sheet = contact_sheet.sheet(images, told, columns=12, dark=style.dark())
            st.image(contact_sheet.png(sheet), alt=f"Contact sheet of {text.counted(len(images), 'point')}")
            if len(rows) > len(wanted):
                st.caption(f"The first {len(wanted)} of {len(rows):,} points.")

        if len(wanted) == 0:
            return
        try:
            pictures.check(run, result)
            background.wait_for(
                (run.id, wanted.tobytes()),
                lambda: pictures.of_rows(run, result, wanted),
                show,
                saying="Getting the pictures of these points",
            )
        except DoesNotApply as error:
            st.caption(text.sentence(error, 400))
        except WorkbenchError as error:
            errors.show(str(error))

    def save_slice(self, rows: Any, *, origin: str = "") -> None:
        """A small form that saves data rows as a named slice."""
        from workbench.app.parts import slices

        slices.save_form(
            self.store, self.data, np.asarray(rows, dtype=np.int64), origin or f"run {self.run.id}", self.key("slice")
        )

    # -- the address of the view

    def choice(self, name: str, options: Sequence[str], label: str, default: str | None = None, **look: Any) -> str:
        """A select box whose value is part of the permalink."""
        import streamlit as st

        start = permalink.choice(name, options, default if default in options else options[0])
        chosen = st.selectbox(
            label, options, index=list(options).index(str(start)), format_func=text.one_line, key=self.key(name), **look
        )
        permalink.put(**{name: None if chosen == (default or options[0]) else chosen})
        return str(chosen)

    def label(self, name: str) -> str:
        """A name from code as people read it."""
        return words.label(name)
