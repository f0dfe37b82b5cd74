# SPDX-License-Identifier: Apache-2.0
"""Columns of numbers that a page fetches once: raw little-endian bytes under the SHA-256 of themselves.

The blocks are held in this process, at most ``WORKBENCH_COLUMN_MEMORY`` MiB of them (1024 when it is not set): past
that, those go first whose pages are closed, then those not used for longest. A page that needs an evicted block again
publishes it again, under the same address.
"""

from __future__ import annotations

import hashlib
import os
import re
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from registry.errors import ParameterError
from workbench.app.served import grants

if TYPE_CHECKING:
    import numpy.typing as npt

VARIABLE: Final = "WORKBENCH_COLUMN_MEMORY"
_ADDRESS: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass
class _Block:
    content: memoryview
    sessions: set[str] = field(default_factory=set)


_blocks: OrderedDict[str, _Block] = OrderedDict()
_lock = Lock()
_digests: dict[int, tuple[weakref.ref[Any], str]] = {}  # of arrays that nobody writes to, by their identity


def publish(array: npt.NDArray[Any], *, known: str | None = None) -> str | None:
    """Let the page of the current session fetch an array; give the path at which it does.

    An array that was made read-only for good, is contiguous and owns its numbers is held as it is and hashed once in
    its life; of any other one copy is made.

    Parameters
    ----------
    array : numbers or booleans of any shape; sent in C order, little-endian
    known : its :func:`digest`, when the caller kept it: then nothing is hashed or copied while the block is held

    Returns
    -------
    ``/workbench/columns/SHA256``, base path in front; None where no server has the routes, or when the array alone
    takes more memory than columns may: then the caller sends it some other way.

    Raises
    ------
    ValueError
        When the array holds anything but numbers or booleans.
    """
    session = grants.session()
    if session is None:
        return None
    if known is None or not _grant(known, session):
        content = _frozen(array)
        known = digest(array) if _immutable(array) else hashlib.sha256(content).hexdigest()
        if not _keep(known, content, session):
            return None
    return grants.address("columns", known)


def digest(array: npt.NDArray[Any]) -> str:
    """The SHA-256 of an array's little-endian bytes in C order, in 64 hexadecimal digits.

    >>> import numpy as np
    >>> digest(np.zeros(2, dtype=np.float32)) == hashlib.sha256(bytes(8)).hexdigest()
    True
    """
    place = id(array)
    kept = _digests.get(place)
    if kept is not None and kept[0]() is array and _immutable(array):
        return kept[1]
    made = hashlib.sha256(_raw(array)).hexdigest()
    if _immutable(array):
        _digests[place] = (weakref.ref(array, lambda _: _digests.pop(place, None)), made)
    return made


def fetch(sha256: str, session: str) -> memoryview | None:
    """The bytes of a block that a session may see; None when there is no such block, or it may not."""
    if _ADDRESS.fullmatch(sha256) is None:
        return None
    with _lock:
        block = _blocks.get(sha256)
        if block is None or session not in block.sessions:
            return None
        _blocks.move_to_end(sha256)
        return block.content


def held() -> tuple[int, int]:
    """How many blocks are held, and how many bytes they have together."""
    with _lock:
        return len(_blocks), sum(one.content.nbytes for one in _blocks.values())


def budget() -> int:
    """How many bytes columns may take.

    Raises
    ------
    ParameterError
        When the environment variable is no whole number of MiB.
    """
    given = os.environ.get(VARIABLE, "").strip() or "1024"
    if re.fullmatch(r"[0-9]{1,7}", given, re.ASCII) is None:
        raise ParameterError(f"{VARIABLE} is {given!r}: give a whole number of MiB, such as 1024")
    return int(given) * 2**20


def _grant(sha256: str, session: str) -> bool:
    with _lock:
        block = _blocks.get(sha256)
        if block is None:
            return False
        block.sessions.add(session)
        _blocks.move_to_end(sha256)
        return True


def _keep(sha256: str, content: memoryview, session: str) -> bool:
    limit = budget()
    if content.nbytes > limit:
        return False
    with _lock:
        _blocks.setdefault(sha256, _Block(content)).sessions.add(session)
        _blocks.move_to_end(sha256)
        for block in _blocks.values():
            block.sessions -= {one for one in block.sessions if grants.gone(one)}
        taken = sum(one.content.nbytes for one in _blocks.values())
        # Oldest first; the one just published is the last.
        unseen: Sequence[str] = [name for name, one in _blocks.items() if not one.sessions]
        for name in [*unseen, *(name for name in _blocks if name not in set(unseen))]:
            if taken <= limit:
                break
            taken -= _blocks.pop(name).content.nbytes
    return True


def _raw(array: npt.NDArray[Any]) -> memoryview:
    import numpy as np

    if array.dtype.kind not in "fiub":
        raise ValueError(f"a column holds numbers or booleans, not {array.dtype}")
    plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return plain.reshape(-1).view(np.uint8).data


def _frozen(array: npt.NDArray[Any]) -> memoryview:
    """The bytes of an array, in memory that nobody writes to."""
    import numpy as np

    raw = _raw(array)
    shared = raw.nbytes > 0 and np.may_share_memory(array, np.frombuffer(raw, dtype=np.uint8))
    return memoryview(bytes(raw)) if shared and not _immutable(array) else raw.toreadonly()


def _immutable(array: npt.NDArray[Any]) -> bool:
    import numpy as np

    holder: Any = array
    while isinstance(holder, np.ndarray):
        if holder.flags.writeable:
            return False
        holder = holder.base
    return holder is None or isinstance(holder, bytes)
