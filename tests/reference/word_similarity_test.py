# SPDX-License-Identifier: Apache-2.0
"""The numbers that gensim 4.4.0 gave: ``KeyedVectors.evaluate_word_pairs(path)`` on the vectors of ``glove-words``."""

from __future__ import annotations

from pathlib import Path

import pytest

import workbench as wb
from plugins.word_similarity.sets import LOCK

GENSIM = {"simlex999": (0.27129516566085315, 923), "wordsim353": (0.522031078198098, 319)}
OWN = 0.6680526961566151  # of the file beside this one; no published ratings


def test_pairs_of_a_file() -> None:
    file = str(Path(__file__).parent / "word_pairs.tsv")
    result = wb.run("word-similarity", model="glove-words", inline=True, sets=[], file=file)
    assert result.metrics["correlation_own"].value == pytest.approx(OWN, abs=1e-9)


@pytest.mark.parametrize("name", list(GENSIM))
def test_published_sets(name: str) -> None:
    missing = LOCK.missing(name)
    if missing is not None:
        pytest.skip(missing)
    result = wb.run("word-similarity", model="glove-words", inline=True, sets=[name])
    value, pairs = GENSIM[name]
    assert result.metrics[f"correlation_{name}"].value == pytest.approx(value, abs=1e-6)
    assert result.metrics[f"correlation_{name}"].n == pairs
