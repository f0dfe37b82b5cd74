# SPDX-License-Identifier: Apache-2.0
"""ViewContext: what a plugin's ``view.draw(view)`` is given to show its result with."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from registry.errors import DataError, DoesNotApply, WorkbenchError
from workbench.app import engine
from workbench.app.parts import (
    background,
    charts,
    contact_sheet,
    errors,
    findings,
    launching,
    permalink,
    pictures,
    provenance,
    run_points,
    selections,
    style,
    text,
    thumbnail,
    words,
)
from workbench.app.parts.metrics import draw as draw_metrics
from workbench.app.parts.metrics import draw_table as draw_measures
from workbench.runs.automatic import name_of as name_of_slice

if TYPE_CHECKING:
    import pandas as pd

    from registry.discovery import Catalogue
    from registry.spaces import Items
    from workbench.app.components.scatter import Selection
    from workbench.app.served.cards import Card
    from workbench.store import RunRecord, Store, StoredResult

Made = TypeVar("Made")


@dataclass(frozen=True)
class ViewContext:
    """One finished run and the means to draw it.

    Attributes
    ----------
    run, result : the record, and the stored result whose parts are read when asked for
    store, catalogue : for what else a view may want to look up
    drawn : which of findings and notes the view has placed; the others follow at the end
    prefix : stands before the names of this view's parameters in the address, where it is not the page's own
    """

    run: RunRecord
    result: StoredResult
    store: Store
    catalogue: Catalogue
    drawn: set[str] = field(default_factory=set)
    prefix: str = ""

    def key(self, name: str) -> str:
        """A widget key that no other run's view has."""
        return f"view.{self.run.id}.{name}"

    # -- the points of the run

    @property
    def data(self) -> str | None:
        """Name of the data set whose rows the points are, ``None`` for draws from the prior and bare points."""
        return pictures.source_of(self.run, self.result)

    @property
    def sliced(self) -> str | None:
        """Of what a selection of the points is a slice: a data set, or draws from a prior; ``None`` of neither.

        ``None`` too where the data has changed since: its rows are other points now.
        """
        from workbench.runs import slice_source

        if provenance.changed(self.run, self.result):
            return None
        return self.kept("sliced", lambda: slice_source(self.run, self.result))

    @property
    def items(self) -> Items | None:
        """The finite space whose items the points are, such as words; ``None`` where they are something else."""
        from registry.spaces import Items
        from workbench.app import subjects
        from workbench.runs.draws import items_of

        name = None if self.run.model is None else items_of(self.run, self.result)
        if name is None or self.run.model is None:
            return None
        found = subjects.describe(self.run.model).spaces.get(name)
        return found if isinstance(found, Items) else None

    def columns(self, rows: Any) -> pd.DataFrame:
        """Labels and attributes of data rows (index 0 .. n-1), or of items ``name`` and ``position``.

        No columns where the run has neither.
        """
        import pandas as pd

        items = self.items
        if items is not None:
            from workbench.points.routes import columns_of_items

            return columns_of_items(items, np.asarray(rows))
        found = engine.columns_of(self.data)
        if found is None:
            return pd.DataFrame(index=range(len(rows)))
        return found.iloc[np.asarray(rows)].reset_index(drop=True)

    def kept(self, name: str, make: Callable[[], Made]) -> Made:
        """What ``make`` gives, made once for this run and kept in the process for every page that shows it."""
        return cast("Made", engine.kept(self.store.location, self.run.id, name, make))

    def points_of(self, positions: Any) -> Any:
        """Points of the run's own space at these places of its sample, float32 ``[m, d]``.

        Raises
        ------
        DoesNotApply
            When the run did not keep them and they are not rows of its data.
        """
        return run_points.values(self.run, self.result, positions)

    def width_of_points(self) -> int:
        """How many numbers one point of the run's space has; raises as :meth:`points_of`."""
        return run_points.width(self.run, self.result)

    def metric_of_points(self) -> Any:
        """The metric of the run's space: ``"euclidean"``, or what the space says."""
        return getattr(run_points.space_of(self.run), "metric", "euclidean")

    def decoded(self, points: Any) -> list[Any]:
        """Pictures of any points ``[m, d]`` of the run's space, uint8 ``[height, width, channels]``.

        Raises
        ------
        DoesNotApply
            When no chain of maps leads from this space to pictures.
        """
        return run_points.decoded(self.run, points)

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
        """Columns of these shares that stand one below the other where the window is narrow.

        Called twice from one line (a loop), it wants other shares each time: line and shares name the columns.
        """
        import streamlit as st

        caller = sys._getframe(1)
        place = f"{Path(caller.f_code.co_filename).stem}-{caller.f_lineno}"
        with st.container(key=f"beside-{self.run.id}-{place}-{len(shares)}-{sum(shares)}"):
            return st.columns(list(shares), gap="medium")

    def scatter(self, coordinates: Any, **options: Any) -> Selection:
        """The map of points, see :func:`workbench.app.components.scatter.scatter`; its look is part of the address."""
        from workbench.app.components.scatter import scatter

        seen = scatter(coordinates, **{"key": self.key("map"), "look": self.remembered("look") or "", **options})
        self.remember(look=seen.look)
        return seen

    def cards(self, rows: Any, columns: pd.DataFrame) -> Callable[[int], Card]:
        """What the map's hover card says of a point: its row, its columns, and its picture where there is one.

        The first line is the item or the text itself where the points are some.
        """
        from workbench.app.served.cards import Card

        run, result = self.run, self.result
        names = [str(one) for one in columns.columns][:7]
        said = "text" if "text" in names else "name" if "name" in names and self.items is not None else None
        names = [one for one in names if one != said][:6]

        def card(position: int) -> Card:
            row = int(rows[position])
            title = text.one_line(columns[said].iloc[position], 160) if said is not None else None
            told = tuple(f"{name}: {text.one_line(columns[name].iloc[position], 80)}" for name in names)
            try:
                picture = pictures.of_rows(run, result, np.array([row], dtype=np.int64))[0]
            except DoesNotApply:
                picture = None
            except DataError as error:  # its words are worth having without it
                picture, told = None, (*told, text.sentence(error, 160))
            return Card(title or f"{'row' if self.data else 'point'} {row:,}", told, picture)

        return card

    def starting_selection(self, rows: Any) -> Any:
        """Positions among the points that the address selects; give them to :meth:`scatter` as ``selected``."""
        return selections.start(self.store, self.sliced, np.asarray(rows), self.key("selected"))

    def keep_selection(self, rows: Any, chosen: Any) -> None:
        """Make what is selected part of the address, however many points it is."""
        selections.keep(self.store, self.sliced, np.asarray(rows), chosen, self.key("selected"))

    def select(self, positions: Any) -> None:
        """Let the map start again with these points selected."""
        selections.begin_anew(self.key("selected"), positions)

    def name_of_slice(self, rows: Any, stem: str = "selection") -> str:
        """The name that :meth:`slice_of` saves a slice with these data rows under; nothing is saved."""
        assert self.sliced is not None
        return name_of_slice(self.sliced, np.asarray(rows, dtype=np.int64), stem)

    def slice_of(self, rows: Any, stem: str = "selection") -> str:
        """Name of a slice with these data rows: saved under a name made of its content, once.

        Raises
        ------
        StoreError
            When there are no rows, or the store cannot be written to.
        """
        assert self.sliced is not None
        return selections.automatic(
            self.store, self.sliced, np.asarray(rows, dtype=np.int64), f"run {self.run.id}", stem
        )

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

    def pictures(self, rows: Any, captions: Sequence[str] | None = None, *, limit: int = 48, told: str = "") -> None:
        """A contact sheet of points, got in the background when the model has to decode them.

        ``told`` is a sentence that stands below it: what its captions say.
        """
        import streamlit as st

        wanted = np.asarray(rows, dtype=np.int64)[:limit]
        written = None if captions is None else list(captions)[: len(wanted)]
        run, result = self.run, self.result

        def show(images: list[Any]) -> None:
            sheet = contact_sheet.sheet(images, written, columns=12, dark=style.dark())
            st.image(contact_sheet.png(sheet), alt=f"Contact sheet of {text.counted(len(images), 'point')}")
            count = f"The first {len(wanted)} of {len(rows):,} points." if len(rows) > len(wanted) else ""
            if count or told:
                st.caption(" ".join(filter(None, (count, text.plain(told)))))

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
            self.store, self.sliced, np.asarray(rows, dtype=np.int64), origin or f"run {self.run.id}", self.key("slice")
        )

    # -- runs of other analyses on the same subject

    def launch(
        self,
        analysis: str,
        params: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None],
        label: str,
        *,
        icon: str = ":material/play_arrow:",
        disabled: bool = False,
        about: Callable[[Mapping[str, Any]], str] | None = None,
    ) -> None:
        """A button that runs another analysis on this run's model, data and slice; its result is drawn below it.

        ``params`` that are a callable are made only when the button is pressed; it gives nothing when it cannot.
        ``about`` is given the parameters of the run that is shown, and says what must be known before it is read: that
        it is the answer to an earlier question.
        """
        import streamlit as st

        lacking = launching.applies(analysis, self.run)
        if lacking:
            st.caption(lacking)
            return
        parameter = f"{self.prefix}{analysis}"
        if st.button(label, icon=icon, key=self.key(f"launch.{analysis}"), disabled=disabled):
            wanted = params() if callable(params) else params
            record = launching.submit(self.run, analysis, wanted) if wanted is not None else None
            if record is not None:
                permalink.put(**{parameter: record.id})
        launching.show(parameter, analysis, f"{parameter}-", about)

    # -- the address of the view

    def remembered(self, name: str) -> str | None:
        """A parameter of this view in the address."""
        return permalink.get(f"{self.prefix}{name}")

    def remember(self, **values: Any) -> None:
        """Write parameters of this view to the address; ``None`` takes one away."""
        permalink.put(**{f"{self.prefix}{name}": one for name, one in values.items()})

    def choice(self, name: str, options: Sequence[str], label: str, default: str | None = None, **look: Any) -> str:
        """A select box whose value is part of the permalink."""
        import streamlit as st

        in_address = f"{self.prefix}{name}"
        start = permalink.choice(in_address, options, default if default in options else options[0])
        chosen = st.selectbox(
            label, options, index=list(options).index(str(start)), format_func=text.one_line, key=self.key(name), **look
        )
        permalink.put(**{in_address: None if chosen == (default or options[0]) else chosen})
        return str(chosen)

    def label(self, name: str) -> str:
        """A name from code as people read it."""
        return words.label(name)
