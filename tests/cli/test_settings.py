# SPDX-License-Identifier: Apache-2.0
"""``--set key=value`` becomes parameters; what cannot is said in one sentence."""

from __future__ import annotations

import pytest

from registry.errors import ParameterError
from registry.parameters import Params
from workbench.cli.runs import read_settings, with_lists


def test_texts_lists_and_null_are_told_apart() -> None:
    read = read_settings(["space=z", "limit=50", "flag=true", "components=[1, 2]", "slice=null", "prompt=a=b"])
    assert read == {
        "space": "z", "limit": "50", "flag": "true", "components": [1, 2], "slice": None, "prompt": "a=b",
    }  # fmt: skip


@pytest.mark.parametrize("bad", ["space", "=3", "components=[1,"])
def test_what_is_no_setting_is_refused(bad: str) -> None:
    with pytest.raises(ParameterError, match="--set"):
        read_settings([bad])


class Listed(Params):
    """Lists, a text, and what may be left out."""

    names: tuple[str, ...] = ()
    counts: list[int] | None = None
    title: str = ""


def test_parameters_that_are_lists_are_written_with_commas() -> None:
    read = with_lists(read_settings(["names=a, b", "counts=2,8", "title=a,b"]), Listed)
    assert Listed.read(read) == Listed(names=("a", "b"), counts=[2, 8], title="a,b")


def test_one_value_of_a_list_needs_no_comma_and_none_is_none() -> None:
    assert with_lists(read_settings(["names=a", "counts=null"]), Listed) == {"names": ["a"], "counts": None}
