# SPDX-License-Identifier: Apache-2.0
"""Containment: calls a plugin's code so that no way of failing short of ending the process reaches the caller.

The call runs in a daemon thread with a time limit. Every exception (``SystemExit`` and ``KeyboardInterrupt`` too) is
caught; what the thread prints is kept back; the working directory and ``sys.path`` are put back. What is not contained:
a crash of the interpreter (see :mod:`registry.discovery.journal`), and output written past ``sys.stdout`` by C code.
"""

from __future__ import annotations

import ctypes
import io
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

KEPT = 2000  # characters of a plugin's output that are kept


class Overdue(BaseException):
    """Raised inside a plugin's thread when its time is up; no ``Exception``, so that few handlers swallow it."""


@dataclass(frozen=True)
class Outcome:
    """What a contained call came to: its value, or one sentence (and traceback) of what went wrong."""

    value: Any = None
    error: str = ""
    traceback: str = ""
    overdue: bool = False
    notes: tuple[str, ...] = ()


class _Hushed:
    """A text stream that keeps what some threads write and passes on what all others do."""

    def __init__(self, original: Any, hushed: dict[int, list[str]]) -> None:
        self._original = original
        self._hushed = hushed

    def write(self, text: str) -> int:
        kept = self._hushed.get(threading.get_ident())
        if kept is None:
            return int(self._original.write(text))
        if sum(map(len, kept)) < KEPT:
            kept.append(str(text)[:KEPT])
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer" and threading.get_ident() in self._hushed:
            return io.BytesIO()
        return getattr(self._original, name)


def contained(function: Callable[[], Any], seconds: float) -> Outcome:
    """Call ``function`` in a thread of its own for at most ``seconds``; never raises for what the function does.

    >>> contained(lambda: 2 + 2, 5).value
    4
    >>> contained(lambda: int("x"), 5).error
    "ValueError: invalid literal for int() with base 10: 'x'"
    """
    box: list[Outcome] = []
    done = threading.Event()
    hushed: dict[int, list[str]] = {}

    def call() -> None:
        try:
            hushed[threading.get_ident()] = []
            try:
                box.append(Outcome(function()))
            except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt of a plugin end here too
                box.append(_failure(error))
            finally:
                done.set()
        except Overdue:  # injected after the call had ended by itself
            pass

    thread = threading.Thread(target=call, name="workbench-plugin", daemon=True)
    with _output_kept(hushed, thread), _process_state_kept() as notes:
        thread.start()
        in_time = done.wait(seconds)
        if not in_time:
            _interrupt(thread)
    outcome = (
        box[0]
        if in_time and box
        else Outcome(error=f"it took longer than {seconds:g} s (WORKBENCH_PLUGIN_TIMEOUT)", overdue=True)
    )
    written = "".join(text for texts in list(hushed.values()) for text in texts)
    if written.strip():
        notes.append(f"it wrote to the standard output while it was listed: {written.strip()[:200]!r}")
    return Outcome(outcome.value, outcome.error, outcome.traceback, outcome.overdue, tuple(notes))


def _failure(error: BaseException) -> Outcome:
    sentence = "".join(traceback.format_exception_only(error)).strip().splitlines()
    if isinstance(error, SystemExit):
        words = f"it called sys.exit({error.code!r})"
    elif isinstance(error, SyntaxError):
        where = os.path.basename(error.filename or "")
        words = f"{type(error).__name__}: {error.msg} ({where}, line {error.lineno})"
    else:
        words = sentence[0] if len(sentence) == 1 else " ".join(one.strip() for one in sentence)
    words = words.removeprefix(f"{type(error).__module__}.")
    if len(words) > 600:
        words = words[:600] + " ..."
    return Outcome(error=words, traceback="".join(traceback.format_exception(error))[-8000:])


def _interrupt(thread: threading.Thread) -> None:
    """End a loop in Python code by raising in its thread; code that sleeps or is in C is left behind, as a daemon."""
    for _ in range(3):
        if thread.ident is None or not thread.is_alive():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Overdue))
        thread.join(0.1)


@contextmanager
def _output_kept(hushed: dict[int, list[str]], thread: threading.Thread) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Hushed(before[0], hushed), _Hushed(before[1], hushed)
    try:
        yield
    finally:
        if not thread.is_alive() or _ends_soon(thread):  # else what it goes on to print must stay kept back
            sys.stdout, sys.stderr = before


def _ends_soon(thread: threading.Thread) -> bool:
    thread.join(0.05)
    return not thread.is_alive()


@contextmanager
def _process_state_kept() -> Iterator[list[str]]:
    """Put the working directory and ``sys.path`` back; gives a list that says afterwards what was put back."""
    notes: list[str] = []
    path, folder = list(sys.path), _working_directory()
    try:
        yield notes
    finally:
        if sys.path != path:
            sys.path[:] = path
            notes.append("it changed sys.path while it was listed; that was put back")
        now = _working_directory()
        if folder is not None and now != folder:
            os.chdir(folder)
            notes.append(f"it changed the working directory to {now or 'a folder that is gone'}; that was put back")


def _working_directory() -> str | None:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return None


def time_limit(environment: dict[str, str] | os._Environ[str] = os.environ) -> float:
    """Seconds that one call into a plugin may take: ``WORKBENCH_PLUGIN_TIMEOUT``, else 10."""
    from registry.errors import PluginError

    text = environment.get("WORKBENCH_PLUGIN_TIMEOUT", "").strip()
    if not text:
        return 10.0
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= threading.TIMEOUT_MAX:
        raise PluginError(f"WORKBENCH_PLUGIN_TIMEOUT is '{text}': give a number of seconds above 0")
    return seconds
