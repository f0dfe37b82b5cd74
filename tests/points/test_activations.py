# SPDX-License-Identifier: Apache-2.0
"""The activation store: what is committed is there, whatever happens to the processes."""

from __future__ import annotations

import gc
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.arrays import Array
from registry.errors import DataError
from workbench.points import ActivationStore, activations
from workbench.points.activation_file import BLOCK, read_header

MANY = 2**40


def key_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


KEY = key_of("one")


def put(store: ActivationStore, key: str, values: Array, step: int = 7) -> None:
    with store.writer(key, values.shape[1:], values.dtype) as writer:
        for start in range(0, len(values), step):
            writer.append(values[start : start + step])


@pytest.fixture
def store(tmp_path: Path) -> ActivationStore:
    return ActivationStore(tmp_path / "kept", MANY)


def numbers(rows: int, *shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=(rows, *shape)).astype(np.float32)


def test_what_was_appended_is_read_back_as_a_read_only_map(store: ActivationStore) -> None:
    values = numbers(100, 3, 4)
    put(store, KEY, values)
    got = store.open(KEY)
    assert isinstance(got, np.memmap) and got.shape == (100, 3, 4) and np.array_equal(got, values)
    with pytest.raises(ValueError, match="read-only"):
        got[0] = 0
    assert store.verify(KEY) == [] and store.keys() == [KEY] and store.size() == values.nbytes


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", "u1", "<i8", "?", ">f4"])
def test_types_are_kept(store: ActivationStore, dtype: str) -> None:
    values = np.arange(12).reshape(4, 3).astype(dtype)
    put(store, KEY, values)
    got = store.open(KEY)
    assert got is not None and np.array_equal(got, values) and got.dtype == np.dtype(dtype).newbyteorder("=")


def test_objects_wrong_shapes_and_wrong_keys_are_refused(store: ActivationStore) -> None:
    with pytest.raises(DataError, match="arrays of type object are not kept"):
        store.writer(KEY, (2,), object)
    for bad in ("../../etc/passwd", "A" * 64, KEY + "\n", KEY + "/x", "", KEY + "-", KEY + "-UP"):
        with pytest.raises(DataError, match="is no key"):
            store.open(bad)
    writer = store.writer(KEY, (2,), "f4")
    with pytest.raises(DataError, match=r"rows of shape \[2\] are kept here, got an array \[4, 3\]"):
        writer.append(np.zeros((4, 3)))
    writer.abort()
    assert list(store.folder.iterdir()) == []


def test_nothing_is_seen_before_the_commit_and_nothing_left_after_an_abort(store: ActivationStore) -> None:
    writer = store.writer(KEY, (2,), "f4")
    writer.append(np.zeros((5, 2)))
    writer.flush()
    assert store.open(KEY) is None
    with pytest.raises(DataError, match="is in use by another process"):
        store.writer(KEY, (2,), "f4", wait=False)
    writer.abort()
    assert store.open(KEY) is None and list(store.folder.iterdir()) == []
    with pytest.raises(ZeroDivisionError), store.writer(KEY, (2,), "f4") as writer:
        writer.append(np.zeros((5, 2)))
        raise ZeroDivisionError
    assert store.open(KEY) is None


def test_an_array_without_rows_is_an_array(store: ActivationStore) -> None:
    put(store, KEY, np.zeros((0, 5), dtype=np.float32))
    got = store.open(KEY)
    assert got is not None and got.shape == (0, 5) and store.verify(KEY) == []


def test_a_writer_of_what_is_there_drops_what_it_is_given(store: ActivationStore) -> None:
    values = numbers(10, 2)
    put(store, KEY, values)
    writer = store.writer(KEY, (2,), "f4")
    assert writer.complete and writer.rows == 10
    writer.append(np.zeros((3, 2)))
    writer.commit()
    assert np.array_equal(store.open(KEY), values)  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(1, 40),
    width=st.integers(1, 5),
    steps=st.lists(st.integers(0, 9), max_size=8),
    span=st.slices(40),
    picked=st.lists(st.integers(0, 39), max_size=9),
)
def test_slices_are_those_of_the_array(
    tmp_path_factory: pytest.TempPathFactory, rows: int, width: int, steps: list[int], span: slice, picked: list[int]
) -> None:
    store = ActivationStore(tmp_path_factory.mktemp("kept"), MANY)
    values = numbers(rows, width, seed=rows)
    with store.writer(KEY, (width,), "f4") as writer:
        at = 0
        for step in [*steps, rows]:
            writer.append(values[at : at + step])
            writer.flush()
            at = min(at + step, rows)
    chosen = np.array([one % rows for one in picked], dtype=np.int64)
    columns = [0, width - 1]
    for got, wanted in (
        (store.slice(KEY, span), values[span]),
        (store.slice(KEY, chosen), values[chosen]),
        (store.slice(KEY, None, columns), values[:, columns]),
        (store.slice(KEY, span, columns), values[span][:, columns]),
        (store.slice(KEY, chosen, slice(0, 2)), values[chosen][:, :2]),
        (store.slice(KEY, chosen, columns), values[chosen][:, columns]),
    ):
        assert got is not None and np.array_equal(got, wanted)
    assert store.verify(KEY) == []


def test_a_flipped_byte_is_found_with_its_rows(store: ActivationStore) -> None:
    values = numbers(5000, 1000)  # 20 MB: three blocks
    put(store, KEY, values, step=999)
    assert store.verify(KEY) == []
    with open(store.folder / f"{KEY}.bin", "r+b") as file:
        file.seek(BLOCK + 5)
        byte = file.read(1)
        file.seek(BLOCK + 5)
        file.write(bytes([byte[0] ^ 1]))
    [problem] = store.verify(KEY)
    assert "rows 2097 to 4194 do not have the checksum" in problem


