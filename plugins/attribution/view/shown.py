# SPDX-License-Identifier: Apache-2.0
"""What the page of a run looks at: its samples, its methods, its maps, read from the stored result."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.attribution.view.colours import family_of

if TYPE_CHECKING:
    import pandas as pd

    from registry.spaces import Images
    from workbench.app.parts.view_context import ViewContext


@dataclass(frozen=True)
class Shown:
    """The parts of one stored run."""

    view: ViewContext

    @cached_property
    def inputs(self) -> Any:
        """Samples ``[n, *shape]`` in the model's units."""
        return self._array("inputs")

    @cached_property
    def rows(self) -> Any:
        """Their rows in the data, or numbers of draws."""
        return self._array("rows")

    @cached_property
    def methods(self) -> pd.DataFrame:
        """One row a method that answered, with the family of its scale."""
        table = self.view.result.table("methods")
        table["scale"] = [family_of(one["method"], bool(one["signed"])) for one in table.to_dict("records")]
        return table

    def title(self, method: str) -> str:
        """A method as the page calls it."""
        found = self.methods.loc[self.methods["method"] == method, "title"]
        return str(found.iloc[0]) if len(found) else method

    def scale(self, method: str) -> str:
        """The family whose scale the method shares."""
        return str(self.methods.loc[self.methods["method"] == method, "scale"].iloc[0])

    def signed(self, method: str) -> bool:
        """Whether its values have a sign."""
        return bool(self.methods.loc[self.methods["method"] == method, "signed"].iloc[0])

    def values(self, method: str) -> Any:
        """Maps of a method, ``[n, *shape]``."""
        return self._array(f"values.{method}")

    @property
    def pictures(self) -> bool:
        """Whether the inputs are pictures."""
        return bool(self.inputs.ndim == 4)

    @cached_property
    def of_input(self) -> list[str]:
        """Methods whose maps lie over the input."""
        return [
            one
            for one in self.methods["method"]
            if self.values(one).ndim == self.inputs.ndim and self.values(one).shape[2:] == self.inputs.shape[2:]
        ]

    @cached_property
    def of_layer(self) -> list[str]:
        """Methods that attribute to the units of a layer."""
        return [one for one in self.methods["method"] if one not in self.of_input]

    def map(self, method: str, sample: int) -> Any:
        """A map of a picture, channels summed, float64 ``[h, w]``."""
        return np.asarray(self.values(method)[sample], dtype=np.float64).sum(axis=0)

    @cached_property
    def baselines(self) -> list[str]:
        """Names of the baselines, the main one first."""
        return [one.removeprefix("baselines.") for one in self.view.result.arrays if one.startswith("baselines.")]

    def start(self, name: str) -> Any:
        """A baseline of each sample, as the inputs."""
        return self._array(f"baselines.{name}")

    def by_baseline(self, method: str) -> dict[str, Any]:
        """Maps of the first samples by baseline, the main one first; empty for methods without."""
        stem = f"by_baseline.{method}."
        found = {one.removeprefix(stem): self._array(one) for one in self.view.result.arrays if one.startswith(stem)}
        return {self.baselines[0]: self.values(method), **found} if found and self.baselines else {}

    @cached_property
    def space(self) -> Images | None:
        """The image space of the inputs; ``None`` where they are none, or the model is not known any more."""
        return self._images("source")

    @cached_property
    def output(self) -> Images | None:
        """The image space of the output."""
        return self._images("target")

    def pixels(self, values: Any, space: Images | None) -> list[Any]:
        """Pictures ``[n, c, h, w]`` as uint8 ``[h, w, c]``, by the range of their space (else their own)."""
        from registry.pictures import to_pixels
        from registry.spaces import images

        given = np.asarray(values)
        if space is None:
            low, high = float(np.nanmin(given)), float(np.nanmax(given))
            channels, height, width = given.shape[1:]
            space = images(channels, height, width, low=low, high=high if high > low else low + 1)
        return list(to_pixels(given, space))

    def _images(self, end: str) -> Images | None:
        from registry.errors import WorkbenchError
        from registry.spaces import Images
        from workbench.app import subjects

        run = self.view.run
        try:
            description = subjects.describe(str(run.model))
            space = description.spaces[getattr(description.maps[str(run.params["through"])], end)]
        except (WorkbenchError, KeyError):
            return None
        return space if isinstance(space, Images) else None

    def _array(self, name: str) -> Any:
        return np.asarray(self.view.result.array(name))
