# SPDX-License-Identifier: Apache-2.0
"""Commands on slices: saved selections of rows that analyses take as input."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from registry.arrays import Array
from registry.errors import DataError, ParameterError
from workbench.cli.options import AsJson, PluginsDir, StoreLocation, open_catalogue, open_store
from workbench.cli.output import plain, print_json, print_table, say
from workbench.runs.draws import in_words, read_draws

if TYPE_CHECKING:
    from registry.discovery import Catalogue
    from workbench.runs.datasets import Opened
    from workbench.store import Store

application = typer.Typer(
    help="List, show, save, combine and delete named slices of data.", invoke_without_command=True
)


@application.callback()
def slices(context: typer.Context, store: StoreLocation = None, as_json: AsJson = False) -> None:
    """List the saved slices."""
    if context.invoked_subcommand is not None:
        return
    found = open_store(store).slices()
    if as_json:
        print_json({"slices": found})
        return
    rows = [(one.name, one.data, one.length, one.note) for one in found]
    print_table("Slices", ("name", "of", "rows", "note"), rows, empty="None: lasso points on a map, or `slices save`.")


@application.command()
def show(
    name: Annotated[str, typer.Argument(help="Name of the slice.")],
    rows: Annotated[bool, typer.Option("--rows", help="Print every row number, one on each line.")] = False,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Show one slice: what it is of, where it comes from, and its rows."""
    found = open_store(store).slice(name)
    if as_json:
        print_json({**plain(found), "rows": found.rows()})
        return
    if rows:
        say("\n".join(str(one) for one in found.rows().tolist()))
        return
    say(f"{found.name}: {found.length:,} {in_words(found.data)}")
    about = {"note": found.note, "from": found.origin, "saved (UTC)": f"{found.created:%Y-%m-%d %H:%M}"}
    say("\n".join(f"{what}: {told}" for what, told in about.items() if told))


@application.command()
def save(
    name: Annotated[str, typer.Argument(help="Name of the slice.")],
    data: Annotated[
        str, typer.Option(help="What the rows are of: a data set, or draws from a prior, prior:MODEL/SPACE@SEED.")
    ],
    rows: Annotated[
        Path | None, typer.Option(help="A .npy of whole row numbers, or a text file with one on each line.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="A condition on a column, such as label=4 or age>=30; of several all must be met."),
    ] = None,
    note: Annotated[str, typer.Option(help="What it is.")] = "",
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
) -> None:
    """Save rows of a data set as a slice: those of a list, or those that meet conditions."""
    if (rows is None) == (not where):
        raise ParameterError("say which rows: --rows FILE, or --where CONDITION")
    catalogue, opened = open_catalogue(plugins_dir), open_store(store)
    found = _opened(opened, catalogue, data)
    if rows is not None:
        chosen, origin = read_rows(rows), str(rows)
        _check_there(chosen, found)
    else:
        chosen, origin = _rows_where(found, where or [])
    saved = opened.save_slice(name, data if found is None else found.name, chosen, note=note, origin=origin)
    say(f"{saved.name}: {saved.length:,} {in_words(saved.data)}")


@application.command()
def combine(
    name: Annotated[str, typer.Argument(help="Name of the new slice.")],
    how: Annotated[str, typer.Argument(help="and: in all; or: in any; not: in the first and in none of the others.")],
    of: Annotated[list[str], typer.Argument(help="Slices of the same data; for not, one alone will do.")],
    length: Annotated[int | None, typer.Option(help="For not of one slice of draws: how many draws in all.")] = None,
    note: Annotated[str, typer.Option(help="What it is.")] = "",
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
) -> None:
    """Make a slice of others by and, or, not."""
    opened = open_store(store)
    if how == "not" and len(of) == 1 and length is None:
        length = _length(opened, open_catalogue(plugins_dir), opened.slice(of[0]).data)
    made = opened.combine_slices(name, how, of, length=length, note=note)  # type: ignore[arg-type]
    say(f"{made.name}: {made.length:,} {in_words(made.data)} ({made.origin})")


@application.command()
def delete(name: Annotated[str, typer.Argument(help="Name of the slice.")], store: StoreLocation = None) -> None:
    """Delete a slice; runs that used it keep their results."""
    open_store(store).delete_slice(name)
    say(f"{name} is deleted")


def read_rows(path: Path) -> Array:
    """The numbers in a file, as they are; raises :class:`DataError` for a file that holds none."""
    import numpy as np

    try:
        if path.suffix == ".npy":
            return np.asarray(np.load(path, allow_pickle=False))
        return np.loadtxt(path, dtype=np.int64, ndmin=1)
    except (OSError, ValueError, EOFError, OverflowError) as error:
        first = str(error).partition("\n")[0]
        raise DataError(
            f"no row numbers can be read from '{path}': give a .npy of whole numbers, or text with one on each line "
            f"({first})"
        ) from None


def _opened(store: Store, catalogue: Catalogue, data: str) -> Opened | None:
    """The data set, opened; nothing for draws from a prior, of a model that is there."""
    from workbench.runs.datasets import open_data

    draws = read_draws(data)
    if draws is None:
        return open_data(store, catalogue, data)
    catalogue.model(draws.model)
    return None


def _check_there(rows: Array, found: Opened | None) -> None:
    if found is not None and rows.size and rows.dtype.kind in "iu" and int(rows.max()) >= len(found.dataset):
        count = len(found.dataset)
        raise DataError(f"'{found.name}' has {count} rows, numbered from 0, and row {int(rows.max())} is asked for")


def _rows_where(found: Opened | None, conditions: list[str]) -> tuple[Array, str]:
    """The rows that meet every condition, and the conditions in words."""
    from workbench.cli.conditions import rows_where

    if found is None:
        raise ParameterError("draws from a prior have no columns: give their numbers with --rows")
    chosen, told = rows_where(found.dataset.columns, conditions), " and ".join(conditions)
    if len(chosen) == 0:
        raise DataError(f"no row of '{found.name}' meets {told}")
    return chosen, told


def _length(store: Store, catalogue: Catalogue, data: str) -> int:
    opened = _opened(store, catalogue, data)
    if opened is None:
        raise ParameterError("a prior has no end: say with --length how many draws there are in all")
    return len(opened.dataset)
