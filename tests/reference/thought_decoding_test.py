# SPDX-License-Identifier: Apache-2.0
"""BLEU against sacrebleu 2.6.0 (Post, WMT 2018): its numbers for the same tokens (tokenize 'none', smoothing 'exp')."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.thought_decoding.bleu import bleu, counts, resampled

TOLD = ("Changes in address, the address is changed.", "The man, said he, with a low voice.", "No.")
ORIGINAL = (
    "Changes in address are noted.",
    "The manager said, his voice pitched low, quivering.",
    "And that was not all.",
)


@pytest.mark.parametrize(("first", "expected"), [(0, 10.167134719667247), (1, 4.339416124588145)])
def test_corpus_bleu_is_that_of_sacrebleu(first: int, expected: float) -> None:
    counted = np.stack([counts(*pair) for pair in zip(TOLD[first:], ORIGINAL[first:], strict=True)])
    assert float(bleu(counted.sum(axis=0))) == pytest.approx(expected, rel=1e-12)
    every = np.arange(len(counted))[None]
    assert resampled(counted, every) == pytest.approx([expected])
