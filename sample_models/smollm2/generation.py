# SPDX-License-Identifier: Apache-2.0
"""Writing on from a text, token by token, with the keys and values of what stands there kept."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import torch
from torch import Tensor

from sample_models.smollm2.net import Cache, Llama


@torch.no_grad()
def generate(
    net: Llama,
    ids: Tensor,
    lengths: Sequence[int],
    *,
    tokens: int,
    temperature: float = 0.0,
    among: int = 0,
    seed: int = 0,
    end: int = -1,
) -> list[list[int]]:
    """Up to ``tokens`` new token numbers for each text ``ids`` ``[n, longest]`` of ``lengths`` tokens.

    A text is done at the token ``end``. Rows may differ in length: the filling in between is never looked at.
    """
    device = ids.device
    held = torch.tensor(list(lengths), device=device)
    seen = torch.arange(ids.shape[1], device=device) < held[:, None]
    cache = Cache(seen)
    stream = net.flow(ids, cache=cache)[torch.arange(len(ids), device=device), held - 1]
    draws = [_draws(row[: lengths[place]], seed) for place, row in enumerate(ids)] if temperature else []
    written: list[list[int]] = [[] for _ in lengths]
    done = [False] * len(written)
    for step in range(tokens):
        chosen = _chosen(net.logits(stream), temperature, among, draws)
        for row, one in enumerate(chosen.tolist()):
            done[row] = done[row] or one == end
            if not done[row]:
                written[row].append(one)
        if all(done) or step + 1 == tokens:
            break
        cache.seen = torch.cat([cache.seen, torch.ones_like(seen[:, :1])], dim=1)
        stream = net.flow(chosen[:, None], cache=cache)[:, 0]
    return written


def _chosen(logits: Tensor, temperature: float, among: int, draws: Sequence[torch.Generator]) -> Tensor:
    """The next token of each row, int64 ``[n]``: the most likely, or one drawn with the row's own generator."""
    if not temperature:
        return logits.argmax(dim=-1)
    values, numbers = logits.double().cpu().topk(min(among or logits.shape[1], logits.shape[1]), dim=-1)
    shares = (values / temperature).softmax(dim=-1)
    places = [torch.multinomial(row, 1, generator=one) for row, one in zip(shares, draws, strict=True)]
    return numbers.gather(1, torch.stack(places))[:, 0].to(logits.device)


def _draws(row: Tensor, seed: int) -> torch.Generator:
    """A generator that follows from the text and the seed, so that the rest of the batch changes nothing."""
    return torch.Generator().manual_seed((zlib.crc32(row.cpu().numpy().tobytes()) << 31) ^ (seed & 0x7FFFFFFF))
