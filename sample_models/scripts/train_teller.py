# SPDX-License-Identifier: Apache-2.0
"""Train the network that tells thoughts in words: ``sample_models/sentences/{teller.safetensors,pieces.json}``.

From the root of the repository (the vectors are computed once and kept: ten minutes on a core; an epoch takes one to
two)::

    python -m sample_models.scripts.train_teller work-folder --epochs 16

Train sentences are those of the corpora's train parts with at most 16 words (captions 24). Order, dropout and first
weights come from ``--seed``; ``--minutes`` or ``--epochs`` ends it, and the rate falls towards whichever comes
first. A checkpoint is written after every epoch. The committed one came of ``--epochs 16 --minutes 25`` and ended in
epoch 15 (held-out 3.28 nats a piece).
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from sample_models.scripts.make_data import ROOT
from sample_models.sentences.corpora import short_sentences
from sample_models.sentences.teller import END, START, Sizes, Teller, save

BATCH, RATE, NOISE = 128, 2e-3, 0.012
SHRINK, RIDGE, TOPIC_SCALE = 50.0, 2e-3, 0.45  # the best of a few on held-out sentences
PIECES = 3500


def sentences() -> pd.DataFrame:
    """All sentences short enough, in a fixed mixed order; captions first."""
    held = short_sentences()
    held = held.iloc[np.random.default_rng(0).permutation(len(held))]
    return held.iloc[(held["corpus"] != "captions").to_numpy().argsort(kind="stable")].reset_index(drop=True)


def vectors(held: pd.DataFrame, folder: Path) -> torch.Tensor:
    """Thoughts float32 [n, 384] of the sentences, kept in ``folder`` 2,048 at a time."""
    from sample_models.sentences.encoder import MiniLM

    encoder, parts = None, []
    for start in range(0, len(held), 2048):
        path = folder / f"{start:06d}.npy"
        if not path.exists():
            encoder = encoder or MiniLM.load()
            np.save(path, encoder.vectors(held["text"][start : start + 2048].tolist(), 64).half().numpy())
        parts.append(np.load(path))
    return torch.from_numpy(np.concatenate(parts)).float()


def learn_pieces(texts: list[str], path: Path) -> Any:
    """Byte pairs learned from the train sentences."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    made: Any = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=PIECES, special_tokens=["<end>", "<start>"], initial_alphabet=alphabet, show_progress=False
        ),
    )
    made.save(str(path), pretty=False)
    return made


