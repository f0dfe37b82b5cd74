# SPDX-License-Identifier: Apache-2.0
"""Work for requests off the event loop: a few threads for each page, a line before them, and a limit of time."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from threading import BoundedSemaphore, Lock, Thread
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from starlette.types import Receive

Made = TypeVar("Made")

#: Calls of one page that run at the same time, and that wait.
AT_ONCE: Final = 2
WAITING: Final = 32


class Busy(Exception):
    """A page has too many requests in line."""


class Late(Exception):
    """An answer did not come in time."""


class Left(Exception):
    """The browser no longer waits for the answer."""


class Lanes:
    """Runs calls in threads of their own, at most :data:`AT_ONCE` of each page, and ``together`` of all pages.

    A thread cannot be ended from outside: a call that is late goes on, and its page waits for it with the next ones.
    Threads live only as long as there is work, and none keeps the server from ending.
    """

    def __init__(self, name: str, together: int | None = None) -> None:
        self.name = name
        self._room: AbstractContextManager[Any] = nullcontext() if together is None else BoundedSemaphore(together)
        self._lines: dict[str, deque[tuple[Future[Any], Callable[[], Any]]]] = {}
        self._running: dict[str, int] = {}
        self._lock = Lock()

    def submit(self, page: str, call: Callable[[], Made]) -> Future[Made]:
        """Put a call in the line of a page.

        Raises
        ------
        Busy
            When :data:`WAITING` calls of the page wait already.
        """
        future: Future[Made] = Future()
        with self._lock:
            line = self._lines.setdefault(page, deque())
            for one in [one for one in line if one[0].cancelled()]:
                line.remove(one)
            if len(line) >= WAITING:
                raise Busy
            line.append((future, call))
            if self._running.get(page, 0) >= AT_ONCE:
                return future
            self._running[page] = self._running.get(page, 0) + 1
        Thread(target=self._work, args=(page,), name=f"workbench-{self.name}", daemon=True).start()
        return future

    async def ask(self, page: str, call: Callable[[], Made], receive: Receive, seconds: float) -> Made:
        """Wait for what a call gives.

        Raises
        ------
        Busy, Late, Left
            See there. What the call itself raises comes through.
        """
        answer = asyncio.wrap_future(self.submit(page, call))
        left = asyncio.ensure_future(_disconnected(receive))
        try:
            either: set[asyncio.Future[Any]] = {answer, left}
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            raise Left if left.done() else Late
        finally:
            answer.cancel()  # one that still stands in line is never begun
            left.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await left

    def _work(self, page: str) -> None:
        while True:
            with self._lock:
                line = self._lines.get(page)
                if not line:
                    self._lines.pop(page, None)
                    self._running[page] -= 1
                    if not self._running[page]:
                        del self._running[page]
                    return
                future, call = line.popleft()
            if future.set_running_or_notify_cancel():
                try:
                    with self._room:
                        made = call()
                except BaseException as error:  # noqa: BLE001 -- whoever asked gets it
                    future.set_exception(error)
                else:
                    future.set_result(made)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
