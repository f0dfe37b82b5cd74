# SPDX-License-Identifier: Apache-2.0
"""Commands that say what is there: models, analyses, plugins, and whether a model keeps the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.options import AsJson, PluginsDir, StoreLocation, open_catalogue, open_store
from workbench.cli.output import FAILED, print_json, print_table, say


def models(
    name: Annotated[str | None, typer.Argument(help="One model, with its spaces and maps.")] = None,
    plugins_dir: PluginsDir = None,
    store: StoreLocation = None,
    as_json: AsJson = False,
) -> None:
    """List the models, or show the spaces, maps and layers of one."""
    catalogue = open_catalogue(plugins_dir)
    if name is not None:
        _model(catalogue.model(name), store, as_json)
        return
    listed: list[dict[str, Any]] = [
        {
            "name": card.name,
            "title": card.title,
            "licence": card.licence,
            "tags": card.tags,
            "data": card.data,
            "missing": card.missing(),
            "plugin": catalogue.origin("model", card.name).name,
        }
        for card in catalogue.models.values()
    ]
    if as_json:
        print_json({"models": listed})
        return
    rows = [(one["name"], one["licence"], ", ".join(one["tags"]), one["missing"] or "ready") for one in listed]
    print_table(
        "Models", ("name", "licence", "tags", "state"), rows, empty="No model: see `workbench new-plugin --help`."
    )


def _model(card: Any, location: str | None, as_json: bool) -> None:
    from workbench.runs import describe

    store = open_store(location)
    described = describe(store, card.name)
    if as_json:
        print_json({"name": card.name, "licence": card.licence, **json.loads(described.to_json())})
        return
    say(f"{card.title or card.name}  ({card.licence or 'no licence stated'})\n{card.description}\n")
    print_table(
        "Spaces", ("name", "kind", "point"), [(one.name, one.kind, one.row_shape) for one in described.spaces.values()],
        empty="It has no spaces.",
    )  # fmt: skip
    print_table(
        "Maps", ("name", "from", "to", "conditions"),
        [(one.name, one.source, one.target, ", ".join(f"{c.name}={c.default}" for c in one.conditions))
         for one in described.maps.values()],
        empty="It has no maps.",
    )  # fmt: skip
    print_table(
        "Layers", ("name", "shape", "driven by"),
        [(one.name, list(one.shape), one.map) for one in described.layers.values()], empty="It holds no networks.",
    )  # fmt: skip
    for problem in described.problems:
        say(f"! {problem}")


def analyses(
    name: Annotated[str | None, typer.Argument(help="One analysis, with its parameters.")] = None,
    plugins_dir: PluginsDir = None,
    as_json: AsJson = False,
) -> None:
    """List the analyses, or show the parameters of one."""
    catalogue = open_catalogue(plugins_dir)
    if name is None:
        listed = [
            {"name": one.name, "title": one.title, "version": one.version, "description": one.description()}
            for one in catalogue.analyses.values()
        ]
        if as_json:
            print_json({"analyses": listed})
            return
        rows = [(one["name"], one["version"], one["description"].split("\n")[0]) for one in listed]
        print_table("Analyses", ("name", "version", "question"), rows, empty="No analysis is installed.")
        return
    analysis = catalogue.analysis(name)
    fields = [
        {
            "name": field_name,
            "type": schema.get("type") or schema.get("enum") or "",
            "default": schema.get("default", "needed"),
            "description": schema.get("description", ""),
        }
        for field_name, schema in analysis.Params.model_json_schema().get("properties", {}).items()
    ]
    if as_json:
        print_json({"name": name, "version": analysis.version, "schema": analysis.Params.model_json_schema()})
        return
    say(f"{analysis.name} (version {analysis.version})\n{analysis.description()}\n")
    print_table(
        "Parameters, set with --set name=value", ("name", "default", "meaning"),
        [(one["name"], one["default"], one["description"]) for one in fields], empty="It has no parameters.",
    )  # fmt: skip


def plugins(
    broken: Annotated[
        bool, typer.Option("--broken", help="Only those that do not work, with their traceback.")
    ] = False,
    plugins_dir: PluginsDir = None,
    as_json: AsJson = False,
) -> None:
    """List every plugin: version, where it came from, what it offers, and its error when it is broken."""
    found = [one for one in open_catalogue(plugins_dir).plugins if not broken or one.status == "broken"]
    if as_json:
        print_json({"plugins": found})
        return
    rows = [
        (one.name, one.version, one.origin, _offers(one.offers), one.status + (f": {one.error}" if one.error else ""))
        for one in found
    ]
    empty = "No plugin is broken." if broken else "No plugin is installed."
    print_table("Plugins", ("name", "version", "from", "offers", "state"), rows, empty=empty)
    for one in found if broken else []:
        if one.traceback:
            say(f"\n{one.name}:\n{one.traceback.rstrip()}")


def _offers(offers: Any) -> str:
    """What a plugin offers, in words; entries are files, of which the stem is enough."""
    return "; ".join(
        f"{kind}: {', '.join(Path(one).stem if kind == 'entries' else one for one in names)}"
        for kind, names in offers.items()
        if names
    )


def check(
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    device: Annotated[str, typer.Option(help="cpu or cuda:0.")] = "cpu",
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    plugins_dir: PluginsDir = None,
    as_json: AsJson = False,
) -> None:
    """Check that a model keeps the contract: shapes, determinism, batches, gradients, hooks, memory."""
    from registry.conformance import check_model

    card = open_catalogue(plugins_dir).model(model)
    report = check_model(card, device=device, seed=seed)
    if as_json:
        print_json({"model": model, "passed": report.passed, "checks": report.checks})
    else:
        rows = [
            (one.outcome, one.name, one.subject, "" if one.value is None else f"{one.value:.3g}", one.words)
            for one in report.checks
        ]
        print_table(
            f"Conformance of {model}", ("outcome", "check", "of", "number", "in words"), rows, empty="No check."
        )
        counts = {
            kind: sum(one.outcome == kind for one in report.checks) for kind in ("pass", "fail", "does not apply")
        }
        say(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    if not report.passed:
        raise typer.Exit(FAILED)
