# SPDX-License-Identifier: Apache-2.0
"""A Llama network: rotary positions, grouped queries, gated units; its residual stream can be looked at and added to.

H. Touvron and others, *Llama 2*, 2023, section 2.2, with the tensors of a GGUF file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

import workbench as wb

KEYS = {
    "blocks": "block_count",
    "width": "embedding_length",
    "hidden": "feed_forward_length",
    "heads": "attention.head_count",
    "shared": "attention.head_count_kv",
    "context": "context_length",
    "base": "rope.freq_base",
    "epsilon": "attention.layer_norm_rms_epsilon",
}
TENSORS = ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down")


@dataclass(frozen=True)
class Shape:
    """Sizes of a network: ``heads`` of queries share ``shared`` heads of keys and values; ``base`` is of the turns."""

    blocks: int
    width: int
    hidden: int
    heads: int
    shared: int
    context: int
    base: float = 10_000.0
    epsilon: float = 1e-5

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Shape:
        """The sizes that a file says; raises :class:`workbench.ModelError` for another kind of network."""
        kind = settings.get("general.architecture")
        if kind != "llama":
            raise wb.ModelError(f"the file holds a network of the kind '{kind}', expected 'llama'")
        said = {ours: settings[f"llama.{theirs}"] for ours, theirs in KEYS.items() if f"llama.{theirs}" in settings}
        said.setdefault("shared", said.get("heads"))
        try:
            shape = cls(**said)
            whole = [shape.blocks, shape.width, shape.hidden, shape.heads, shape.shared, shape.context]
            fits = all(isinstance(one, int) and one > 0 for one in whole)
            fits = fits and not shape.heads % shape.shared and not shape.width % (2 * shape.heads)
        except TypeError:
            fits = False
        if not fits:
            raise wb.ModelError(f"the sizes that the file says do not make a network: {said}")
        return shape


@dataclass
class Cache:
    """Keys and values of the tokens so far, by block; ``seen`` ``[n, tokens]`` says which are text and no filling."""

    seen: Tensor
    held: dict[int, tuple[Tensor, Tensor]] = field(default_factory=dict)

    def grow(self, block: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """All keys and values of a block, ``[n, heads, tokens, size]``, the new ones last."""
        if block in self.held:
            keys, values = (torch.cat(pair, dim=2) for pair in zip(self.held[block], (keys, values), strict=True))
        self.held[block] = keys, values
        return keys, values


class Block(nn.Module):
    """The weights of one block; no layer to be captured, since what it gives has a row for each token of a text."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        size = shape.width // shape.heads * shape.shared
        sides = {
            "attn_q": (shape.width, shape.width),
            "attn_k": (size, shape.width),
            "attn_v": (size, shape.width),
            "attn_output": (shape.width, shape.width),
            "ffn_gate": (shape.hidden, shape.width),
            "ffn_up": (shape.hidden, shape.width),
            "ffn_down": (shape.width, shape.hidden),
        }
        for name in TENSORS:
            empty = torch.empty(sides.get(name, (shape.width,)))
            setattr(self, name, nn.Parameter(empty, requires_grad=False))


