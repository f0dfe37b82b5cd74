# SPDX-License-Identifier: Apache-2.0
"""The cache of assets: what is there, how a file comes to be there by one rename, and how it goes."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import IO

from workbench.assets import packed
from workbench.assets.archives import UNREADABLE, members
from workbench.assets.asset import Asset, Progress, cache_folder
from workbench.assets.download import download
from workbench.assets.scratch import scratch_folder

CHUNK = 1 << 20


def is_present(one: Asset) -> bool:
    """Whether the asset is in the cache with the right hash.

    A file is hashed once; a stamp with its size and time of change then makes later calls instant.
    """
    try:
        state = one.path.stat()
    except OSError:
        return False
    wanted = one.members_sha256 if one.packed else one.member_sha256
    stamp = {"sha256": wanted, "size": state.st_size, "modified": state.st_mtime_ns}
    stamp_file = _stamp(one)
    try:
        if json.loads(stamp_file.read_text()) == stamp:
            return True
    except (OSError, ValueError):
        pass  # no stamp, or a torn one: hash the file
    if _hash(one) != wanted:
        return False
    with contextlib.suppress(OSError):  # a cache that can only be read works, a little slower
        stamp_file.write_text(json.dumps(stamp))
    return True


def _hash(one: Asset) -> str:
    if one.packed:
        try:
            return packed.hash_of(one.path)
        except UNREADABLE:
            return ""
    with one.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(one: Asset, progress: Progress | None = None) -> Path:
    """The path of the asset, brought into the cache first where it is not there. What was there stays until then.

    Raises
    ------
    AssetUnavailable
        With no network, no room, or a file that is not the locked one; nothing is left behind.
    """
    tell = progress or (lambda fraction, stage: None)
    if is_present(one):
        tell(1.0, "ready")
        return one.path
    try:
        one.path.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(one.path.parent) as folder:
            _check_room(one, folder)
            archive = _archive(one, folder, tell)
            tell(0.8, "checking")
            made = folder / "made"
            _extract(one, archive, made)
            os.replace(made, one.path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise one.unavailable(f"the disk of {cache_folder()} is full") from error
        raise one.unavailable(f"the cache {cache_folder()} cannot be written ({error.strerror or error})") from error
    if not is_present(one):  # also writes the stamp
        raise one.unavailable("the file changed while it was being put into the cache")
    tell(1.0, "ready")
    return one.path


def remove(one: Asset) -> bool:
    """Take the asset out of the cache; an archive that was put there by hand stays. Whether there was anything."""
    there = one.path.exists()
    try:
        one.path.unlink(missing_ok=True)
        _stamp(one).unlink(missing_ok=True)
    except OSError as error:
        raise one.unavailable(f"'{one.path}' cannot be removed ({error.strerror or error})") from error
    return there


def _stamp(one: Asset) -> Path:
    return one.path.with_name(one.path.name + ".stamp.json")


def _check_room(one: Asset, folder: Path) -> None:
    """Raise unless archive and content fit on the disk together."""
    needed = one.bytes + one.kept_bytes + (one.member_bytes if one.inner else 0)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise one.unavailable(
            f"it takes {needed / 1e6:,.0f} MB while it is fetched, and the disk of {cache_folder()} has "
            f"{free / 1e6:,.0f} MB left"
        )


def _archive(one: Asset, folder: Path, tell: Progress) -> Path:
    """The archive with the right hash: one put into the cache by hand, else downloaded to ``folder``."""
    path = cache_folder() / "archives" / one.archive
    by_hand = path.is_file()
    if not by_hand:
        tell(0.0, f"downloading {one.package} {one.version}")
        path = download(one, folder, tell)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != one.sha256:
        named = f"'{path}' was put there by hand, has to go first, and" if by_hand else f"'{path.name}'"
        raise one.unavailable(f"{named} has SHA-256 {found[:16]}..., the lock says {one.sha256[:16]}...")
    return path


def _extract(one: Asset, archive: Path, target: Path) -> None:
    """Stream what the lock names to ``target``; no other member is read and no path of the archive is used."""
    try:
        if not one.members:
            inner = target.with_suffix(".zip") if one.inner else target
            _member(one, archive, inner)
            if one.inner:
                _pack(one, inner, target, one.inner)
        else:
            _pack(one, archive, target, one.members)
    except UNREADABLE as error:
        named = ", ".join(one.members or (one.member,))
        told = f" ({error})" if isinstance(error, NotImplementedError) else ""
        raise one.unavailable(f"'{archive.name}' has no readable member '{named}'{told}") from None


def _member(one: Asset, archive: Path, target: Path) -> None:
    for _, source in members(archive, (_literal(one.member),)):
        with target.open("wb") as sink:
            digest, _ = _copy(source, sink, one.member_bytes)
            _sync(sink)
        if digest != one.member_sha256:
            raise one.unavailable(
                f"'{one.member}' has SHA-256 {digest[:16]}..., the lock says {one.member_sha256[:16]}..."
            )
        return
    raise KeyError(one.member)


def _pack(one: Asset, archive: Path, target: Path, patterns: tuple[str, ...]) -> None:
    listed: dict[str, str] = {}
    left = one.members_bytes
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as held:
            for name, source in members(archive, patterns):
                if name in listed or len(listed) == one.members_count:
                    raise one.unavailable(f"'{archive.name}' has more files than the lock says, such as '{name}'")
                with held.open(packed.entry(name, file.tell()), "w", force_zip64=True) as sink:
                    listed[name], size = _copy(source, sink, left)
                left -= size
                if left < 0:
                    raise one.unavailable(f"the files of '{archive.name}' are larger than the lock says")
        _sync(file)
    if not listed:
        raise KeyError(patterns[0])
    if (found := packed.listing_hash(listed.items())) != one.members_sha256:
        raise one.unavailable(
            f"the {len(listed)} files taken from '{archive.name}' have SHA-256 {found[:16]}..., the lock says "
            f"{one.members_sha256[:16]}..."
        )


def _literal(name: str) -> str:
    """A pattern that fits this name alone."""
    return "".join(f"[{one}]" if one in "*?[" else one for one in name)


def _copy(source: IO[bytes], sink: IO[bytes], limit: int) -> tuple[str, int]:
    """Copy at most ``limit + 1`` bytes (so that an archive cannot fill the disk); their SHA-256 and number."""
    digest, left = hashlib.sha256(), limit + 1
    while left > 0 and (piece := source.read(min(CHUNK, left))):
        sink.write(piece)
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest(), limit + 1 - left


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
