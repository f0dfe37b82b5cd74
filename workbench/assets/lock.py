# SPDX-License-Identifier: Apache-2.0
"""Lock: the file ``assets.toml`` of a plugin, which names every file that it fetches and what it must hash to."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from registry.errors import WorkbenchError
from workbench.assets.asset import Asset, AssetUnavailable, Progress

REGISTRIES = ("pypi", "npm", "deb")
KEY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")
HASH = re.compile(r"[0-9a-f]{64}")
ARCHIVE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~%-]*\.(whl|zip|tgz|tar\.gz|deb)")
PACKAGE = re.compile(r"(@[a-z0-9._-]+/)?[A-Za-z0-9][A-Za-z0-9._+-]*")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~:_-]*")
_FIELDS = {one.name: one for one in fields(Asset) if one.name != "key"}


class Lock:
    """The assets of one lock file, read when first asked.

    An entry without ``member_sha256`` or ``members_sha256`` only records where something came from and is left out.
    """

    def __init__(self, file: Path) -> None:
        self.file = Path(file)

    @cached_property
    def assets(self) -> dict[str, Asset]:
        """Every asset by key; raises :class:`WorkbenchError` that names file, entry and field of what is wrong."""
        import tomllib

        try:
            entries = tomllib.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise WorkbenchError(f"the lock '{self.file}' cannot be read: {error}") from None
        wanted = ("member_sha256", "members_sha256")
        return {
            key: _asset(self.file, key, entry)
            for key, entry in entries.items()
            if isinstance(entry, dict) and any(one in entry for one in wanted)
        }

    def asset(self, key: str) -> Asset:
        """The asset called ``key`` (or that has it as an alias); raises :class:`AssetUnavailable` with near names."""
        return find(self.assets, key)

    def missing(self, key: str) -> str | None:
        """One sentence on what to do when the asset is not in the cache; ``None`` when it is there."""
        return self.asset(key).missing()

    def fetch(self, key: str, *, progress: Progress | None = None) -> Path:
        """The path of the asset, downloaded first where it is not in the cache."""
        return self.asset(key).fetch(progress)


def find(known: dict[str, Asset], key: str) -> Asset:
    """The asset called ``key`` among ``known``, by key or alias; raises :class:`AssetUnavailable` with near names."""
    if key in known:
        return known[key]
    plain = key.lower().replace("-", "_")
    for one in known.values():
        if plain == one.key.replace("-", "_") or key in one.aliases:
            return one
    from registry.discovery.catalogue import near_names

    near = near_names(key, [*known, *(alias for one in known.values() for alias in one.aliases)])
    there = f"did you mean {near}?" if near else f"there are {', '.join(sorted(known)) or 'none'}"
    raise AssetUnavailable(f"there is no asset '{key}': {there}")


def _asset(file: Path, key: str, entry: dict[str, Any]) -> Asset:
    def wrong(sentence: str) -> WorkbenchError:
        return WorkbenchError(f"the lock '{file}', entry '{key}': {sentence}")

    if not KEY.fullmatch(key):
        raise wrong("a key is lower-case letters, digits, '.', '-' and '_'")
    unknown = [name for name in entry if name not in _FIELDS]
    if unknown:
        raise wrong(f"there is no field '{unknown[0]}': use {', '.join(_FIELDS)}")
    lacking = [name for name, one in _FIELDS.items() if one.default is MISSING and name not in entry]
    if lacking:
        raise wrong(f"lacks {', '.join(lacking)}")
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    for name, value in given.items():
        _check(name, value, wrong)
    one = Asset(key=key, **given)
    if one.packed and not (one.members_sha256 and one.members_count and one.members_bytes):
        raise wrong("several members need members_count, members_bytes and members_sha256")
    if (one.inner or not one.packed) and not (one.member and one.member_sha256 and one.member_bytes):
        raise wrong("a member needs member, member_bytes and member_sha256")
    if one.inner and one.members:
        raise wrong("give members (of the archive) or inner (of the zip file 'member'), not both")
    return one


def _check(name: str, value: Any, wrong: Any) -> None:
    """Raise what ``wrong`` makes of a sentence unless ``value`` can be the field ``name``."""
    shapes = {"package": PACKAGE, "version": VERSION, "archive": ARCHIVE}
    if name in ("inner", "members", "aliases"):
        if not isinstance(value, tuple) or not all(isinstance(one, str) and one for one in value):
            raise wrong(f"'{name}' must be a list of text")
    elif name in ("bytes", "member_bytes", "members_bytes", "members_count"):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise wrong(f"'{name}' must be a whole number above 0")
    elif not isinstance(value, str):
        raise wrong(f"'{name}' must be text")
    elif name == "registry" and value not in REGISTRIES:
        raise wrong(f"registry = '{value}' is not known: use {', '.join(REGISTRIES)}")
    elif name.endswith("sha256") and not HASH.fullmatch(value):
        raise wrong(f"'{name}' must be 64 hexadecimal digits")
    elif name in shapes and not shapes[name].fullmatch(value):
        raise wrong(f"'{name}' cannot be '{value}'")
