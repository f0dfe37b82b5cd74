# SPDX-License-Identifier: Apache-2.0
"""Copy as code and copy as command: the same run, to be started from Python or from a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from registry.analysis import Analysis

if TYPE_CHECKING:
    from workbench.runs.spec import RunSpec
    from workbench.store import RunRecord


class RunLike(Protocol):
    """What a run specification and a stored run have in common."""

    @property
    def analysis(self) -> str: ...
    @property
    def model(self) -> str | None: ...
    @property
    def data(self) -> str | None: ...
    @property
    def points(self) -> str | None: ...
    @property
    def slice(self) -> str | None: ...
    @property
    def params(self) -> Mapping[str, Any]: ...
    @property
    def seed(self) -> int: ...


def as_code(run: RunLike | RunSpec | RunRecord, analysis: type[Analysis] | None = None) -> str:
    """Python that makes the run again; parameters at their default are left out when ``analysis`` is known."""
    lines = [f"    {run.analysis!r},"]
    for name in ("model", "data", "points", "slice"):
        given = getattr(run, name)
        if given:
            lines.append(f"    {name}={given!r},")
    lines.append(f"    seed={run.seed},")
    params = changed(run.params, analysis)
    direct = {name: one for name, one in params.items() if name.isidentifier() and name not in _TAKEN}
    lines += [f"    {name}={one!r}," for name, one in direct.items()]
    rest = {name: one for name, one in params.items() if name not in direct}
    lines += [f"    **{rest!r},"] if rest else []
    body = "\n".join(lines)
    return f"import workbench as wb\n\nresult = wb.run(\n{body}\n)\n"


def as_command(run: RunLike | RunSpec | RunRecord, analysis: type[Analysis] | None = None) -> str:
    """The shell command that makes the run again."""
    words = ["workbench", "run", run.analysis]
    for name in ("model", "data", "points", "slice"):
        given = getattr(run, name)
        if given:
            words += [f"--{name}", str(given)]
    for name, one in changed(run.params, analysis).items():
        words += ["--set", f"{name}={_setting(one)}"]
    words += ["--seed", str(run.seed)]
    return shlex.join(words)


def changed(params: Mapping[str, Any], analysis: type[Analysis] | None) -> dict[str, Any]:
    """The parameters that are not at their default; all of them when the analysis is not known."""
    if analysis is None:
        return dict(params)
    fields = analysis.Params.model_fields
    return {
        name: one
        for name, one in params.items()
        if name not in fields
        or fields[name].is_required()
        or _plain(fields[name].get_default(call_default_factory=True)) != one
    }


_TAKEN = {"analysis", "model", "data", "points", "slice", "seed", "device", "store", "again", "inline"}


def _plain(default: Any) -> Any:
    """A default as it looks after a trip through JSON, which is how the store holds parameters."""
    return list(default) if isinstance(default, (tuple, set, frozenset)) else default


def _setting(value: Any) -> str:
    if isinstance(value, str) and value[:1] not in ("[", "{", '"') and value != "null":
        return value
    return json.dumps(value)
