# SPDX-License-Identifier: Apache-2.0
"""Listing the sample models and data is cheap, and what is listed opens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import workbench as wb
from sample_models import datasets, eigenfaces, faces_dcgan, mnist_vae

MODELS = [*eigenfaces.workbench_models(), *mnist_vae.workbench_models(), *faces_dcgan.workbench_models()]
DATA = datasets.workbench_datasets()

LIST = """
import sys
from sample_models import datasets, eigenfaces, faces_dcgan, mnist_vae
cards = [*eigenfaces.workbench_models(), *mnist_vae.workbench_models(), *faces_dcgan.workbench_models()]
cards += datasets.workbench_datasets()
for card in cards:
    card.missing()
print([name for name in ("torch", "pandas", "streamlit", "sklearn") if name in sys.modules], len(cards))
"""


def test_listing_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LIST], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] 5"


@pytest.mark.parametrize("card", MODELS, ids=lambda card: card.name)
def test_cards_tell_what_a_user_needs(card: wb.ModelCard) -> None:
    assert all((card.title, card.description, card.licence, card.provenance, card.tags))
    folder = Path(sys.modules[f"sample_models.{card.name.replace('-', '_')}"].__file__ or "").parent
    words = (folder / "CARD.md").read_text()
    for heading in ("## Data", "## Licence", "## How it was made", "## Measured", "## Known limits"):
        assert heading in words


@pytest.mark.parametrize("card", MODELS, ids=lambda card: card.name)
def test_models_load_with_their_spaces_and_maps(card: wb.ModelCard) -> None:
    if card.missing():
        pytest.skip(str(card.missing()))
    model = card.load("cpu")
    assert {"pixels", "z"} <= set(model.spaces)
    assert "decode" in model.maps
    if card.data is not None:
        data = next(one for one in DATA if one.name == card.data).open()
        assert data.space.row_shape == model.spaces["pixels"].row_shape


@pytest.mark.parametrize("card", DATA, ids=lambda card: card.name)
def test_data_sets_open_with_a_split(card: wb.DatasetCard) -> None:
    data = card.open()
    assert set(data.columns["split"]) == {"train", "test"}
    assert len(data.fingerprint()) == 64
