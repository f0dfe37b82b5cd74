# SPDX-License-Identifier: Apache-2.0
"""A store with directions of a toy model that is described in this process, so that no supervisor is started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.runs import describe
from workbench.store import Store

PLUGIN = '''
import numpy as np
import workbench as wb

class Flat(wb.Model):
    """Three numbers become a picture of two by two."""
    pixels = wb.images(1, 2, 2)
    z = wb.vectors(3, prior=wb.normal())
    w = wb.vectors(3)

    def __init__(self, device):
        import torch
        self.net = torch.nn.Linear(3, 4, bias=False)
        with torch.no_grad():
            self.net.weight.copy_(torch.eye(4, 3))

    @wb.maps(z, to=pixels)
    def decode(self, z):
        return self.net(z).reshape(-1, 1, 2, 2).sigmoid()

    @wb.maps(z, to=w)
    def mapping(self, z):
        return 2 * z

class Other(Flat):
    """Another model with the same spaces."""

class Finder(wb.Analysis):
    """Finds what it is told to."""
    name = "finder"
    class Params(wb.Params):
        space: wb.Pick[wb.Vectors]
        scale: float = 1.0
    def run(self, job, p):
        vectors = p.scale * np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 0, 3]], dtype=np.float32)
        return wb.Result(arrays={"points": job.points(p.space, limit=9).flat(), "vectors": vectors, "mean": vectors[1]})

@wb.hookimpl
def workbench_models():
    return [wb.ModelCard("flat", Flat), wb.ModelCard("other", Other)]

@wb.hookimpl
def workbench_analyses():
    return [Finder]
'''


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The models of these tests and no others."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "flatland.py").write_text(PLUGIN)
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(tmp_path / "plugins"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "flatland")


@pytest.fixture
def store(plugin: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with ``a``, ``b``, ``c`` of the space z of ``flat``, and others that do not fit to them."""
    monkeypatch.setenv("WORKBENCH_STORE", str(tmp_path / "store"))
    with Store.open(tmp_path / "store") as opened:
        fingerprints = {name: describe(opened, name, inline=True).fingerprint for name in ("flat", "other")}
        for name, vector in (("a", [2.0, 0.0, 0.0]), ("b", [1.0, 1.0, 0.0]), ("c", [0.0, 0.0, -3.0])):
            opened.save_direction(name, model="flat", fingerprint=fingerprints["flat"], space="z", vector=vector)
        about = {"model": "flat", "fingerprint": fingerprints["flat"], "space": "z", "vector": [1.0, 2.0, 3.0]}
        opened.save_direction("of-w", **{**about, "space": "w"})
        opened.save_direction("of-other", **{**about, "model": "other", "fingerprint": fingerprints["other"]})
        opened.save_direction("of-old", **{**about, "fingerprint": "0" * 64})
        opened.save_direction("of-data", **{**about, "model": None, "fingerprint": ""})
        opened.save_direction("wide", **{**about, "vector": [1.0, 2.0, 3.0, 4.0]})
        yield opened
