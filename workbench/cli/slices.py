# SPDX-License-Identifier: Apache-2.0
"""Commands on slices: saved selections of rows that analyses take as input."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
    import numpy as np

    read = np.load(rows, allow_pickle=False) if rows.suffix == ".npy" else np.loadtxt(rows, dtype=np.int64, ndmin=1)
    saved = open_store(store).save_slice(name, data, read.astype(np.int64), note=note, origin=str(rows))
    say(f"{saved.name}: {saved.length:,} rows of {saved.data}")


@application.command()
def delete(name: Annotated[str, typer.Argument(help="Name of the slice.")], store: StoreLocation = None) -> None:
    """Delete a slice; runs that used it keep their results."""
    open_store(store).delete_slice(name)
    say(f"{name} is deleted")
