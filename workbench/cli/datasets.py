# SPDX-License-Identifier: Apache-2.0
"""Commands on data sets: those of plugins, and files that a team registers by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import AsJson, PluginsDir, StoreLocation, open_catalogue, open_store
from workbench.cli.output import print_json, print_table, say
from workbench.cli.runs import read_settings

application = typer.Typer(help="List data sets, or register files by name.", invoke_without_command=True)


@application.callback()
def datasets(
    context: typer.Context, plugins_dir: PluginsDir = None, store: StoreLocation = None, as_json: AsJson = False
) -> None:
    """List the data sets of the plugins and of the store."""
    if context.invoked_subcommand is not None:
        return
    listed = [
        {"name": card.name, "licence": card.licence, "from": "plugin", "state": card.missing() or "ready"}
        for card in open_catalogue(plugins_dir).datasets.values()
    ]
    listed += [
        {"name": one.name, "licence": "", "from": one.path, "state": "ready" if Path(one.path).exists() else "missing"}
        for one in open_store(store).datasets()
    ]
    if as_json:
        print_json({"datasets": listed})
        return
    rows = [tuple(one.values()) for one in listed]
    print_table("Data sets", ("name", "licence", "from", "state"), rows, empty="None: `workbench datasets add PATH`.")


@application.command()
def add(
    path: Annotated[
        Path, typer.Argument(help="Folder of images, or .npy .npz .parquet .csv .safetensors.", exists=True)
    ],
    name: Annotated[str | None, typer.Option(help="By default the file's stem.")] = None,
    options: Annotated[list[str] | None, typer.Option("--set", help="How to read it, key=value.")] = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Register files as a data set; they stay where they are and are read when needed."""
    from workbench.data import open_path

    settings = read_settings(options or [])
    opened = open_path(path.resolve(), **settings)
    chosen = name or path.stem.lower().replace(" ", "-")
    open_store(store).add_dataset(chosen, path.resolve(), settings)
    names = [str(one) for one in opened.columns]
    found = {"name": chosen, "rows": len(opened), "space": opened.space.describe(), "columns": names}
    columns = f" with the columns {', '.join(names)}" if names else ""
    print_json(found) if as_json else say(f"{chosen}: {len(opened):,} rows of {opened.space.kind}{columns}")


@application.command()
def remove(
    name: Annotated[str, typer.Argument(help="Name of a registered data set.")], store: StoreLocation = None
) -> None:
    """Forget a registered data set; its files are not touched."""
    open_store(store).remove_dataset(name)
    say(f"{name} is forgotten; its files are where they were")