def turns(positions: Tensor, size: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosine and sine ``[n, 1, tokens, size / 2]`` of the angles by which tokens at ``positions [n, tokens]`` turn."""
    rates = base ** (-torch.arange(0, size, 2, device=positions.device, dtype=torch.float64) / size)
    angles = positions[:, None, :, None].double() * rates
    return angles.cos(), angles.sin()


def rotated(heads: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Queries or keys ``[n, heads, tokens, size]`` turned by the cosines and sines of their positions.

    Axes are turned in pairs of neighbours, 2i with 2i + 1, as the tensors of a GGUF file are laid out; published
    Llama weights pair i with i + size / 2 (J. Su and others, *RoFormer*, 2021, equation 34).
    """
    even, odd = heads[..., 0::2], heads[..., 1::2]
    cos, sin = (one.to(heads.dtype) for one in turn)
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


class Llama(nn.Module):
    """Token numbers ``[n, tokens]`` to the residual stream ``[n, tokens, width]`` and to logits.

    Attributes
    ----------
    stream : shown what the residual stream holds at one token of each text, ``[n, width]``: ``stream.0`` after the
        embedding, ``stream.k`` after block k. They change nothing; they are there to be captured.
    added : vectors that are added to the stream at every token, by the number of the stream
    """

    def __init__(self, shape: Shape, vocabulary: int) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Parameter(torch.empty(vocabulary, shape.width), requires_grad=False)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.blocks))
        self.norm = nn.Parameter(torch.empty(shape.width), requires_grad=False)
        self.stream = nn.ModuleList(nn.Identity() for _ in range(shape.blocks + 1))
        self.added: dict[int, Tensor] = {}

    def extra_repr(self) -> str:
        """What the tensors do not say, for the fingerprint."""
        return str(self.shape)

    def flow(
        self, ids: Tensor, *, keep: Callable[[int, Tensor], None] | None = None, cache: Cache | None = None
    ) -> Tensor:
        """The residual stream after the last block, before the last norm, ``[n, tokens, width]``.

        Texts are filled up at the end: a token looks only back, so what is filled in changes nothing before it.

        Parameters
        ----------
        ids : token numbers, int64 ``[n, tokens]``
        keep : given the number of each stream and what it holds, ``[n, tokens, width]``
        cache : keys and values so far, which ``ids`` continue; ``cache.seen`` covers ``ids`` as well
        """
        positions, mask = self._places(ids, cache)
        turn = turns(positions, self.shape.width // self.shape.heads, self.shape.base)
        stream = functional.embedding(ids, self.embedding)
        for number in range(self.shape.blocks + 1):
            if number:
                stream = self._block(number - 1, stream, turn, mask, cache)
            if number in self.added:
                stream = stream + self.added[number].to(stream)
            if keep is not None:
                keep(number, stream)
        return stream

    def logits(self, stream: Tensor) -> Tensor:
        """The last norm and the unembedding: ``[..., width]`` to ``[..., vocabulary]``, for any point of the stream."""
        return functional.linear(self._normed(stream, self.norm), self.embedding)

    def _places(self, ids: Tensor, cache: Cache | None) -> tuple[Tensor, Tensor | None]:
        """Position of each token in its text, and what each may look at ``[n, 1, tokens, seen]`` (none: all before)."""
        count = ids.shape[1]
        if cache is None:
            return torch.arange(count, device=ids.device).expand(len(ids), -1), None
        total = cache.seen.shape[1]
        positions = (cache.seen.long().cumsum(dim=1) - 1).clamp_min(0)[:, total - count :]
        before = torch.ones(count, total, dtype=torch.bool, device=ids.device).tril(total - count)
        own = torch.eye(count, total, dtype=torch.bool, device=ids.device).roll(total - count, dims=1)
        return positions, ((before & cache.seen[:, None, :]) | own)[:, None]

    def _normed(self, stream: Tensor, weight: Tensor) -> Tensor:
        return functional.rms_norm(stream, weight.shape, weight, self.shape.epsilon)

    def _block(
        self, number: int, stream: Tensor, turn: tuple[Tensor, Tensor], mask: Tensor | None, cache: Cache | None
    ) -> Tensor:
        held: Any = self.blocks[number]
        normed = self._normed(stream, held.attn_norm)

        def heads(weight: Tensor, count: int) -> Tensor:
            return functional.linear(normed, weight).view(*normed.shape[:2], count, -1).transpose(1, 2)

        queries = rotated(heads(held.attn_q, self.shape.heads), turn)
        keys = rotated(heads(held.attn_k, self.shape.shared), turn)
        values = heads(held.attn_v, self.shape.shared)
        if cache is not None:
            keys, values = cache.grow(number, keys, values)
        # heads 3k, 3k + 1, 3k + 2 of the queries share head k of the keys (J. Ainslie and others, *GQA*, 2023)
        seen = functional.scaled_dot_product_attention(
            queries, keys, values, attn_mask=mask, is_causal=mask is None, enable_gqa=True
        )
        stream = stream + functional.linear(seen.transpose(1, 2).flatten(-2), held.attn_output)
        normed = self._normed(stream, held.ffn_norm)
        gate, up = functional.linear(normed, held.ffn_gate), functional.linear(normed, held.ffn_up)
        return stream + functional.linear(functional.silu(gate) * up, held.ffn_down)
