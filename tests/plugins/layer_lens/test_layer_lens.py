# SPDX-License-Identifier: Apache-2.0
"""The walk through a model with planted faults: steps, counts, findings, motions, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import workbench as wb
from plugins.layer_lens import workbench_entries
from plugins.layer_lens.measuring import Counter, unit_axis
from plugins.layer_lens.motion import FRAMES
from plugins.layer_lens.pictures import coloured, feature_maps, folded
from plugins.layer_lens.taps import Step, find_walk, tapped, watch

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "plugins_folder")]
from lensed import DEAD, Bent, Lensed, N, cloud, pictures  # noqa: E402  -- the folders of the tests are no packages


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "layer-lens,lensed")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("lens") / "store")


def run(location: str, through: str, data: str | None, **params: Any) -> wb.Result:
    """The same run is computed once for all tests of this file."""
    return wb.run(
        "layer-lens",
        model="lensed" if through == "look" else "bent",
        data=data,
        store=location,
        inline=True,
        through=through,
        **params,
    )


def hooks(model: wb.Model) -> int:
    return sum(len(one._forward_hooks) + len(one._forward_pre_hooks) for one in model.layers().values())


def test_calls_are_steps_in_the_order_in_which_they_run(location: str) -> None:
    result = run(location, "bend", "cloud")
    assert list(result.tables["layers"]["layer"]) == ["dense", "tanh", "strong", "tanh#2"]
    assert any("no real numbers with one row for each point: words" in one for one in result.notes)


def test_numbers_are_those_of_the_layers(location: str) -> None:
    """Against the layers called one by one, out of place, on all points at once."""
    result, model = run(location, "look", "pictures"), Lensed()
    table = result.tables["layers"].set_index("layer")
    batch = torch.from_numpy(pictures().batch(np.arange(N)))
    with torch.no_grad():
        conv = model.conv(batch).clone()
    for name, values in (("conv", conv), ("relu", conv.relu())):
        row = table.loc[name]
        assert row["mean"] == pytest.approx(float(values.mean()), rel=1e-5)
        assert row["sd"] == pytest.approx(float(values.double().std(correction=0)), rel=1e-4)
        assert (row["low"], row["high"]) == pytest.approx((float(values.min()), float(values.max())))
        assert row["zeros"] == pytest.approx(float((values == 0).double().mean()))
        assert row["mean_low"] < row["mean"] < row["mean_high"]
    assert table.loc["conv", "low"] < -50  # as it was before the rectifier wrote into the same memory
    assert "flat" not in table.index
    assert table.loc["relu", "shape"] == "6 x 6 x 6"


def test_dead_units_are_those_planted(location: str) -> None:
    result = run(location, "look", "pictures")
    row = result.tables["layers"].set_index("layer").loc["relu"]
    assert (row["dead"], row["units"]) == (len(DEAD), 6)
    assert row["dead_rate_below"] == pytest.approx(3 / N, rel=0.01)
    (found,) = [one for one in result.findings if one.code == "layer-lens.dead-units"]
    assert found.value == pytest.approx(0.5)
    assert (found.severity, found.n) == ("serious", N)
    assert "3 of 6" in found.statement
    assert not [one for one in run(location, "look", "pictures", limit=20).findings if "dead" in one.code]


def test_saturated_units_are_those_planted(location: str) -> None:
    result = run(location, "bend", "cloud")
    table = result.tables["layers"].set_index("layer")
    assert table.loc["tanh#2", "saturated"] == 1
    assert table["saturated"].isna()[["dense", "strong"]].all()
    (found,) = [one for one in result.findings if one.code == "layer-lens.saturated-units"]
    assert "tanh#2: 1 of 2" in found.statement
    assert found.low == found.value <= (found.high or 0)


def test_nan_is_said_and_not_measured(location: str) -> None:
    result = run(location, "broken", "cloud")
    table = result.tables["layers"].set_index("layer")
    assert list(table["state"]) == ["not finite", "not finite"]
    assert table["mean"].isna().all()
    bad = int((cloud().values[:, 0] > 1).sum())
    (found,) = result.findings
    assert (found.code, found.severity) == ("layer-lens.not-finite", "serious")
    assert f"{bad} of {N} points" in found.statement
    assert "motions" not in result.tables  # NaN came to the dense layer
    assert any("Not shown as a motion" in one for one in result.notes)
    grey, nothing = coloured(np.array([[0.0, np.nan]]), float("nan"))[0]
    assert grey.tolist() == nothing.tolist()


def test_one_point_and_a_map_without_layers(location: str) -> None:
    result = run(location, "bend", "lone")
    assert set(result.tables["layers"]["state"]) == {"one point"}
    assert result.tables["layers"]["effective_rank"].isna().all()
    assert any("1 point is too few" in one for one in result.notes)
    with pytest.raises(wb.WorkbenchError, match="runs no layer that gives a tensor"):
        run(location, "bare", "cloud")
    with pytest.raises(wb.WorkbenchError, match="999"):
        run(location, "bend", "cloud", shown=999)


def test_a_motion_is_that_of_its_points(location: str) -> None:
    result, model = run(location, "bend", "cloud", moving=50), Bent()
    motions = result.tables["motions"]
    assert list(motions["layer"]) == ["dense", "strong"]
    assert list(motions["activation"]) == ["Tanh", "Tanh"]
    frames, rows = np.asarray(result.arrays["motion.00"]), np.asarray(result.arrays["moving"])
    points = torch.from_numpy(cloud().batch(np.asarray(result.arrays["rows"])[rows]))
    with torch.no_grad():
        wanted = [points, model.dense(points), model.dense(points).tanh()]
    for frame, values in zip((0, FRAMES, FRAMES + 1), wanted, strict=True):
        assert frames[frame, : len(rows)] == pytest.approx(values.numpy(), abs=1e-5)
    assert motions["determinant"][0] == pytest.approx(float(torch.linalg.det(model.dense.weight.detach())), rel=1e-4)
    wide = run(location, "look", "pictures").tables["motions"].iloc[0]
    assert (wide["entering"], wide["leaving"], wide["homeomorphism"]) == (216, 4, False)
    assert 0 < wide["explained"] <= 1


def test_the_data_go_through_once_and_no_hook_is_left() -> None:
    model, seen = Lensed(), []
    batch = torch.from_numpy(pictures().batch(np.arange(30)))
    walk = find_walk(model, model.maps["look"], batch[:3])
    assert [one.key for one in walk.steps] == ["conv", "relu", "head"]
    assert [one.after for one in walk.steps] == ["", "conv", "relu"]
    done = list(watch(model.maps["look"], [batch[:20], batch[20:]], walk, lambda *one: seen.append(one[0]), "cpu"))
    assert (done, model.passes, len(seen)) == ([20, 30], 3, 6)
    assert hooks(model) == 0


def test_no_hook_is_left_after_a_failure() -> None:
    model = Lensed()
    walk = find_walk(model, model.maps["look"], torch.zeros(3, 1, 8, 8))

    def fail(*one: Any) -> None:
        raise RuntimeError("out of order")

    with pytest.raises(RuntimeError, match="out of order"):
        list(watch(model.maps["look"], [torch.zeros(5, 1, 8, 8)], walk, fail, "cpu"))
    assert hooks(model) == 0
    with pytest.raises(KeyboardInterrupt), tapped(model.layers(), fail):
        raise KeyboardInterrupt
    assert hooks(model) == 0


@pytest.mark.parametrize(
    ("module", "shape", "axis"),
    [(nn.ReLU(), (6, 4, 4), 1), (nn.ReLU(), (9,), 1), (nn.Linear(2, 3), (7, 3), 2), (nn.Conv1d(2, 3, 1), (3, 7), 1)],
)
def test_units_are_channels_axes_and_last_axes(module: nn.Module, shape: tuple[int, ...], axis: int) -> None:
    assert unit_axis(Step("a", "a", 1, module, shape)) == axis


def test_counts_do_not_depend_on_the_batches() -> None:
    values = torch.relu(torch.randn(40, 5, 3, 3, generator=torch.Generator().manual_seed(0)) - 1)
    step = Step("relu", "relu", 1, nn.ReLU6(), (5, 3, 3))
    results = []
    for size in (40, 7):
        counter = Counter(step, 40, np.arange(45), 0.05, 0.5)
        for at in range(0, 40, size):
            counter.see(values[at : at + size])
        results.append(counter.done())
    one, other = results
    assert (one.mean, one.sd, one.zeros) == pytest.approx((other.mean, other.sd, other.zeros))
    assert np.array_equal(one.rates, other.rates)
    assert one.rates == pytest.approx((values.amax(dim=(2, 3)) > 0).double().mean(dim=0).numpy())


def test_feature_maps_are_the_strongest_on_one_scale() -> None:
    maps = torch.zeros(1, 4, 100, 2)
    maps[0, 2], maps[0, 1] = -3.0, 1.0
    found = feature_maps(Step("a", "a", 1, nn.ReLU(), (4, 100, 2)), maps, 2)
    assert found.units.tolist() == [2, 1]
    assert (found.scale, found.maps.shape) == (3.0, (2, 64, 2))
    blue, faint = coloured(found.maps, found.scale)[:, 0, 0].astype(int)
    assert blue[2] > blue[0] and faint[0] >= faint[2]
    assert folded(np.arange(20.0)[None]).shape == (3, 7)


def test_every_finding_has_an_entry() -> None:
    words = "".join(one.read_text() for one in workbench_entries())
    for code in ("dead-units", "saturated-units", "not-finite"):
        assert f"layer-lens.{code}" in words
