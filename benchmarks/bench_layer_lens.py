# SPDX-License-Identifier: Apache-2.0
"""What it costs to look at every layer: the lens, which counts as the numbers pass, against copies of all of them.

Each line is the median of interleaved repeats in this process, one thread, and a ratio to the plain forward pass.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import workbench as wb
from benchmarks.bench_capture import Convolutional, Dense, Work, medians, print_ratios
from plugins.layer_lens.measuring import Counter
from plugins.layer_lens.taps import find_walk, watch

REPEATS = 9
KEPT = 256  # numbers of a layer kept for its plane


def looks(model: wb.Model, map_name: str, batch: torch.Tensor) -> dict[str, float]:
    """Seconds for one batch, by way of looking at all of its layers."""
    from captum.attr import LayerActivation

    through = model.maps[map_name]
    walk = find_walk(model, through, batch[:3])
    names = [one.layer for one in walk.steps]
    modules = [one.module for one in walk.steps]
    kept = {one.key: np.arange(min(one.width, KEPT)) for one in walk.steps}

    def plain() -> Any:
        with torch.no_grad():
            return through(batch)

    def taps() -> Any:
        return list(watch(through, [batch], walk, lambda key, inputs, output: None, "cpu"))

    def counted() -> Any:
        counters = {one.key: Counter(one, len(batch), kept[one.key], 0.05, 0.5) for one in walk.steps}
        list(watch(through, [batch], walk, lambda key, inputs, output: counters[key].see(output), "cpu"))
        return {key: one.done() for key, one in counters.items()}

    works: dict[str, Work] = {
        "plain forward pass": plain,
        "taps that look at nothing": taps,
        "layer lens: every count of every layer": counted,
        "wb.capture, copies of all layers": lambda: list(wb.capture(model, map_name, [batch], names, device="cpu")),
        "captum LayerActivation, list of layers": lambda: LayerActivation(through, modules).attribute(batch),
        "captum LayerActivation, layer by layer": lambda: [
            LayerActivation(through, one).attribute(batch) for one in modules
        ],
    }
    return medians(works, REPEATS)


def main() -> None:
    """Print both tables."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    try:
        images = torch.rand(64, 3, 64, 64, generator=generator)
        vectors = torch.randn(256, 512, generator=generator)
        print_ratios("convolutional net, 9 steps, batch of 64", looks(Convolutional("cpu"), "classify", images))
        print_ratios("dense net, 16 steps, batch of 256", looks(Dense("cpu"), "through", vectors))
    finally:
        torch.set_num_threads(threads)


if __name__ == "__main__":
    main()
