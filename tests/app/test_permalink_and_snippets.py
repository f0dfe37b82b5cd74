# SPDX-License-Identifier: Apache-2.0
"""A view's address reopens it; a run's code and command make it again."""

from __future__ import annotations

import shlex
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some
from pydantic import Field
from streamlit.testing.v1 import AppTest

from registry.analysis import Analysis
from registry.parameters import Params
from registry.result import Result
from workbench.app.parts import permalink
from workbench.runs import snippets
from workbench.runs.spec import RunSpec


def read_query(**query: str) -> dict[str, Any]:
    """What the readers of a permalink make of a query."""

    def page() -> None:
        import streamlit as st

        from workbench.app.parts import permalink

        st.session_state["read"] = {
            "run": permalink.run_id(),
            "colour": permalink.choice("colour", ["digit", "split"], "digit"),
            "seed": permalink.whole("seed", 0, 100, 7),
            "rows": permalink.rows("rows", 50),
        }

    test = AppTest.from_function(page)
    for name, one in query.items():
        test.query_params[name] = one
    test.run()
    assert not test.exception
    return dict(test.session_state["read"])


def test_what_is_valid_is_read() -> None:
    read = read_query(run="ab12cd34ef56", colour="split", seed="42", rows="3.14.15")
    assert read == {"run": "ab12cd34ef56", "colour": "split", "seed": 42, "rows": [3, 14, 15]}


@pytest.mark.parametrize(
    "query",
    [
        {"run": "../../etc/passwd", "colour": "<script>", "seed": "1e9", "rows": "a.b"},
        {"run": "AB12CD34EF56", "colour": "DIGIT", "seed": "101", "rows": "50.99999999999999"},
        {"run": "ab12cd34ef567", "colour": "", "seed": "-1", "rows": "-3"},
        {"run": "x" * 5000, "colour": "digit" * 500, "seed": "9" * 500, "rows": "1." * 5000},
        {},
    ],
)
def test_what_is_not_valid_falls_back(query: dict[str, str]) -> None:
    assert read_query(**query) == {"run": None, "colour": "digit", "seed": 7, "rows": []}


@given(some.lists(some.integers(0, 10**9), min_size=1, max_size=60, unique=True))
def test_rows_survive_the_address(rows: list[int]) -> None:
    written = permalink.rows_text(rows)
    assert written is not None
    assert [int(one) for one in written.split(".")] == rows


def test_an_address_is_quoted() -> None:
    address = permalink.address("projection", {"run": "ab12", "colour": "a&b=c d", "slice": None})
    assert parse_qs(urlsplit(address).query) == {"run": ["ab12"], "colour": ["a&b=c d"]}


class Sample(Analysis):
    """Sample."""

    name = "sample"

    class Params(Params):
        """Parameters of each kind."""

        space: str
        limit: int = Field(100, ge=1)
        rate: float = 0.5
        exact: bool = False
        method: Literal["pca", "tsne"] = "pca"
        sizes: tuple[int, ...] = (1, 2)
        note: str | None = None

    def run(self, job: Any, params: Any) -> Result:
        return Result()


words = some.text(some.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)
params = some.fixed_dictionaries(
    {"space": some.sampled_from(["z", "net.encoder.3", "with space", "quo'te\"s"])},
    optional={
        "limit": some.integers(1, 10**6),
        "rate": some.floats(0.001, 1000, allow_nan=False),
        "exact": some.booleans(),
        "method": some.sampled_from(["pca", "tsne"]),
        "sizes": some.lists(some.integers(0, 9), min_size=1, max_size=3),
        "note": some.none() | words,
    },
)
specs = some.builds(
    RunSpec,
    analysis=some.just("sample"),
    model=some.sampled_from([None, "mnist-vae"]),
    data=some.sampled_from([None, "mnist", "/a folder/it's.npy"]),
    slice=some.sampled_from([None, "fours"]),
    params=params,
    seed=some.integers(0, 2**63 - 1),
)


def filled(spec: RunSpec) -> dict[str, Any]:
    """All of a specification that decides its numbers, defaults filled in."""
    values = Sample.Params.read(spec.params).model_dump(mode="json")
    return {"model": spec.model, "data": spec.data, "slice": spec.slice, "seed": spec.seed, "params": values}


@given(specs, some.sampled_from([None, Sample]))
@settings(deadline=None)  # a loaded machine is no fault
def test_copied_code_asks_for_the_same_run(spec: RunSpec, analysis: type[Analysis] | None) -> None:
    asked: list[RunSpec] = []

    class Recorder:
        def run(
            self, name: str, *, model: Any = None, data: Any = None, slice: Any = None, seed: int = 0, **rest: Any
        ) -> None:
            asked.append(RunSpec(name, model, data, slice=slice, seed=seed, params=rest))

    code = snippets.as_code(spec, analysis).replace("import workbench as wb\n", "")
    exec(code, {"wb": Recorder()})  # noqa: S102  the code under test is meant to be run
    assert filled(asked[0]) == filled(spec)


@given(specs, some.sampled_from([None, Sample]))
@settings(deadline=None)
@example(RunSpec("sample", params={"space": "z", "note": '"quoted'}), None)
@example(RunSpec("sample", params={"space": "z", "note": "null"}), None)
@example(RunSpec("sample", params={"space": "z", "note": "[x"}), Sample)
def test_copied_command_asks_for_the_same_run(spec: RunSpec, analysis: type[Analysis] | None) -> None:
    from typer import Typer
    from typer.testing import CliRunner

    from workbench.cli import runs

    asked: list[dict[str, Any]] = []

    def record(*given_: Any, **named: Any) -> None:
        asked.append(named)

    application = Typer()
    application.command("run")(_like(runs.run, record))
    application.command("other")(lambda: None)
    command = shlex.split(snippets.as_command(spec, analysis))
    assert command[0] == "workbench"
    outcome = CliRunner().invoke(application, command[1:])
    assert outcome.exit_code == 0, outcome.output
    told = asked[0]
    read = RunSpec(
        told["analysis"], told["model"], told["data"], slice=told["slice_"],
        params=runs.read_settings(told["settings"] or []), seed=told["seed"],
    )  # fmt: skip
    assert filled(read) == filled(spec)


def _like(function: Any, instead: Any) -> Any:
    """``instead`` with the signature of ``function``, its annotations resolved."""
    import functools
    import inspect
    import typing

    hints = typing.get_type_hints(function, include_extras=True)
    signature = inspect.signature(function)

    @functools.wraps(function)
    def stand_in(**named: Any) -> None:
        instead(**named)

    stand_in.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[one.replace(annotation=hints[name]) for name, one in signature.parameters.items()]
    )
    stand_in.__annotations__ = hints
    del stand_in.__wrapped__  # type: ignore[attr-defined]
    return stand_in
