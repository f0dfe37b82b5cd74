# SPDX-License-Identifier: Apache-2.0
"""Cells find what they say they find."""

from __future__ import annotations

import numpy as np

from plugins.words.index import Index
from plugins.words.neighbours import Table


def test_what_cells_find_is_what_their_recall_says() -> None:
    draw = np.random.default_rng(0)
    vectors = (draw.normal(size=(40, 12))[draw.integers(40, size=4000)] + 0.3 * draw.normal(size=(4000, 12))).astype(
        np.float32
    )
    vectors[7] = 0
    table = Table(vectors)
    index = Index(table, 10)
    queries = vectors[1000:1200] + 0.05
    found, cosines = index.nearest(queries, 10, suppress=[[at] for at in range(1000, 1200)])
    exact, true = table.nearest(queries, 10, suppress=[[at] for at in range(1000, 1200)])
    share = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.tolist(), exact.tolist(), strict=True)])
    assert index.recall.rows > 100 and index.recall.value > 0.9
    assert share > index.recall.low - 0.05
    assert 7 not in found and not (found == np.arange(1000, 1200)[:, None]).any()
    same = found == exact
    np.testing.assert_allclose(cosines[same], true[same], rtol=1e-6)
    many = index.nearest(queries[:2], 100)[0]
    assert many.tolist() == table.nearest(queries[:2], 100)[0].tolist()  # more than it was made for: exact