def discriminant(thoughts: torch.Tensor, ids: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """First weights of the topic: Fisher's linear discriminant of each piece, ``[pieces, 384]``, and offsets.

    The log-odds that a sentence with this thought holds the piece, were thoughts Gaussian with one covariance; means of
    rare pieces are shrunk to the mean of all.
    """
    rows = torch.tensor([row for row, one in enumerate(ids) for _ in one])
    pieces = torch.tensor([piece for one in ids for piece in one])
    counts = torch.bincount(pieces, minlength=PIECES).float()
    sums = torch.zeros(PIECES, thoughts.shape[1])
    mean = thoughts.mean(0)
    for start in range(0, len(rows), 65536):
        some = slice(start, start + 65536)
        sums.index_add_(0, pieces[some], thoughts[rows[some]] - mean)
    covariance = torch.cov(thoughts.T) + RIDGE * torch.eye(thoughts.shape[1])
    weight = torch.linalg.solve(covariance, (sums / (counts + SHRINK)[:, None]).T).T * TOPIC_SCALE
    return weight, ((counts + 0.5) / counts.sum()).log() - weight @ mean


def batches(ids: list[list[int]], generator: np.random.Generator) -> Iterator[np.ndarray[Any, Any]]:
    """Rows in batches of like length, in a random order."""
    order = generator.permutation(len(ids))
    length = np.array([len(one) for one in ids])
    pools = [order[start : start + 32 * BATCH] for start in range(0, len(order), 32 * BATCH)]
    for pool in pools:
        ranked = pool[length[pool].argsort(kind="stable")]
        parts = [ranked[start : start + BATCH] for start in range(0, len(ranked), BATCH)]
        for place in generator.permutation(len(parts)):
            yield parts[place]


def padded(ids: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Pieces that go in, and those that must follow (-100 where there is none)."""
    longest = max(len(one) for one in ids) + 1
    given = torch.tensor([[START, *one] + [END] * (longest - len(one) - 1) for one in ids])
    wanted = torch.tensor([[*one, END] + [-100] * (longest - len(one) - 1) for one in ids])
    return given, wanted


def loss_of(teller: Teller, thoughts: torch.Tensor, ids: list[list[int]], half: bool) -> torch.Tensor:
    """Mean negative log-likelihood of a piece, in nats."""
    given, wanted = padded(ids)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        scores = teller(thoughts, given)
    return torch.nn.functional.cross_entropy(scores.float().flatten(0, 1), wanted.flatten(), ignore_index=-100)


def main() -> None:
    """Vectors, pieces, training; the last checkpoint stays."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=ROOT / "sentences")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    given.folder.mkdir(parents=True, exist_ok=True)
    held = sentences()
    thoughts = vectors(held, given.folder)
    train = np.flatnonzero(held["split"] == "train")
    test = np.flatnonzero(held["split"] == "test")[:512]
    pieces = learn_pieces(held["text"].iloc[train].tolist(), given.out / "pieces.json")
    ids = [one.ids for one in pieces.encode_batch(held["text"].tolist())]
    train_ids, test_ids = [ids[row] for row in train], [ids[row] for row in test]
    teller = Teller(Sizes(pieces=PIECES))
    with torch.no_grad():
        torch.nn.init.normal_(teller.words.weight, std=0.05)
        weight, offset = discriminant(thoughts[train], train_ids)
        teller.topic.weight.copy_(weight)
        teller.topic.bias.copy_(offset)
    run(teller, thoughts[train], train_ids, thoughts[test], test_ids, given)


def run(
    teller: Teller,
    thoughts: torch.Tensor,
    ids: list[list[int]],
    test_thoughts: torch.Tensor,
    test_ids: list[list[int]],
    given: argparse.Namespace,
) -> None:
    """Adam with a cosine schedule over ``--epochs`` epochs, cut by ``--minutes``."""
    started, step = time.time(), 0
    generator = np.random.default_rng(given.seed)
    total = given.epochs * math.ceil(len(ids) / BATCH)
    topic = list(teller.topic.parameters())
    rest = [one for name, one in teller.named_parameters() if not name.startswith("topic")]
    adam = torch.optim.Adam([{"params": rest, "rate": RATE}, {"params": topic, "rate": RATE}])
    for epoch in range(given.epochs):
        seen, nats = 0, 0.0
        for rows in batches(ids, generator):
            step += 1
            spent = max(step / total, (time.time() - started) / 60 / given.minutes)
            for group in adam.param_groups:
                group["lr"] = (
                    group["rate"] * min(1.0, step / 50) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1, spent))))
                )
            noisy = thoughts[rows] + NOISE * torch.randn(len(rows), thoughts.shape[1])
            loss = loss_of(teller, noisy, [ids[row] for row in rows], half=True)
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(teller.parameters(), 1.0)
            adam.step()
            seen, nats = seen + 1, nats + loss.item()
            if step % 50 == 0:
                print(f"step {step}/{total} loss {nats / seen:.3f} {(time.time() - started) / 60:.1f} min", flush=True)
            if spent >= 1:
                break
        with torch.no_grad():
            held_out = loss_of(teller.eval(), test_thoughts, test_ids, half=False).item()
        teller.train()
        print(f"epoch {epoch + 1}: train {nats / max(seen, 1):.3f} held out {held_out:.3f}", flush=True)
        notes = {"epochs": epoch + 1, "train_nats": nats / max(seen, 1), "held_out_nats": held_out, "seed": given.seed}
        save(teller, given.out / "teller.safetensors", notes)
        if spent >= 1:
            return


if __name__ == "__main__":
    main()
