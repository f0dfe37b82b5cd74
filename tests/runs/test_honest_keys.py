# SPDX-License-Identifier: Apache-2.0
"""Keys tell the truth: whatever changes the numbers changes the key, and no run lives on points of another model."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.store import Store

PLUGIN = '''
import numpy as np, torch
import workbench as wb
from . import sound

class Amplifier(wb.Model):
    """A linear map, and a function beside the class."""
    z = wb.vectors(3, prior=wb.normal())
    out = wb.vectors(3)
    def __init__(self, device):
        self.net = torch.nn.Linear(3, 3).to(device)
    @wb.maps(z, to=out)
    def decode(self, z):
        return sound.louder(self.net(z))

class Loudness(wb.Analysis):
    """Mean size."""
    name = "loudness"
    class Params(wb.Params):
        space: wb.Pick[wb.Vectors]
    def change(self, model):
        pass
    def run(self, job, p):
        self.change(job.model)
        return wb.Result(metrics={"mean": float(np.abs(job.points(p.space, limit=50).values).mean())})

class Muted(Loudness):
    """The same after every weight is set to zero, unseen by the counters that torch keeps."""
    name = "muted"
    def change(self, model):
        for one in model.net.parameters():
            one.data.zero_()

class Hooked(Loudness):
    """The same with a hook that silences the network."""
    name = "hooked"
    def change(self, model):
        model.net.register_forward_hook(lambda layer, given, out: out * 0)

class Greedy(Loudness):
    """Changes the parameters that it is given."""
    name = "greedy"
    class Params(wb.Params):
        space: wb.Pick[wb.Vectors]
        sizes: list[int] = [1]
    def run(self, job, p):
        p.sizes.append(5)
        return super().run(job, p)

class Scoring(wb.Analysis):
    """The mean score of a white picture."""
    name = "scoring"
    class Params(wb.Params):
        space: wb.Pick[wb.Vectors]
        scorers: tuple[wb.Scored, ...] = ()
    def run(self, job, p):
        scores = wb.catalogue().scorer(p.scorers[0] if p.scorers else "volume")(np.ones((1, 1, 4, 4)))
        return wb.Result(metrics={"mean": float(scores[0])})

@wb.hookimpl
def workbench_models():
    return [wb.ModelCard("amplifier", Amplifier)]

@wb.hookimpl
def workbench_scorers():
    return [wb.Scorer("volume", f"{__name__}.scores:volume")]

@wb.hookimpl
def workbench_analyses():
    from .measures.twice import Twice
    return [Loudness, Muted, Hooked, Greedy, Twice, Scoring]
'''
TWICE = '''
import workbench as wb
from .. import sound

class Twice(wb.Analysis):
    """A function of another module of the plugin."""
    name = "twice"
    class Params(wb.Params):
        space: wb.Pick[wb.Vectors]
    def run(self, job, p):
        return wb.Result(metrics={"mean": float(sound.louder(1.0))})
'''


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    folder = tmp_path / "plugins" / "acme"
    (folder / "measures").mkdir(parents=True)
    (folder / "__init__.py").write_text(PLUGIN)
    (folder / "measures" / "__init__.py").write_text("")
    (folder / "measures" / "twice.py").write_text(TWICE)
    scores(folder, 1)
    gain(folder, 1)
    return folder


def gain(folder: Path, factor: int) -> None:
    (folder / "sound.py").write_text(f"def louder(x):\n    return x * {factor}\n")


def scores(folder: Path, factor: int) -> None:
    (folder / "scores.py").write_text(f"def volume(pixels):\n    return {factor} * pixels.mean(axis=(1, 2, 3))\n")


def means(folder: Path, *analyses: str) -> list[float]:
    """Each analysis in turn, in a process of its own with the code as it is now."""
    code = (
        "import sys, workbench as wb\n"
        "for one in sys.argv[2:]:\n"
        "    r = wb.run(one, model='amplifier', space='out', store=sys.argv[1], inline=True)\n"
        "    print(r.metrics['mean'].value)\n"
    )
    variables = {"WORKBENCH_PLUGINS_DIR": str(folder.parent), "WORKBENCH_PLUGINS": "acme"}
    store = str(folder.parents[1] / "store")
    done = subprocess.run(
        [sys.executable, "-c", code, store, *analyses],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [float(one) for one in done.stdout.split()]


def test_a_function_that_the_maps_call_is_part_of_the_key(plugin: Path) -> None:
    before, twice_before = means(plugin, "loudness", "twice")
    gain(plugin, 5)
    after, twice_after = means(plugin, "loudness", "twice")
    assert after == pytest.approx(5 * before, rel=1e-5)
    assert (twice_before, twice_after) == (1.0, 5.0)


def test_the_scorers_that_an_analysis_may_use_are_part_of_the_key(plugin: Path) -> None:
    (before,) = means(plugin, "scoring")
    scores(plugin, 7)
    (after,) = means(plugin, "scoring")
    assert (before, after) == (1.0, 7.0)


@pytest.mark.parametrize("changing", ["muted", "hooked"])
def test_a_model_that_an_analysis_has_changed_leaves_no_points_to_others(plugin: Path, changing: str) -> None:
    silent, loud = means(plugin, changing, "loudness")
    assert silent == 0.0 < loud


@pytest.mark.parametrize("changing", ["muted", "hooked"])
def test_a_model_that_an_analysis_has_changed_is_given_no_points_of_others(plugin: Path, changing: str) -> None:
    loud, silent = means(plugin, "loudness", changing)
    assert silent == 0.0 < loud


def test_the_manifest_says_what_was_asked_for_whatever_the_analysis_did_to_it(plugin: Path) -> None:
    means(plugin, "greedy")
    with Store.open(plugin.parents[1] / "store") as store:
        (record,) = store.runs()
        asked = store.result(record.id).manifest["params"]
    assert asked == record.params == {"space": "out", "sizes": [1]}
