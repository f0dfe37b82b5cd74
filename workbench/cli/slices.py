# SPDX-License-Identifier: Apache-2.0
"""Commands on slices: saved selections of rows that analyses take as input."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from registry.arrays import Array
from registry.errors import DataError
from workbench.cli.options import AsJson, StoreLocation, open_store
from workbench.cli.output import print_json, print_table, say

application = typer.Typer(help="List, save and delete named slices of data.", invoke_without_command=True)


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
def save(
    name: Annotated[str, typer.Argument(help="Name of the slice.")],
    data: Annotated[str, typer.Option(help="Data set that the rows are of.")],
    rows: Annotated[Path, typer.Option(help="A .npy of whole row numbers, or a text file with one on each line.")],
    note: Annotated[str, typer.Option(help="What it is.")] = "",
    store: StoreLocation = None,
) -> None:
    """Save rows of a data set as a slice."""
    saved = open_store(store).save_slice(name, data, read_rows(rows), note=note, origin=str(rows))
    say(f"{saved.name}: {saved.length:,} rows of {saved.data}")


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


@application.command()
def delete(name: Annotated[str, typer.Argument(help="Name of the slice.")], store: StoreLocation = None) -> None:
    """Delete a slice; runs that used it keep their results."""
    open_store(store).delete_slice(name)
    say(f"{name} is deleted")
