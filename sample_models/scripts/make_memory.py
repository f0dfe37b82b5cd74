# SPDX-License-Identifier: Apache-2.0
"""Write ``sample_models/sentences/memory.safetensors``: thoughts of the train sentences, 96 bytes each.

The vectors are those that ``train_teller`` keeps in its work folder::

    python -m sample_models.scripts.make_memory work-folder
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from sample_models.scripts.make_data import ROOT
from sample_models.scripts.train_teller import sentences, vectors
from sample_models.sentences.corpora import short_sentences

GROUPS, BITS = 96, 8


def main() -> None:
    """Learn the centres on all sentences and write the codes."""
    import faiss

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    held = sentences()
    place = {text: row for row, text in enumerate(held["text"])}
    thoughts = vectors(held, parser.parse_args().folder)[
        [place[one] for one in short_sentences("train")["text"]]
    ].numpy()
    faiss.omp_set_num_threads(1)
    quantiser: Any = faiss.ProductQuantizer(thoughts.shape[1], GROUPS, BITS)
    quantiser.cp.seed = 0
    quantiser.train(thoughts)
    codes = quantiser.compute_codes(thoughts)
    centres = faiss.vector_to_array(quantiser.centroids).reshape(GROUPS, 2**BITS, -1)
    kept = {"codes": torch.from_numpy(codes), "centres": torch.from_numpy(centres).half()}
    path = ROOT / "sentences" / "memory.safetensors"
    save_file(kept, str(path))
    path.chmod(0o644)
    restored = quantiser.decode(codes)
    cosine = (restored * thoughts).sum(1) / np.linalg.norm(restored, axis=1)
    print(len(codes), "sentences, cosine with the whole vectors", cosine.mean().round(4), cosine.min().round(4))


if __name__ == "__main__":
    main()
