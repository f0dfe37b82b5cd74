# SPDX-License-Identifier: Apache-2.0
"""Lines of work: bounded for a page, and where memory is dear for all pages together."""

from __future__ import annotations

from threading import Event, Lock

import pytest

from workbench.app.served.lanes import AT_ONCE, Lanes


@pytest.mark.parametrize(("together", "expected"), [(None, 3 * AT_ONCE), (3, 3), (1, 1)])
def test_pages_run_together_as_many_calls_as_there_is_room_for(together: int | None, expected: int) -> None:
    lanes = Lanes("test", together)
    lock, full, go = Lock(), Event(), Event()
    running: list[int] = []
    most = [0]

    def call() -> int:
        with lock:
            running.append(1)
            most[0] = max(most[0], len(running))
            if len(running) >= expected:
                full.set()
        assert go.wait(20)
        with lock:
            running.pop()
        return 7

    futures = [lanes.submit(page, call) for page in "abc" for _ in range(AT_ONCE + 1)]
    assert full.wait(20)
    go.set()
    assert [one.result(20) for one in futures] == [7] * len(futures)
    assert most[0] == expected


def test_an_error_gives_its_room_back() -> None:
    lanes = Lanes("test", 1)

    def fail() -> None:
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        lanes.submit("a", fail).result(20)
    assert lanes.submit("b", lambda: 1).result(20) == 1
