# SPDX-License-Identifier: Apache-2.0
"""Who may fetch what: a token for each open page, signed with a secret of this process.

A page gets its token with the other data of its component and sends it as ``Authorization: Bearer TOKEN``. It holds as
long as the page is connected: once that is over, or the server has started anew, it opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from threading import Lock
from typing import Final

#: In front of all addresses, below the base path of the app.
ROOT: Final = "workbench"
#: Seconds that what a page published is kept after the page was last seen connected: Streamlit itself lets a page that
#: lost its connection come back for 120.
GRACE: Final = 180.0

_SECRET: Final = secrets.token_bytes(32)
_TOKEN: Final = re.compile(r"([A-Za-z0-9_-]{1,64})\.([0-9a-f]{64})", re.ASCII)
_state = {"mounted": False}
_seen: dict[str, float] = {}
_lock = Lock()


def mount(served: bool = True) -> None:
    """Note that the server of this process has the routes."""
    _state["mounted"] = served


def mounted() -> bool:
    """Whether pages of this process can fetch: its server has the routes and runs (a test without server has none)."""
    if not _state["mounted"]:
        return False
    from streamlit.runtime import Runtime

    # The runtime of Streamlit's AppTest is a mock that calls itself one.
    return Runtime.exists() and issubclass(type(Runtime.instance()), Runtime)


def session() -> str | None:
    """The id of the Streamlit session that this code runs for; None where nothing can be fetched."""
    if not mounted():
        return None
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context is not None else None


def token() -> str:
    """What the page of the current session shows when it fetches; empty where nothing can be fetched."""
    current = session()
    return sign(current) if current is not None else ""


def sign(session_id: str) -> str:
    """The token of a session: its id, a dot, and the HMAC-SHA256 of it in 64 hexadecimal digits."""
    return f"{session_id}.{_signature(session_id)}"


def allowed(given: str) -> str | None:
    """The session that a token is of, when its signature holds and its page is connected; else None."""
    found = _TOKEN.fullmatch(given)
    if found is None or not hmac.compare_digest(_signature(found[1]), found[2]):
        return None
    return found[1] if alive(found[1]) else None


def alive(session_id: str) -> bool:
    """Whether the page of a session is connected."""
    if not mounted():
        return False
    from streamlit.runtime import Runtime

    # Streamlit says of both calls that any thread may make them.
    return Runtime.instance().is_active_session(session_id) is True


def gone(session_id: str) -> bool:
    """Whether the page of a session has not been connected for :data:`GRACE` seconds: what it published may go."""
    now, connected = time.monotonic(), alive(session_id)
    with _lock:
        if connected:
            _seen[session_id] = now
            return False
        over = now - _seen.setdefault(session_id, now) > GRACE
        if over:
            del _seen[session_id]
        return over


def address(*parts: str) -> str:
    """The absolute path, base path of the app included, at which a page fetches something."""
    return "/".join([above(), ROOT, *parts])


def above() -> str:
    """The base path of the app, without a slash at its end; empty when the app lies at the root."""
    from streamlit import config

    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def _signature(session_id: str) -> str:
    return hmac.new(_SECRET, session_id.encode(), hashlib.sha256).hexdigest()
