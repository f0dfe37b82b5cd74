# SPDX-License-Identifier: Apache-2.0
"""Commands on findings over all runs: list, show, dismiss, reopen, assign, note."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from registry.errors import ParameterError
from workbench.cli.options import AsJson, PluginsDir, StoreLocation, open_catalogue, open_store
from workbench.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from workbench.store import Store, TrackedFinding

application = typer.Typer(
    help="List, show, dismiss, reopen, assign and note findings over all runs.", invoke_without_command=True
)
Ids = Annotated[list[str], typer.Argument(help="Ids of findings, or their first characters.")]
Who = Annotated[str | None, typer.Option(help="Your name, kept with the change; by default that of your account.")]
STATES = ("open", "dismissed", "gone", "all")


@application.callback()
def findings(context: typer.Context, store: StoreLocation = None, as_json: AsJson = False) -> None:
    """List the open findings."""
    if context.invoked_subcommand is None:
        _list(open_store(store), {}, 50, 0, as_json)


@application.command("list")
def listed(
    model: Annotated[str | None, typer.Option(help="Only those on this model.")] = None,
    analysis: Annotated[str | None, typer.Option(help="Only those of this analysis.")] = None,
    severity: Annotated[str | None, typer.Option(help="serious, warning or info.")] = None,
    entry: Annotated[str | None, typer.Option(help="Only those that lead to this entry of the compendium.")] = None,
    state: Annotated[str, typer.Option(help="open, dismissed, gone or all.")] = "open",
    assigned: Annotated[str | None, typer.Option(help="Only those assigned to this name.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Only those that are new since your last visit.")] = False,
    who: Who = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="Leave out so many at the beginning.")] = 0,
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """List findings over all runs, the gravest and then the newest first."""
    if state not in STATES:
        raise ParameterError(f"there is no state '{state}': {', '.join(STATES)}")
    opened = open_store(store)
    chosen: dict[str, Any] = {
        "model": model, "analysis": analysis, "severity": severity, "state": state, "assigned": assigned,
    }  # fmt: skip
    if entry is not None:
        from workbench.compendium.current import current

        open_catalogue(plugins_dir)
        found = current(opened).entry(entry)
        chosen |= {"entry": found.id, "codes": found.codes}
    if new:
        chosen["since"] = opened.visit(_name(who))
    _list(opened, chosen, limit, offset, as_json)


def _list(store: Store, chosen: dict[str, Any], limit: int, offset: int, as_json: bool) -> None:
    found = store.tracked_findings(**chosen, limit=limit, offset=offset)
    total = store.count_findings(**chosen)
    if as_json:
        print_json({"total": total, "findings": [_document(one) for one in found]})
        return
    rows = [
        (one.id[:6], one.finding.severity, one.model or one.data or one.points, one.finding.statement, one.last_run[:6])
        for one in found
    ]
    empty = "No finding: `workbench findings list --state all` shows those that were dismissed or are gone as well."
    print_table("Findings", ("finding", "severity", "on", "statement", "run"), rows, empty=empty)
    if total > len(found):
        say(f"{len(found)} of {total:,}; --limit and --offset show others.")


def _document(one: TrackedFinding) -> dict[str, Any]:
    from workbench.cli.output import plain

    document: dict[str, Any] = plain(one)
    return {**document, "state": one.state}


@application.command()
def show(finding: Annotated[str, typer.Argument(help="Id, or its first characters.")],
         store: StoreLocation = None, as_json: AsJson = False) -> None:  # fmt: skip
    """Show a finding with its history."""
    opened = open_store(store)
    one = opened.tracked_finding(finding)
    events = opened.finding_history(one.id)
    if as_json:
        print_json({"finding": _document(one), "history": events})
        return
    found = one.finding
    say(f"[{found.severity}] {found.code}: {found.statement}")
    say(f"finding {one.id}, {one.state}" + (f", assigned to {one.assigned}" if one.assigned else ""))
    stored = "" if one.last_run_stored else " (deleted)"
    say(f"{one.analysis} on {one.model or one.data or one.points or 'no subject'}, last run {one.last_run}{stored}")
    if found.wrong_if:
        say(f"Wrong if {found.wrong_if}")
    rows = [(f"{event.at:%Y-%m-%d %H:%M}", event.who or event.run_id or "", event.what, event.note) for event in events]
    print_table("History", ("when (UTC)", "who", "what", ""), rows, empty="")


@application.command()
def dismiss(
    findings: Ids,
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
    who: Who = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Dismiss findings with a reason; newer runs that make them leave them dismissed."""
    _told(open_store(store).dismiss_findings(findings, reason, who=_name(who)), findings, as_json)


@application.command()
def reopen(findings: Ids, note: Annotated[str, typer.Option(help="Why.")] = "", who: Who = None,
           store: StoreLocation = None, as_json: AsJson = False) -> None:  # fmt: skip
    """Take dismissals back."""
    _told(open_store(store).reopen_findings(findings, who=_name(who), note=note), findings, as_json)


@application.command()
def assign(
    findings: Ids,
    to: Annotated[str, typer.Option(help="Name of who is to look at them; empty for nobody.")],
    who: Who = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Assign findings to somebody."""
    _told(open_store(store).assign_findings(findings, to, who=_name(who)), findings, as_json)


@application.command()
def note(
    finding: Annotated[str, typer.Argument(help="Id, or its first characters.")],
    words: Annotated[str, typer.Argument(help="The note.")],
    who: Who = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Add a note to a finding."""
    open_store(store).note_finding(finding, words, who=_name(who))
    _told(1, [finding], as_json)


def _told(changed: int, findings: list[str], as_json: bool) -> None:
    if as_json:
        print_json({"changed": changed, "of": len(findings)})
    else:
        say(f"{changed} of {len(findings)} changed")


def _name(who: str | None) -> str:
    return who or getpass.getuser()
