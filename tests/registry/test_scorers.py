# SPDX-License-Identifier: Apache-2.0
"""Scorers: what is checked of them, what they say of themselves, and which ones an analysis is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from registry.discovery import discover
from registry.scorers import scorers_named

Write = Callable[[dict[str, str]], Path]
SCORER = """
import workbench as wb
@wb.hookimpl
def workbench_scorers():
    return [wb.Scorer("light", lambda pixels: pixels.mean(axis=(1, 2, 3))), {}]
"""


def light(pixels: np.ndarray) -> np.ndarray:
    return pixels.mean(axis=(1, 2, 3))


class Several(wb.Params):
    scorers: tuple[wb.Scored, ...] = ()


def test_values_are_brought_to_0_to_1_and_clipped() -> None:
    scorer = wb.Scorer("light", light)
    pixels = np.stack([np.full((1, 4, 4), one, dtype=np.float32) for one in (-3.0, -1.0, 0.0, 1.0)])
    assert scorer(pixels, low=-1, high=1).tolist() == [0.0, 0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (lambda pixels: pixels.mean(), "should give one number for each"),
        (lambda pixels: [str(one) for one in range(len(pixels))], "should give one number for each"),
        (lambda pixels: np.full(len(pixels), np.inf), "NaN says that a picture has no such number"),
        (lambda pixels: 1 / 0, "the scorer 'odd' failed: ZeroDivisionError"),
        ("registry.scorers:nothing", "does not lead to anything"),
    ],
)
def test_what_a_scorer_gives_is_checked(given: object, words: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=words):
        wb.Scorer("odd", given)(np.zeros((3, 1, 4, 4), dtype=np.float32))  # type: ignore[arg-type]


def test_pixels_that_are_no_images_are_refused() -> None:
    with pytest.raises(wb.DataError, match="wants images"):
        wb.Scorer("light", light)(np.zeros((3, 16), dtype=np.float32))


def test_it_says_what_it_cannot_take() -> None:
    scorer = wb.Scorer("redness", light, channels=(3,), least=16, requires=lambda: None)
    assert scorer.lacks(wb.images(3, 32, 32)) is None
    assert "3 channels" in str(scorer.lacks(wb.images(1, 32, 32)))
    assert "at least 16 pixels" in str(scorer.lacks(wb.images(3, 8, 32)))
    assert scorer.lacks(wb.images(3)) is None
    missing = wb.Scorer("smile", light, requires=lambda: "its weights are not here")
    assert missing.lacks(wb.images(3, 32, 32)) == "its weights are not here"


def test_scorers_of_plugins_are_listed_and_bad_ones_said(plugins: Write) -> None:
    catalogue = discover(plugins({"brings.py": SCORER.format("3")}))
    assert catalogue.scorer("light").label == "light"
    assert catalogue.origin("scorer", "light").name == "brings"
    (record,) = catalogue.broken()
    assert "item 2 of 'workbench_scorers': it is a int, expected a workbench.Scorer" in record.error
    with pytest.raises(wb.PluginError, match="did you mean 'light'"):
        catalogue.scorer("lihgt")


def test_an_analysis_is_given_those_it_names_else_all() -> None:
    known = {name: wb.Scorer(name, light) for name in ("light", "slant")}
    assert scorers_named(Several(scorers=("slant",)), known) == ["slant"]
    assert scorers_named(Several(), known) == ["light", "slant"]
    assert scorers_named(wb.Params(), known) is None
    with pytest.raises(wb.ParameterError, match="there is no scorer 'slent'"):
        scorers_named(Several(scorers=("slent",)), known)
