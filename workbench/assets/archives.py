# SPDX-License-Identifier: Apache-2.0
"""Archives: reads members out of wheels, packed tars and Debian packages; no path of an archive is ever written to."""

from __future__ import annotations

import contextlib
import fnmatch
import lzma
import shutil
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

UNREADABLE = (KeyError, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, NotImplementedError)
"""What reading a broken archive, or a member that is none, may raise."""


def members(archive: Path, patterns: Sequence[str]) -> Iterator[tuple[str, IO[bytes]]]:
    """The regular files whose name fits one of ``patterns``, opened one after the other; ``*`` also crosses ``/``.

    A leading ``./`` of names is dropped. Raises one of :data:`UNREADABLE`.
    """
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as held:
            for entry in held.infolist():
                if not entry.is_dir() and fits(entry.filename, patterns):
                    with held.open(entry) as file:
                        yield plain(entry.filename), file
        return
    with _tar(archive) as packed:
        for one in packed:
            if one.isreg() and fits(one.name, patterns):
                found = packed.extractfile(one)
                if found is not None:
                    with found:
                        yield plain(one.name), found


def plain(name: str) -> str:
    """The name of a member without a leading ``./``."""
    return name.removeprefix("./")


def fits(name: str, patterns: Sequence[str]) -> bool:
    """Whether a member's name is one of ``patterns`` or fits one of them."""
    return any(plain(name) == one or fnmatch.fnmatchcase(plain(name), one) for one in patterns)


@contextlib.contextmanager
def _tar(archive: Path) -> Iterator[tarfile.TarFile]:
    if archive.suffix != ".deb":
        with tarfile.open(archive, "r:gz") as packed:
            yield packed
        return
    with archive.open("rb") as file:
        name, size = _data_of(file)
        if not name.endswith(".zst"):
            with tarfile.open(fileobj=_Part(file, size), mode="r|*") as packed:  # type: ignore[call-overload]
                yield packed
            return
    with _by_dpkg(archive) as packed:
        yield packed


def _data_of(file: IO[bytes]) -> tuple[str, int]:
    """Name and size of the part ``data.tar...`` of a Debian package (an ``ar`` archive); the file stands at its start.

    The format is that of deb(5): ``!<arch>``, then headers of 60 bytes, parts at even places.
    """
    if file.read(8) != b"!<arch>\n":
        raise tarfile.ReadError("this is no Debian package")
    while len(header := file.read(60)) == 60:
        name = header[:16].decode("ascii", "replace").strip().rstrip("/")
        digits = header[48:58].decode("ascii", "replace").strip()
        if header[58:] != b"`\n" or not digits.isdecimal():
            break
        if name.startswith("data.tar"):
            return name, int(digits)
        file.seek(int(digits) + int(digits) % 2, 1)
    raise tarfile.ReadError("this Debian package holds no data")


class _Part:
    """The next ``size`` bytes of a file, as a stream that is only read."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.file, self.left = file, size

    def read(self, count: int = -1) -> bytes:
        piece = self.file.read(self.left if count < 0 else min(count, self.left))
        self.left -= len(piece)
        return piece


@contextlib.contextmanager
def _by_dpkg(archive: Path) -> Iterator[tarfile.TarFile]:
    """The data of a package that is compressed with zstd, which Python reads from 3.14 on only: dpkg-deb unpacks it."""
    dpkg = shutil.which("dpkg-deb")
    if dpkg is None:
        raise NotImplementedError("its data is compressed with zstd, which only dpkg-deb can read here")
    with subprocess.Popen([dpkg, "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE) as process:
        try:
            with tarfile.open(fileobj=process.stdout, mode="r|") as packed:
                yield packed
        finally:
            process.kill()
