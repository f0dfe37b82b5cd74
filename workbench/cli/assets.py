# SPDX-License-Identifier: Apache-2.0
"""Commands on assets: files that plugins fetch, each by its hash, when a user asks for them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from registry.errors import ParameterError
from workbench.cli.options import AsJson, PluginsDir, open_catalogue
from workbench.cli.output import complain, print_json, say, visible

if TYPE_CHECKING:
    from workbench.assets import Asset, Progress

application = typer.Typer(
    help="List, fetch and remove files that are too large or too strictly licensed to come along.",
    invoke_without_command=True,
)
Keys = Annotated[list[str], typer.Argument(help="Keys of assets, as `workbench assets` lists them.", metavar="KEY...")]


@application.callback()
def assets(context: typer.Context, plugins_dir: PluginsDir = None, as_json: AsJson = False) -> None:
    """List the assets: size, licence, credit, and whether each is here."""
    open_catalogue(plugins_dir)
    if context.invoked_subcommand is not None:
        return
    from workbench.assets import cache_folder, every

    found, wrong = every()
    if as_json:
        print_json({"cache": cache_folder(), "assets": [one.describe() for one in found.values()], "wrong": wrong})
        return
    for one in found.values():
        _show(one)
    if not found:
        say("No plugin names any asset.")
    for sentence in wrong:
        complain(sentence)


@application.command()
def fetch(
    keys: Keys,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree to size and licence without being asked.")] = False,
    as_json: AsJson = False,
) -> None:
    """Download assets after showing size, licence and credit; nothing of a package is installed or run."""
    from workbench.assets import asset

    wanted = {one.key: one for one in map(asset, keys)}
    lacking = [one for one in wanted.values() if not one.is_present()]
    for key in keys:
        if key not in wanted and not as_json:
            say(f"'{key}' is the asset '{asset(key).key}'")
    for one in lacking:
        _tell(one)
    if lacking and not yes:
        _ask(lacking)
    for one in wanted.values():
        where = one.fetch(_progress())
        if not as_json:
            say(f"{one.key}: {where}")
    if as_json:
        print_json({"assets": [one.describe() for one in wanted.values()]})


@application.command()
def remove(keys: Keys, as_json: AsJson = False) -> None:
    """Take assets out of the cache; they can be fetched again."""
    from workbench.assets import asset

    wanted = {one.key: one for one in map(asset, keys)}
    removed = {key: one.remove() for key, one in wanted.items()}
    if as_json:
        print_json({"removed": [key for key, gone in removed.items() if gone]})
        return
    for key, gone in removed.items():
        say(f"{key}: {'removed' if gone else 'was not here'}")


def _show(one: Asset) -> None:
    state = str(one.path) if one.is_present() else f"not fetched: workbench assets fetch {one.key}"
    say(f"{one.key}  {_size(one.bytes)}\n    {state}\n    licence: {one.licence}\n    credit: {one.attribution}")


def _tell(one: Asset) -> None:
    """What a user agrees to; on standard error, so that ``--json`` stays one document."""
    for line in (
        f"{one.key}: {_size(one.bytes)} to download from {one.registry} ({one.package} {one.version}), "
        f"{_size(one.kept_bytes)} kept",
        f"  licence: {one.licence}",
        f"  credit:  {one.attribution}",
    ):
        typer.echo(visible(line), err=True)


def _ask(lacking: list[Asset]) -> None:
    """Go on only after a yes; raises :class:`ParameterError` where nobody can be asked."""
    named = " ".join(one.key for one in lacking)
    if not sys.stdin.isatty():
        raise ParameterError(f"nothing was fetched, nobody can be asked here: 'workbench assets fetch {named} --yes'")
    if not typer.confirm(f"Fetch {_size(sum(one.bytes for one in lacking))}?", err=True):
        raise typer.Abort


def _progress() -> Progress:
    """Says on standard error what is being done, once for each tenth of the way."""
    told: list[Any] = [None]

    def tell(fraction: float, stage: str) -> None:
        now = (int(fraction * 10), stage)
        if now != told[0]:
            told[0] = now
            typer.echo(visible(f"  {fraction:4.0%} {stage}"), err=True)

    return tell


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
