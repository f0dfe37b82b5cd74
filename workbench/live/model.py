# SPDX-License-Identifier: Apache-2.0
"""LiveModel: one warm process for a model on a device, shared by all pages of an app."""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections import OrderedDict
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, ClassVar

from registry.errors import ModelError
from workbench.live.wire import receive, send
from workbench.runs.active import ending_in_words
from workbench.runs.devices import candidates, device_class
from workbench.runs.resources import slots_and_threads
from workbench.runs.starting import child_environment

if TYPE_CHECKING:
    from workbench.store import Store

MOST = 2  # live models at once; the one that has not been used for longest is closed
LOAD_LIMIT = 300.0  # seconds for torch to be imported and the model to be loaded
CALL_LIMIT = 60.0  # seconds for one call


class LiveModel:
    """A model held in a process of its own, so that a page can map a few points in milliseconds.

    This process imports no torch. Calls are one at a time (model code is not made for threads). A process that crashed
    or was too slow is ended, the call raises :class:`ModelError`, and the next call starts a new one.
    """

    _open: ClassVar[OrderedDict[tuple[str, str, str], LiveModel]] = OrderedDict()
    _guard: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, model: str, device: str) -> None:
        self.model, self.device = model, device
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection[Any, Any] | None = None

    @classmethod
    def get(cls, store: Store, model_name: str, device: str = "auto") -> LiveModel:
        """The live model of that name and device, made when it is first asked for or its code has changed.

        Raises :class:`ModelError` for a name that no plugin has.
        """
        from workbench.discovered import catalogue
        from workbench.runs.stamps import stamp_of

        stamp = stamp_of(catalogue(), model_name)
        key = (model_name, device, stamp)
        closed: list[LiveModel] = []
        with cls._guard:
            if key not in cls._open:
                for other in [one for one in cls._open if one[:2] == key[:2]]:
                    closed.append(cls._open.pop(other))
                cls._open[key] = cls(model_name, settle_device(device))
            cls._open.move_to_end(key)
            while len(cls._open) > MOST:
                closed.append(cls._open.popitem(last=False)[1])
            found = cls._open[key]
        for one in closed:
            one.close()
        return found

    @classmethod
    def close_all(cls) -> None:
        """End every live model of this process."""
        with cls._guard:
            closed = list(cls._open.values())
            cls._open.clear()
        for one in closed:
            one.close()

    def apply(self, map_name: str, batch: Any, *, time_limit: float = CALL_LIMIT, **conditions: Any) -> Any:
        """The image of ``batch`` (an array, or a list of texts) under a map: float32 array, positions, or texts.

        Where the map gives a distribution, its mean.

        Raises
        ------
        ModelError
            When the map does not take the batch, the process crashed, or it took longer than ``time_limit`` seconds.
        """
        header = {"do": "apply", "map": map_name, "conditions": conditions}
        return self._call(header, batch, time_limit, f"map '{map_name}'")

    def sample(self, space: str, rows: Any, seed: int, *, time_limit: float = CALL_LIMIT) -> Any:
        """Draws number ``rows`` (int64 ``[n]``) from the prior of ``space`` under ``seed``: float32 ``[n, size]``.

        The same points as :func:`workbench.points.sample_prior` gives a run; raises :class:`ModelError` as above.
        """
        header = {"do": "sample", "space": space, "seed": int(seed)}
        return self._call(header, rows, time_limit, f"drawing from the prior of '{space}'")

    def _call(self, header: dict[str, Any], batch: Any, limit: float, doing: str) -> Any:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            return self._ask(header, batch, limit, doing)

    def close(self) -> None:
        """End the process, once a call in progress is over."""
        with self._lock:
            self._end()

    @property
    def pid(self) -> int | None:
        """Number of the process, ``None`` while there is none."""
        return None if self._process is None else self._process.pid

    def _start(self) -> None:
        self._end()
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "workbench.live.worker", str(theirs.fileno()), str(os.getpid())],
            pass_fds=(theirs.fileno(),),
            env={**child_environment(), "CUDA_DEVICE_ORDER": "PCI_BUS_ID"},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._connection = Connection(ours.detach())
        threads = slots_and_threads()[1]
        header = {"do": "load", "model": self.model, "device": self.device, "threads": threads}
        try:
            self._ask(header, None, LOAD_LIMIT, "loading")
        except BaseException:
            self._end()
            raise

    def _ask(self, header: dict[str, Any], batch: Any, limit: float, doing: str) -> Any:
        assert self._connection is not None
        try:
            send(self._connection, header, batch)
            if not self._connection.poll(limit):
                self._end()
                raise ModelError(f"the model '{self.model}' took longer than {limit:g} s for {doing}, and was ended")
            answer, out = receive(self._connection)
        except (EOFError, ConnectionError):
            code = self._end()
            raise ModelError(
                f"the model '{self.model}' crashed in {doing} ({ending_in_words(code)}); the next call starts it again"
            ) from None
        except KeyboardInterrupt:  # the answer is still under way: the next call must not take it for its own
            self._end()
            raise
        if not answer["ok"]:
            raise ModelError(f"the model '{self.model}' failed in {doing}: {answer['error']}")
        return out

    def _end(self) -> int:
        """Close the connection and end the process; its exit code."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is None:
            return 0
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=0.3)  # a crashed process has its own exit code, which says more than a kill
        if self._process.poll() is None:
            self._process.kill()
        code = self._process.wait()
        self._process = None
        return code


def settle_device(wanted: str) -> str:
    """``auto`` and ``cuda`` made definite: the graphics card with most free memory, else the processor."""
    if device_class(wanted) == "cpu":
        return "cpu"
    cards = candidates(wanted)
    return cards[0].name if cards else wanted.replace("auto", "cpu")


atexit.register(LiveModel.close_all)
