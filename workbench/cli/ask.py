# SPDX-License-Identifier: Apache-2.0
"""``workbench ask``: from a symptom, a question or an error log to the entries of the compendium."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from registry.errors import DataError, ParameterError
from workbench.cli.options import AsJson, PluginsDir, StoreLocation, open_catalogue
from workbench.cli.output import plain, print_json, say

if TYPE_CHECKING:
    from workbench.compendium.search import Answer, Facets
    from workbench.compendium.search.engine import EntrySearch


def ask(
    query: Annotated[
        str, typer.Argument(help="A symptom, a question, an error message, a finding's code or an entry's id.")
    ] = "",
    context: Annotated[
        str | None, typer.Option(help="The analysis, page or library that you are in.", metavar="NAME")
    ] = None,
    area: Annotated[str | None, typer.Option(help="Only entries of this area.")] = None,
    library: Annotated[str | None, typer.Option(help="Only entries of this library.")] = None,
    grade: Annotated[
        str | None, typer.Option(help="Only entries whose best remedy is: established, weak evidence, speculation.")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many hits.", min=1, max=1000)] = 10,
    batch: Annotated[
        str | None, typer.Option(help="A file with a query on each line, or -: prints a JSON line for each.")
    ] = None,
    log: Annotated[
        str | None, typer.Option(help="An error log, or - for standard input: its last error is asked.")
    ] = None,
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Ask the compendium: the entries for a symptom, a question or an error message, best first."""
    if sum((bool(query), batch is not None, log is not None)) != 1:
        raise ParameterError('give one of: a query, as in workbench ask "KL vanishes"; --batch FILE; --log FILE')
    from workbench.compendium.asking import from_log, root_of, search_of
    from workbench.compendium.entry import AREAS, GRADES
    from workbench.compendium.search import Facets

    if area is not None and area not in AREAS:
        raise ParameterError(f"there is no area '{area}'; there are: {', '.join(AREAS)}")
    if grade is not None and grade not in GRADES:
        raise ParameterError(f"there is no grade '{grade}'; there are: {', '.join(GRADES)}")
    open_catalogue(plugins_dir)
    root, facets = root_of(store), Facets(area, library, grade)
    search = search_of(root)
    if batch is not None:
        _batch(search, _text(batch), facets, context, limit)
        return
    if log is not None:
        answer = from_log(_text(log), context=context, limit=limit, store=root)
    else:
        answer = search.search(query, facets=facets, context=context, limit=limit)
    if as_json:
        print_json({**plain(answer), "opens": answer.opens})
        return
    _tell(answer)


def _batch(search: EntrySearch, text: str, facets: Facets, context: str | None, limit: int) -> None:
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    for line in lines:
        asked = line.removesuffix("\r")
        answer = search.search(asked, facets=facets, context=context, limit=limit)
        hits: list[dict[str, Any]] = [
            {"id": one.id, "aliases": list(one.aliases), "title": one.title, "score": one.score} for one in answer.hits
        ]
        sys.stdout.write(json.dumps({"query": asked, "fits": answer.fits, "hits": hits}) + "\n")


def _text(source: str) -> str:
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise DataError(f"'{source}' cannot be read: {error.strerror or error}") from None
    return content.decode("utf-8", errors="replace")


def _tell(answer: Answer) -> None:
    if answer.searched is not None:
        say(f"Searched for: {answer.searched[:300]}")
    if answer.did_you_mean is not None:
        say(f"Did you mean: {answer.did_you_mean[:300]}")
    if not answer.hits:
        say("No entry has any of these words. Draft one: workbench compendium new ID")
        return
    if not answer.fits:
        say("No confident match. The nearest entries:")
    for one in answer.hits if answer.fits else answer.nearest:
        say(f"\n{one.title}\n    {one.id} · {one.area} · {one.grade} · {one.reason} · score {one.score:.2f}")
        for mark in one.highlights[:1]:
            say(f"    {mark.field}: {mark.text}")
    say("\nRead one: workbench compendium show ID")
