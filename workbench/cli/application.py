# SPDX-License-Identifier: Apache-2.0
"""The command tree; each command imports what it needs only when it is called."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench import __version__
from workbench.cli import (
    ask,
    assets,
    compendium,
    datasets,
    directions,
    findings,
    listing,
    plugin_template,
    runs,
    serving,
    slices,
    trials,
    upkeep,
)

application = typer.Typer(
    name="workbench",
    help="The latent workbench: plug in a generative model, look into its hidden spaces, and trust the numbers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"latent workbench {__version__}")
        raise typer.Exit


@application.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """The latent workbench."""


application.command("demo", rich_help_panel="Start")(serving.demo)
application.command("serve", rich_help_panel="Start")(serving.serve)
application.command("new-plugin", rich_help_panel="Start")(plugin_template.new_plugin)
application.command("models", rich_help_panel="What is there")(listing.models)
application.add_typer(datasets.application, name="datasets", rich_help_panel="What is there")
application.add_typer(slices.application, name="slices", rich_help_panel="What is there")
application.add_typer(directions.application, name="directions", rich_help_panel="What is there")
application.add_typer(assets.application, name="assets", rich_help_panel="What is there")
application.command("analyses", rich_help_panel="What is there")(listing.analyses)
application.command("plugins", rich_help_panel="What is there")(listing.plugins)
application.command("check", rich_help_panel="What is there")(listing.check)
application.command("ask", rich_help_panel="Compendium")(ask.ask)
application.add_typer(compendium.application, name="compendium", rich_help_panel="Compendium")
application.command("try", rich_help_panel="Compendium")(trials.try_)
application.command("ledger", rich_help_panel="Compendium")(trials.ledger)
application.command("run", rich_help_panel="Runs")(runs.run)
application.command("runs", rich_help_panel="Runs")(runs.runs)
application.command("show", rich_help_panel="Runs")(runs.show)
application.command("cancel", rich_help_panel="Runs")(runs.cancel)
application.add_typer(findings.application, name="findings", rich_help_panel="Runs")
application.command("export", rich_help_panel="Runs")(runs.export)
application.command("gc", rich_help_panel="Upkeep")(upkeep.gc)
application.command("doctor", rich_help_panel="Upkeep")(upkeep.doctor)
