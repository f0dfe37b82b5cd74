# SPDX-License-Identifier: Apache-2.0
"""Commands as a user types them, each in a process of its own, on a plugin folder with one model and one analysis."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PLUGIN = '''
import numpy as np
import workbench as wb
from pydantic import Field


class Line(wb.Model):
    """z -> (z, 2 z)."""

    z = wb.vectors(1, prior=wb.normal())
    plane = wb.vectors(2)

    def __init__(self, device):
        pass

    @wb.maps(z, to=plane)
    def decode(self, z):
        import torch

        return torch.cat([z, 2 * z], dim=1)


class Spread(wb.Analysis):
    """How far from their mean are the points of a space?"""

    name = "spread"

    class Params(wb.Params):
        space: wb.Pick[wb.Vectors]
        limit: int = Field(100, ge=10)
        fail: bool = False

    def run(self, job, params):
        import pandas as pd

        if params.fail:
            raise ValueError("asked to fail")
        points = job.points(params.space, limit=params.limit)
        distance = np.linalg.norm(points.flat() - points.flat().mean(axis=0), axis=1)
        finding = wb.Finding("spread.measured", "The points are spread.", value=distance.mean(), n=len(points))
        chart = {"mark": "bar", "data": {"values": [{"a": 1, "b": 2}]}, "encoding": {"x": {"field": "a"}}}
        return wb.Result(
            metrics={"mean": wb.Metric(distance.mean(), low=0.1, high=9.0, n=len(points), note="<b>mean</b>")},
            tables={"rows": pd.DataFrame({"row": points.rows[:3], "distance": distance[:3]})},
            arrays={"distance": distance},
            images={"grey": (np.eye(8) * 255).astype("uint8")},
            charts={"bar": chart},
            findings=[finding],
        )


@wb.hookimpl
def workbench_models():
    return [wb.ModelCard("line", Line, licence="Apache-2.0")]


@wb.hookimpl
def workbench_analyses():
    return [Spread]
'''


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "plugins").mkdir()
    (folder / "plugins" / "line.py").write_text(PLUGIN)
    return folder


def call(home: Path, *arguments: str, rc: int = 0) -> subprocess.CompletedProcess[str]:
    variables = {
        **os.environ,
        "WORKBENCH_STORE": str(home / "store"),
        "WORKBENCH_PLUGINS_DIR": str(home / "plugins"),
        "WORKBENCH_SUPERVISOR_IDLE": "20",
        "COLUMNS": "200",
    }
    command = [sys.executable, "-m", "workbench", *arguments]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == rc, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def call_json(home: Path, *arguments: str, rc: int = 0) -> Any:
    return json.loads(call(home, *arguments, "--json", rc=rc).stdout)


@pytest.fixture(scope="module")
def document(home: Path) -> Any:
    """The JSON document of one run on draws from the prior."""
    return call_json(home, "run", "spread", "--model", "line", "--set", "space=plane", "--seed", "3")


def test_a_run_prints_its_document(document: Any) -> None:
    assert document["run"]["status"] == "done"
    assert document["run"]["seed"] == 3
    assert 1.0 < document["metrics"]["mean"] < 2.5  # E|z| sqrt(5) = 1.78
    assert document["intervals"]["mean"]["n"] == 100
    assert len(document["tables"]["rows"]) == 3
    assert document["findings"][0]["code"] == "spread.measured"


def test_the_same_run_is_shown_not_repeated(home: Path, document: Any) -> None:
    again = call_json(home, "run", "spread", "--model", "line", "--set", "space=plane", "--seed", "3")
    assert again["run"]["id"] == document["run"]["id"]


def test_why_says_what_differs(home: Path, document: Any) -> None:
    lines = call_json(home, "run", "spread", "--model", "line", "--set", "space=plane", "--seed", "4", "--why")
    assert any("seed" in line for line in lines["differences"])
    assert call_json(home, "runs")["runs"][0]["id"] == document["run"]["id"]


def test_bare_points_need_no_model(home: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "p.npy", np.random.default_rng(0).normal(size=(50, 4)).astype("float32"))
    document = call_json(home, "run", "spread", "--points", str(tmp_path / "p.npy"))
    assert document["run"]["status"] == "done"
    assert document["intervals"]["mean"]["n"] == 50


def test_the_command_and_python_give_the_same_numbers(home: Path, document: Any) -> None:
    asked = "'spread', model='line', space='plane', seed=3, inline=True"
    script = f"import workbench as wb; print(wb.run({asked}).numbers()['mean'])"
    variables = {**os.environ, "WORKBENCH_STORE": str(home / "other"), "WORKBENCH_PLUGINS_DIR": str(home / "plugins")}
    done = subprocess.run([sys.executable, "-c", script], env=variables, capture_output=True, text=True, check=True)
    assert float(done.stdout) == document["metrics"]["mean"]


def test_a_failed_run_says_why_and_exits_with_one(home: Path) -> None:
    arguments = ("run", "spread", "--model", "line", "--set", "space=z", "--set", "fail=true")
    failed = call_json(home, *arguments, rc=1)
    assert "asked to fail" in failed["run"]["error"]
    assert "ValueError" in call_json(home, "show", failed["run"]["id"], "--log")["traceback"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "spred", "--model", "line"], "did you mean 'spread'"),
        (["run", "spread", "--model", "lime"], "did you mean 'line'"),
        (["run", "spread", "--model", "line", "--set", "space=q"], "choose from"),
        (["run", "spread", "--model", "line", "--set", "space=z", "--set", "limit=5"], "greater than or equal to 10"),
        (["run", "spread", "--points", "x.npy", "--model", "line"], "--points stands alone"),
        (["run", "spread", "--points", "/nowhere/x.npy"], "x.npy"),
        (["show", "ffffffffffff"], "ffffffffffff"),
        (["serve", "--address", "0.0.0.0"], "--open-to-network"),
    ],
)
def test_what_can_be_mended_is_one_line_and_exit_code_two(home: Path, arguments: list[str], words: str) -> None:
    done = call(home, *arguments, rc=2)
    assert words in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


def test_export_writes_every_part_and_a_page_without_script(home: Path, document: Any, tmp_path: Path) -> None:
    call(home, "export", document["run"]["id"][:6], "--html", "--to", str(tmp_path / "out"))
    names = {one.name for one in (tmp_path / "out").iterdir()}
    assert {"manifest.json", "report.html"} < names
    assert {one.rsplit(".", 1)[1] for one in names} >= {"parquet", "npy", "png", "json", "html"}
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script" not in page
    assert 'http-equiv="Content-Security-Policy"' in page
    assert "&lt;b&gt;mean&lt;/b&gt;" in page
    assert page.count("data:image/") == 2
    assert 'src="http' not in page


def test_listings_tell_of_the_plugin(home: Path) -> None:
    assert "line" in [one["name"] for one in call_json(home, "models")["models"]]
    described = call_json(home, "models", "line")
    assert {"z", "plane"} <= {one["name"] for one in described["spaces"]}
    plugins = {one["name"]: one for one in call_json(home, "plugins")["plugins"]}
    assert plugins["line"]["origin"] == "folder"
    assert "limit" in call_json(home, "analyses", "spread")["schema"]["properties"]


def test_check_reports_every_check(home: Path) -> None:
    report = call_json(home, "check", "line")
    assert report["passed"]
    assert {one["outcome"] for one in report["checks"]} <= {"pass", "does not apply"}


def test_datasets_and_slices_are_kept_by_name(home: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "cloud.npy", np.random.default_rng(1).normal(size=(80, 3)).astype("float32"))
    added = call_json(home, "datasets", "add", str(tmp_path / "cloud.npy"))
    assert (added["name"], added["rows"]) == ("cloud", 80)
    assert "cloud" in [one["name"] for one in call_json(home, "datasets")["datasets"]]
    np.savetxt(tmp_path / "rows.txt", np.arange(20), fmt="%d")
    call(home, "slices", "save", "first", "--data", "cloud", "--rows", str(tmp_path / "rows.txt"))
    assert [one["name"] for one in call_json(home, "slices")["slices"]] == ["first"]
    document = call_json(home, "run", "spread", "--data", "cloud", "--slice", "first", "--set", "limit=50")
    assert document["intervals"]["mean"]["n"] == 20


def test_gc_and_doctor_speak(home: Path, document: Any) -> None:
    (home / "store" / "staging" / "ffffffffffff").mkdir(parents=True, exist_ok=True)
    assert call_json(home, "gc", "--dry-run")["removed"]
    call(home, "gc")
    report = call_json(home, "doctor", "--verify")
    assert {one["what"] for one in report["points"]} >= {"python", "torch", "disk", "store", "orphans", "files"}
    assert report["well"], report
