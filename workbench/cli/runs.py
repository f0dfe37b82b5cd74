# SPDX-License-Identifier: Apache-2.0
"""Commands on runs: start one, list them, show one, cancel one, export one."""

from __future__ import annotations

import json
import types
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from registry.errors import ParameterError
from workbench.cli.options import AsJson, PluginsDir, StoreLocation, open_catalogue, open_store
from workbench.cli.output import CANCELLED, FAILED, complain, plain, print_json, print_table, say, visible

if TYPE_CHECKING:
    from pydantic import BaseModel

    from workbench.store import RunRecord, Store


def read_settings(settings: list[str]) -> dict[str, Any]:
    """``key=value`` texts as parameters: lists, objects, quoted text and null are JSON, the rest is left to the form.

    >>> read_settings(["space=z", "limit=500", "components=[2, 8]"])
    {'space': 'z', 'limit': '500', 'components': [2, 8]}
    """
    params: dict[str, Any] = {}
    for one in settings:
        key, equals, text = one.partition("=")
        if not equals or not key.strip():
            raise ParameterError(f"--set {one!r} is not of the form key=value")
        if text[:1] in ("[", "{", '"') or text == "null":
            try:
                params[key.strip()] = json.loads(text)
            except json.JSONDecodeError as error:
                raise ParameterError(f"--set {key.strip()}: {error}") from None
        else:
            params[key.strip()] = text
    return params


def with_lists(params: dict[str, Any], fields: type[BaseModel]) -> dict[str, Any]:
    """Texts of parameters that are lists, one by one: ``methods=sefa,axes``; an analysis' own reading comes after.

    >>> from registry.parameters import Params
    >>> class Two(Params):
    ...     names: tuple[str, ...] = ()
    ...     title: str = ""
    >>> with_lists({"names": "a, b", "title": "a, b"}, Two)
    {'names': ['a', 'b'], 'title': 'a, b'}
    """
    listed = {name for name, one in fields.model_fields.items() if _is_list(one.annotation)}
    return {
        name: [part.strip() for part in value.split(",") if part.strip()]
        if name in listed and isinstance(value, str)
        else value
        for name, value in params.items()
    }


def _is_list(kind: Any) -> bool:
    kinds = (kind, *typing.get_args(kind)) if typing.get_origin(kind) in (typing.Union, types.UnionType) else (kind,)
    return any(typing.get_origin(one) in (list, tuple) for one in kinds) and str not in kinds


