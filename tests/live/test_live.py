# SPDX-License-Identifier: Apache-2.0
"""Live models: right numbers from a warm process, which may crash, hang or be left alone without harm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from registry.errors import ModelError, SpaceError
from workbench.live import LiveModel
from workbench.live.wire import receive, send
from workbench.runs.processes import is_alive, start_of
from workbench.store import Store

LONG = 60.0


def toy(store: Store) -> LiveModel:
    return LiveModel.get(store, "toy", "cpu")


def test_a_map_is_applied_with_its_conditions(store: Store) -> None:
    z = np.array([[1.0, 2.0], [3.0, 4.0]])
    out = toy(store).apply("decode", z, gain=np.float32(10.0))
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out, [[10, 20, 0, 0], [30, 40, 0, 0]])


def test_a_distribution_comes_back_as_its_mean(store: Store) -> None:
    x = np.arange(8, dtype=np.float32).reshape(2, 4)
    np.testing.assert_allclose(toy(store).apply("encode", x), x[:, :2], atol=1e-6)


def test_draws_are_those_that_a_run_gets(store: Store) -> None:
    from workbench.discovered import catalogue
    from workbench.points import sample_prior

    rows = np.array([5, 0, 2000])
    expected = sample_prior(catalogue().model("toy").load().space("z"), rows, 3)
    np.testing.assert_array_equal(toy(store).sample("z", rows, 3), expected)


def test_the_process_stays_warm(store: Store) -> None:
    live = toy(store)
    live.apply("decode", np.zeros((1, 2)))
    pid = live.pid
    assert toy(store) is live
    live.apply("decode", np.zeros((1, 2)))
    assert live.pid == pid


@pytest.mark.parametrize(
    ("name", "batch", "conditions", "words"),
    [
        ("decoed", np.zeros((1, 2)), {}, "has no map 'decoed': it has encode, decode, trouble"),
        ("decode", np.zeros((1, 3)), {}, r"got shape \[1, 3\], expected \[n, 2\]"),
        ("decode", np.array([[np.nan, 0.0]]), {}, "NaN"),
        ("decode", np.zeros((1, 2)), {"gian": 1.0}, "no condition 'gian'"),
        ("trouble", np.zeros((1, 2)), {"kind": "raises"}, "ValueError: no such luck"),
    ],
)
def test_mistakes_are_said_and_do_not_end_the_process(
    store: Store, name: str, batch: Any, conditions: dict[str, Any], words: str
) -> None:
    live = toy(store)
    live.apply("decode", np.zeros((1, 2)))
    pid = live.pid
    with pytest.raises(ModelError, match=words):
        live.apply(name, batch, **conditions)
    assert live.pid == pid
    np.testing.assert_array_equal(live.apply("decode", np.ones((1, 2))), [[1, 1, 0, 0]])


def test_a_crash_is_said_and_the_next_call_starts_the_model_again(store: Store) -> None:
    live = toy(store)
    with pytest.raises(ModelError, match="crashed in map 'trouble'.*SIGSEGV"):
        live.apply("trouble", np.zeros((1, 2)), kind="crashes")
    np.testing.assert_array_equal(live.apply("decode", np.ones((1, 2))), [[1, 1, 0, 0]])


def test_a_call_that_takes_too_long_is_ended(store: Store) -> None:
    live = toy(store)
    live.apply("decode", np.zeros((1, 2)))
    pid = live.pid
    assert pid is not None
    start = start_of(pid)
    with pytest.raises(ModelError, match=r"longer than 0\.3 s for map 'trouble'"):
        live.apply("trouble", np.zeros((1, 2)), time_limit=0.3, kind="hangs")
    assert not is_alive(pid, start)


def test_a_model_that_cannot_be_loaded_says_why(store: Store) -> None:
    with pytest.raises(ModelError, match="'broken' failed in loading: RuntimeError: the weights are at sea"):
        LiveModel.get(store, "broken", "cpu").apply("encode", np.zeros((1, 4)))
    with pytest.raises(ModelError, match="did you mean 'toy'"):
        LiveModel.get(store, "tyo", "cpu")


def test_threads_take_turns(store: Store) -> None:
    live = toy(store)
    wrong: list[int] = []

    def ask(number: int) -> None:
        for _ in range(20):
            out = live.apply("decode", np.full((3, 2), number))
            if not (out[:, :2] == number).all():
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(one,)) for one in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []


def test_the_model_used_longest_ago_is_closed(store: Store) -> None:
    LiveModel.close_all()
    first, second = toy(store), LiveModel.get(store, "toy-without-data", "cpu")
    first.apply("decode", np.zeros((1, 2)))
    pid = first.pid
    assert pid is not None
    start = start_of(pid)
    LiveModel.get(store, "missing", "cpu")
    assert not is_alive(pid, start)
    assert LiveModel.get(store, "toy-without-data", "cpu") is second


def test_a_changed_plugin_gets_a_new_process(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (Path(__file__).parent.parent / "runs" / "plugins_folder" / "toy.py").read_text()
    (tmp_path / "toy.py").write_text(text)
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(tmp_path))
    assert toy(store).apply("decode", np.ones((1, 2)))[0, 0] == 1
    (tmp_path / "toy.py").write_text(text.replace("z * gain", "z * gain * 3"))
    assert toy(store).apply("decode", np.ones((1, 2)))[0, 0] == 3


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_process_ends_with_the_app_and_no_torch_is_imported_there(store: Store, how: signal.Signals) -> None:
    code = (
        "import sys, threading, time, numpy as np\n"
        "from workbench.live import LiveModel\nfrom workbench.store import Store\n"
        "store = Store.open(sys.argv[1])\n"
        "def ask():\n"
        "    live = LiveModel.get(store, 'toy', 'cpu')\n"
        "    live.apply('decode', np.zeros((1, 2)))\n"
        "    print(live.pid, 'torch' in sys.modules, flush=True)\n"
        "thread = threading.Thread(target=ask); thread.start(); thread.join()\n"  # the thread that started it is gone
        "time.sleep(1.0); LiveModel.get(store, 'toy', 'cpu').apply('decode', np.zeros((1, 2)))\n"
        "print(LiveModel.get(store, 'toy', 'cpu').pid, flush=True)\n"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, store.location], stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        pid, torch_there = app.stdout.readline().split()
        assert torch_there == "False"
        start = start_of(int(pid))
        assert app.stdout.readline().strip() == pid
        os.kill(app.pid, how)
        app.wait()
    end = time.monotonic() + LONG
    while is_alive(int(pid), start):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_batches_travel_unchanged() -> None:
    from multiprocessing import Pipe

    here, there = Pipe()
    batches: list[Any] = [
        None,
        ["a", "ä\n"],
        np.zeros((0, 3), np.float32),
        np.arange(6).reshape(2, 3)[:, ::2],
        np.array([True, False]),
        np.float64(2.5),
        np.arange(3, dtype=">i4"),
    ]
    for one in batches:
        send(here, {"n": 1}, one)
        header, back = receive(there)
        assert header == {"n": 1}
        if one is None or isinstance(one, list):
            assert back == one
        else:
            np.testing.assert_array_equal(back, one)
    with pytest.raises(SpaceError, match="cannot be sent"):
        send(here, {}, [object()])
    here.close()
    with pytest.raises(EOFError):
        receive(there)
    there.close()
