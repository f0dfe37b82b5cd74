# SPDX-License-Identifier: Apache-2.0
"""Pictures of runs under way: the last one that a run has shown, kept when it ends without a result."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from registry.arrays import Array
from workbench.store.base import Base
from workbench.store.files import remove, told

TOLD = "Comment"  # the field of a PNG file that holds the sentence


@dataclass(frozen=True)
class Picture:
    """The last picture of a run without a result: a PNG file as bytes, and what was said of it."""

    png: bytes
    told: str


class Pictures(Base):
    """One file for each run, replaced in one step: whenever the run is killed, a whole picture is there."""

    def save_picture(self, run_id: str, image: Array, told_of_it: str = "") -> None:
        """Keep ``image`` (uint8 ``[height, width(, 3 or 4)]``) as the run's last picture, in place of the one before.

        It is removed when the run is published: a finished run has a result to show.

        Raises
        ------
        StoreError
            When it cannot be written.
        """
        import numpy as np
        from PIL import Image
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt(TOLD, told_of_it)
        path = self._picture_path(run_id)
        fresh = path.with_suffix(f".{os.getpid()}")
        with told(f"the picture of run {run_id} could not be kept"):
            try:
                Image.fromarray(np.ascontiguousarray(image)).save(fresh, "PNG", compress_level=1, pnginfo=info)
                os.replace(fresh, path)
            finally:
                remove(fresh)  # after the replacement there is none

    def picture(self, run_id: str) -> Picture | None:
        """The last picture that a run has shown, where it has no result (yet)."""
        import io

        from PIL import Image

        try:
            png = self._picture_path(run_id).read_bytes()
            with Image.open(io.BytesIO(png)) as image:
                return Picture(png, str(image.info.get(TOLD, "")))
        except OSError:  # it is not there, or is no picture
            return None

    def _picture_path(self, run_id: str) -> Path:
        return self._pictures / f"{self._exact(run_id)}.png"
