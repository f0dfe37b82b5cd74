# SPDX-License-Identifier: Apache-2.0
"""The entries that are shipped: all valid, none refers to what is not there, and every finding code has its entry."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import plugins
import sample_models
from registry.discovery import Catalogue
from workbench.compendium.collection import Compendium, gather
from workbench.discovered import catalogue

ROOMS = [Path(next(iter(one.__path__))) for one in (plugins, sample_models)]
TAIL = "[a-z][a-z0-9-]*[a-z0-9]"
HTML = re.compile(r"</?[a-z][a-z0-9]*(\s[^<>]*)?/?>", re.IGNORECASE)


@pytest.fixture(scope="module")
def shipped() -> Compendium:
    """Every entry in the folders of the built-in plugins, whichever of them are installed."""
    return gather([(path, path.parts[-3]) for room in ROOMS for path in sorted(room.glob("*/entries/*.md"))])


@pytest.fixture(scope="module")
def found() -> Catalogue:
    return catalogue()


def test_all_are_valid_and_lead_somewhere(shipped: Compendium) -> None:
    assert shipped.problems == ()
    assert len(shipped) >= 140


def test_the_hook_brings_them_all(shipped: Compendium, found: Catalogue) -> None:
    brought = {Path(one).resolve() for one in found.entries}
    assert {one.path.resolve() for one in shipped.held.values()} <= brought


def test_each_says_what_is_seen_and_how_people_put_it(shipped: Compendium) -> None:
    for one in shipped:
        assert len(set(one.symptoms)) >= 2, one.id
        assert one.title not in one.symptoms, one.id
        assert len({phrase.lower() for phrase in one.phrasings}) == len(one.phrasings) >= 1, one.id
        assert one.tags, one.id


def test_none_holds_html(shipped: Compendium) -> None:
    for one in shipped:
        text = one.model_dump_json(exclude={"errors"})  # messages are verbatim: "<class 'torch.nn.ReLU'>" is one
        assert not HTML.search(text), one.id


def test_no_code_is_refuted_and_none_belongs_to_an_analysis_that_is_not_there(
    shipped: Compendium, found: Catalogue
) -> None:
    for one in shipped:
        assert one.state == "approved", one.id
        for code in one.codes:
            assert code.split(".")[0] in found.analyses, f"{one.id}: {code}"


def test_their_analyses_are_in_the_catalogue(shipped: Compendium, found: Catalogue) -> None:
    for one in shipped:
        trials = [remedy.trial.analysis for remedy in one.remedies if remedy.trial is not None]
        named = {*one.analyses, *trials, *([one.verify.analysis] if one.verify.analysis else [])}
        assert named <= set(found.analyses), one.id


def test_every_code_that_a_plugin_can_make_has_its_entry(shipped: Compendium, found: Catalogue) -> None:
    held = {code for one in shipped for code in one.codes}
    written = [(path, code) for path in _sources() for code in _codes(path, tuple(found.analyses))]
    assert len({code for _, code in written}) > 60
    missing = [f"{path.name}: {code}" for path, code in written if not any(re.fullmatch(code, one) for one in held)]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('Finding("layers.still-units", value)', ["layers\\.still\\-units"]),
        ('Finding(code=f"homology.{kind}")', [f"homology\\.{TAIL}"]),
        ('Finding(f"{self.name}.low")', []),
        ('open("layers.json"); "layers.0"; "other.code"; "layers.still units"', []),
    ],
)
def test_codes_are_read_off_the_source(text: str, codes: list[str], tmp_path: Path) -> None:
    source = tmp_path / "findings.py"
    source.write_text(text, encoding="utf-8")
    assert list(_codes(source, ("layers", "homology"))) == codes


def _sources() -> Iterator[Path]:
    """Modules that may make findings: all but those of the app, whose session keys look like codes."""
    for room in ROOMS:
        for path in sorted(room.glob("*/**/*.py")):
            if not any(part.startswith("view") for part in path.relative_to(room).parts):
                yield path


def _codes(path: Path, analyses: tuple[str, ...]) -> Iterator[str]:
    """Patterns of the finding codes that stand in a module as text, with any ending where a name is filled in."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            pieces = [re.escape(str(one.value)) if isinstance(one, ast.Constant) else TAIL for one in node.values]
            pattern = "".join(pieces)
            plain = "".join(str(one.value) if isinstance(one, ast.Constant) else "xx" for one in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            pattern, plain = re.escape(node.value), node.value
        else:
            continue
        prefix, dot, rest = plain.partition(".")
        if dot and prefix in analyses and re.fullmatch(TAIL, rest) and rest not in ("json", "npz", "png", "csv"):
            yield pattern
