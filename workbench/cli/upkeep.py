# SPDX-License-Identifier: Apache-2.0
"""Commands that keep the house: reclaim what belongs to nothing, and say whether all is well."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.options import AsJson, PluginsDir, StoreLocation, open_catalogue, open_store
from workbench.cli.output import FAILED, print_json, print_table, say


def gc(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Reclaim files that belong to no run: left by killed processes, or deleted runs."""
    report = open_store(store).gc(dry_run=dry_run)
    if as_json:
        print_json(report)
        return
    verb = "would be reclaimed" if dry_run else "reclaimed"
    say("\n".join([*map(str, report.removed), f"{len(report.removed)} items, {report.bytes / 2**20:.1f} MiB {verb}"]))


def doctor(
    verify: Annotated[bool, typer.Option("--verify", help="Also check the hash of every stored file.")] = False,
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Say whether this machine, the store and the plugins are well, and what to do about what is not."""
    from workbench.cli.health import examine

    report = examine(open_store(store), open_catalogue(plugins_dir), verify=verify)
    if as_json:
        print_json({"well": all(one.well for one in report), "points": report})
    else:
        rows = [("ok" if one.well else "MEND", one.what, one.found, one.way_out) for one in report]
        print_table("Health", ("", "what", "found", "way out"), rows, empty="Nothing to look at.")
    if not all(one.well for one in report):
        raise typer.Exit(FAILED)
