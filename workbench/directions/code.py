# SPDX-License-Identifier: Apache-2.0
"""The code that makes a direction again: the run that found it, the sum of its parents, the file it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.errors import WorkbenchError
from workbench.runs.snippets import as_code

if TYPE_CHECKING:
    from workbench.store import DirectionRecord, RunRecord, Store, StoredResult

MOST_ROWS: Final = 5000  # of an array that are looked through for a direction


def code_of(store: Store, one: DirectionRecord) -> str:
    """Python that ends with ``vector``, float32 ``[d]``: the numbers of the direction, made again.

    What was found by a run is found by it again; what was made of other directions is made of them. Where neither is
    known any more, the code reads the exported file, and says how the direction was found.
    """
    try:
        body = _body(store, one)
    except (KeyError, TypeError, ValueError):  # how it was found is in the words of whoever kept it
        body = ""
    body = body or _file(one)
    head = f"# The direction {one.name!r} of the space {one.space!r} of {_of(one)}: {one.size:,} numbers."
    return f"{head}\n{body}"


def _body(store: Store, one: DirectionRecord) -> str:
    made = one.how.get("made")
    if made == "combination":
        return _combination(one.how["parents"])
    if made == "orthogonalised":
        return _orthogonalised(one)
    if made == "capped":
        return _capped(one)
    if made == "import":
        return _import(one)
    return _run(store, one) if one.how.get("run") else ""


def _run(store: Store, one: DirectionRecord) -> str:
    """The run that found it, and where the vector lies in its result; nothing when the run is gone."""
    run_id = str(one.how["run"])
    try:
        record = store.run(run_id)
        place = _place(store.result(record.id), one)
    except WorkbenchError:
        return ""
    if place is None:
        return ""
    array, index, factor = place
    row = f"[{index}]" if index is not None else ""
    times = "" if factor == 1 else f" * {factor!r}"
    notes = _needs(record, one.how)
    run = as_code(record, _analysis(record.analysis)).replace("import workbench as wb\n", "", 1).lstrip("\n")
    return (
        "import numpy as np\n\nimport workbench as wb\n\n"
        f"{notes}{run}vector = np.asarray(np.asarray(result.arrays[{array!r}]){row}{times}, dtype=np.float32)\n"
    )


def _place(result: StoredResult, one: DirectionRecord) -> tuple[str, int | None, float] | None:
    """Array and row of a result that hold the vector of a direction, and how many times as long it is."""
    vector = one.vector().astype(np.float64)
    told = one.how.get("array")
    names = [str(told)] if told in result.arrays else result.arrays
    for name in names:
        values = result.array(name)
        rows = np.atleast_2d(values)
        is_set = values.dtype.kind == "f" and values.ndim in (1, 2) and rows.shape[1] == one.size
        if not is_set or len(rows) > MOST_ROWS:  # so many are points
            continue
        wide = rows.astype(np.float64)
        along, long = wide @ vector, np.square(wide).sum(axis=1)
        for at in np.flatnonzero((along > 0) & (along**2 > (1 - 1e-5) * long * (vector @ vector))):
            factor = float(along[at] / long[at])
            if np.allclose(wide[at] * factor, vector, rtol=1e-5, atol=1e-6 * np.abs(vector).max()):
                return name, None if values.ndim == 1 else int(at), 1.0 if abs(factor - 1) < 1e-6 else factor
    return None


def _needs(record: RunRecord, how: Mapping[str, Any]) -> str:
    """What the store must hold for the run to be made again, as a comment."""
    slices = [str(one["slice"]) for one in how.values() if isinstance(one, Mapping) and one.get("slice")]
    slices += [record.slice] if record.slice else []
    kept = list(record.params.get("kept") or [])
    needs = [f"the slice {name!r}" for name in dict.fromkeys(slices)] + [f"the direction {name!r}" for name in kept]
    return f"# Needs, in the store: {', '.join(needs)}.\n" if needs else ""


def _analysis(name: str) -> Any:
    from workbench.discovered import catalogue

    return catalogue().analyses.get(name)


def _combination(parents: Sequence[Mapping[str, Any]]) -> str:
    weights = [float(one["weight"]) for one in parents]
    return (
        f"{_opened(parents, 'combination')}"
        f"vector = np.asarray(combination([{_listed(parents)}], {weights!r}), dtype=np.float32)\n"
    )


def _orthogonalised(one: DirectionRecord) -> str:
    against = one.how["against"]
    return (
        f"{_opened([one.how['of'], *against], 'scaled, without')}"
        f"rest = without(parents[{one.how['of']['name']!r}], [{_listed(against)}])\n"
        f"length = np.linalg.norm(parents[{one.how['of']['name']!r}])  # one step is as long as before\n"
        "vector = np.asarray(scaled(rest, length), dtype=np.float32)\n"
    )


def _capped(one: DirectionRecord) -> str:
    of = one.how["of"]
    why = ""
    if one.how.get("quantile") is not None:
        why = (
            f"  # {one.how['quantile']:.1%} of {one.how['draws']:,} draws from the prior (seed {one.how['seed']}) lie "
            "nearer"
        )
    return (
        f"{_opened([of], 'scaled')}"
        f"length = {float(one.how['length'])!r}{why}\n"
        f"vector = np.asarray(scaled(parents[{of['name']!r}], length), dtype=np.float32)\n"
    )


def _import(one: DirectionRecord) -> str:
    file, array = str(one.how["file"]), one.how.get("array")
    return (
        "from pathlib import Path\n\nfrom workbench.directions.importing import read_vectors\n\n"
        f"# SHA-256 of the file: {str(one.how['file_sha256'])!r}\n"
        f"vector = read_vectors(Path({file!r}), {array!r})[{int(one.how['row'])}]\n"
    )


def _file(one: DirectionRecord) -> str:
    how = ", ".join(f"{what}: {told}" for what, told in one.how.items() if isinstance(told, str | int | float) and told)
    text = " ".join(how.split())
    why = f"# What found it is not in the store any more ({text}).\n" if text else "# How it was found was not kept.\n"
    return f'from safetensors.numpy import load_file\n\n{why}vector = load_file("{one.name}.safetensors")["vector"]\n'


def _opened(parents: Sequence[Mapping[str, Any]], names: str) -> str:
    """Code that reads the parents from the store, and stops when one is not what it was."""
    known = {str(one["name"]): str(one["sha256"]) for one in parents}
    lines = "".join(f"    {name!r}: {sha256!r},\n" for name, sha256 in known.items())
    return (
        f"import numpy as np\n\nimport workbench as wb\nfrom workbench.directions import {names}\n\n"
        f"made_of = {{  # name and SHA-256 of the file of each\n{lines}}}\n"
        "with wb.Store.open() as store:\n"
        "    records = {name: store.direction(name) for name in made_of}\n"
        "    for name, record in records.items():\n"
        '        assert record.sha256 == made_of[name], f"another direction is kept under the name {name}"\n'
        "    parents = {name: record.vector() for name, record in records.items()}\n"
    )


def _listed(parents: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"parents[{one['name']!r}]" for one in parents)


def _of(one: DirectionRecord) -> str:
    return f"the model {one.model!r}" if one.model is not None else "bare data"


def parents_of(one: DirectionRecord) -> list[str]:
    """Names of the directions that one was made of, as they were then."""
    found = [*one.how.get("parents", []), one.how.get("of"), *one.how.get("against", [])]
    return list(dict.fromkeys(str(each["name"]) for each in found if isinstance(each, Mapping) and "name" in each))
