# SPDX-License-Identifier: Apache-2.0
"""Print how well pictures of the data set ``stamps`` and their captions find each other; nothing is written.

The assets ``efficientnet_lite0`` and ``stamps`` must be fetched and the extra ``semantic`` installed. Two ways: by the
ridge of ``visual-semantic``, which never saw a stamp; and by a ridge fitted on four fifths of the stamps, from the
pooled features of the network. Letters, flags and signs (``kind`` "symbols") are left out, as where the numbers that
these are held against were taken.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from sample_models import assets
from sample_models.efficientnet import ASSET
from sample_models.efficientnet.nets import load_net
from sample_models.scripts.make_visual_semantic import ranks, told
from sample_models.sentences.encoder import MiniLM
from sample_models.visual_semantic.placement import ExpectedRow, Placement, fit, read_ridge
from sample_models.visual_semantic.stamps import Stamps

HELD_OUT: Final = 107
SPLITS: Final = 20
STRENGTHS: Final = (0.3, 1.0, 3.0)
BATCH: Final = 32


@torch.no_grad()
def seen(stamps: Stamps, rows: np.ndarray) -> tuple[Tensor, Tensor]:
    """Pooled features and expected rows ``[n, 1280]`` of stamps."""
    net = load_net(assets.fetch(ASSET))
    pooled = []
    for start in range(0, len(rows), BATCH):
        pixels = torch.from_numpy(stamps.batch(rows[start : start + BATCH]))
        pooled.append(net.flat(net.pool(net.head(net.blocks(net.stem(net.input(pixels)))))))
    features = torch.cat(pooled)
    return features, ExpectedRow(net.classifier.weight.detach())(net.classifier(features))


@torch.no_grad()
def main() -> None:
    """Print both."""
    stamps = Stamps()
    rows = np.flatnonzero(stamps.columns["kind"] != "symbols")
    captions = MiniLM.load().vectors([str(one) for one in stamps.columns["caption"].iloc[rows]])
    pooled, expected = seen(stamps, rows)
    placed = Placement(read_ridge()).eval()(expected)
    print(f"ridge of classes, {len(rows)} stamps: {told(ranks(placed, captions))}")
    orders = [np.random.default_rng(seed).permutation(len(rows)) for seed in range(SPLITS)]
    few = np.concatenate([ranks(placed[one[:HELD_OUT]], captions[one[:HELD_OUT]]) for one in orders])
    print(f"ridge of classes, {HELD_OUT} at a time: {told(few)}")
    for strength in STRENGTHS:
        found = [
            ranks(
                Placement(fit(pooled[one[HELD_OUT:]], captions[one[HELD_OUT:]], strength))(pooled[one[:HELD_OUT]]),
                captions[one[:HELD_OUT]],
            )
            for one in orders
        ]
        tens = [float(np.mean(each <= 10)) for each in found]
        print(
            f"ridge of stamps, strength {strength:g}, {SPLITS} splits, {HELD_OUT} held out: "
            f"{told(np.concatenate(found))}; @10 from {min(tens):.3f} to {max(tens):.3f}"
        )


if __name__ == "__main__":
    main()
