# SPDX-License-Identifier: Apache-2.0
"""Capture of activations against the plain forward pass, hand-written hooks and captum; the store against its rivals.

Every figure is the median of interleaved repeats in this process, with one thread, and comes as a ratio.
"""

from __future__ import annotations

import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

import workbench as wb
from workbench.points.activations import ActivationStore

REPEATS = 15
Work = Callable[[], Any]


class Convolutional(wb.Model):
    """Four convolutions with ReLU and a linear head on 3 x 64 x 64 images."""

    pixels = wb.images(3, 64, 64)
    logits = wb.logits([str(one) for one in range(10)])

    def __init__(self, device: str) -> None:
        widths = [3, 32, 64, 64, 64]
        parts: list[torch.nn.Module] = []
        for before, after in zip(widths, widths[1:], strict=False):
            parts += [torch.nn.Conv2d(before, after, 3, stride=2, padding=1), torch.nn.ReLU()]
        self.net = torch.nn.Sequential(*parts, torch.nn.Flatten(), torch.nn.Linear(1024, 10)).to(device).eval()

    @wb.maps(pixels, to=logits)
    def classify(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)  # type: ignore[no-any-return]


class Dense(wb.Model):
    """Eight dense layers of 512 units with ReLU."""

    source = wb.vectors(512, prior=wb.normal())
    target = wb.vectors(512)

    def __init__(self, device: str) -> None:
        parts = [one for _ in range(8) for one in (torch.nn.Linear(512, 512), torch.nn.ReLU())]
        self.net = torch.nn.Sequential(*parts).to(device).eval()

    @wb.maps(source, to=target)
    def through(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)  # type: ignore[no-any-return]


def medians(works: dict[str, Work], repeats: int = REPEATS) -> dict[str, float]:
    """Median seconds of each work, taken in turns so that what else the machine does falls on all alike."""
    for work in works.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            started = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - started)
    return {name: statistics.median(taken) for name, taken in times.items()}


def captures(model: wb.Model, map_name: str, batch: torch.Tensor) -> dict[str, float]:
    """Seconds to get the outputs of all leaf layers of ``model`` for one batch, by way of getting them."""
    from captum.attr import LayerActivation

    layers = {name: one for name, one in model.layers().items() if not list(one.children())}
    names, modules = list(layers), list(layers.values())
    forward = model.maps[map_name]

    def plain() -> Any:
        with torch.inference_mode():
            return forward(batch)

    def hooks() -> Any:
        kept: dict[str, torch.Tensor] = {}

        def keep(name: str) -> Any:
            def hook(module: Any, inputs: Any, output: torch.Tensor) -> None:
                kept[name] = output.detach().clone()

            return hook

        handles = [one.register_forward_hook(keep(name)) for name, one in layers.items()]
        try:
            with torch.inference_mode():
                forward(batch)
        finally:
            for handle in handles:
                handle.remove()
        return kept

    def each() -> Any:
        return [LayerActivation(forward, one).attribute(batch) for one in modules]

    works: dict[str, Work] = {
        "plain forward pass": plain,
        "wb.capture, all layers": lambda: list(wb.capture(model, map_name, [batch], names, device="cpu")),
        "hooks written by hand": hooks,
        "captum LayerActivation, list of layers": lambda: LayerActivation(forward, modules).attribute(batch),
        "captum LayerActivation, layer by layer": each,
    }
    return medians(works)


def stores(rows: int, width: int) -> None:
    """Write ``rows x width`` float32 in batches of 256 and read 256 random rows, against files that others use."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    values = np.random.default_rng(0).standard_normal((rows, width), dtype=np.float32)
    chosen = np.sort(np.random.default_rng(1).choice(rows, 256, replace=False))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        count = iter(range(10**6))

        def key() -> str:
            return hashlib.sha256(str(next(count)).encode()).hexdigest()

        store = ActivationStore(folder / "ours", cap_bytes=3 * values.nbytes)

        def ours() -> str:
            name = key()
            with store.writer(name, (width,), "float32") as writer:
                for start in range(0, rows, 256):
                    writer.append(values[start : start + 256])
                writer.commit()
            return name

        def table() -> None:
            schema = pa.schema([("row", pa.list_(pa.float32(), width))])
            with parquet.ParquetWriter(folder / "rows.parquet", schema, compression="none") as writer:
                for start in range(0, rows, 256):
                    flat = pa.array(values[start : start + 256].reshape(-1))
                    writer.write_table(pa.table([pa.FixedSizeListArray.from_arrays(flat, width)], schema=schema))

        written = medians(
            {
                "activation store (checksums, synced)": ours,
                "numpy.save of the whole": lambda: np.save(folder / "whole.npy", values),
                "numpy.savez of the whole": lambda: np.savez(folder / "whole.npz", values=values),
                "parquet, appended": table,
            },
            repeats=3,
        )
        print_ratios(f"write {rows:,} x {width} float32 ({values.nbytes >> 20} MiB)", written)
        name = ours()
        read = medians(
            {
                "activation store": lambda: store.slice(name, chosen),
                "numpy.load, memory map": lambda: np.array(np.load(folder / "whole.npy", mmap_mode="r")[chosen]),
                "numpy.load of npz": lambda: np.load(folder / "whole.npz")["values"][chosen],
                "parquet": lambda: parquet.read_table(folder / "rows.parquet").take(chosen),
            },
            repeats=5,
        )
        print_ratios("read 256 random rows", read)


def print_ratios(title: str, seconds: dict[str, float]) -> None:
    """Print seconds, and each as a ratio to the first."""
    first = next(iter(seconds.values()))
    print(f"\n{title}")
    for name, taken in seconds.items():
        print(f"  {name:42s} {1000 * taken:10.2f} ms  {taken / first:7.2f} x")


def main(rows: int = 12_800, width: int = 4096) -> None:
    """Print every table."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    try:
        images = torch.rand(64, 3, 64, 64, generator=generator)
        vectors = torch.randn(256, 512, generator=generator)
        print_ratios("convolutional net, 10 layers, batch of 64", captures(Convolutional("cpu"), "classify", images))
        print_ratios("dense net, 16 layers, batch of 256", captures(Dense("cpu"), "through", vectors))
    finally:
        torch.set_num_threads(threads)
    stores(rows, width)


if __name__ == "__main__":
    main()
