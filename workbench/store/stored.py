# SPDX-License-Identifier: Apache-2.0
"""StoredResult: a finished run's result, read part by part when asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import Array
from registry.errors import StoreError
from registry.result import Finding, Metric, Result
from workbench.store.encoding import unpacked_finding, unpacked_metric
from workbench.store.files import sha256_of
from workbench.store.records import Artifact

if TYPE_CHECKING:
    import pandas as pd


class StoredResult:
    """The result of a run. Nothing is read before it is asked for; arrays are read-only memory maps.

    Attributes
    ----------
    run_id, folder : the run, and its folder
    """

    def __init__(self, run_id: str, folder: Path, artifacts: Sequence[Artifact]) -> None:
        self.run_id, self.folder = run_id, folder
        self._artifacts = {(one.kind, one.name): one for one in artifacts}

    @property
    def tables(self) -> list[str]:
        """Names of the tables."""
        return self._names("table")

    @property
    def arrays(self) -> list[str]:
        """Names of the arrays."""
        return self._names("array")

    @property
    def images(self) -> list[str]:
        """Names of the images."""
        return self._names("image")

    @property
    def charts(self) -> list[str]:
        """Names of the charts."""
        return self._names("chart")

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Metrics with their intervals, in the order of the result."""
        return {name: unpacked_metric(one) for name, one in self._words["metrics"].items()}

    @cached_property
    def findings(self) -> list[Finding]:
        """The findings."""
        return [unpacked_finding(one) for one in self._words["findings"]]

    @property
    def notes(self) -> list[str]:
        """The notes."""
        return list(self._words["notes"])

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What went in and what came out: hashes, parameters, versions, device, timings, parts."""
        return self._json("manifest", "manifest")

    def table(self, name: str) -> pd.DataFrame:
        """A table."""
        import pandas as pd

        return pd.read_parquet(self._path("table", name), engine="pyarrow")

    def array(self, name: str) -> Array:
        """An array as a read-only memory map."""
        path = self._path("array", name)
        try:
            return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
        except ValueError as error:
            raise StoreError(f"the array '{name}' of run {self.run_id} cannot be read: {error}") from error

    def image(self, name: str) -> Array:
        """A picture, uint8 ``[height, width(, 3 or 4)]``."""
        from PIL import Image

        with Image.open(self._path("image", name), formats=["PNG"]) as image:
            return np.array(image, dtype=np.uint8)

    def chart(self, name: str) -> dict[str, Any]:
        """A Vega-Lite specification."""
        return self._json("chart", name)

    def result(self) -> Result:
        """All of it as the analysis returned it; tables are read, arrays stay on the disk until they are used."""
        return Result(
            metrics=dict(self.metrics),
            tables={name: self.table(name) for name in self.tables},
            arrays={name: self.array(name) for name in self.arrays},
            images={name: self.image(name) for name in self.images},
            charts={name: self.chart(name) for name in self.charts},
            findings=list(self.findings),
            notes=self.notes,
        )

    def verify(self) -> list[str]:
        """Read every file and compare its hash; one sentence for each that is missing or changed."""
        problems = []
        for one in self._artifacts.values():
            what = f"{one.path.relative_to(self.folder)} of run {self.run_id}"
            if not one.path.is_file():
                problems.append(f"{what} is missing")
            elif sha256_of(one.path) != one.sha256:
                problems.append(f"{what} has changed since it was stored")
        return problems

    @cached_property
    def _words(self) -> dict[str, Any]:
        return self._json("result", "result")

    def _names(self, kind: str) -> list[str]:
        return [name for one, name in self._artifacts if one == kind]

    def _json(self, kind: str, name: str) -> dict[str, Any]:
        path = self._path(kind, name)
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise StoreError(f"the {kind} '{name}' of run {self.run_id} cannot be read: {error}") from error

    def _path(self, kind: str, name: str) -> Path:
        found = self._artifacts.get((kind, name))
        if found is None:
            known = ", ".join(self._names(kind)) or "none"
            raise StoreError(f"run {self.run_id} has no {kind} '{name}': there are {known}")
        if not found.path.is_file():
            raise StoreError(
                f"the {kind} '{name}' of run {self.run_id} is missing: delete the run and compute it again"
            )
        return found.path
