# SPDX-License-Identifier: Apache-2.0
"""Adding a vector to what a layer gives, for as long as a block of code lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import workbench as wb

if TYPE_CHECKING:
    import torch


@contextmanager
def steered(model: wb.Model, layer: str, vector: torch.Tensor) -> Iterator[None]:
    """Within it ``vector [width]`` is added to what ``layer`` gives; afterwards the model is as it was, come what may.

    A model that knows better than a hook where its stream is has a method ``steered(layer, vector)``, a context
    manager that does this at every token of all its maps; any other layer is hooked, and its weights are never touched.

    Raises
    ------
    workbench.SpaceError
        For a layer that the model does not have, or a vector that does not fit what it gives.
    """
    own = getattr(model, "steered", None)
    if callable(own):
        with own(layer, vector):
            yield
        return
    layers = model.layers()
    if layer not in layers:
        raise wb.SpaceError(f"{type(model).__name__} has no layer '{layer}'")

    def add(module: torch.nn.Module, inputs: Any, output: Any) -> Any:
        if not hasattr(output, "shape") or output.ndim < 2 or output.shape[-1] != vector.shape[0]:
            raise wb.SpaceError(f"the layer '{layer}' gives nothing that {vector.shape[0]} numbers can be added to")
        return output + vector.to(output)

    handle = layers[layer].register_forward_hook(add)
    try:
        yield
    finally:
        handle.remove()
