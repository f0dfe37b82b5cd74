# SPDX-License-Identifier: Apache-2.0
"""From a thought back to a sentence: ``recall`` (the nearest one kept) and ``tell`` (a trained network and search).

Neither inverts the encoder: many sentences share almost one thought, and most thoughts are no sentence's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from sample_models.sentences import teller as network
from sample_models.sentences.corpora import short_sentences
from sample_models.sentences.encoder import MiniLM
from sample_models.sentences.files import MEMORY, PIECES, TELLER

CANDIDATES, ROUNDS, TEMPERATURE = 24, 1, 0.5
INVENTED = 0.03  # cosine that each word which no train sentence has costs a candidate
TOGETHER = 12  # candidates read in one batch: of like length, so that little is spent on padding
_WORD = re.compile(r"[a-z]+")


class Memory:
    """The 34,782 train sentences with their thoughts, 96 bytes each (product quantisation).

    Jegou, Douze and Schmid, "Product quantization for nearest neighbor search", IEEE TPAMI 2011: each of 96 groups of 4
    numbers is one of 256 centres.
    """

    def __init__(self, device: str = "cpu") -> None:
        from safetensors.torch import load_file

        held = load_file(str(MEMORY))
        codes, centres = held["codes"].long(), held["centres"].float()  # [n, 96] and [96, 256, 4]
        groups = torch.arange(codes.shape[1])
        self.vectors = centres[groups, codes].flatten(1).to(device)
        self.vectors = torch.nn.functional.normalize(self.vectors, dim=1)

    @property
    def texts(self) -> list[str]:
        """The sentences, in the order of ``vectors``."""
        return memory_texts()

    def nearest(self, thoughts: Tensor, count: int = 1) -> Tensor:
        """Positions [n, count] of the sentences nearest to thoughts [n, 384], the nearest first."""
        return (_unit(thoughts).to(self.vectors) @ self.vectors.T).topk(count, dim=1).indices


@cache
def memory_texts() -> list[str]:
    """The sentences of the memory: the short ones of the corpora's train parts."""
    return list(short_sentences("train")["text"])


@cache
def known_words() -> frozenset[str]:
    """Words of the train sentences, in lower case."""
    return frozenset(word for one in memory_texts() for word in _WORD.findall(one.lower()))


class Decoder:
    """Sentences for thoughts; holds the encoder, which judges candidates.

    ``teller`` and ``encoder`` are networks; a model that holds a decoder should hold them by itself too.
    """

    def __init__(self, encoder: MiniLM, device: str = "cpu") -> None:
        self.encoder, self.device = encoder, device
        self.teller = network.load(TELLER, device)
        self.memory = Memory(device)

    def recall(self, thoughts: Tensor) -> list[str]:
        """The kept sentence whose (rounded) thought is nearest to each of ``thoughts`` [n, 384]."""
        texts = self.memory.texts
        return [texts[place] for place in self.memory.nearest(thoughts)[:, 0].tolist()]

    @torch.no_grad()
    def tell(
        self,
        thoughts: Tensor,
        candidates: int = CANDIDATES,
        rounds: int = ROUNDS,
        temperature: float = TEMPERATURE,
        seed: int = 0,
    ) -> list[str]:
        """The candidate whose own thought is nearest to each of ``thoughts`` [n, 384].

        The network writes ``candidates`` sentences, the first greedily; each is encoded again and the nearest kept
        (words that no train sentence has cost 0.03 each: pieces make them up easily). Each further round keeps a
        beginning of the best so far and writes the rest anew. That is search in the encoder's space: it costs
        ``candidates * (1 + rounds)`` encodings for a thought. The noise comes from ``seed`` and is the same for every
        thought, so that an answer does not depend on its neighbours in the batch.
        """
        return [self._tell(one, max(1, candidates), max(0, rounds), temperature, seed) for one in _unit(thoughts)]

    def _tell(self, thought: Tensor, candidates: int, rounds: int, temperature: float, seed: int) -> str:
        generator = torch.Generator().manual_seed(seed)
        best, score, begun = list[int](), -2.0, list[list[int]]()
        for turn in range(rounds + 1):
            if turn:
                keep = torch.randint(0, max(1, len(best)), (candidates,), generator=generator).tolist()
                begun = [best[:count] for count in keep]
            written = self.write(thought, begun or [[]] * candidates, temperature, generator, greedy_first=not turn)
            texts = [_text(one) for one in written]
            found = self._scores(texts, thought)
            place = int(found.argmax())
            if float(found[place]) > score:
                best, score = written[place], float(found[place])
        return _text(best)

    def _scores(self, texts: Sequence[str], thought: Tensor) -> Tensor:
        """Cosine [n] of each text's thought with ``thought``, less what made-up words cost; each text is read once."""
        different = list(dict.fromkeys(texts))
        found = (self.encoder.vectors(different, TOGETHER) @ thought).cpu()
        made_up = [sum(word not in known_words() for word in _WORD.findall(one.lower())) for one in different]
        places = {one: place for place, one in enumerate(different)}
        return (found - INVENTED * torch.tensor(made_up))[[places[one] for one in texts]]

    def write(
        self,
        thought: Tensor,
        begun: Sequence[Sequence[int]],
        temperature: float,
        generator: torch.Generator,
        *,
        greedy_first: bool = False,
    ) -> list[list[int]]:
        """Pieces of sentences, each going on from the beginning given; sampled from scores / ``temperature``."""
        count, device = len(begun), thought.device
        held = self.teller.start(thought.expand(count, -1))
        last = torch.full((count,), network.START, device=device)
        written: list[list[int]] = [[] for _ in begun]
        open_rows = set(range(count))
        for step in range(network.MOST_PIECES):
            scores, state = self.teller.step(last[:, None], held)
            held = (held[0], state, held[2])
            noise = torch.rand(scores[:, 0].shape, generator=generator).clamp_min(1e-9).log().neg().log().neg()
            if greedy_first:
                noise[0] = 0
            scores[:, 0, network.START] = -torch.inf
            if step == 0:
                scores[:, 0, network.END] = -torch.inf  # a sentence has at least one word
            last = (scores[:, 0] / max(temperature, 1e-3) + noise.to(device)).argmax(dim=1)
            forced = [row for row in range(count) if step < len(begun[row])]
            for row in forced:
                last[row] = begun[row][step]
            for row, piece in enumerate(last.tolist()):
                if row in open_rows:
                    if piece == network.END:
                        open_rows.discard(row)
                    else:
                        written[row].append(piece)
            if not open_rows:
                break
        return written


def _unit(thoughts: Tensor) -> Tensor:
    return torch.nn.functional.normalize(thoughts.float(), dim=1)


def _text(pieces: Sequence[int]) -> str:
    text: str = pieces_of_words().decode(list(pieces))
    return " ".join(text.split())


@cache
def pieces_of_words() -> Any:
    """The word pieces of the network."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(PIECES))
