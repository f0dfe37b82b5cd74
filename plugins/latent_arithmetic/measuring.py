# SPDX-License-Identifier: Apache-2.0
"""One run of the analysis, step by step; what it found is put into a result elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.difference_direction.shell import Shell, shell_of
from plugins.latent_arithmetic import sums
from plugins.latent_arithmetic.control import Scored, control
from plugins.latent_arithmetic.decoding import BATCH, Decoder, decoder_of
from plugins.latent_arithmetic.groups import Group, Source, groups_of, source_of, units_of
from plugins.latent_arithmetic.nearest import Nearest, nearest, unit
from plugins.latent_arithmetic.settling import Change, change_of, numbers, other_choices, random_sums, settling
from plugins.latent_arithmetic.terms import read_term
from registry.arrays import bad_rows

if TYPE_CHECKING:
    import pandas as pd

    from plugins.latent_arithmetic.analysis import LatentArithmetic

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

SHOWN: Final = 8  # exemplars of a group, and neighbours, that are shown
CHOICES: Final = 4  # random choices of exemplars in a row of the pictures by number of exemplars
LENGTHS: Final = 200  # other choices of exemplars that the distance from the centre is told of


@dataclass
class Pictures:
    """Everything decoded, float32 ``[n, c, h, w]``, 0..1 being the range of the space.

    Attributes
    ----------
    means : of the groups (on the shell, where sums are brought there)
    result, as_it_is, rescaled, pixel_sum, cloud : of the sum, before and after it is brought to the shell, of the same
        sum of pictures, and of the sum among its neighbours
    exemplars, exemplar_of : the first eight of each group, and the term that each is of
    nearest : of the points nearest to the sum, as in the table
    by_number : ``[numbers * choices]`` sums with few exemplars
    """

    means: Float32
    result: Float32
    as_it_is: Float32
    rescaled: Float32 | None
    pixel_sum: Float32
    cloud: Float32
    exemplars: Float32
    exemplar_of: list[tuple[int, int]]
    nearest: Float32
    by_number: Float32 | None


@dataclass
class Measured:
    """Everything that a run found."""

    source: Source
    space: wb.Space
    groups: list[Group]
    parts: sums.Split
    raw: Float64
    result: Float64
    change: Change | None
    curve: pd.DataFrame | None
    shell: Shell | None
    lengths: Float64
    near: Nearest
    near_rows: Int64
    by_number: list[int]
    metric: str
    pictures: Pictures | None = None
    scored: Scored | None = None
    cloud_codes: Float64 | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def used(self) -> int:
        """Exemplars in the smallest group of the change that was sampled; in the smallest where none was."""
        edit = [self.groups[place] for place in self.parts.edit]
        return min([len(one.chosen) for one in edit if not one.fixed] or [len(one.chosen) for one in edit])


def measure(job: wb.Job, params: LatentArithmetic.Params) -> Measured:
    """Choose exemplars, add their means, and measure the sum.

    Raises
    ------
    DataError, ParameterError
        When a group is empty, too small or stands twice, a row is not there or not finite, a scorer does not apply.
    """
    job.progress(0.0, "exemplars")
    source = source_of(job, params.space)
    decoder, notes = decoder_of(job, params.space, params)
    terms = [read_term(one) for one in params.terms]
    if params.attribute is not None and decoder is not None:
        decoder.reader(params.attribute)
    groups = groups_of(
        job, params.space, terms, source, k=params.k, limit=params.limit, candidates=params.candidates,
        share=params.share,
        scores=_scores(job, params.space, decoder),
    )  # fmt: skip
    pool = _pool(job, params, groups)
    space = pool.space
    metric = str(getattr(space, "metric", "euclidean"))
    values = pool.flat().astype(np.float64)
    if metric == "cosine" and decoder is None:  # what word analogies are made of (3CosAdd)
        values = unit(values)
        groups = [Group(one.term, one.rows, unit(one.codes), one.chosen) for one in groups]
        notes.append("This space compares by angle: every point was brought to length 1 before it was added.")
    job.progress(0.25, "the sum")
    signs = [one.term.sign for one in groups]
    parts = sums.split(signs)
    raw = sums.signed_sum([one.mean for one in groups], signs)
    shell = shell_of(space)
    finish = _finisher(shell if params.rescale else None)
    if params.rescale and shell is None:
        notes.append(f"{params.space} has no normal prior, so there is no shell to bring the sum to.")
    result = finish(raw)
    centre = shell.mean if shell is not None else values.mean(axis=0)
    change = change_of(groups, parts, centre, job.rng)
    curve = settling(groups, parts, change, centre, job.rng) if change is not None else None
    inputs = np.flatnonzero(np.isin(pool.rows, np.concatenate([one.rows[one.chosen] for one in groups])))
    near = nearest(result, values, inputs, metric=metric, count=SHOWN)
    rare = [len(one.codes) for one in groups if not one.term.listed] or [len(one.codes) for one in groups]
    by_number = numbers(min(min(rare), 50))[:6] if rare else []
    measured = Measured(
        source, space, groups, parts, raw, result, change, curve, shell,
        _lengths(groups, parts, shell, job.rng), near, pool.rows[near.positions], by_number, metric, notes=notes,
    )  # fmt: skip
    if decoder is not None:
        try:
            _decode(job, params, measured, decoder, values, finish)
        except wb.MapError as error:  # what was measured in the space stands
            measured.pictures = None
            notes.append(f"The sum could not be decoded: {error}. Bring it to the shell, or use fewer terms.")
    return measured


def _decode(
    job: wb.Job,
    params: LatentArithmetic.Params,
    measured: Measured,
    decoder: Decoder,
    pool: Float64,
    finish: Callable[[Float64], Float64],
) -> None:
    job.progress(0.35, "decoding")
    groups, signs = measured.groups, [one.term.sign for one in measured.groups]
    cloud = sums.cloud(measured.result, units_of(measured.space, pool), params.cloud, job.rng)
    exemplars = [(term, place) for term, one in enumerate(groups) for place in one.chosen[:SHOWN]]
    ghosts = sums.signed_sum([decoder(one.codes[one.chosen]).mean(axis=0, dtype=np.float64) for one in groups], signs)
    few = _few(measured, finish, job.rng)
    shell = measured.shell
    rescaled = None if shell is None else sums.on_the_shell(measured.raw, shell.mean, shell.std)
    measured.cloud_codes = cloud
    measured.pictures = Pictures(
        means=decoder(np.stack([finish(one.mean) for one in groups])),
        result=decoder(measured.result[None]),
        as_it_is=decoder(measured.raw[None]),
        rescaled=None if rescaled is None else decoder(rescaled[None]),
        pixel_sum=ghosts[None].astype(np.float32),
        cloud=decoder(cloud),
        exemplars=decoder(np.stack([groups[term].codes[place] for term, place in exemplars])),
        exemplar_of=[(term, int(groups[term].rows[place])) for term, place in exemplars],
        nearest=decoder(pool[measured.near.positions]),
        by_number=decoder(few) if len(few) else None,
    )
    if decoder.readers:
        job.progress(0.6, "random exemplars")
        measured.scored = control(
            decoder, groups, measured.parts, pool, measured.result, ghosts,
            trials=params.random, attribute=params.attribute, finish=finish, rng=job.rng,
        )  # fmt: skip


def _few(measured: Measured, finish: Callable[[Float64], Float64], rng: np.random.Generator) -> Float64:
    """The sum with 1, 2, 3, 5, 10, ... exemplars, in several random choices each, ``[numbers * choices, d]``.

    Listed rows are used whole where other groups vary.
    """
    groups = measured.groups
    vary = [place for place, one in enumerate(groups) if not one.term.listed] or list(range(len(groups)))
    rest = np.zeros(len(measured.raw))
    for place, one in enumerate(groups):
        if place not in vary:
            rest = rest + one.term.sign * one.mean
    rows = [rest + random_sums(groups, vary, count, CHOICES, rng)[0] for count in measured.by_number]
    return np.stack([finish(one) for one in np.concatenate(rows)]) if rows else np.empty((0, len(measured.raw)))


def _finisher(shell: Shell | None) -> Callable[[Float64], Float64]:
    if shell is None:
        return lambda code: code
    return lambda code: sums.on_the_shell(code, shell.mean, shell.std)


def _lengths(groups: list[Group], parts: sums.Split, shell: Shell | None, rng: np.random.Generator) -> Float64:
    """Distances from the centre of a normal prior of the sum with other choices of as many exemplars.

    Listed rows that are changed stay. What resampling adds to the squared length is taken off again.
    """
    if shell is None:
        return np.empty(0)
    stays = parts.base if parts.base is not None and groups[parts.base].term.listed else None
    total, added = other_choices(groups, [one for one in range(len(groups)) if one != stays], LENGTHS, rng)
    if stays is not None:
        total = total + groups[stays].mean
    squared = np.square(shell.standardised(total)).sum(axis=1) - float((added / np.square(shell.std)).sum())
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def _pool(job: wb.Job, params: LatentArithmetic.Params, groups: list[Group]) -> wb.Points:
    """Points that neighbours and random exemplars are taken from; the exemplars are among them."""
    some = job.points(params.space, limit=params.limit)
    rows = np.unique(np.concatenate([some.rows, *(one.rows[one.chosen] for one in groups)]))
    points = some if np.array_equal(rows, some.rows) else job.points(params.space, rows=rows)
    bad = bad_rows(points.flat())
    if bad.size:
        raise wb.DataError(f"{bad.size:,} of {len(points):,} points hold NaN or infinity: leave these rows out")
    return points


def _scores(job: wb.Job, space: str, decoder: Decoder | None) -> Callable[[str, Int64], Float64]:
    """The score of rows by a scorer, read off their decoded pictures; the same ones are read once."""
    known: dict[tuple[str, bytes], Float64] = {}

    def read(name: str, rows: Int64) -> Float64:
        if decoder is None:
            raise wb.DoesNotApply(f"'{name}' scores pictures, and no map of the model leads from '{space}' to any")
        reader = decoder.reader(name)
        if (name, rows.tobytes()) in known:
            return known[name, rows.tobytes()]
        codes = job.points(space, rows=rows).flat()
        found: list[Any] = []
        for start in range(0, len(codes), BATCH):
            found.append(reader.read(np.clip(decoder(codes[start : start + BATCH]), 0, 1)))
            job.progress(0.02 + 0.2 * min(start + BATCH, len(codes)) / len(codes), f"scoring {name}")
        known[name, rows.tobytes()] = np.concatenate(found)
        return known[name, rows.tobytes()]

    return read