def test_a_file_cut_short_is_made_anew(store: ActivationStore) -> None:
    values = numbers(100, 4)
    put(store, KEY, values)
    os.truncate(store.folder / f"{KEY}.bin", 500)
    assert "the file has 500 bytes, its header says 1600" in store.verify(KEY)[0]
    assert store.open(KEY) is None
    put(store, KEY, values)
    assert np.array_equal(store.open(KEY), values)  # type: ignore[arg-type]


def test_a_garbled_header_is_no_array(store: ActivationStore) -> None:
    put(store, KEY, numbers(10, 2))
    for text in (
        "",
        "{",
        "[]",
        '{"format": 99}',
        '{"format": 1, "shape": [2]}',
        '{"format": 1, "shape": 2, "dtype": "f4"}',
    ):
        (store.folder / f"{KEY}.json").write_text(text)
        assert store.open(KEY) is None
        assert store.verify(KEY)
    put(store, KEY, numbers(10, 2))
    assert store.verify(KEY) == []


class TestEviction:
    def fill(self, store: ActivationStore, names: str) -> None:
        for number, name in enumerate(names):
            put(store, key_of(name), numbers(100, 10))  # 4,000 bytes each
            for suffix in ("bin", "json"):
                os.utime(store.folder / f"{key_of(name)}.{suffix}", (1000 + number, 1000 + number))

    def left(self, store: ActivationStore) -> set[str]:
        return {name for name in "abcdef" if (store.folder / f"{key_of(name)}.json").exists()}

    def test_the_least_recently_used_goes_first(self, tmp_path: Path) -> None:
        store = ActivationStore(tmp_path, 12_000)
        self.fill(store, "abc")
        assert store.open(key_of("a")) is not None  # used now
        gc.collect()
        put(store, key_of("d"), numbers(100, 10))
        assert self.left(store) == {"a", "c", "d"}

    def test_what_is_open_stays(self, tmp_path: Path) -> None:
        store = ActivationStore(tmp_path, MANY)
        self.fill(store, "abc")
        view = np.asarray(store.open(key_of("a")))[10:20]
        gc.collect()
        store.cap_bytes = 0
        assert set(store.evict()) == {key_of("b"), key_of("c")}
        assert view.shape == (10, 10) and not store.remove(key_of("a"))
        del view
        gc.collect()
        assert store.evict() == [key_of("a")]
        assert list(tmp_path.iterdir()) == []

    def test_what_is_being_written_or_was_just_written_stays(self, tmp_path: Path) -> None:
        store = ActivationStore(tmp_path, MANY)
        writer = store.writer(key_of("a"), (10,), "f4")
        writer.append(numbers(100, 10))
        writer.flush()
        store.cap_bytes = 100
        assert store.evict() == []
        writer.commit()
        assert store.open(key_of("a")) is not None  # larger than the cap, and still given to the one who made it


WRITE = """
import sys, numpy as np
from workbench.points import ActivationStore
store = ActivationStore(sys.argv[1], 2**40)
writer = store.writer(sys.argv[2], (64,), "f4", resume=True)
print("rows", writer.rows, flush=True)
while writer.rows < int(sys.argv[3]):
    start = writer.rows
    writer.append((np.arange(start, start + 37)[:, None] * 64 + np.arange(64)).astype(np.float32))
    if (start // 37) % 3 == 2:
        writer.flush()
        print("kept", writer.rows, flush=True)
if len(sys.argv) > 4:
    writer.commit()
"""


def formula(rows: int) -> Array:
    return (np.arange(rows)[:, None] * 64 + np.arange(64)).astype(np.float32)


@pytest.mark.crash
def test_a_killed_writer_loses_nothing_that_was_flushed(store: ActivationStore) -> None:
    chance, before = random.Random(0), 0
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITE, str(store.folder), KEY, "1000000000"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        resumed = int(process.stdout.readline().split()[1])
        assert resumed >= before  # what was told to be kept before the kill is there
        process.stdout.readline()
        time.sleep(chance.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        told, _ = process.communicate()
        before = max([resumed, *(int(line.split()[1]) for line in told.splitlines() if line.count(" ") == 1)])
        assert process.returncode == -signal.SIGKILL
        header = read_header(store.folder / f"{KEY}.json")
        assert header is not None and header.rows >= before
        assert [one for one in store.verify(KEY) if "not complete" not in one] == []
        assert store.open(KEY) is None  # it never looks complete
    total = str(before + 50_000)
    subprocess.run(
        [sys.executable, "-c", WRITE, str(store.folder), KEY, total, "commit"], check=True, capture_output=True
    )
    got = store.open(KEY)
    assert got is not None and len(got) >= int(total) and store.verify(KEY) == []
    assert np.array_equal(got, formula(len(got)))


@pytest.mark.crash
def test_several_processes_on_one_key_write_it_once(store: ActivationStore) -> None:
    command = [sys.executable, "-c", WRITE, str(store.folder), KEY, "3700", "commit"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    first = sorted(one.communicate()[0].splitlines()[0] for one in running)
    assert [one.returncode for one in running] == [0, 0, 0]
    assert first == ["rows 0", "rows 3700", "rows 3700"]
    got = store.open(KEY)
    assert got is not None and np.array_equal(got, formula(3700)) and store.verify(KEY) == []


def test_a_full_disk_leaves_what_was_flushed(store: ActivationStore, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = store.writer(KEY, (4,), "f4")
    writer.append(numbers(10, 4))
    writer.flush()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(activations.os, "write", full)
        writer.append(numbers(10, 4))
    writer.pause()
    again = store.writer(KEY, (4,), "f4", resume=True)
    assert again.rows == 10
    again.commit()
    assert store.verify(KEY) == []
