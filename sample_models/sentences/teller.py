# SPDX-License-Identifier: Apache-2.0
"""The network that says what a thought may mean: a recurrent network over word pieces, told the thought at each step.

The score of the next piece is what the words so far suggest plus what the thought suggests by itself (a linear map,
computed once for a sentence): most of what a thought says is *which* words, and little is in which order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

END, START = 0, 1
MOST_PIECES = 40


@dataclass(frozen=True)
class Sizes:
    """Widths of the network."""

    pieces: int = 3500
    thought: int = 384
    word: int = 256
    state: int = 512


class Teller(nn.Module):
    """Next-piece scores from the thought [n, 384] and the pieces so far."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.words = nn.Embedding(sizes.pieces, sizes.word)
        self.dropout = nn.Dropout(0.15)  # on while training only
        self.hint = nn.Linear(sizes.thought, sizes.word)
        self.begin = nn.Linear(sizes.thought, sizes.state)
        self.recurrent = nn.GRU(sizes.word, sizes.state, batch_first=True)
        self.shrink = nn.Linear(sizes.state, sizes.word)
        self.topic = nn.Linear(sizes.thought, sizes.pieces)

    def start(self, thoughts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What a sentence keeps: hint [n, word], first state [1, n, state], scores by topic [n, pieces]."""
        return self.hint(thoughts), torch.tanh(self.begin(thoughts))[None], self.topic(thoughts)

    def step(self, pieces: Tensor, held: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Scores [n, steps, pieces] of what follows each of ``pieces`` [n, steps], and the state after the last."""
        hint, state, topic = held
        out, state = self.recurrent(self.dropout(self.words(pieces) + hint[:, None]), state)
        return nn.functional.linear(self.shrink(self.dropout(out)), self.words.weight) + topic[:, None], state

    def forward(self, thoughts: Tensor, pieces: Tensor) -> Tensor:
        """Scores [n, steps, pieces] for whole sentences, each piece seeing those before it."""
        return self.step(pieces, self.start(thoughts))[0]


def save(teller: Teller, path: Path, notes: Mapping[str, Any]) -> None:
    """Write the weights as int8, each row of a matrix with its own scale (float16), and the sizes."""
    from safetensors.torch import save_file

    held: dict[str, Tensor] = {}
    for name, one in teller.state_dict().items():
        if one.ndim == 1:
            held[name] = one.half()
            continue
        scale = (one.abs().amax(dim=1, keepdim=True) / 127).clamp_min(1e-8).half()
        held[name] = (one / scale.float()).round().clamp(-127, 127).to(torch.int8)
        held[f"{name}.scale"] = scale
    beside = path.with_suffix(".part")
    save_file(held, str(beside), {"sizes": json.dumps(asdict(teller.sizes)), "notes": json.dumps(dict(notes))})
    beside.chmod(0o644)
    beside.replace(path)


def load(path: Path, device: str = "cpu") -> Teller:
    """The network that :func:`save` wrote, in evaluation mode."""
    from safetensors import safe_open

    with safe_open(str(path), "pt") as file:
        teller = Teller(Sizes(**json.loads(file.metadata()["sizes"])))
        held = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dictionary
    whole = {
        name: one.float() * held[f"{name}.scale"].float() if one.dtype == torch.int8 else one.float()
        for name, one in held.items()
        if not name.endswith(".scale")
    }
    teller.load_state_dict(whole)
    return teller.to(device).eval()
