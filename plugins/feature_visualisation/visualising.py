# SPDX-License-Identifier: Apache-2.0
"""The search: pictures from several starts, a set that differs, and the same in a network with shuffled weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import workbench as wb
from plugins.feature_visualisation.asking import Asked, asked_of
from plugins.feature_visualisation.optimising import parametrisations as forms
from plugins.feature_visualisation.optimising import pictures
from plugins.feature_visualisation.optimising.ascending import Climb, Climbed, climb
from plugins.feature_visualisation.optimising.reading import randomised
from plugins.feature_visualisation.optimising.transformations import Shaking
from plugins.feature_visualisation.samples import Samples, fitted, measured, noise, sampled
from registry.arrays import is_distribution

if TYPE_CHECKING:
    from plugins.feature_visualisation.analysis import FeatureVisualisation

Float64 = NDArray[np.float64]

SIZE: Final = 128
TOP: Final = 12  # samples of the data that are shown
DRAWS: Final = 64  # codes drawn from the prior, beside those that were searched
SHUFFLED: Final = 2  # starts in the network with shuffled weights
ROOM: Final = 0.02  # how far from the middle grey a start that is no spectrum varies, as a share of the range


@dataclass(frozen=True)
class Group:
    """Points that were searched together: their pictures as they are shown, and the number of each of those."""

    title: str
    pictures: pictures.Pixels | None
    values: Float64
    curve: Float64
    flat: NDArray[np.bool_]
    alike: float
    codes: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Found:
    """All that the run knows.

    Attributes
    ----------
    groups : what was searched: from different starts, then the set that differs
    samples : of the data; ``others`` are numbers of noise, or of draws from the prior, by what they are
    shuffled, shuffled_samples : the same search, and the same samples, in the network with shuffled weights
    """

    words: str
    through: str
    source: str
    shape: tuple[int, ...]
    groups: tuple[Group, ...]
    samples: Samples
    others: dict[str, Float64]
    shuffled: Group | None
    shuffled_samples: Float64
    rectified: bool
    shell: tuple[float, float] | None
    seconds: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Subject:
    """What is searched: the space, the generator in front, and the size of the pictures."""

    job: wb.Job
    params: FeatureVisualisation.Params
    through: wb.Map[Any, Any]
    decode: wb.Map[Any, Any] | None
    size: tuple[int, int]

    @property
    def images(self) -> wb.Images | None:
        source = self.through.source
        return source if isinstance(source, wb.Images) else None

    @property
    def codes(self) -> wb.Vectors | None:
        found = self.decode.source if self.decode is not None else self.through.source
        return found if isinstance(found, wb.Vectors) else None

    def decoded(self, codes: Tensor) -> Tensor:
        assert self.decode is not None
        out = self.decode(codes)
        drawn: Tensor = out.mean if is_distribution(out) else out
        return drawn

    def form(self, count: int, generator: torch.Generator) -> Any:
        """A start of ``count`` points."""
        device = self.job.device
        if self.codes is not None:
            start = self.codes.example(count, generator).to(device)
            return forms.Latent(self.codes, start, self.decoded if self.decode is not None else None)
        space = self.images
        assert space is not None
        shape = (count, space.channels, *self.size)
        if self.params.parametrisation == "fourier":
            return forms.Fourier(shape, space.low, space.high, generator).to(device)
        middle, width = (space.low + space.high) / 2, space.high - space.low
        start = (middle + ROOM * width * torch.randn(shape, generator=generator)).to(device)
        if self.params.parametrisation == "sigmoid":
            return forms.Sigmoid(start, space.low, space.high)
        return forms.Pixels(start, space.low, space.high)


def visualise(job: wb.Job, model: wb.Model, params: FeatureVisualisation.Params) -> Found:
    """Do the whole of it on a model that may be changed.

    Raises
    ------
    ParameterError
        When the size, the target or the generator does not fit, or it would take too long.
    """
    subject = _subject(job, model, params)
    generator = job.generator
    example = subject.form(1, torch.Generator().manual_seed(job.seed)).points().detach()
    asked = asked_of(job, model, subject.through, example, params)
    points, rows, source = sampled(job, subject.through, params.samples)
    points = None if points is None else fitted(points, subject.size)
    seconds = _expected(subject, asked, example, 0 if points is None else len(points))
    pictures.check_time(seconds, params.minutes, "take fewer steps, starts or samples, or a smaller size")
    job.log(f"expected to take about {pictures.in_words(seconds)}")
    job.progress(0.02, f"samples; about {pictures.in_words(seconds)} in all")
    samples = Samples(rows, np.empty(0), np.empty((0, 2)), why=source)
    if points is not None:
        samples = Samples(rows, *measured(asked, points, job.device), source)
        samples = replace(samples, pictures=_shown(points[samples.best[:TOP].copy()].to(job.device), subject))
    others = _others(subject, asked, generator)
    parts = [params.seeds, params.diverse, SHUFFLED * params.control]
    total, groups = sum(parts), []
    groups.append(_searched(subject, asked, "different starts", params.seeds, 0.0, generator, (0.05, parts[0] / total)))
    if params.diverse > 1:
        share = (0.05 + 0.93 * parts[0] / total, parts[1] / total)
        groups.append(
            _searched(subject, asked, "a set that differs", params.diverse, params.diversity, generator, share)
        )
    shuffled, shuffled_samples = None, np.empty(0)
    if params.control:
        with randomised(model, job.seed):
            share = (0.05 + 0.93 * (1 - parts[2] / total), parts[2] / total)
            shuffled = _searched(subject, asked, "shuffled weights", SHUFFLED, 0.0, generator, share)
            if points is not None:
                shuffled_samples = measured(asked, points, job.device)[0]
    shell = (
        None if subject.codes is None else forms.Latent(subject.codes, torch.zeros(1, subject.codes.size), None).shell
    )
    return Found(
        asked.words,
        subject.through.name,
        subject.through.source.name,
        asked.shape,
        tuple(groups),
        samples,
        others,
        shuffled,
        shuffled_samples,
        asked.rectified,
        shell,
        seconds,
        () if subject.images is None else tuple(pictures.size_note(subject.images, subject.size)),
    )


def _subject(job: wb.Job, model: wb.Model, params: FeatureVisualisation.Params) -> _Subject:
    through = model.maps[params.through]
    decode = None if params.decode is None else model.maps[params.decode]
    if decode is not None and decode.target.name != through.source.name:
        raise wb.ParameterError(
            f"'decode' = '{decode.name}' leads to '{decode.target.name}', and the map '{through.name}' starts at "
            f"'{through.source.name}': no generator stands in front of it"
        )
    source = through.source
    if isinstance(source, wb.Layer) or not isinstance(source, (wb.Images, wb.Vectors)):
        raise wb.DoesNotApply(f"the map '{through.name}' starts at {source.label}: pictures or codes are wanted")
    size = (1, 1)
    if isinstance(source, wb.Images):
        if decode is not None and params.size is not None:
            raise wb.ParameterError("'size' is of no use with a generator in front: it draws in its own size")
        size = pictures.size_of(source, params.size, SIZE)
        if decode is not None:
            with torch.no_grad():
                drawn = decode.point(decode.source.example(1, torch.Generator().manual_seed(0)).to(job.device))
            size = (int(drawn.shape[2]), int(drawn.shape[3]))
    elif params.size is not None:
        raise wb.ParameterError(f"'size' is of pictures, and the map '{through.name}' starts at codes")
    return _Subject(job, params, through, decode, size)


def _expected(subject: _Subject, asked: Asked, example: Tensor, samples: int) -> float:
    """Seconds: passes forward and back of every picture, and a pass of every sample."""
    params = subject.params
    if subject.decode is not None:
        assert subject.codes is not None
        codes = subject.codes.example(1, torch.Generator().manual_seed(0)).to(subject.job.device)
        one = pictures.seconds_of(pictures.one_step(lambda batch: asked(subject.decoded(batch)), codes))
    else:
        one = pictures.seconds_of(pictures.one_step(asked, example))
    searched = params.seeds + params.diverse + SHUFFLED * params.control
    return one * (searched * params.steps + 0.4 * samples * (1 + params.control))


def _others(subject: _Subject, asked: Asked, generator: torch.Generator) -> dict[str, Float64]:
    """Numbers of points that nobody searched: noise, and draws of the prior."""
    device = subject.job.device
    found: dict[str, Float64] = {}
    if subject.images is not None:
        for name, batch in noise(subject.images, subject.size, generator).items():
            found[name] = measured(asked, batch, device)[0]
    if subject.codes is not None:
        codes = subject.codes.example(DRAWS, generator).to(device)
        with torch.no_grad():
            drawn = codes if subject.decode is None else subject.decoded(codes)
        found["draws from the prior"] = measured(asked, drawn, device)[0]
    return found


def _searched(
    subject: _Subject,
    asked: Asked,
    title: str,
    count: int,
    diversity: float,
    generator: torch.Generator,
    share: tuple[float, float],
) -> Group:
    job, params, space = subject.job, subject.params, subject.images
    form = subject.form(count, generator)
    jitter = max(1, min(subject.size) // 16) if params.jitter is None else params.jitter
    shaking = Shaking(jitter, params.scale, params.turn) if space is not None and subject.decode is None else Shaking()
    how = Climb(params.steps, "adam", params.rate, shaking, params.redirected, diversity)
    if isinstance(form, forms.Pixels) and space is not None:
        how = replace(how, rate=params.rate * (space.high - space.low))

    def told(step: int, points: Tensor, value: float) -> None:
        job.progress(share[0] + 0.93 * share[1] * (step + 1) / params.steps, f"{title}, step {step + 1}")
        if space is not None:
            job.picture(
                lambda: pictures.sheet(pictures.shown(points, space), columns=4),
                f"{asked.words}, {title}: step {step + 1} of {params.steps}, {value:.3g} so far",
            )

    climbed = climb(form, asked.reader, asked.value, how, generator, told=told, alike=asked.alike)
    return _group(title, form, climbed, asked, subject)


def _group(title: str, form: Any, climbed: Climbed, asked: Asked, subject: _Subject) -> Group:
    space, device = subject.images, subject.job.device
    ended = climbed.points if space is None else pictures.rounded(climbed.points, space)
    values, _ = measured(asked, ended, device)
    with torch.no_grad():
        alike = float(asked.alike(asked.reader(ended))) if len(ended) > 1 else float("nan")
    codes = form.codes().detach().cpu().numpy() if isinstance(form, forms.Latent) else None
    return Group(title, _shown(ended, subject), values, climbed.values, climbed.flat, alike, codes)


def _shown(points: Tensor, subject: _Subject) -> pictures.Pixels | None:
    """Points as pictures: what they are, or what a decoder makes of codes; none where there is no picture at all."""
    if subject.images is not None:
        return pictures.shown(points, subject.images)
    drawn = subject.through.target
    if not isinstance(drawn, wb.Images):
        return None
    with torch.no_grad():
        return pictures.shown(subject.through.point(points), drawn)
