# SPDX-License-Identifier: Apache-2.0
"""The key of a run: SHA-256 over canonical JSON of everything that decides its numbers."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from registry.errors import ParameterError

SCHEMA = 1
# A new release of these may change the numbers of any analysis.
NUMERICS = ("numpy", "torch", "scipy", "scikit-learn", "openTSNE", "umap-learn", "faiss-cpu", "gudhi", "ripser", "POT")

_WORDS = {
    "schema": "the way keys are made",
    "analysis.name": "the analysis",
    "analysis.version": "the version of the analysis",
    "analysis.source": "the plugin that the analysis comes from",
    "model": "the model",
    "model.name": "the model",
    "model.fingerprint": "the model's weights or code",
    "model.code": "what the files of the model hold",
    "data": "the data",
    "data.name": "the data set",
    "data.fingerprint": "the content of the data set",
    "points": "the points",
    "points.fingerprint": "the content of the points",
    "slice": "the rows of the slice",
    "slice.rows": "the rows of the slice",
    "slice.of": "what the slice is of",
    "slices": "the slices that are picked",
    "scorers": "the scorers",
    "directions": "the kept directions",
    "seed": "the seed",
    "device": "the kind of device",
}


def canonical(value: Any) -> str:
    """``value`` as JSON in one spelling: keys sorted, whole floats written as integers, no spaces.

    Raises :class:`ParameterError` for a number that is not finite and for what JSON cannot hold.

    >>> canonical({"b": 2.0, "a": [1, (2, 3)]})
    '{"a":[1,[2,3]],"b":2}'
    """
    return json.dumps(_plain(value, ""), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def run_key(preimage: Mapping[str, Any]) -> str:
    """SHA-256 (64 hexadecimal characters) of the canonical JSON of ``preimage``."""
    return hashlib.sha256(canonical(preimage).encode("ascii")).hexdigest()


def preimage_of(
    *,
    analysis: str,
    analysis_version: str,
    source: str,
    params: Mapping[str, Any],
    seed: int,
    device: str,
    model: tuple[str, str] | None = None,
    code: str = "",
    data: tuple[str, str] | None = None,
    points: str | None = None,
    slice: str | Mapping[str, str] | None = None,
    slices: Mapping[str, str | Mapping[str, str]] | None = None,
    scorers: Mapping[str, str] | None = None,
    directions: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the key is made of.

    Parameters
    ----------
    source : the distribution (and version) or the folder plugin (and hash) that the analysis comes from
    params : every parameter, with defaults filled in
    device : the kind of device, ``"cpu"`` or ``"cuda"``: which of several graphics cards does not matter
    model, data : (name, fingerprint)
    code : hash of the files that the model comes from
    points : fingerprint of a bare array of points
    slice : SHA-256 of the rows of the run's slice; with what they are draws of, for draws from a prior
    slices : the same for each slice that a parameter names
    scorers : hash of the files of each scorer that the analysis may use; only where it uses scorers
    directions : SHA-256 of the vector of each kept direction that a parameter names; only where one can name any
    """
    plain = {
        "schema": SCHEMA,
        "analysis": {"name": analysis, "version": analysis_version, "source": source},
        "model": None if model is None else {"name": model[0], "fingerprint": model[1], "code": code},
        "data": None if data is None else {"name": data[0], "fingerprint": data[1]},
        "points": None if points is None else {"fingerprint": points},
        "slice": slice if slice is None or isinstance(slice, str) else dict(slice),
        "slices": dict(slices or {}),
        "params": dict(params),
        "seed": seed,
        "device": device,
        "numerics": {name: installed(name) for name in NUMERICS},
    }
    if scorers is not None:
        plain["scorers"] = dict(scorers)
    if directions is not None:
        plain["directions"] = dict(directions)
    read: dict[str, Any] = json.loads(canonical(plain))
    return read


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """What differs from preimage ``a`` to preimage ``b``, one sentence each; empty when the keys are equal.

    >>> differences({"seed": 0, "params": {"limit": 10}}, {"seed": 1, "params": {"limit": 10.0}})
    ['the seed was 0 and is now 1']
    """
    before, after = dict(_leaves(_plain(a, ""))), dict(_leaves(_plain(b, "")))
    found = []
    for path in [*before, *(one for one in after if one not in before)]:
        if path in before and path in after and canonical(before[path]) == canonical(after[path]):
            continue
        found.append(f"{_in_words(path)} was {_shown(before, path)} and is now {_shown(after, path)}")
    return found


def installed(distribution: str) -> str:
    """Version of an installed distribution, ``""`` where it is not installed (nothing is imported)."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _plain(value: Any, path: str) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ParameterError(f"'{path or 'value'}' is {value}: give a finite number")
        return int(value) if value.is_integer() else float(value)
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise ParameterError(f"'{path or 'value'}' has the key {name!r}: keys must be text")
        return {str(name): _plain(one, f"{path}.{name}" if path else name) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one, f"{path}[{row}]") for row, one in enumerate(value)]
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a numpy number
        return _plain(value.item(), path)
    raise ParameterError(
        f"'{path or 'value'}' is a {type(value).__name__}: give numbers, text, lists or tables of them"
    )


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value and not path.startswith("params."):
        for name in sorted(value):
            yield from _leaves(value[name], f"{path}.{name}" if path else name)
    elif value != {} or path.startswith("params."):
        yield path, value


def _in_words(path: str) -> str:
    if path in _WORDS:
        return _WORDS[path]
    head, _, rest = path.partition(".")
    if head == "slices" and rest.endswith(".of"):
        return f"what the slice '{rest.removesuffix('.of')}' is of"
    if head == "slices":
        rest = rest.removesuffix(".rows")
    kinds = {
        "params": "the parameter",
        "numerics": "the installed version of",
        "slices": "the rows of the slice",
        "scorers": "the code of the scorer",
        "directions": "the vector of the direction",
    }
    return f"{kinds[head]} '{rest}'" if head in kinds else f"'{path}'"


def _shown(leaves: Mapping[str, Any], path: str) -> str:
    if path not in leaves or leaves[path] is None:
        return "not given"
    text = canonical(leaves[path]).strip('"') or "empty"
    is_hash = len(text) == 64 and all(one in "0123456789abcdef" for one in text)
    return f"{text[:12]}..." if is_hash else text[:80]
