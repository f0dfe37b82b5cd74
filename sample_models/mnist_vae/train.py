# SPDX-License-Identifier: Apache-2.0
"""Train the digit VAE on the 9,000 training digits: ``python -m sample_models.mnist_vae.train``.

Writes ``mnist_vae.safetensors`` and ``training.json`` beside this file; both are committed. Runs on the CPU, seeded.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

import workbench as wb
from sample_models import datasets
from sample_models.mnist_vae.nets import LATENT, ConvolutionalVae, bound_terms, measure

HERE = Path(__file__).parent


def pictures(dataset: wb.Dataset, split: str) -> Tensor:
    """The pictures of one split, ``[n, 1, 28, 28]`` in 0..1."""
    return torch.from_numpy(dataset.batch(datasets.split_rows(dataset, split)))


def warp(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Each picture under its own small turn, shear, scale and shift (a light augmentation), bilinear."""
    draw = torch.rand(len(pixels), 5, generator=generator) * 2 - 1
    angle, shear = draw[:, 0] * math.radians(8), draw[:, 1] * 0.1
    scale = 1 + draw[:, 2] * 0.08
    cosine, sine = angle.cos() * scale, angle.sin() * scale
    rows = torch.stack(
        [
            torch.stack([cosine, -sine + shear, draw[:, 3] * 0.06], dim=1),
            torch.stack([sine, cosine, draw[:, 4] * 0.06], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(rows, list(pixels.shape), align_corners=False)
    return functional.grid_sample(pixels, grid, align_corners=False).clamp(0, 1)


def train(
    *, epochs: int, seed: int, batch: int, rate: float, augment: float
) -> tuple[ConvolutionalVae, dict[str, Any]]:
    """Train and return ``(net, record)``; ``record`` is what ``training.json`` holds."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    dataset = datasets.open_mnist()
    seen, held_out = pictures(dataset, "train"), pictures(dataset, "test")
    net = ConvolutionalVae()
    optimiser = torch.optim.Adam(net.parameters(), lr=rate)
    steps = epochs * (len(seen) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    history, started = [], time.monotonic()
    for epoch in range(epochs):
        net.train()
        order = torch.randperm(len(seen), generator=generator)
        sums, count = torch.zeros(2, dtype=torch.float64), 0
        for first in range(0, len(seen) - batch + 1, batch):
            pixels = seen[order[first : first + batch]]
            if augment:  # part of each batch is warped; the rest stays as the digits are
                bent = int(round(augment * batch))
                pixels = torch.cat([warp(pixels[:bent], generator), pixels[bent:]])
            noise = torch.randn(len(pixels), LATENT, generator=generator)
            reconstruction, divergence, _ = bound_terms(net, pixels, noise)
            loss = (divergence - reconstruction).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 100.0)
            optimiser.step()
            schedule.step()
            with torch.no_grad():
                sums += torch.stack([reconstruction.sum(), divergence.sum()]).double()
            count += len(pixels)
        net.eval()
        recon, kl = (sums / count).tolist()
        tested = measure(net, held_out, draws=1)
        line = {"epoch": epoch + 1, "elbo": recon - kl, "reconstruction": recon, "kl": kl, "held_out": tested["elbo"]}
        history.append({key: round(value, 3) for key, value in line.items()})
        print(f"{time.monotonic() - started:6.0f} s", json.dumps(history[-1]), flush=True)
    record = {
        "seed": seed,
        "epochs": epochs,
        "batch": batch,
        "learning_rate": rate,
        "augmented_share": augment,
        "parameters": sum(one.numel() for one in net.parameters()),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "seconds": round(time.monotonic() - started, 1),
        "held_out": {"pictures": len(held_out), "draws": 10, **measure(net, held_out)},
        "trained_on": {"pictures": len(seen), "draws": 10, **measure(net, seen)},
        "history": history,
    }
    return net, record


def main() -> None:
    """Train with the committed settings and write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--augment", type=float, default=0.5, help="share of each batch that is warped")
    parser.add_argument("--threads", type=int, default=1, help="1 as in the committed run")
    parser.add_argument("--folder", type=Path, default=HERE, help="where to write")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    net, record = train(
        epochs=chosen.epochs, seed=chosen.seed, batch=chosen.batch, rate=chosen.rate, augment=chosen.augment
    )
    chosen.folder.mkdir(parents=True, exist_ok=True)
    save_file(net.state_dict(), chosen.folder / "mnist_vae.safetensors")
    (chosen.folder / "training.json").write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps({key: value for key, value in record.items() if key != "history"}, indent=1))


if __name__ == "__main__":
    main()
