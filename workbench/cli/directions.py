# SPDX-License-Identifier: Apache-2.0
"""Commands on directions: vectors of a space that were kept under a name."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from registry.errors import StoreError
from workbench.cli.options import AsJson, StoreLocation, open_store
from workbench.cli.output import plain, print_json, print_table, say

if TYPE_CHECKING:
    from workbench.store import DirectionRecord, Store

application = typer.Typer(help="List, show, export and delete named directions.", invoke_without_command=True)
Name = Annotated[str, typer.Argument(help="Name of the direction.")]


@application.callback()
def directions(context: typer.Context, store: StoreLocation = None, as_json: AsJson = False) -> None:
    """List the directions that were kept."""
    if context.invoked_subcommand is None:
        _list(open_store(store), None, None, as_json)


@application.command("list")
def listed(
    model: Annotated[str | None, typer.Option(help="Only those of this model.")] = None,
    space: Annotated[str | None, typer.Option(help="Only those of this space.")] = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """List the directions that were kept, of one model and space where named."""
    _list(open_store(store), model, space, as_json)


def _list(store: Store, model: str | None, space: str | None, as_json: bool) -> None:
    found = store.directions(model, space)
    if as_json:
        print_json({"directions": found})
        return
    rows = [(one.name, one.model, one.space, one.size, f"{one.created:%Y-%m-%d %H:%M}") for one in found]
    empty = "None: run `difference-direction` on two slices and keep what it finds."
    print_table("Directions", ("name", "model", "space", "numbers", "kept (UTC)"), rows, empty=empty)


@application.command()
def show(name: Name, store: StoreLocation = None, as_json: AsJson = False) -> None:
    """Show one direction: whose it is, how it was found, and what was measured of it."""
    document = _document(open_store(store).direction(name))
    if as_json:
        print_json(document)
        return
    rows = [(what, told) for what, told in document.items() if what not in ("how", "card", "name")]
    for part in ("how", "card"):
        rows += [(f"{part}: {what}", told) for what, told in document[part].items()]
    print_table(name, ("what", ""), rows, empty="")


@application.command()
def export(
    name: Name,
    path: Annotated[Path, typer.Argument(help="File to write, .safetensors; a .json of the same name goes beside it.")],
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Write a direction as a safetensors file, and all that is known of it as JSON beside it."""
    from workbench.store.encoding import to_text
    from workbench.store.files import told

    found = open_store(store).direction(name)
    document = _document(found)  # reads the vector: a damaged one is not exported
    target = path if path.suffix == ".safetensors" else path.with_name(f"{path.name}.safetensors")
    beside = target.with_suffix(".json")
    for one in (target, beside):
        if one.exists():
            raise StoreError(f"'{one}' is there already: choose another name, or remove it first")
    with told(f"the direction '{name}' could not be written"):
        shutil.copyfile(found.path, target)
        beside.write_text(to_text(plain(document)), encoding="utf-8")
    print_json({"files": [target, beside]}) if as_json else say(f"{target}\n{beside}")


@application.command()
def delete(name: Name, store: StoreLocation = None) -> None:
    """Delete a direction; runs that found or used it keep their results."""
    open_store(store).delete_direction(name)
    say(f"{name} is deleted")


def _document(found: DirectionRecord) -> dict[str, Any]:
    """All that is known of a direction, without the place of its file."""
    import numpy as np

    vector = found.vector()
    length = float(np.linalg.norm(vector.astype(np.float64)))
    return {
        "name": found.name,
        "model": found.model,
        "fingerprint": found.fingerprint,
        "space": found.space,
        "size": found.size,
        "length": length,
        "sha256": found.sha256,
        "created": found.created.isoformat(),
        "how": found.how,
        "card": found.card,
    }
