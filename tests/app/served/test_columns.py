# SPDX-License-Identifier: Apache-2.0
"""Columns: the bytes of the array under their hash, for those who published it, within a bound."""

from __future__ import annotations

import hashlib
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from registry.errors import ParameterError
from workbench.app.guard import HEADERS
from workbench.app.served import columns

MIB = 2**20


def frozen(*shape: int) -> Any:
    made = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    made.setflags(write=False)
    return made


def test_the_very_bytes_come_back_with_what_browsers_need_to_keep_them(site: Any) -> None:
    token, array = site.page("one"), frozen(300_000, 2)
    path = columns.publish(array)
    sha256 = hashlib.sha256(array.tobytes()).hexdigest()
    assert path == f"/workbench/columns/{sha256}"
    answer = site.ask(path, token, accept_encoding="gzip")
    assert (answer.status, answer.body) == (200, array.tobytes())
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-length"] == str(array.nbytes)
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["etag"] == f'"{sha256}"'
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert [answer.headers[name] for name, _ in HEADERS] == [text for _, text in HEADERS]

    head = site.ask(path, token, "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(array.nbytes))
    again = site.ask(path, token, if_none_match=f'W/"x", "{sha256}"')
    assert (again.status, again.body) == (304, b"")
    assert site.ask(path, token, if_none_match='"x"').status == 200


@given(arrays.arrays(some.sampled_from([">f4", "<f4", "u1", ">u2", "i8", "?", "f2"]), arrays.array_shapes(min_side=0)))
def test_the_address_is_the_hash_of_little_endian_bytes_in_c_order(array: Any) -> None:
    plain = array.astype(array.dtype.newbyteorder("<")).tobytes(order="C")
    for one in (array, np.asfortranarray(array), array[::1]):
        assert columns.digest(one) == hashlib.sha256(plain).hexdigest()


def test_what_is_no_numbers_is_refused(site: Any) -> None:
    site.page("one")
    for array in (np.array(["a"]), np.array([object()]), np.array(["2020-01-01"], dtype="M8[D]")):
        with pytest.raises(ValueError, match="numbers or booleans"):
            columns.publish(array)


def test_nobody_else_sees_a_column_before_it_publishes_the_same(site: Any) -> None:
    one, two = site.page("one"), site.page("two")
    path = columns.publish(frozen(10))
    missing = site.ask("/workbench/columns/" + "0" * 64, two)
    for token in (one, None, "", two[:-1], two + "0", f"one.{two.rpartition('.')[2]}"):
        answer = site.ask(path, token)
        assert (answer.status, answer.body) == (404, missing.body)
    for scheme in ("", "Basic ", "Bearer  ", "Bearer\t"):
        assert site.ask(path, authorization=scheme + two).status == 404
    site.current = "one"
    assert columns.publish(frozen(10)) == path
    assert site.ask(path, one).status == site.ask(path, two).status == 200
    site.open.remove("two")
    assert (site.ask(path, one).status, site.ask(path, two).status) == (200, 404)


def test_a_known_address_is_not_computed_again(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    token, array = site.page("one"), frozen(10)
    known = columns.digest(array)
    path = columns.publish(array, known=known)
    monkeypatch.setattr(columns, "_frozen", lambda array: pytest.fail("hashed again"))
    assert columns.publish(array, known=known) == path
    assert site.ask(path, token).status == 200


def test_a_frozen_array_is_hashed_once_in_its_life(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    site.page("one")
    array = frozen(10)
    path = columns.publish(array)
    with monkeypatch.context() as patched:
        patched.setattr(columns.hashlib, "sha256", lambda content: pytest.fail("hashed again"))
        columns._blocks.clear()  # as if evicted
        assert columns.publish(array) == path
    kept = len(columns._digests)
    columns._blocks.clear()  # a block is the array itself
    del array
    assert len(columns._digests) == kept - 1
    changing = np.zeros(3)
    first = columns.digest(changing)
    changing[0] = 1
    assert columns.digest(changing) != first


def test_an_array_may_change_afterwards_and_a_frozen_one_is_not_copied(site: Any) -> None:
    token = site.page("one")
    array = np.zeros(4 * MIB, dtype=np.uint8)
    path = columns.publish(array)
    array[:] = 1
    assert site.ask(path, token).body == bytes(4 * MIB)
    view = array.view()
    view.setflags(write=False)  # read-only, but what it looks at is not
    path = columns.publish(view)
    array[:] = 2
    assert site.ask(path, token).body == b"\1" * (4 * MIB)
    still = np.full(4 * MIB, 7, dtype=np.uint8)
    still.setflags(write=False)
    tracemalloc.start()
    try:
        path = columns.publish(still)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < MIB
    assert columns.fetch(path.rpartition("/")[2], "one").obj is not None


def test_columns_take_a_bounded_memory(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(columns.VARIABLE, "4")
    token = site.page("one")
    blocks = [np.full(MIB, number, dtype=np.uint8) for number in range(6)]
    paths = [columns.publish(one) for one in blocks[:4]]
    assert site.ask(paths[0], token).status == 200  # used last
    paths += [columns.publish(one) for one in blocks[4:]]
    assert columns.held() == (4, 4 * MIB)
    assert [site.ask(path, token).status for path in paths] == [200, 404, 404, 200, 200, 200]
    known = paths[1].rpartition("/")[2]
    assert columns.publish(blocks[1], known=known) == paths[1]
    assert site.ask(paths[1], token).body == blocks[1].tobytes()
    assert columns.publish(np.zeros(5 * MIB, dtype=np.uint8)) is None


def test_columns_of_closed_pages_go_first(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(columns.VARIABLE, "2")
    monkeypatch.setattr(columns.grants, "GRACE", -1.0)
    first, second = (np.full(MIB, number, dtype=np.uint8) for number in range(2))
    one = site.page("one")
    kept = columns.publish(first)
    site.page("two")
    columns.publish(second)
    site.open.remove("two")
    site.current = "one"
    third = columns.publish(np.full(MIB, 3, dtype=np.uint8))
    assert [site.ask(path, one).status for path in (kept, third)] == [200, 200]


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "1e3", "99999999"])
def test_a_bound_that_is_no_number_is_said(site: Any, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(columns.VARIABLE, given)
    site.page("one")
    with pytest.raises(ParameterError, match=columns.VARIABLE):
        columns.publish(np.zeros(3))


@pytest.mark.parametrize("array", [np.zeros((0, 2), dtype=np.float32), np.float32(3) * np.ones(()), np.zeros(1)])
def test_nothing_one_number_and_no_dimension(site: Any, array: Any) -> None:
    token = site.page("one")
    answer = site.ask(columns.publish(array), token)
    assert (answer.status, answer.body) == (200, array.tobytes())
