# SPDX-License-Identifier: Apache-2.0
"""``workbench try`` and ``workbench ledger``: a remedy measured on paired seeds, and what was measured before."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from registry.errors import ParameterError
from workbench.cli.options import AsJson, PluginsDir, StoreLocation, open_catalogue, open_store
from workbench.cli.output import CANCELLED, FAILED, complain, print_json, print_table, say, visible

if TYPE_CHECKING:
    from workbench.compendium.trials import Progress
    from workbench.store import Store, TrialRecord


def try_(
    entry: Annotated[str, typer.Argument(help="Id of the entry, or the code of a finding.")],
    remedy: Annotated[
        int | None, typer.Option(min=1, help="Number of the remedy; by default the first with a trial.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model in place of the one that the trial names.")] = None,
    data: Annotated[str | None, typer.Option(help="Data set, by name or path.")] = None,
    points: Annotated[str | None, typer.Option(help="File of bare points.")] = None,
    finding: Annotated[
        str | None,
        typer.Option(help="Finding that it is tried against; its subject is taken where the trial has none."),
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=2, max=50, help="How many pairs of runs.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Compute everything anew.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the verdict.")] = True,
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Try a remedy of an entry: runs before and after it on the same seeds, and what the difference says."""
    from workbench.compendium import trials
    from workbench.compendium.current import current

    open_catalogue(plugins_dir)
    opened = open_store(store)
    compendium = current(opened)
    found = compendium.of_code(entry) or compendium.entry(entry)
    place, trial = trials.trial_of(found, None if remedy is None else remedy - 1)
    given = trials.Subject(model, data, points)
    against = opened.tracked_finding(finding) if finding is not None else None
    if against is not None and given == trials.Subject() and trials.subject_of(trial) == trials.Subject():
        given = trials.Subject(against.model, against.data, against.points, against.slice)
    if trials.subject_of(trial, given) == trials.Subject():
        raise ParameterError(f"the trial of '{found.id}' names no model: give one with --model, or a --finding")
    if not as_json:
        say(f"Remedy {place + 1} of {found.id}: {found.remedies[place].text}")
    record = trials.start(
        opened,
        found,
        place,
        subject=given,
        finding=against.id if against is not None else None,
        seeds=seeds,
        who=getpass.getuser(),
        again=again,
    )
    if wait and record.status == "running":
        record = _wait(opened, record, quiet=as_json)
    if as_json:
        print_json({"trial": record})
    else:
        _print(record)
    if record.status == "failed":
        raise typer.Exit(FAILED)


def _wait(store: Store, record: TrialRecord, *, quiet: bool) -> TrialRecord:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    from workbench.compendium import trials

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*columns, transient=True, disable=quiet) as bar:
        task = bar.add_task("queued", total=1.0)

        def show(found: trials.Progress) -> None:
            bar.update(task, completed=found.fraction, description=_stage(found))

        try:
            return trials.wait(store, record, on_progress=show)
        except KeyboardInterrupt:
            trials.give_up(store, record)
            complain(f"trial {record.id} was given up, its runs are being cancelled")
            raise typer.Exit(CANCELLED) from None


def _stage(found: Progress) -> str:
    return visible(f"{found.ended} of {found.runs} runs; {found.stage}"[:100])


def _print(record: TrialRecord) -> None:
    from workbench.compendium import trials

    if record.status == "running":
        say(f"trial {record.id} is under way; see it with: workbench ledger {record.entry}")
        return
    if record.status == "failed":
        complain(f"trial {record.id} has no verdict: {record.error}")
        return
    say(f"{record.verdict}: {trials.effect_in_words(record)}, on {trials.subject_words(record)}")
    rows = [
        (one["seed"], f"{one['before']:.4g}", f"{one['after']:.4g}", one["before_run"], one["after_run"])
        for one in record.outcome["seeds"]
    ]
    print_table(f"Trial {record.id}", ("seed", "before", "after", "run before", "run after"), rows, empty="")
    for sentence in record.outcome["said"]:
        say(f"Note: {sentence}")


def ledger(
    entry: Annotated[str | None, typer.Argument(help="Id of an entry; without it, every entry with trials.")] = None,
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Show what was tried against an issue, and what was measured."""
    from workbench.compendium import trials

    open_catalogue(plugins_dir)
    opened = open_store(store)
    if entry is not None:
        found = trials.ledger(opened, entry)
    else:
        trials.settle_all(opened)
        found = opened.trials(limit=1000)
    if as_json:
        print_json({"trials": found})
        return
    rows = [
        (one.id, one.entry, one.remedy + 1, trials.subject_words(one), one.verdict or one.status,
         trials.effect_in_words(one))
        for one in found
    ]  # fmt: skip
    columns = ("trial", "entry", "remedy", "on", "verdict", "measured")
    print_table("Trials", columns, rows, empty="Nothing has been tried yet: `workbench try ENTRY`.")
    told = trials.line(found) if entry is not None else ""
    if told:
        say(told)