def run(
    analysis: Annotated[str, typer.Argument(help="Name of the analysis, see `workbench analyses`.")],
    model: Annotated[str | None, typer.Option(help="Name of the model.")] = None,
    data: Annotated[str | None, typer.Option(help="Data set: a name, or a path to files.")] = None,
    points: Annotated[Path | None, typer.Option(help="An array of points (.npy, .npz, .csv, .parquet ...).")] = None,
    slice_: Annotated[str | None, typer.Option("--slice", help="Name of a saved slice of the data.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A parameter, key=value; several values: key=a,b.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda:0 ...")] = "auto",
    time_limit: Annotated[float | None, typer.Option(help="Seconds after which the run is ended.")] = None,
    memory_limit: Annotated[float | None, typer.Option(help="MiB of memory at which the run is ended.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Compute even if the same run is stored.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the result.")] = True,
    why: Annotated[
        bool, typer.Option("--why", help="Say what differs from the nearest stored run; run nothing.")
    ] = False,
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Run an analysis on a model, a data set or bare points; a run that is stored already is shown, not repeated."""
    from workbench.runs import RunSpec, submit
    from workbench.runs import why as differences

    if points is not None and (model is not None or data is not None):
        raise ParameterError("--points stands alone: leave out --model and --data, or give the file as --data")
    asked = open_catalogue(plugins_dir).analysis(analysis).Params
    opened = open_store(store)
    spec = RunSpec(
        analysis=analysis,
        model=model,
        data=data,
        points=None if points is None else str(points.resolve()),
        slice=slice_,
        params=with_lists(read_settings(settings or []), asked),
        seed=seed,
        device=device,
        time_limit=time_limit,
        memory_limit=None if memory_limit is None else int(memory_limit * 2**20),
    )
    if why:
        lines = differences(opened, spec)
        print_json({"differences": lines}) if as_json else say("\n".join(lines) or "this run is stored already")
        return
    record = submit(opened, spec, again=again)
    if wait:
        record = _wait(opened, record, quiet=as_json)
    _print_run(opened, record, as_json)
    if record.status == "cancelled":
        raise typer.Exit(CANCELLED)
    if record.status == "failed":
        raise typer.Exit(FAILED)


def _wait(store: Store, record: RunRecord, *, quiet: bool) -> RunRecord:
    from workbench.runs import wait

    if record.status in ("done", "failed", "cancelled"):
        return record
    if quiet:
        return _waiting(store, record.id, lambda on_progress: wait(store, record.id, on_progress=on_progress), None)
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("queued", total=1.0)

        def show(current: RunRecord) -> None:
            bar.update(task, completed=current.fraction or 0.0, description=visible(current.stage or current.status))

        return _waiting(store, record.id, lambda on_progress: wait(store, record.id, on_progress=on_progress), show)


def _waiting(store: Store, run_id: str, waiting: Any, show: Any) -> RunRecord:
    """Wait; an interrupt cancels the run and is said, because a run that nobody waits for should not go on unseen."""
    try:
        ended: RunRecord = waiting(show)
    except KeyboardInterrupt:
        store.cancel(run_id)
        complain(f"run {run_id} is being cancelled")
        raise typer.Exit(CANCELLED) from None
    return ended


def document_of(store: Store, record: RunRecord) -> dict[str, Any]:
    """The JSON document of a run: ``run``, ``metrics``, ``tables``, ``findings`` (and the error of a failed one)."""
    document: dict[str, Any] = {"run": plain(record), "metrics": {}, "tables": {}, "findings": []}
    if record.status != "done":
        return document
    stored = store.result(record.id)
    document["metrics"] = {name: one.value for name, one in stored.metrics.items()}
    document["intervals"] = {
        name: {"low": one.low, "high": one.high, "level": one.level, "n": one.n}
        for name, one in stored.metrics.items()
        if one.low is not None
    }
    document["tables"] = {name: stored.table(name).to_dict(orient="records") for name in stored.tables}
    document["findings"] = stored.findings
    document["notes"] = stored.notes
    document["parts"] = {"arrays": stored.arrays, "images": stored.images, "charts": stored.charts}
    return document


def _print_run(store: Store, record: RunRecord, as_json: bool) -> None:
    if as_json:
        print_json(document_of(store, record))
        return
    say(f"run {record.id}  {record.analysis}  {record.model or record.points or record.data or ''}  {record.status}")
    if record.status == "failed":
        complain(record.error or "the run failed")
        say(f"The traceback: workbench show {record.id} --log")
        return
    if record.status != "done":
        say(f"Follow it: workbench show {record.id}")
        return
    from registry.result import in_words

    stored = store.result(record.id)
    rows = [(one.label or name, in_words(one), one.note) for name, one in stored.metrics.items()]
    print_table("Metrics", ("metric", "value", "how"), rows, empty="No metrics.")
    for finding in stored.findings:
        say(f"[{finding.severity}] {finding.code}: {finding.statement}")
    for note in stored.notes:
        say(f"Note: {note}")
    say(f"Export it: workbench export {record.id} --html")


def runs(
    model: Annotated[str | None, typer.Option(help="Only runs on this model.")] = None,
    analysis: Annotated[str | None, typer.Option(help="Only runs of this analysis.")] = None,
    status: Annotated[str | None, typer.Option(help="queued, running, done, failed or cancelled.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, newest first.")] = 20,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first."""
    found = open_store(store).runs(model=model, analysis=analysis, status=status, limit=limit)
    if as_json:
        print_json({"runs": found})
        return
    rows = [
        (
            one.id,
            one.analysis,
            one.model or one.points or one.data,
            one.status,
            f"{one.created:%Y-%m-%d %H:%M}",
            one.seed,
        )
        for one in found
    ]
    empty = "No run yet: try `workbench run projection --model mnist-vae --set space=z`."
    print_table("Runs", ("run", "analysis", "subject", "status", "made (UTC)", "seed"), rows, empty=empty)


def show(
    run_id: Annotated[str, typer.Argument(help="Id of the run, or its first characters.")],
    log: Annotated[bool, typer.Option("--log", help="Print the log and, of a failed run, the traceback.")] = False,
    manifest: Annotated[bool, typer.Option("--manifest", help="Print the manifest.")] = False,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Show one run: its numbers, or its log, or its manifest."""
    opened = open_store(store)
    record = opened.run(run_id)
    if log:
        text, _ = opened.log(record.id)
        print_json({"log": text, "traceback": record.traceback}) if as_json else say(text + (record.traceback or ""))
    elif manifest:
        print_json(opened.result(record.id).manifest)
    else:
        _print_run(opened, record, as_json)


def cancel(
    run_id: Annotated[str, typer.Argument(help="Id of the run, or its first characters.")],
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Cancel a run: its process and all its children end."""
    from workbench.runs import cancel as end

    opened = open_store(store)
    record = end(opened, opened.run(run_id).id)
    print_json({"run": record}) if as_json else say(f"run {record.id} is {record.status}")


def export(
    run_id: Annotated[str, typer.Argument(help="Id of the run, or its first characters.")],
    folder: Annotated[Path | None, typer.Option("--to", help="Folder to write to; by default run-ID here.")] = None,
    html: Annotated[bool, typer.Option("--html", help="Also one self-contained HTML report.")] = False,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """Write a run as parquet, npy, png and json files, and with --html as one page that needs no network."""
    from workbench.report import export as write

    opened = open_store(store)
    record = opened.run(run_id)
    written = write(opened, record.id, folder or Path(f"run-{record.id}"), html=html)
    print_json({"files": written}) if as_json else say("\n".join(str(one) for one in written))
