# SPDX-License-Identifier: Apache-2.0
"""New directions from kept ones: a weighted sum, what is left without others, another length of step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.errors import DoesNotApply, ParameterError
from workbench.directions.arithmetic import Float64, combination, scaled, step_within, without
from workbench.directions.comparing import check_same
from workbench.store.names import check_name

if TYPE_CHECKING:
    from workbench.store import DirectionRecord, Store

DRAWS: Final = 10_000  # from the prior, to measure a step by
SEED: Final = 0


def combine(
    store: Store, name: str, weights: Mapping[str, float], *, note: str = "", replace: bool = False
) -> DirectionRecord:
    """Keep the weighted sum of kept directions, at the lengths that they have, under a name.

    Raises
    ------
    StoreError
        When there is none of a name, the new name is taken, or the sum is no direction.
    ParameterError
        When they are not of the same model, weights and space.
    DataError
        When the sum vanishes, or a weight is not finite.
    """
    if not weights:
        raise ParameterError("name at least one direction with its weight")
    parents = [store.direction(one) for one in weights]
    check_same(parents)
    total = combination(np.stack([one.vector() for one in parents]), list(weights.values()))
    how = {
        "made": "combination",
        "parents": [{**parent(one), "weight": float(weights[one.name])} for one in parents],
    }
    return _keep(store, name, parents[0], total, how, note, replace)


def orthogonalise(
    store: Store, name: str, of: str, against: Sequence[str], *, note: str = "", replace: bool = False
) -> DirectionRecord:
    """Keep what is left of a direction without all that lies along others, as long a step as before, under a name.

    Raises the errors of :func:`combine`; :class:`DataError` when nothing is left.
    """
    start = store.direction(of)
    others = [store.direction(one) for one in dict.fromkeys(against)]
    if not others:
        raise ParameterError(f"name at least one direction to take out of '{of}'")
    check_same([start, *others])
    vector = start.vector()
    rest = without(vector, np.stack([one.vector() for one in others]))
    how = {
        "made": "orthogonalised",
        "of": parent(start),
        "against": [parent(one) for one in others],
        "cosine_with_original": float(rest @ scaled(vector, 1.0)),
    }
    return _keep(store, name, start, scaled(rest, _length(vector)), how, note, replace)


def cap(
    store: Store,
    name: str,
    of: str,
    *,
    length: float | None = None,
    quantile: float | None = None,
    note: str = "",
    replace: bool = False,
) -> DirectionRecord:
    """Keep a direction under a name with another length of step.

    Parameters
    ----------
    length : of one step, in the units of the space
    quantile : instead, one step leads as far as this share of draws from the prior of the space lies along the
        direction at most (10,000 draws under seed 0)

    Raises
    ------
    ParameterError
        When not exactly one of both is given.
    DoesNotApply
        When a quantile is asked for and the space has no prior.
    DataError
        When the length or the quantile is out of range.
    """
    if (length is None) == (quantile is None):
        raise ParameterError("say how long one step is to be: a length, or a quantile of draws from the prior")
    start = store.direction(of)
    how: dict[str, Any] = {"made": "capped", "of": parent(start)}
    if length is None:
        assert quantile is not None
        length = step_within(start.vector(), _draws(store, start), quantile)
        how |= {"quantile": quantile, "draws": DRAWS, "seed": SEED}
    return _keep(store, name, start, scaled(start.vector(), length), {**how, "length": length}, note, replace)


def parent(one: DirectionRecord) -> dict[str, str]:
    """Which direction another was made of: its name, and the hash of its vector, which stays true if it is replaced."""
    return {"name": one.name, "sha256": one.sha256}


def _keep(
    store: Store,
    name: str,
    like: DirectionRecord,
    vector: Float64,
    how: Mapping[str, Any],
    note: str,
    replace: bool,
) -> DirectionRecord:
    check_name(name, "direction")
    told = {**how, "note": note} if note else dict(how)
    return store.save_direction(
        name,
        model=like.model,
        fingerprint=like.fingerprint,
        space=like.space,
        vector=vector,
        how=told,
        replace=replace,
    )


def _draws(store: Store, one: DirectionRecord) -> Float64:
    from workbench.points import sample_prior
    from workbench.runs import describe
    from workbench.runs.kept import misfit_of

    if one.model is None:
        raise DoesNotApply(f"'{one.name}' is a direction of bare data, which has no prior: give a length")
    description = describe(store, one.model)
    wrong = misfit_of(one, one.model, description.fingerprint)
    if wrong:
        raise ParameterError(f"the direction '{one.name}' does not fit: {wrong}")
    space = description.space(one.space)
    if getattr(space, "prior", None) is None:
        raise DoesNotApply(f"the space '{one.space}' of '{one.model}' has no prior: give a length")
    return np.asarray(sample_prior(space, np.arange(DRAWS, dtype=np.int64), SEED), dtype=np.float64).reshape(DRAWS, -1)


def _length(vector: Any) -> float:
    return float(np.linalg.norm(np.asarray(vector, dtype=np.float64)))
