# SPDX-License-Identifier: Apache-2.0
"""Plans and streams: how points come about, and that they are the right ones."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import workbench as wb
from registry.arrays import Array
from registry.errors import DoesNotApply
from tests.points.models import Doubler, Odd, Pictures, WordVectors
from workbench.points import Route, plan, sample_prior, stream, trace
from workbench.points.streaming import batch_size_for

DOUBLER = trace(Doubler())
ROWS = np.array([5, 0, 3])
X = np.random.default_rng(0).normal(size=(8, 2)).astype(np.float32)
DATA = wb.ArrayDataset(X, wb.vectors(2).named("x"))


def points(
    model: wb.Model | None, route: Route, data: wb.Dataset | None, rows: Array = ROWS, **options: object
) -> Array:
    return np.concatenate([one for one, _ in stream(model, route, data, rows, **options)])  # type: ignore[arg-type]


class TestPlan:
    def test_the_shortest_way_from_data_or_prior(self) -> None:
        said = {
            ("x", True): "data -> x",
            ("z", True): "data -> x -> encode",
            ("w", True): "data -> x -> encode -> move",
            ("decoder.1", True): "data -> x -> encode -> decode -> decoder.1",
            ("encoder", True): "data -> x -> encode -> encoder",
            ("z", False): "prior -> z",
            ("x", False): "prior -> z -> decode",
            ("w", False): "prior -> z -> move",
            ("decoder.1", False): "prior -> z -> decode -> decoder.1",
            ("encoder", False): "prior -> z -> decode -> encode -> encoder",
        }
        for (space, with_data), words in said.items():
            assert str(plan(DOUBLER, space, DATA.space if with_data else None)) == words

    def test_data_stand_for_the_space_of_their_name_else_the_first_that_fits(self) -> None:
        assert plan(DOUBLER, "w", wb.vectors(2).named("z")).maps == ("move",)
        assert plan(DOUBLER, "w", wb.vectors(2)).maps == ("encode", "move")
        assert plan(DOUBLER, "w", "z").maps == ("move",)

    def test_items_are_all_there(self) -> None:
        route = plan(trace(WordVectors()), "squared")
        assert (str(route), route.available) == ("items -> words -> embed -> length", 4)

    def test_data_alone(self) -> None:
        assert plan(None, "points", wb.vectors(2)).space.name == "points"
        assert plan(None, "x", DATA.space).maps == ()
        with pytest.raises(wb.SpaceError, match="the data set has no space or layer 'z'"):
            plan(None, "z", DATA.space)
        with pytest.raises(DoesNotApply, match="need a model or a data set"):
            plan(None, "z")

    def test_no_route_says_what_is_missing(self) -> None:
        pictures = trace(Pictures())
        with pytest.raises(DoesNotApply, match=r"no data set was given; give a data set for 'pixels' of images \[n, 1"):
            plan(pictures, "net.conv")
        with pytest.raises(DoesNotApply, match=r"fits no space of the model, which has 'pixels'"):
            plan(pictures, "net.conv", wb.vectors(9))
        with pytest.raises(DoesNotApply, match=r"1 x 9 x 9, space 'pixels' \(images\) wants images of shape 1 x 8 x 8"):
            plan(pictures, "score", wb.images(1, 9, 9).named("pixels"))
        with pytest.raises(wb.SpaceError, match="did you mean net.conv"):
            plan(pictures, "net.con")

    def test_a_prior_is_taken_where_the_data_lead_nowhere(self) -> None:
        assert not plan(DOUBLER, "x", wb.vectors(2).named("w")).from_data


class TestSamplePrior:
    SPACE = wb.vectors(3, prior=wb.normal([1.0, 2.0, 3.0], [1.0, 0.5, 0.1]))

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.integers(0, 5000), max_size=20), st.integers(0, 2**63), st.integers(0, 19))
    def test_a_row_does_not_depend_on_the_others(self, rows: list[int], seed: int, cut: int) -> None:
        whole = sample_prior(self.SPACE, np.array(rows, dtype=np.int64), seed)
        parts = [sample_prior(self.SPACE, np.array(one, dtype=np.int64), seed) for one in (rows[:cut], rows[cut:])]
        assert np.array_equal(whole, np.concatenate(parts))

    def test_it_is_the_prior(self) -> None:
        drawn = sample_prior(self.SPACE, np.arange(40_000), 7)
        assert np.allclose(drawn.mean(0), [1, 2, 3], atol=0.03) and np.allclose(drawn.std(0), [1, 0.5, 0.1], rtol=0.03)
        assert len(np.unique(drawn[:, 0])) > 39_500  # blocks do not repeat

    def test_seeds_differ(self) -> None:
        assert not np.array_equal(sample_prior(self.SPACE, ROWS, 1), sample_prior(self.SPACE, ROWS, 2))

    def test_what_cannot_be_drawn_is_told(self) -> None:
        with pytest.raises(wb.SpaceError, match="has no prior to draw from"):
            sample_prior(wb.vectors(2), ROWS, 0)
        with pytest.raises(wb.SpaceError, match="numbered from 0"):
            sample_prior(self.SPACE, np.array([-1]), 0)


class TestStream:
    def test_points_are_the_formula_in_the_order_of_the_rows(self) -> None:
        model, x = Doubler(), X[ROWS]
        answers = {
            "x": x,
            "z": 2 * x,
            "w": 2 * x + 1,
            "encoder": 2 * x,
            "decoder.0": x + 1,
            "decoder.1": np.maximum(x + 1, 0),
        }
        for space, answer in answers.items():
            got = points(model, plan(DOUBLER, space, DATA.space), DATA, batch_size=2)
            assert got.dtype == np.float32
            assert np.allclose(got, answer, atol=1e-6), space

    def test_spread_comes_with_the_last_map_only(self) -> None:
        model = Doubler()
        [(mean, spread)] = stream(model, plan(DOUBLER, "z", DATA.space), DATA, ROWS, spread=True)
        assert spread is not None and np.allclose(spread, 0.5) and np.allclose(mean, 2 * X[ROWS])
        for space in ("x", "w", "encoder"):
            assert [one for _, one in stream(model, plan(DOUBLER, space, DATA.space), DATA, ROWS, spread=True)] == [
                None
            ]

    def test_prior_items_and_data_alone(self) -> None:
        drawn = points(Doubler(), plan(DOUBLER, "w"), None, seed=4)
        assert np.allclose(drawn, sample_prior(Doubler.z, ROWS, 4) + 1)
        words = WordVectors()
        route = plan(trace(words), "v")
        assert np.array_equal(points(words, route, None, np.array([3, 1])), [[0, -1], [0, 1]])
        with pytest.raises(wb.DataError, match="rows run from 0 to 4, there are rows 0 to 3"):
            stream(words, route, None, np.arange(5))
        assert np.array_equal(points(None, plan(None, "x", DATA.space), DATA), X[ROWS])

    def test_layers_come_flattened_and_the_batch_size_changes_nothing(self) -> None:
        model = Pictures()
        pictures = np.random.default_rng(1).uniform(-1, 1, (37, 1, 8, 8)).astype(np.float32)
        data = wb.ArrayDataset(pictures, wb.images(1, 8, 8, low=-1, high=1))
        route = plan(trace(model), "net.conv", data.space)
        whole = points(model, route, data, np.arange(37))
        assert whole.shape == (37, 256)
        assert np.allclose(whole, points(model, route, data, np.arange(37), batch_size=5), atol=1e-6)
        with torch.no_grad():
            assert np.allclose(whole, model.net.conv(torch.from_numpy(pictures)).flatten(1), atol=1e-6)

    def test_data_come_in_the_units_of_the_model(self) -> None:
        bright = wb.ArrayDataset(np.full((2, 1, 8, 8), 255, dtype=np.uint8), wb.images(1, 8, 8), scale=1 / 255)
        model = Pictures()
        route = plan(trace(model), "pixels", bright.space)
        assert np.allclose(points(model, route, bright, np.arange(2)), 1.0)
        dark = wb.ArrayDataset(np.zeros((2, 1, 8, 8), dtype=np.float32), wb.images(1, 8, 8))
        assert np.allclose(points(model, route, dark, np.arange(2)), -1.0)

    def test_nan_is_named_with_map_layer_and_row(self) -> None:
        class Bad(Doubler):
            @wb.maps(Doubler.x, to=Doubler.w)
            def invert(self, x: torch.Tensor) -> torch.Tensor:
                return 1 / self.encoder(1 / x)

        model = Bad()
        description = trace(model)
        values = np.ones((6, 2), dtype=np.float32)
        values[4, 0] = 0
        data = wb.ArrayDataset(values, wb.vectors(2).named("x"))
        route = Route(Bad.w, "data", Bad.x, ("invert",))
        rows = np.array([1, 4, 5])
        model.encoder.bias.data[0] = float("-inf")  # 1 / x = inf at row 4, inf - inf = NaN
        with pytest.raises(wb.MapError, match=r"map 'invert' gave NaN or infinity in 1 of 3 rows \(first: row 4\)"):
            points(model, route, data, rows)
        layer = Route(description.layers["encoder"], "data", Bad.x, ("invert",), "encoder")
        with pytest.raises(wb.MapError, match=r"layer 'encoder' gave NaN or infinity in 3 of 3 rows \(first: row 1\)"):
            points(model, layer, data, rows)
        assert (
            np.isnan(points(model, layer, data, rows, allow_nonfinite=True)).sum() == 2
        )  # 0 * inf off the diagonal as well
        values[5, 1] = np.nan
        with pytest.raises(wb.DataError, match=r"the data set \(space 'x' \(vectors\)\) gave NaN .* \(first: row 5\)"):
            points(model, route, data, rows)

    def test_wrong_shapes_and_rows_are_told(self) -> None:
        class Cut(Doubler):
            @wb.maps(Doubler.x, to=Doubler.z)
            def encode(self, x: torch.Tensor) -> torch.Tensor:
                return self.encoder(x)[:, :2]

        model = Cut()
        route = plan(DOUBLER, "z", DATA.space)
        with pytest.raises(wb.DataError, match="rows run from -1 to 2, there are rows 0 to 7"):
            stream(model, route, DATA, np.array([-1, 2]))
        with pytest.raises(wb.DataError, match="starts from a data set, and none was given"):
            stream(model, route, None, ROWS)
        with pytest.raises(DoesNotApply, match="needs its model"):
            stream(None, route, DATA, ROWS)
        model.encoder = nn.Linear(2, 3)
        layer = plan(DOUBLER, "encoder", DATA.space)
        assert points(model, route, DATA).shape == (3, 2)
        with pytest.raises(wb.SpaceError, match=r"layer 'encoder' gave shape \[3, 3\], expected \[3, 2\]"):
            points(model, layer, DATA)

    def test_conditions_reach_their_map(self) -> None:
        route = plan(DOUBLER, "x")
        plain, moved = (points(Doubler(), route, None, conditions={"decode": {"shift": one}}) for one in (0.0, 2.0))
        assert np.allclose(moved, plain + 2, atol=1e-6)

    def test_odd_layers_and_no_rows(self) -> None:
        odd = Odd()
        data = wb.ArrayDataset(np.ones((2, 4), dtype=np.float32), wb.vectors(4))
        assert np.allclose(points(odd, plan(trace(odd), "twice", data.space), data, np.arange(2)), 6.0)
        assert list(stream(Doubler(), plan(DOUBLER, "z"), None, np.array([], dtype=np.int64))) == []

    def test_the_batch_is_halved_when_the_memory_of_the_device_ends(self) -> None:
        sizes: list[int] = []

        class Small(Doubler):
            @wb.maps(Doubler.x, to=Doubler.z)
            def encode(self, x: torch.Tensor) -> torch.Tensor:
                sizes.append(len(x))
                if len(x) > 2:
                    raise torch.OutOfMemoryError("device memory is full")
                return 2 * x

        got = points(Small(), plan(DOUBLER, "z", DATA.space), DATA, np.arange(8))
        assert np.allclose(got, 2 * X) and sizes == [8, 4, 2, 2, 2, 2]

    def test_sizes_of_batches(self) -> None:
        assert [batch_size_for(one) for one in (1, 16384, 16385, 10**7, 10**8)] == [1024, 1024, 512, 1, 1]


def test_memory_is_bounded_by_the_batch() -> None:
    code = """
import resource, numpy as np, torch, workbench as wb
from workbench.points import plan, stream, trace
torch.set_num_threads(1)
class Wide(wb.Model):
    x = wb.vectors(64, prior=wb.normal())
    y = wb.vectors(64)
    def __init__(self): self.net = torch.nn.Linear(64, 64)
    @wb.maps(x, to=y)
    def go(self, x): return self.net(x)
model = Wide()
route = plan(trace(model), "y")
def run(rows):
    total = 0
    for values, _ in stream(model, route, None, np.arange(rows)):
        total += len(values)
    assert total == rows
run(20_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
run(200_000)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    grown = float(run.stdout)  # MiB; the points themselves are 49 MiB
    assert grown < 12
