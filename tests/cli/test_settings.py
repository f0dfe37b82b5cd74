# SPDX-License-Identifier: Apache-2.0
"""``--set key=value`` becomes parameters; what cannot is said in one sentence."""

from __future__ import annotations

import pytest

from registry.errors import ParameterError
from workbench.cli.runs import read_settings


def test_texts_lists_and_null_are_told_apart() -> None:
    read = read_settings(["space=z", "limit=50", "flag=true", "components=[1, 2]", "slice=null", "prompt=a=b"])
    assert read == {
        "space": "z", "limit": "50", "flag": "true", "components": [1, 2], "slice": None, "prompt": "a=b",
    }  # fmt: skip


@pytest.mark.parametrize("bad", ["space", "=3", "components=[1,"])
def test_what_is_no_setting_is_refused(bad: str) -> None:
    with pytest.raises(ParameterError, match="--set"):
        read_settings([bad])
