# SPDX-License-Identifier: Apache-2.0
"""``workbench compendium``: the entries, their check, and a team's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from registry.errors import EntryError
from workbench.cli.options import AsJson, PluginsDir, StoreLocation, open_catalogue, open_store
from workbench.cli.output import FAILED, print_json, print_table, say

if TYPE_CHECKING:
    from workbench.compendium.collection import Compendium, Held
    from workbench.compendium.entry import State

application = typer.Typer(help="Entries of the compendium: list, show, check, and a team's own.", no_args_is_help=True)
By = Annotated[str, typer.Option(help="Who says so.")]
Note = Annotated[str, typer.Option(help="Why.")]
Name = Annotated[str, typer.Argument(help="Id of the entry.")]


@application.command("list")
def list_entries(
    area: Annotated[str | None, typer.Option(help="Only entries of this area.")] = None,
    state: Annotated[str | None, typer.Option(help="Only entries that are: draft, approved, refuted.")] = None,
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """List the entries: those of the plugins and a team's own."""
    found = [
        one
        for one in _compendium(plugins_dir, store).held.values()
        if area in (None, one.entry.area) and state in (None, one.entry.state)
    ]
    if as_json:
        print_json({"entries": [_short(one) for one in found]})
        return
    rows = [(one.entry.id, one.entry.title, one.entry.area, one.entry.grade, one.entry.state) for one in found]
    print_table("Entries", ("id", "title", "area", "grade", "state"), rows, empty="None: draft one with `new ID`.")


@application.command()
def show(
    name: Annotated[str, typer.Argument(help="Id or alias of an entry, or the code of a finding.")],
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Show one entry: symptoms, cause, remedies with the strength of their evidence, and how to verify."""
    compendium = _compendium(plugins_dir, store)
    entry = compendium.of_code(name) or compendium.entry(name)
    held = compendium.held[entry.id]
    if as_json:
        print_json({**entry.model_dump(mode="json"), "grade": entry.grade, "origin": held.origin})
        return
    say(f"{entry.title}\n{entry.id} · {entry.area} · {entry.state} · from {held.origin}\n")
    say("What one sees:\n" + "\n".join(f"  - {one}" for one in entry.symptoms))
    if entry.errors:
        say("Error messages:\n" + "\n".join(f"  {one}" for one in entry.errors))
    say(f"\nCause: {entry.cause}\n\nRemedies, in order:")
    for place, one in enumerate(entry.remedies, start=1):
        said = f" [{', '.join(one.sources)}]" if one.sources else ""
        say(f"  {place}. ({one.grade}) {one.text}{said}")
    limit = f" (threshold: {entry.verify.threshold})" if entry.verify.threshold else ""
    say(f"\nVerify: {entry.verify.text}{limit}\n\nSources:")
    for key, source in entry.sources.items():
        say(f"  {key}: {source.text}" + (f" <{source.link}>" if source.link else ""))
    if entry.see_also:
        say(f"\nSee also: {', '.join(entry.see_also)}")
    if entry.body:
        say(f"\n{entry.body}")


@application.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders of entries; by default all that are in use.")
    ] = None,
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
) -> None:
    """Check entries: a sentence for each problem, and exit code 1 when there is any."""
    from workbench.compendium.checking import of_paths, problems_of

    catalogue = open_catalogue(plugins_dir)
    compendium = _compendium(plugins_dir, store)
    if paths:
        compendium = of_paths(paths, known=compendium.names)
    problems = problems_of(compendium, catalogue)
    for one in problems:
        say(one)
    if problems:
        say(f"{len(problems)} problems in {len(compendium)} valid entries and the files left out")
        raise typer.Exit(FAILED)
    say(f"{len(compendium)} entries, no problem")


@application.command()
def new(
    name: Name,
    title: Annotated[str, typer.Option(help="What it is, in one line.")] = "",
    area: Annotated[str, typer.Option(help="Its area.")] = "methodology",
    symptom: Annotated[list[str] | None, typer.Option(help="What one sees; may be given several times.")] = None,
    by: By = "",
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
) -> None:
    """Draft an entry of the team: a file to fill in, in the folder `entries` of the store."""
    from workbench.compendium.current import FOLDER
    from workbench.compendium.drafts import draft

    opened = open_store(store)
    if (known := _compendium(plugins_dir, store).id_of(name)) is not None:
        raise EntryError(f"'{name}' is taken: it is the entry '{known}'")
    path = draft(opened.root / FOLDER, name, title=title, area=area, symptoms=symptom or (), by=by)
    say(f"{path} is drafted: fill it in, then `workbench compendium check` and `workbench compendium approve {name}`")


@application.command()
def approve(name: Name, by: By, note: Note, plugins_dir: PluginsDir = None, store: StoreLocation = None) -> None:
    """Approve an entry of the team; the version before is kept."""
    _judge(name, "approved", by, note, plugins_dir, store)


@application.command()
def refute(name: Name, by: By, note: Note, plugins_dir: PluginsDir = None, store: StoreLocation = None) -> None:
    """Refute an entry of the team: findings no longer lead to it, and searches bring it later."""
    _judge(name, "refuted", by, note, plugins_dir, store)


def _judge(name: str, state: State, by: str, note: str, plugins_dir: Path | None, store: str | None) -> None:
    from workbench.compendium.drafts import judge

    compendium = _compendium(plugins_dir, store)
    held = compendium.held[compendium.entry(name).id]
    if held.origin != "team":
        raise EntryError(
            f"'{name}' comes with the plugin '{held.origin}' and is judged there: only a team's own entries can be"
        )
    changed = judge(held.path, state, by=by, note=note)
    say(f"{changed.id} is {changed.state}; the version before is kept in {held.path.parent / 'earlier'}")


def _compendium(plugins_dir: Path | None, store: str | None) -> Compendium:
    from workbench.compendium.asking import root_of
    from workbench.compendium.current import current_of, team_folders

    open_catalogue(plugins_dir)
    return current_of(team_folders(root_of(store)))


def _short(one: Held) -> dict[str, object]:
    entry = one.entry
    return {
        "id": entry.id, "title": entry.title, "area": entry.area, "grade": entry.grade, "state": entry.state,
        "aliases": entry.aliases, "codes": entry.codes, "analyses": entry.analyses, "origin": one.origin,
    }  # fmt: skip
