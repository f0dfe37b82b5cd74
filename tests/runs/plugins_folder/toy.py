# SPDX-License-Identifier: Apache-2.0
"""A model whose answers are known by hand: encode keeps two of four numbers, decode puts zeros behind."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, Literal

import numpy as np

import workbench as wb

WEIGHTS = Path(os.environ.get("TOY_WEIGHTS", "/nonexistent"))


class Toy(wb.Model):
    """Keeps two of four numbers."""

    x = wb.vectors(4)
    z = wb.vectors(2, prior=wb.normal())

    def __init__(self, device: str) -> None:
        import torch

        self.net = torch.nn.Linear(4, 2, bias=False).to(device)
        scale = float(WEIGHTS.read_text()) if WEIGHTS.exists() else 1.0
        with torch.no_grad():
            self.net.weight.copy_(torch.eye(2, 4) * scale)

    @wb.maps(x, to=z)
    def encode(self, x: Any) -> Any:
        import torch

        mean = self.net(x)
        return torch.distributions.Normal(mean, torch.full_like(mean, 0.5))

    @wb.maps(z, to=x)
    def decode(self, z: Any, *, gain: float = 1.0) -> Any:
        import torch

        return torch.cat([z * gain, torch.zeros_like(z)], dim=1)

    @wb.maps(z, to=z)
    def trouble(self, z: Any, *, kind: Literal["none", "raises", "crashes", "hangs", "writes"] = "none") -> Any:
        if kind == "raises":
            raise ValueError("no such luck")
        if kind == "crashes":
            import ctypes

            ctypes.string_at(0)
        if kind == "hangs":
            time.sleep(600)
        return z


class Broken(wb.Model):
    """Cannot be loaded."""

    x = wb.vectors(4)

    def __init__(self, device: str) -> None:
        raise RuntimeError("the weights are at sea")


class Crashing(wb.Model):
    """Takes the process down when it is loaded."""

    x = wb.vectors(4)

    def __init__(self, device: str) -> None:
        os.abort()


class Drawn(wb.Model):
    """Draws its weights from the global generator when it is made."""

    z = wb.vectors(2, prior=wb.normal())

    def __init__(self, device: str) -> None:
        import torch

        self.net = torch.nn.Linear(2, 2, bias=False).to(device)

    @wb.maps(z, to=z)
    def turn(self, z: Any) -> Any:
        return self.net(z)


class TwoPriors(wb.Model):
    """Two spaces that can be drawn from, and data that leads to neither."""

    x = wb.vectors(4)
    z = wb.vectors(2, prior=wb.normal())
    w = wb.vectors(2, prior=wb.normal())

    def __init__(self, device: str) -> None:
        pass

    @wb.maps(z, to=x)
    def decode(self, z: Any) -> Any:
        import torch

        return torch.cat([z, z], dim=1)


def data() -> wb.Dataset:
    """300 rows of four normal numbers, and two columns."""
    import pandas as pd

    values = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
    return wb.ArrayDataset(values, wb.vectors(4), pd.DataFrame({"label": np.arange(300) % 3, "row": np.arange(300)}))


class Mean(wb.Analysis):
    """Mean of the points of a space, and everything about the sample that a test may want."""

    name = "mean"

    class Params(wb.Params):
        """Which points."""

        space: wb.Pick[wb.Vectors]
        limit: int | None = None
        column: wb.Pick[wb.Column] | None = None
        of: wb.Pick[wb.Slice] | None = None
        spread: bool = False

    def run(self, job: wb.Job, params: Any) -> wb.Result:
        points = job.points(params.space, limit=params.limit, spread=params.spread, slice=params.of)
        job.progress(0.5, "half way")
        job.log("a line of the analysis")
        batches = [len(one) for one in job.batches(params.space, limit=params.limit, size=64)]
        metrics = {"mean": float(points.flat().mean()), "n": len(points), "columns": len(points.columns.columns)}
        if points.spread is not None:
            metrics["spread"] = float(points.spread.mean())
        arrays = {
            "values": np.array(points.values),
            "rows": points.rows,
            "draws": job.rng.normal(size=3),
            "torch_draws": _draws(job),
            "batches": np.array(batches),
        }
        if params.column is not None:
            arrays["column"] = points.columns[params.column].to_numpy()
        return wb.Result(metrics=metrics, arrays=arrays, notes=[points.source])


def _draws(job: wb.Job) -> Any:
    import torch

    return torch.cat([torch.randn(2, generator=job.generator), torch.randn(2)]).numpy()


class Rest(wb.Analysis):
    """How much of a slice is among the draws of the same space, and the first two of its points by their rows."""

    name = "rest"

    class Params(wb.Params):
        """A slice."""

        of: wb.Pick[wb.Slice]

    def run(self, job: wb.Job, params: Any) -> wb.Result:
        every, some = job.points("z"), job.points("z", slice=params.of)
        shared = np.intersect1d(every.rows, some.rows)
        same = np.all(every.values[shared] == some.values[np.searchsorted(some.rows, shared)], axis=1)
        exact = job.points("z", rows=some.rows[:2])
        return wb.Result(metrics={"same": int(same.sum()), "all": len(every)}, arrays={"exact": np.array(exact.values)})


class Named(wb.Analysis):
    """Names a slice in its code."""

    name = "named"

    class Params(wb.Params):
        """Which slice, not as a pick."""

        space: wb.Pick[wb.Vectors]
        which: str

    def run(self, job: wb.Job, params: Any) -> wb.Result:
        return wb.Result(metrics={"n": len(job.points(params.space, slice=params.which))})


class Along(wb.Analysis):
    """Mean coordinate of the points along kept directions; ``sneaky`` asks for one that no parameter names."""

    name = "along"

    class Params(wb.Params):
        """A space, and directions of it."""

        space: wb.Pick[wb.Vectors]
        kept: tuple[wb.Kept, ...] = ()
        sneaky: str = ""

    def run(self, job: wb.Job, params: Any) -> wb.Result:
        points = job.points(params.space, limit=50).flat()
        given = [job.direction(one) for one in (*params.kept, *filter(None, [params.sneaky]))]
        return wb.Result(
            metrics={one.name: float((points @ one.vector).mean()) for one in given},
            arrays={f"vector-{one.name}": one.vector for one in given},
            notes=[f"{one.name} of {one.space} of {one.model}: {dict(one.how)} {dict(one.card)}" for one in given],
        )


class Needs(wb.Analysis):
    """Needs a model and a map to images."""

    name = "needs-images"
    needs_model = True

    class Params(wb.Params):
        """A map."""

        decoder: wb.Pick[wb.Map[wb.Vectors, wb.Images]]

    def run(self, job: wb.Job, params: Any) -> wb.Result:
        raise AssertionError("never")


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [
        wb.ModelCard("toy", Toy, data="toy-data", weights=(WEIGHTS,)),
        wb.ModelCard("toy-without-data", Toy),
        wb.ModelCard("broken", Broken),
        wb.ModelCard("crashing", Crashing),
        wb.ModelCard("drawn", Drawn),
        wb.ModelCard("two-priors", TwoPriors),
        wb.ModelCard("missing", Toy, requires=lambda: "its weights must be fetched first"),
    ]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    return [wb.DatasetCard("toy-data", data)]


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    return [Mean, Rest, Named, Along, Needs]
