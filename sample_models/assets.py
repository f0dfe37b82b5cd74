# SPDX-License-Identifier: Apache-2.0
"""The lock ``assets.toml`` of the sample models: files that are fetched when a user asks for them.

From the command line::

    workbench assets                     # what there is, its size, licence and credit
    workbench assets fetch dcgan_faces   # fetch it
"""

from __future__ import annotations

from pathlib import Path

import workbench as wb

LOCK = wb.assets.Lock(Path(__file__).parent / "assets.toml")
asset, missing, fetch = LOCK.asset, LOCK.missing, LOCK.fetch


@wb.hookimpl
def workbench_assets() -> list[Path]:
    """The lock; nothing is fetched."""
    return [LOCK.file]
