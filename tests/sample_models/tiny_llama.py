# SPDX-License-Identifier: Apache-2.0
"""A tiny random language model written as GGUF, and what it must compute, in plain numpy of another layout."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np

WIDTH, HIDDEN, HEADS, SHARED, BLOCKS, BASE, EPSILON = 32, 64, 4, 2, 3, 100.0, 1e-5
SIZE = WIDTH // HEADS
MERGES = ["Ġ t", "h e", "Ġt he", "a n", "Ġ a"]
Array = np.ndarray[Any, Any]


def letters() -> list[str]:
    """The 256 letters that stand for bytes, as GPT-2 lists them."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return [chr(one) for one in shown] + [chr(256 + number) for number in range(len(hidden))]


VOCABULARY = ["<end>", *letters(), *(one.replace(" ", "") for one in MERGES)]


def published(seed: int = 0) -> dict[str, Array]:
    """Random weights in the layout in which Llama weights are published, float32 (exact in what the file stores)."""
    rng = np.random.default_rng(seed)
    shared = SHARED * SIZE
    shapes = {
        "attn_q": (WIDTH, WIDTH), "attn_k": (shared, WIDTH), "attn_v": (shared, WIDTH), "attn_output": (WIDTH, WIDTH),
        "ffn_gate": (HIDDEN, WIDTH), "ffn_up": (HIDDEN, WIDTH), "ffn_down": (WIDTH, HIDDEN),
    }  # fmt: skip
    held = {
        "token_embd.weight": rng.normal(size=(len(VOCABULARY), WIDTH)),
        "output_norm.weight": rng.uniform(0.5, 2, WIDTH),
    }
    for block in range(BLOCKS):
        for name, shape in shapes.items():
            held[f"blk.{block}.{name}.weight"] = rng.normal(size=shape) * 0.3
        for name in ("attn_norm", "ffn_norm"):
            held[f"blk.{block}.{name}.weight"] = rng.uniform(0.5, 2, WIDTH)
    return {name: one.astype(np.float32) for name, one in held.items()}


def neighbours(weight: Array, heads: int) -> Array:
    """Rows of queries or keys so that axis i stands beside axis i + size / 2: how a GGUF file lays them out."""
    return weight.reshape(heads, 2, SIZE // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def settings() -> dict[str, Any]:
    return {
        "general.architecture": "llama", "llama.block_count": BLOCKS, "llama.embedding_length": WIDTH,
        "llama.feed_forward_length": HIDDEN, "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": SHARED, "llama.context_length": 64, "llama.rope.freq_base": BASE,
        "llama.attention.layer_norm_rms_epsilon": EPSILON, "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm", "tokenizer.ggml.tokens": VOCABULARY, "tokenizer.ggml.merges": MERGES,
        "tokenizer.ggml.token_type": [3, *[1] * (len(VOCABULARY) - 1)], "tokenizer.ggml.bos_token_id": 0,
        "tokenizer.ggml.eos_token_id": 0,
    }  # fmt: skip


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def setting(value: Any) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + text(value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value[0], str):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    return struct.pack(f"<IIQ{len(value)}i", 9, 5, len(value), *value)


def write(
    path: Path, weights: dict[str, Array], said: dict[str, Any], raw: dict[str, tuple[int, bytes]] | None = None
) -> Path:
    """A GGUF file of version 3 with float32 tensors (``raw``: of another type, with their bytes)."""
    raw = raw or {}
    head = b"GGUF" + struct.pack("<IQQ", 3, len(weights), len(said))
    head += b"".join(text(name) + setting(value) for name, value in said.items())
    body = b""
    for name, one in weights.items():
        kind, data = raw.get(name, (0, np.ascontiguousarray(one).tobytes()))
        head += text(name) + struct.pack(f"<I{one.ndim}QIQ", one.ndim, *one.shape[::-1], kind, len(body))
        body += data + b"\0" * (-len(data) % 32)
    path.write_bytes(head + b"\0" * (-len(head) % 32) + body)
    return path


def tiny(path: Path, weights: dict[str, Array] | None = None) -> Path:
    """The model as a file."""
    laid = dict(published() if weights is None else weights)
    for block in range(BLOCKS):
        for name, heads in (("attn_q", HEADS), ("attn_k", SHARED)):
            laid[f"blk.{block}.{name}.weight"] = neighbours(laid[f"blk.{block}.{name}.weight"], heads)
    return write(path, laid, settings())


def streams(ids: list[int], weights: dict[str, Array]) -> list[Array]:
    """The residual stream ``[tokens, width]`` after the embedding and after each block, float64, token by token.

    Rotation of halves as in published Llama code; every head of keys is copied for the queries that share it.
    """
    w = {name: one.astype(np.float64) for name, one in weights.items()}
    norm = lambda x, by: x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + EPSILON) * by  # noqa: E731
    rates = BASE ** (-np.arange(0, SIZE, 2) / SIZE)

    def turn(x: Array, position: int) -> Array:
        angle = np.concatenate([position * rates, position * rates])
        half = np.concatenate([-x[SIZE // 2 :], x[: SIZE // 2]])
        return x * np.cos(angle) + half * np.sin(angle)

    x = w["token_embd.weight"][ids]
    found = [x]
    for block in range(BLOCKS):
        of = lambda name, block=block: w[f"blk.{block}.{name}.weight"]  # noqa: E731
        normed, seen = norm(x, of("attn_norm")), np.zeros_like(x)
        for head in range(HEADS):
            mine, theirs = slice(head * SIZE, (head + 1) * SIZE), head // (HEADS // SHARED)
            shared = slice(theirs * SIZE, (theirs + 1) * SIZE)
            for here in range(len(ids)):
                query = turn(of("attn_q")[mine] @ normed[here], here)
                keys = [turn(of("attn_k")[shared] @ normed[one], one) for one in range(here + 1)]
                weight = np.exp([query @ key / np.sqrt(SIZE) for key in keys])
                values = np.stack([of("attn_v")[shared] @ normed[one] for one in range(here + 1)])
                seen[here, mine] = weight @ values / weight.sum()
        x = x + seen @ of("attn_output").T
        normed = norm(x, of("ffn_norm"))
        gate = normed @ of("ffn_gate").T
        x = x + (gate / (1 + np.exp(-gate)) * (normed @ of("ffn_up").T)) @ of("ffn_down").T
        found.append(x)
    return found


def logits(stream: Array, weights: dict[str, Array]) -> Array:
    """The last norm, then the product with the embedding."""
    w = {name: one.astype(np.float64) for name, one in weights.items()}
    size = np.sqrt((stream * stream).mean(axis=-1, keepdims=True) + EPSILON)
    return (stream / size * w["output_norm.weight"]) @ w["token_embd.weight"].T
