# SPDX-License-Identifier: Apache-2.0
"""What a run of the analysis stands on: codes to find with and codes to measure with, readers, and the decoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.difference_direction.shell import shell_of
from plugins.difference_direction.traversal import route_to_images
from plugins.directions.finding.components import ganspace
from plugins.directions.finding.weights import first_affine_maps
from plugins.directions.measuring.probes import LEARNED_FROM, probes_of
from plugins.directions.measuring.readers import Reader, read_all, readers_of, varying
from plugins.directions.search import Ground
from registry.arrays import bad_rows, is_distribution, to_numpy

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from plugins.directions.analysis import Directions
    from plugins.directions.measuring.contract import Measured

Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]

BATCH: Final = 32  # of more, the maps of a convolutional decoder do not stay in the cache
LAYER_POINTS, LAYER_UNITS, MOST_UNITS, MOST_LAYERS = 600, 2000, 8192, 24
FOLLOWS: Final = 0.5  # share of its components that is linear in the code from which on a layer is taken for GANSpace


@dataclass
class Standing:
    """Codes, readers and the decoder of a run.

    Attributes
    ----------
    job, route, images : the job, the maps from the space to pictures, and the space of the pictures
    points : all codes with their rows and columns
    finding, measuring : positions among ``points``, disjoint
    readers : all that apply
    scores : float64 ``[n, j]`` of the codes to find with
    notes : what should be known
    """

    job: wb.Job
    route: list[wb.Map[Any, Any]]
    images: wb.Images
    points: wb.Points
    finding: NDArray[np.int64]
    measuring: NDArray[np.int64]
    readers: list[Reader]
    layer: str | None
    count: int
    scores: Float64 = field(default_factory=lambda: np.empty((0, 0)))
    groups: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def codes(self, positions: NDArray[np.int64]) -> Float64:
        """Codes float64 ``[m, d]``."""
        return np.asarray(self.points.flat()[positions], dtype=np.float64)

    def decode(self, codes: Float64) -> Float32:
        """Pictures of codes ``[m, d]``, float32 ``[m, c, h, w]`` in 0..1; raises :class:`MapError` as the maps do."""
        import torch

        found = []
        low, high = self.images.low, self.images.high
        with torch.inference_mode():
            for start in range(0, len(codes), BATCH):
                batch: Any = torch.from_numpy(codes[start : start + BATCH].astype(np.float32)).to(self.job.device)
                for one in self.route:
                    batch = one.point(batch)
                found.append(to_numpy(batch))
        pixels = (np.concatenate(found).astype(np.float32) - np.float32(low)) / np.float32(high - low)
        return np.asarray(np.clip(pixels, 0, 1))

    def differentiable(self, codes: torch.Tensor) -> torch.Tensor:
        """Outputs ``[m, D]`` of codes, flattened; gradients flow."""
        out: Any = codes
        for one in self.route:
            out = one(out)
            out = out.mean if is_distribution(out) else out
        flat: torch.Tensor = out.flatten(1)
        return flat

    def unusual(self, codes: Float64) -> NDArray[np.bool_]:
        """Whether each code ``[m, d]`` lies where at most one in a hundred does: of the prior, else of the codes."""
        shell = shell_of(self.points.space)
        if shell is not None:
            return np.asarray(np.linalg.norm(shell.standardised(codes), axis=1) > shell.outer)
        tree, far = self._neighbours
        away, _ = tree.query(codes)
        return np.asarray(away > far)

    @cached_property
    def _neighbours(self) -> tuple[Any, float]:
        """The codes to find with as a tree, and the distance to the nearest that one in a hundred of them exceeds."""
        from scipy.spatial import cKDTree

        codes = self.codes(self.finding)
        tree = cKDTree(codes)
        return tree, float(np.quantile(tree.query(codes, k=2)[0][:, 1], 0.99))

    def ground(self) -> Ground:
        """What the methods search on."""
        return Ground(
            codes=self.codes(self.finding),
            scores=self.scores,
            readers=self.readers,
            groups=self.groups,
            activations=self._activations,
            affine=self._affine,
            decode=self.differentiable,
            device=self.job.device,
        )

    def left_after_erasure(self) -> Float64:
        """Share of the variance of each attribute that is left once its linear trace is taken out of codes, ``[j]``.

        The counter-test of a direction: fitted on the codes to find with, told of the others, decoded and read again.
        Near 1 where the attribute does not hang on a line in the code, near 0 where it hangs on nothing else.
        """
        from plugins.directions.finding.erasure import leace

        codes, others = self.codes(self.finding), self.codes(self.measuring)
        before = read_all(self.readers, self.decode(others))
        left = np.full(len(self.readers), np.nan)
        for at, reader in enumerate(self.readers):
            known = np.isfinite(self.scores[:, at])
            try:
                eraser = leace(codes[known], self.scores[known, at])
            except wb.DataError:  # no linear trace at all: nothing is taken out
                left[at] = 1.0
                continue
            after = reader.read(self.decode(eraser(others)))
            left[at] = np.nanvar(after) / np.nanvar(before[:, at])
        return left

    def interaction(self, measured: Measured) -> pd.DataFrame:
        """Hessian penalty of the directions of each method beside random ones; empty where the decoder allows none."""
        import pandas as pd

        from plugins.directions.measuring.interaction import interaction_table
        from plugins.geometry.decoding import in_double

        try:
            with in_double(self.job.model):
                return interaction_table(
                    self.differentiable, self.codes(self.measuring), measured.candidates, measured.scales, self.job.rng
                )
        except (wb.DataError, RuntimeError) as error:
            first = str(error).strip().partition("\n")[0]
            self.notes.append(f"How much directions work into each other (Hessian penalty) could not be told: {first}.")
            return pd.DataFrame()

    def _affine(self) -> dict[str, Float64]:
        import torch

        example = torch.from_numpy(self.points.flat()[self.finding[:4]].copy()).to(self.job.device)
        found = first_affine_maps(self.job.model.layers(), self.differentiable, example)
        self.notes.append(f"SeFa reads the weights of {', '.join(found)}.")
        return found

    @cached_property
    def layers(self) -> pd.DataFrame:
        """How well the components of each layer follow the code: ``layer``, ``width``, ``first_share``, ``r2``."""
        import pandas as pd

        from plugins.layers.walk import activations, find_way

        batch = self._batch(self.finding[:LAYER_POINTS])
        way = find_way(self.job.model, self.route[0], batch[:4], MOST_LAYERS)
        codes = self.codes(self.finding[:LAYER_POINTS])
        rows = []
        for step, values in activations(self.job, self.route[0], batch, way, LAYER_UNITS, self.job.seed):
            if step.kind == "output":
                continue
            try:
                found = ganspace(codes, values, self.count)
            except wb.DataError as error:
                self.notes.append(f"{step.name} is left out of the layers for GANSpace: {error}.")
                continue
            rows.append((step.name, step.width, float(found.strength[0]), float(np.mean(found.extra["r2"]))))
        return pd.DataFrame(rows, columns=["layer", "width", "first_share", "r2"])

    def _activations(self) -> tuple[Any, str]:
        from plugins.layers.walk import activations, find_way

        name = self.layer or self._deepest()
        batch = self._batch(self.finding)
        way = find_way(self.job.model, self.route[0], batch[:4], 10_000)
        step = next((one for one in way.layers if one.name == name), None)
        if step is None:
            raise wb.DoesNotApply(f"the layer '{name}' is not driven by the map '{self.route[0].name}'")
        only = type(way)((step,), None, ())
        ((_, values),) = activations(self.job, self.route[0], batch, only, MOST_UNITS, self.job.seed)
        return values, name

    def _deepest(self) -> str:
        """The last layer whose components still follow the code; the first one where none does."""
        table = self.layers
        if table.empty:
            raise wb.DoesNotApply(f"the map '{self.route[0].name}' runs no layers")
        following = table[table["r2"] >= FOLLOWS]
        return str((following if len(following) else table.head(1))["layer"].iloc[-1])

    def _batch(self, positions: NDArray[np.int64]) -> torch.Tensor:
        import torch

        return torch.from_numpy(np.array(self.points.values[positions], dtype=np.float32))


def stand(job: wb.Job, params: Directions.Params, progress: Callable[[float], None]) -> Standing:
    """Take codes, choose readers, and read every code to find with.

    Raises
    ------
    DoesNotApply
        When no maps lead from the space to pictures.
    DataError
        When there are too few codes, or some are not finite.
    """
    route = route_to_images(job.model, params.space)
    if not route:
        raise wb.DoesNotApply(f"no map of the model leads from '{params.space}' to pictures, which are measured")
    images = route[-1].target
    assert isinstance(images, wb.Images)  # where a route ends
    points = job.points(params.space, limit=params.limit + params.codes)
    bad = bad_rows(points.flat())
    if bad.size:
        raise wb.DataError(f"{bad.size:,} of {len(points):,} codes hold NaN or infinity: leave these rows out")
    if len(points) < params.codes + 40:
        raise wb.DataError(f"{len(points):,} codes are too few: {params.codes} are measured and 40 more found with")
    order = job.rng.permutation(len(points))
    measuring, finding = np.sort(order[: params.codes]), np.sort(order[params.codes :])
    readers, notes = readers_of(params, images)
    where = str(params.layer) if params.layer else None
    standing = Standing(job, route, images, points, finding, measuring, readers, where, params.count, notes=notes)
    if params.by is not None:
        _learn(standing, str(params.by))
    _label(standing, params)
    if not standing.readers:
        raise wb.DoesNotApply("no scorer applies to these pictures and no column was named: nothing can be measured")
    parts = []
    codes = standing.codes(standing.finding)  # two slices may have narrowed them
    for start in range(0, len(codes), 256):
        parts.append(read_all(standing.readers, standing.decode(codes[start : start + 256])))
        progress(min(start + 256, len(codes)) / len(codes))
    scores = np.concatenate(parts)
    kept, why = varying(standing.readers, scores)
    if not kept:
        raise wb.DataError("no attribute varies over the decoded pictures: there is nothing to measure directions by")
    standing.readers, standing.scores = [standing.readers[at] for at in kept], scores[:, kept]
    standing.notes += why
    return standing


def _learn(standing: Standing, column: str) -> None:
    """Probes of a column, learned from the pictures of the data."""
    job = standing.job
    source = next(
        (one for one in job.model.spaces.values() if isinstance(one, wb.Images) and _fits(one, standing.images)), None
    )
    if job.data is None or source is None:
        raise wb.DataError(f"the column '{column}' cannot be learned: the run has no pictures with labels")
    sample = job.points(source.name, limit=LEARNED_FROM)
    if column not in sample.columns:
        raise wb.DataError(f"the pictures of {sample.source} have no column '{column}'")
    pixels = (np.asarray(sample.values, dtype=np.float32) - source.low) / (source.high - source.low)
    probes = probes_of(column, sample.columns[column].to_numpy(), pixels, job.seed)
    standing.readers = [*standing.readers, *probes]
    weak = [one for one in probes if one.quality < 0.7]
    if weak:
        standing.notes.append(
            f"Probes that are often wrong themselves: {', '.join(one.title for one in weak)}; what they tell is weak."
        )


def _fits(one: wb.Images, other: wb.Images) -> bool:
    return (one.channels, one.height, one.width) == (other.channels, other.height, other.width)


def _label(standing: Standing, params: Directions.Params) -> None:
    """Groups of the codes to find with: the classes of the column, and the two slices."""
    columns = standing.points.columns
    if params.by is not None and str(params.by) in columns:
        values = columns[str(params.by)].to_numpy()[standing.finding]
        known = {one.name for one in standing.readers}
        for one in sorted(set(values.tolist()), key=str):
            name = f"{params.by}={one}"
            if name in known:
                standing.groups[name] = np.asarray(values == one)
    if params.toward is None:
        return
    rows = standing.points.rows[standing.finding]
    toward = np.isin(rows, standing.job.rows(params.space, slice=str(params.toward)))
    if params.away is not None:
        outside = np.isin(rows, standing.job.rows(params.space, slice=str(params.away)))
        if (toward & outside).any():
            raise wb.DataError(f"'{params.toward}' and '{params.away}' share rows: choose slices that do not")
        used = toward | outside
        standing.finding = standing.finding[used]
        standing.groups = {name: one[used] for name, one in standing.groups.items()}
        toward = toward[used]
    if min(int(toward.sum()), int((~toward).sum())) < 5:
        raise wb.DataError(
            f"'{params.toward}' has {int(toward.sum())} and the rest {int((~toward).sum())} of the {len(toward)} codes "
            "that were taken: at least 5 of each are needed; raise the limit or choose larger slices"
        )
    standing.groups[f"slice {params.toward}"] = toward
