# SPDX-License-Identifier: Apache-2.0
"""Work that a page waits for without standing still: done in a thread, looked at by a fragment."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import streamlit as st

#: Seconds that a page does stand still for, so that what is quick is there at once.
_AT_ONCE = 0.1


class Background:
    """Calls that are made once for each key; the latest 64 answers are kept, failed ones until they are asked again."""

    def __init__(self, workers: int = 2, kept: int = 64) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="page")
        self._lock, self._kept = threading.Lock(), kept
        self._futures: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def ask(self, key: Hashable, work: Callable[[], Any]) -> Future[Any]:
        """The future of ``work``, which is started unless it was for this key."""
        with self._lock:
            if key not in self._futures:
                self._futures[key] = self._pool.submit(work)
            self._futures.move_to_end(key)
            while len(self._futures) > self._kept:
                self._futures.popitem(last=False)
            return self._futures[key]

    def forget(self, key: Hashable) -> None:
        """Let the next :meth:`ask` start again."""
        with self._lock:
            self._futures.pop(key, None)


@st.cache_resource(show_spinner=False)
def background() -> Background:
    """The one of this process."""
    return Background()


def wait_for(key: Hashable, work: Callable[[], Any], show: Callable[[Any], None], *, saying: str) -> None:
    """Draw ``show(answer)`` once ``work`` has answered; until then a line that says what is being done.

    The page goes on; the place is looked at every half second. An error of ``work`` is raised here. ``work`` runs in
    another thread and must not touch the page.
    """
    future = background().ask(key, work)
    wait([future], timeout=_AT_ONCE)
    if future.done():
        if future.exception() is not None:
            background().forget(key)
        show(future.result())
        return

    @st.fragment(run_every=0.5)
    def look() -> None:
        if future.done():
            st.rerun()
        st.caption(f":material/hourglass_top: {saying}")

    look()
