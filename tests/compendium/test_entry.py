# SPDX-License-Identifier: Apache-2.0
"""Entries: what a file must hold, and what is said of one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

import workbench as wb
from workbench.compendium.collection import gather
from workbench.compendium.entry import parse_entry, read_entry

WHOLE = """---
id: codes-leave-the-shell
title: "Codes leave the shell: interpolation draws washed-out pictures"
area: latent
symptoms: ["the middle of a walk is blurred"]
cause: The mean of two independent normal vectors is shorter than either.
remedies:
  - text: Interpolate along the great circle.
    grade: established
    sources: [white-2016]
    trial: {analysis: interpolation, metric: norm, better: higher, before: {way: lerp}, after: {way: slerp}}
  - {text: Sample more., grade: speculation}
verify: {text: The norm stays within the shell.}
sources:
  white-2016: {text: "White, Sampling Generative Networks, 2016, section 2", address: "arXiv:1609.04468"}
codes: [interpolation.leaves-shell]
aliases: [old-name]
---

More **words**.
"""


def changed(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new)


def test_a_whole_entry_is_read(tmp_path: Path) -> None:
    path = tmp_path / "codes-leave-the-shell.md"
    path.write_text(WHOLE)
    entry = read_entry(path)
    assert entry.grade == "established"
    assert entry.body == "More **words**."
    assert entry.sources["white-2016"].link == "https://arxiv.org/abs/1609.04468"
    assert entry.remedies[0].trial is not None
    assert entry.remedies[0].trial.seeds == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (changed("area: latent", "area: nowhere"), "'area': no such area"),
        (changed("grade: speculation", "grade: certain"), "'remedies.1.grade'"),
        (changed("sources: [white-2016]", "sources: [black-2016]"), "which 'sources' does not have"),
        (changed("    sources: [white-2016]\n", ""), "graded 'established' and names no source"),
        (changed("arXiv:1609.04468", "javascript:alert(1)"), "an address is"),
        (changed("after: {way: slerp}", "after: {way: lerp}"), "nothing to compare"),
        (changed("title: ", "titel: "), "'title' is needed; 'titel' is no field"),
        (changed('title: "Codes leave the shell: ', "title: Codes: the shell: "), "line 3 is no valid YAML"),
        (changed("area: latent", "area: latent\narea: maps"), "'area' stands twice"),
        (changed("symptoms: [", "symptoms: &a [") + "", None),
        (changed("cause: The", "tags: *a\ncause: The"), "YAML"),
        (changed("id: codes", "body: x\nid: codes"), "not a field of it"),
        (changed("symptoms: [", "symptoms: [no, "), "'symptoms.0'"),
        (changed("id: codes-leave-the-shell", "id: ../../etc"), "'id'"),
        ("---\n- a\n---\n", "must be fields with values"),
        ("---\nid: a\n", "must begin with a line"),
        ("", "must begin with a line"),
        ("---\n" + "[" * 5000 + "\n---\n", "entry"),
        (
            changed("area: latent", "area: latent\nhistory: [{on: 2024-13-45, by: a, note: b}]"),
            "month must be in 1..12",
        ),
        (changed("area: latent", "area: !!map latent"), "YAML cannot read"),
        (changed("after: {way: slerp}", "after: {way: slerp}, least: .nan"), "finite number"),
    ],
)
def test_a_broken_entry_is_refused_by_field(text: str, said: str | None) -> None:
    if said is None:
        assert parse_entry(text).symptoms
        return
    with pytest.raises(wb.WorkbenchError, match="entry") as error:
        parse_entry(text)
    assert said in str(error.value)


def test_an_entry_is_called_as_its_file(tmp_path: Path) -> None:
    path = tmp_path / "another.md"
    path.write_text(WHOLE)
    with pytest.raises(wb.EntryError, match=r"must be called 'codes-leave-the-shell\.md'"):
        read_entry(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(wb.EntryError, match="UTF-8"):
        read_entry(path)
    path.write_text("x" * 300_000)
    with pytest.raises(wb.EntryError, match="larger than"):
        read_entry(path)
    endless, folder = tmp_path / "endless.md", tmp_path / "folder.md"
    endless.symlink_to("/dev/zero")
    folder.mkdir()
    for one in (endless, folder, tmp_path / "none.md"):
        with pytest.raises(wb.EntryError, match="no regular file"):
            read_entry(one)


def test_a_broken_file_leaves_the_others_standing(tmp_path: Path) -> None:
    good, broken, second = (tmp_path / one for one in ("codes-leave-the-shell.md", "broken.md", "team"))
    second.mkdir()
    good.write_text(WHOLE)
    broken.write_text("---\nid: broken\n---\n")
    double = second / "codes-leave-the-shell.md"
    double.write_text(changed("codes: [", "see_also: [nowhere]\ncodes: ["))
    compendium = gather([(good, "plugin-a"), (broken, "plugin-b"), (double, "team")])
    assert list(compendium.held) == ["codes-leave-the-shell"]
    assert compendium.held["codes-leave-the-shell"].origin == "plugin-a"
    assert len(compendium.problems) == 2
    assert "'title' is needed" in compendium.problems[0]
    assert "is there already, from plugin-a" in compendium.problems[1]
    assert compendium.entry("old-name").id == "codes-leave-the-shell"
    found = compendium.of_code("interpolation.leaves-shell")
    assert found is not None
    assert found.id == "codes-leave-the-shell"
    assert compendium.of_code("no.such") is None
    with pytest.raises(wb.EntryError, match="codes-leave-the-shell"):
        compendium.entry("codes-leave-shell")
    assert "'nowhere', which does not exist" in gather([(double, "team")]).problems[0]


def test_a_refuted_entry_no_longer_answers_for_its_code(tmp_path: Path) -> None:
    path = tmp_path / "codes-leave-the-shell.md"
    path.write_text(changed("area: latent", "area: latent\nstate: refuted"))
    compendium = gather([(path, "team")])
    assert compendium.of_code("interpolation.leaves-shell") is None
    assert compendium.entry("old-name").state == "refuted"
