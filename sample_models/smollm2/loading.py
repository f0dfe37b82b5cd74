# SPDX-License-Identifier: Apache-2.0
"""From a GGUF file to a network and its vocabulary."""

from __future__ import annotations

from pathlib import Path

import torch

import workbench as wb
from sample_models.smollm2.gguf import File, read
from sample_models.smollm2.net import TENSORS, Llama, Shape
from sample_models.smollm2.tokens import Tokens


def load(path: Path, device: str = "cpu") -> tuple[Llama, Tokens]:
    """The network of a file in float32, and its vocabulary; 134.5 million weights are unpacked in about a second.

    Raises
    ------
    workbench.ModelError
        When the file is cut off, lies of itself, or holds another network.
    """
    file = read(path)
    try:
        shape, tokens = Shape.of(file.settings), Tokens(file.settings)
        return built(file, shape, len(tokens)).to(device).eval(), tokens
    except wb.ModelError as error:
        raise wb.ModelError(f"'{path.name}' cannot be used: {error}") from None


def built(file: File, shape: Shape, vocabulary: int) -> Llama:
    """The network with the weights of the file; raises :class:`workbench.ModelError` where one is missing or left."""
    if len(file.tensors) != len(TENSORS) * shape.blocks + 2:  # also keeps a count that lies from being built
        raise wb.ModelError(f"it holds {len(file.tensors)} tensors, which is not what {shape.blocks} blocks have")
    names = {"embedding": "token_embd.weight", "norm": "output_norm.weight"}
    names |= {f"blocks.{row}.{one}": f"blk.{row}.{one}.weight" for row in range(shape.blocks) for one in TENSORS}
    missing = [one for one in names.values() if one not in file.tensors]
    if missing:
        raise wb.ModelError(f"it lacks the tensor '{missing[0]}'")
    with torch.device("meta"):
        net = Llama(shape, vocabulary)
    for ours, wanted in net.state_dict().items():
        have = file.tensors[names[ours]].shape
        if have != tuple(wanted.shape):
            raise wb.ModelError(f"the tensor '{names[ours]}' is {list(have)}, expected {list(wanted.shape)}")
    net.load_state_dict(
        {ours: torch.from_numpy(file.tensors[name].values()) for ours, name in names.items()}, assign=True
    )
    return net
