# SPDX-License-Identifier: Apache-2.0
"""Commands on directions: vectors of a space that were kept under a name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from registry.errors import ParameterError
from workbench.cli.options import AsJson, PluginsDir, StoreLocation, open_catalogue, open_store
from workbench.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from workbench.directions import Comparison
    from workbench.store import DirectionRecord, Store

application = typer.Typer(
    help="List, show, compare, combine, import, export, rename and delete named directions.",
    invoke_without_command=True,
)
Name = Annotated[str, typer.Argument(help="Name of the direction.")]
NewName = Annotated[str, typer.Argument(help="Name of the new direction.")]
Note = Annotated[str, typer.Option(help="What it is.")]


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
    empty = "None: run `directions` or `difference-direction` and keep what it finds, or `directions import` a file."
    print_table("Directions", ("name", "model", "space", "numbers", "kept (UTC)"), rows, empty=empty)


@application.command()
def show(name: Name, store: StoreLocation = None, as_json: AsJson = False) -> None:
    """Show one direction: whose it is, how it was found, and what was measured of it."""
    from workbench.directions import document as known_of

    document = known_of(open_store(store).direction(name))
    if as_json:
        print_json(document)
        return
    rows = [(what, told) for what, told in document.items() if what not in ("how", "card", "name")]
    for part in ("how", "card"):
        rows += [(f"{part}: {what}", told) for what, told in document[part].items()]
    print_table(name, ("what", ""), rows, empty="")


@application.command()
def compare(
    names: Annotated[list[str], typer.Argument(help="Names of directions of one space.")],
    beside: Annotated[
        list[str] | None,
        typer.Option("--with", help="A direction of a second set: the first set is compared with it as a whole."),
    ] = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Cosines between directions, the angles between two sets of them, and what random ones of that width give."""
    from workbench.directions import compare as compared

    found = compared(open_store(store), names, beside or None)
    if as_json:
        print_json(found)
        return
    rows = [
        (name, *(f"{cosine:.3f}" for cosine in line)) for name, line in zip(found.names, found.cosines, strict=True)
    ]
    print_table("Cosines", ("", *found.others), rows, empty="")
    _print_angles(found)
    say(
        f"Two random directions of {found.width:,} numbers stay within {found.random_cosine:.3f} in 95 of 100 cases"
        + (f", the largest of {found.pairs} pairs within {found.random_largest:.3f}." if found.pairs > 1 else ".")
    )


def _print_angles(found: Comparison) -> None:
    if found.angles is None or found.random_angles is None:
        return
    rows = [
        (at + 1, f"{angle:.1f}", f"{low:.1f} to {high:.1f}")
        for at, (angle, (low, _, high)) in enumerate(zip(found.angles, found.random_angles, strict=True))
    ]
    print_table("Principal angles in degrees", ("", "angle", "random spans (95 of 100)"), rows, empty="")


@application.command()
def combine(
    name: NewName,
    of: Annotated[list[str], typer.Option(help="A direction and its weight, such as smile=1 or age=-0.5.")],
    note: Note = "",
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Keep the weighted sum of directions of one space as a new one."""
    from workbench.directions import combine as combined

    _told([combined(open_store(store), name, _weights(of), note=note)], as_json)


@application.command()
def orthogonalise(
    name: NewName,
    of: Annotated[str, typer.Argument(help="Direction to begin with.")],
    against: Annotated[
        list[str], typer.Option(help="A direction that is taken out of it; may be given several times.")
    ],
    note: Note = "",
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Keep what is left of a direction once all that lies along others is taken out: a conditional direction."""
    from workbench.directions import orthogonalise as freed

    _told([freed(open_store(store), name, of, against, note=note)], as_json)


@application.command()
def cap(
    name: NewName,
    of: Annotated[str, typer.Argument(help="Direction to begin with.")],
    length: Annotated[float | None, typer.Option(help="Length of one step, in the units of the space.")] = None,
    quantile: Annotated[
        float | None,
        typer.Option(help="Or: one step leads no further than this share of 10,000 draws from the prior lies."),
    ] = None,
    note: Note = "",
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Keep a direction with another length of step."""
    from workbench.directions import cap as capped

    if quantile is not None:
        open_catalogue(plugins_dir)
    _told([capped(open_store(store), name, of, length=length, quantile=quantile, note=note)], as_json)


@application.command("import")
def imported(
    path: Annotated[Path, typer.Argument(help="A .npy, .npz or .safetensors file; never unpickled.")],
    name: Annotated[
        list[str], typer.Option(help="Name of the direction; of several one for each, or one for NAME-0, NAME-1, ...")
    ],
    model: Annotated[str, typer.Option(help="Model whose space they are directions of.")],
    space: Annotated[str, typer.Option(help="Space that they are directions of.")],
    array: Annotated[str | None, typer.Option(help="Array of the file, where it holds several.")] = None,
    note: Note = "",
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Keep directions that others published: an array of one, [numbers] or [1, numbers], or of k, [k, numbers]."""
    from workbench.directions import import_file

    open_catalogue(plugins_dir)
    _told(import_file(open_store(store), path, name, model=model, space=space, array=array, note=note), as_json)


@application.command()
def export(
    name: Name,
    path: Annotated[Path, typer.Argument(help="Files to write: PATH.safetensors, PATH.json and PATH.py.")],
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Write a direction as safetensors, all that is known of it as JSON, and the code that makes it again."""
    from workbench.directions import export_files

    opened = open_store(store)
    files = export_files(opened, opened.direction(name), path)
    print_json({"files": files}) if as_json else say("\n".join(map(str, files)))


@application.command()
def rename(name: Name, new: Annotated[str, typer.Argument(help="Its new name.")], store: StoreLocation = None) -> None:
    """Give a direction another name."""
    open_store(store).rename_direction(name, new)
    say(f"{name} is now {new}")


@application.command()
def delete(name: Name, store: StoreLocation = None) -> None:
    """Delete a direction; runs that found or used it keep their results."""
    open_store(store).delete_direction(name)
    say(f"{name} is deleted")


def _weights(given: Sequence[str]) -> dict[str, float]:
    """Names and weights; raises :class:`ParameterError` for what is none, and for a name that comes twice."""
    found: dict[str, float] = {}
    for one in given:
        name, sign, weight = one.partition("=")
        name = name.strip()
        try:
            number = float(weight) if sign else 1.0
        except ValueError:
            raise ParameterError(f"'{one}' is no direction with its weight: write NAME=NUMBER") from None
        if name in found:
            raise ParameterError(f"'{name}' is given two weights: give it one")
        found[name] = number
    return found


def _told(made: Sequence[DirectionRecord], as_json: bool) -> None:
    if as_json:
        print_json({"directions": made})
        return
    for one in made:
        say(f"{one.name}: {one.size:,} numbers of '{one.space}' of {one.model or 'bare data'}")
