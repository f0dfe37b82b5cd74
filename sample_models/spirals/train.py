# SPDX-License-Identifier: Apache-2.0
"""Train both networks of the spirals: ``python -m sample_models.spirals.train``.

Many starts are trained side by side (narrow networks often get stuck); the one with the least loss on training points
is kept. Writes the weights and ``training.json`` beside this file. One CPU thread, seeded.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from sample_models.spirals import DEPTHS, HERE, weights
from sample_models.spirals.datasets import TRAIN, open_spirals
from sample_models.spirals.model import make_net


def data() -> tuple[Tensor, Tensor]:
    """Points ``[1000, 2]`` and the number of their spiral ``[1000]``; the first 800 are for training."""
    import numpy as np

    opened = open_spirals()
    first = opened.columns["spiral"].to_numpy() == "first"
    return torch.from_numpy(opened.batch(np.arange(len(opened)))), torch.from_numpy((~first).astype("int64"))


def start(depth: int, starts: int, generator: torch.Generator) -> list[Tensor]:
    """Weights and biases of ``starts`` networks: turned planes a little stretched, a normal readout, no bias."""
    tensors = []
    for number in range(depth + 1):
        draw = torch.randn(starts, 2, 2, generator=generator)
        tensors.append(draw if number == depth else torch.linalg.qr(draw)[0] * 1.3)
        tensors.append(torch.zeros(starts, 1, 2))
    return [one.requires_grad_() for one in tensors]


def forward(tensors: list[Tensor], points: Tensor) -> Tensor:
    """Logits ``[starts, n, 2]`` of all networks for points ``[n, 2]``."""
    values = points.expand(len(tensors[0]), -1, -1)
    for at in range(0, len(tensors), 2):
        values = values @ tensors[at].transpose(1, 2) + tensors[at + 1]
        values = values.tanh() if at < len(tensors) - 2 else values
    return values


def losses(tensors: list[Tensor], points: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each network, ``[starts]``."""
    logits = forward(tensors, points)
    return functional.cross_entropy(logits.transpose(1, 2), labels.expand(len(logits), -1), reduction="none").mean(
        dim=1
    )


def train(name: str, *, starts: int, steps: int, seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """State of the best network and what ``training.json`` keeps of all of them."""
    points, labels = data()
    tensors = start(DEPTHS[name], starts, torch.Generator().manual_seed(seed))
    optimiser = torch.optim.Adam(tensors, lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.03, total_steps=steps)
    for _ in range(steps):
        optimiser.zero_grad()
        losses(tensors, points[:TRAIN], labels[:TRAIN]).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        loss = losses(tensors, points[:TRAIN], labels[:TRAIN])
        right = forward(tensors, points).argmax(dim=2) == labels
    accuracy, held_out = right[:, :TRAIN].double().mean(dim=1), right[:, TRAIN:].double().mean(dim=1)
    best = int(loss.argmin())
    keys = make_net(DEPTHS[name]).state_dict()
    chosen = [
        one[best].detach().reshape(-1, 2) if at % 2 == 0 else one[best, 0].detach() for at, one in enumerate(tensors)
    ]
    record = {
        "seed": seed,
        "starts": starts,
        "steps": steps,
        "loss": float(loss[best]),
        "accuracy": float(accuracy[best]),
        "held_out_accuracy": float(held_out[best]),
        "starts_without_error": int((accuracy == 1).sum()),
        "largest_accuracy": float(accuracy.max()),
    }
    return {key: one.contiguous() for key, one in zip(keys, chosen, strict=True)}, record


def main() -> None:
    """Train with the committed settings and write all files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=128)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=HERE, help="where to write")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    records = {}
    for name in DEPTHS:
        state, records[name] = train(name, starts=chosen.starts, steps=chosen.steps, seed=chosen.seed)
        save_file(state, chosen.folder / weights(name).name)
        print(name, json.dumps(records[name], indent=1), flush=True)
    (chosen.folder / "training.json").write_text(json.dumps(records, indent=1) + "\n")


if __name__ == "__main__":
    main()
