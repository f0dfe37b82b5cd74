# SPDX-License-Identifier: Apache-2.0
"""``python -m workbench.compendium.search`` computes the vectors that come with the workbench, from its own entries.

Run it when entries have changed. A statement without a vector in the file is still found: its vector is computed when
the index is built, some milliseconds each.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from workbench.compendium.search import meaning, vectors
from workbench.compendium.search.statements import statements_of


def main() -> None:
    """Write ``vectors.npz`` beside this module."""
    from workbench.compendium.current import VARIABLE, current

    reason = meaning.missing()
    if reason is not None:
        sys.exit(reason)
    os.environ.pop(VARIABLE, None)
    sentences = [one.text for entry in current() for one in statements_of(entry)]
    path = Path(__file__).with_name(vectors.SHIPPED)
    kept = vectors.Vectors(meaning.encoder().vectors)
    count = vectors.write_shipped(path, sentences, kept.of)
    print(f"{count:,} vectors in {path.name}, {path.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
