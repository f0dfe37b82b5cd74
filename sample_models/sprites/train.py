# SPDX-License-Identifier: Apache-2.0
"""Train the sprites beta-VAE: ``python -m sample_models.sprites.train``.

Writes ``sprites_vae.safetensors`` and ``training.json`` beside this file; both are committed. Runs on the CPU, seeded.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from sample_models.sprites.datasets import open_sprites, rows_of
from sample_models.sprites.nets import LATENT, SmallVae, measure, terms

HERE = Path(__file__).parent


def pictures(split: str) -> Tensor:
    """The pictures of one split, ``[n, 1, 24, 24]`` in 0..1."""
    return torch.from_numpy(open_sprites().batch(rows_of(split)))


def train(
    *, beta: float, seed: int, steps: int, batch: int = 128, rate: float = 1e-3
) -> tuple[SmallVae, dict[str, Any]]:
    """Train and return ``(net, record)``; ``record`` is what ``training.json`` holds."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    seen, validation, held_out = (pictures(split) for split in ("train", "validation", "test"))
    net = SmallVae()
    optimiser = torch.optim.Adam(net.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    history, started = [], time.monotonic()
    for step in range(1, steps + 1):
        pixels = seen[torch.randint(len(seen), (batch,), generator=generator)]
        reconstruction, divergence, _ = terms(net, pixels, torch.randn(batch, LATENT, generator=generator))
        loss = (beta * divergence.sum(dim=1) - reconstruction).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        if step % max(1, steps // 20) == 0:
            found = measure(net, validation, draws=1)
            history.append({"step": step, **{name: found[name] for name in ("elbo", "kl", "kl_by_axis")}})
            print(f"{time.monotonic() - started:6.0f} s", json.dumps(history[-1]), flush=True)
    record = {
        "beta": beta,
        "seed": seed,
        "steps": steps,
        "batch": batch,
        "learning_rate": rate,
        "parameters": sum(one.numel() for one in net.parameters()),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "seconds": round(time.monotonic() - started, 1),
        "validation": {"pictures": len(validation), "draws": 10, **measure(net, validation)},
        "held_out": {"pictures": len(held_out), "draws": 10, **measure(net, held_out)},
        "history": history,
    }
    return net, record


def main() -> None:
    """Train with the committed settings and write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beta", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=HERE, help="where to write")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    net, record = train(beta=chosen.beta, seed=chosen.seed, steps=chosen.steps)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    save_file(net.state_dict(), chosen.folder / "sprites_vae.safetensors")
    (chosen.folder / "training.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
