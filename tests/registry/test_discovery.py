# SPDX-License-Identifier: Apache-2.0
"""Discovery of plugins that are sound: where they are found, what selects them, and what is said of a wrong name."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.discovery import discover
from registry.discovery.journal import Journal, state_folder
from registry.discovery.sources import Candidate, module_name
from registry.errors import DataError, ModelError, PluginError

Write = Callable[[dict[str, str]], Path]
MODEL = """
import workbench as wb
class M(wb.Model):
    z = wb.vectors(2)
    def __init__(self, device): ...
@wb.hookimpl
def workbench_models():
    return [wb.ModelCard("{}", M)]
"""


def test_built_ins_import_nothing_heavy() -> None:
    code = (
        "import sys, workbench; from registry.discovery import discover; c = discover(); "
        "print([m for m in ('torch', 'pandas', 'streamlit', 'sklearn', 'scipy') if m in sys.modules], len(c.plugins))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    heavy, count = shown.rsplit(" ", 1)
    assert heavy == "[]"
    assert int(count) >= 7


def test_built_ins_come_first_and_have_the_version_of_the_project(plugins: Write) -> None:
    from workbench import __version__

    records = discover(plugins({})).plugins
    origins = [one.origin for one in records]
    assert origins == sorted(origins, key=["built-in", "entry point", "folder"].index)
    assert {one.version for one in records if one.origin == "built-in"} == {__version__}


def test_entry_point_of_another_distribution(distribution: Callable[..., Path]) -> None:
    distribution("acme-faces", "1.2", {"acme": "acme_faces_plugin"}, {"acme_faces_plugin": MODEL.format("acme-faces")})
    catalogue = discover()
    record = catalogue.origin("models", "acme-faces")
    assert (record.name, record.version, record.origin) == ("acme", "1.2", "entry point")
    assert record.source == "acme-faces 1.2: acme_faces_plugin"
    assert record.offers == {"models": ("acme-faces",)}
    assert (record.status, record.error, record.notes) == ("ok", "", ())


def test_folder_takes_files_and_packages_and_passes_over_the_rest(plugins: Write, tmp_path: Path) -> None:
    folder = plugins(
        {
            "one.py": MODEL.format("one"),
            "two/__init__.py": "from .cards import workbench_models\n",
            "two/cards.py": MODEL.format("two"),
            "_helper.py": "raise RuntimeError",
            ".hidden.py": "raise RuntimeError",
            "no_package/inner.py": "raise RuntimeError",
            "notes.txt": "raise RuntimeError",
            "my-dashed.py": MODEL.format("dashed"),
        }
    )
    outside = tmp_path / "outside.py"
    outside.write_text("raise RuntimeError")
    (folder / "linked.py").symlink_to(outside)
    catalogue = discover(folder)
    mine = [one for one in catalogue.plugins if one.origin == "folder"]
    assert [(one.name, one.status) for one in mine] == [(name, "ok") for name in ("good", "my-dashed", "one", "two")]
    assert {"one", "two", "dashed", "good-model"} <= set(catalogue.models)


def test_plugin_of_a_folder_shadows_nothing_installed(plugins: Write) -> None:
    source = "import json\nassert json.loads('1') == 1\n" + MODEL.format("mine")
    catalogue = discover(plugins({"json.py": source, "numpy.py": MODEL.format("other")}))
    assert {"mine", "other"} <= set(catalogue.models)
    assert sys.modules["json"] is json


def test_two_folders_with_the_same_file_name(tmp_path: Path) -> None:
    seen = []
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same.py").write_text(MODEL.format(name))
        seen.append(discover(tmp_path / name).models[name].model)
    assert seen[0] is not seen[1]
    assert seen[0].__module__ != seen[1].__module__


def test_changed_file_is_read_again(plugins: Write) -> None:
    folder = plugins({"one.py": MODEL.format("before")})
    assert "before" in discover(folder).models
    (folder / "one.py").write_text(MODEL.format("after-it"))
    models = discover(folder).models
    assert "after-it" in models
    assert "before" not in models


def test_view_of_an_analysis_in_a_folder_is_found(plugins: Write) -> None:
    analysis = "import workbench as wb\nclass A(wb.Analysis):\n    name = 'a'\n    def run(self, job, params): ...\n"
    hook = "import workbench as wb\nfrom .analysis import A\n@wb.hookimpl\ndef workbench_analyses():\n    return [A]\n"
    files = {"p/__init__.py": hook, "p/analysis.py": analysis, "p/view.py": "def draw(view): ...\n"}
    folder = plugins(files)
    view = discover(folder).analysis("a").view()
    assert view == module_name("p", str(folder / "p")) + ".view"


def test_folder_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PluginError, match="plugins folder '.*nowhere' does not exist"):
        discover(tmp_path / "nowhere")
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(tmp_path / "gone"))
    with pytest.raises(PluginError, match="gone"):
        discover()


def test_folder_from_the_environment_and_the_argument_wins(plugins: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = plugins({})
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(folder))
    assert "good-model" in discover().models
    empty = folder.parent / "empty"
    empty.mkdir()
    assert "good-model" not in discover(empty).models


def test_selection_by_environment(plugins: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = plugins({"one.py": MODEL.format("one"), "bad.py": "1 / 0\n"})
    monkeypatch.setenv("WORKBENCH_PLUGINS", "one, goood")
    catalogue = discover(folder)
    assert [one.name for one in catalogue.plugins] == ["one"]
    assert catalogue.notes == ("WORKBENCH_PLUGINS names 'goood', which is not there: did you mean 'good'?",)
    monkeypatch.setenv("WORKBENCH_PLUGINS", "")
    assert discover(folder).plugins == []
    monkeypatch.delenv("WORKBENCH_PLUGINS")
    monkeypatch.setenv("WORKBENCH_DISABLE_PLUGINS", "bad,one")
    names = [one.name for one in discover(folder).plugins]
    assert "good" in names
    assert not {"bad", "one"} & set(names)


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan"])
def test_time_limit_that_is_no_number(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGIN_TIMEOUT", text)
    with pytest.raises(PluginError, match="WORKBENCH_PLUGIN_TIMEOUT"):
        discover()


def test_wrong_names_are_answered_with_near_ones(plugins: Write) -> None:
    catalogue = discover(plugins({"bad.py": "1 / 0\n"}))
    with pytest.raises(ModelError, match=r"no model 'god-model': did you mean 'good-model'.*broken plugins.*bad"):
        catalogue.model("god-model")
    with pytest.raises(DataError, match="there is no data set 'qqq'"):
        catalogue.dataset("qqq")
    with pytest.raises(PluginError, match="there is no analysis 'qqq'"):
        catalogue.analysis("qqq")
    with pytest.raises(PluginError, match="no kind of offer"):
        catalogue.origin("widgets", "x")
    with pytest.raises(PluginError, match="no plugin brings the page 'x'"):
        catalogue.origin("pages", "x")


def test_records_and_catalogue_are_frozen(plugins: Write) -> None:
    catalogue = discover(plugins({}))
    for one in (catalogue, catalogue.plugins[0]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, "plugins" if one is catalogue else "name", "x")


def test_starts_at_the_same_time_agree(plugins: Write) -> None:
    folder = plugins({})
    found: list[set[str]] = []
    threads = [threading.Thread(target=lambda: found.append(set(discover(folder).models))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 4
    assert all(one == found[0] and "good-model" in one for one in found)


# -- the journal of what was being listed


def suspect() -> Candidate:
    return Candidate("p", "1", "entry point", "acme 1: p", load=lambda: None, files=list)


def never() -> str | None:
    raise AssertionError("nothing is to be tried")


def leave_behind(journal: Journal, process: int | None = None) -> None:
    """What a process that died while listing leaves: the file of one that is there no more."""
    with journal.listing(suspect()):
        (path,) = (journal.folder / "listing").iterdir()
        note = json.loads(path.read_text())
    note["process"] = process or 2**22 + 1  # above the greatest id that Linux gives
    path.write_text(json.dumps(note))


def test_journal_accuses_nobody_while_the_process_lives() -> None:
    journal = Journal(state_folder())
    with journal.listing(suspect()):
        journal.settle()
        assert journal.quarantined(suspect(), never) is None
        assert list((journal.folder / "listing").iterdir())
    assert not list((journal.folder / "listing").iterdir())


def test_journal_knows_a_process_id_used_again() -> None:
    journal = Journal(state_folder())
    leave_behind(journal, process=1)  # lives, but started at another time
    journal.settle()
    assert "ended" in (journal.quarantined(suspect(), lambda: "exit status 3") or "")


def test_suspect_that_does_no_harm_is_listed_until_it_happens_again() -> None:
    journal = Journal(state_folder())
    leave_behind(journal)
    journal.settle()
    assert journal.quarantined(suspect(), lambda: None) is None
    assert journal.quarantined(suspect(), never) is None
    leave_behind(journal)
    journal.settle()
    assert "a second time" in (journal.quarantined(suspect(), never) or "")


def test_quarantine_ends_with_a_new_version() -> None:
    journal = Journal(state_folder())
    leave_behind(journal)
    journal.settle()
    assert journal.quarantined(suspect(), lambda: "signal SIGSEGV") is not None
    assert journal.quarantined(dataclasses.replace(suspect(), version="2"), never) is None


def test_damaged_journal_stops_nothing(plugins: Write) -> None:
    journal = Journal(state_folder())
    leave_behind(journal)
    (path,) = (journal.folder / "listing").iterdir()
    path.write_text('{"key": "cut o')
    assert "good-model" in discover(plugins({})).models
    assert not path.exists()


def test_state_folder_that_cannot_be_written_stops_nothing(
    plugins: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert "good-model" in discover(plugins({})).models


def test_listing_leaves_no_file_behind(plugins: Write) -> None:
    discover(plugins({"bad.py": "1 / 0\n"}))
    assert not [path for path in state_folder().rglob("*") if path.is_file()]
    assert os.environ["XDG_STATE_HOME"] in str(state_folder())


def test_an_editable_install_is_found_by_a_process_that_was_running(
    tmp_path: Path, distribution: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    packages, source = tmp_path / "site-packages", tmp_path / "src"
    packages.mkdir()
    source.mkdir()
    monkeypatch.syspath_prepend(str(packages))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "late")
    distribution("late-plugin", "1.0", {"late": "late_plugin"}, {})
    assert discover(None).broken()
    (source / "late_plugin.py").write_text(
        "import workbench as wb\n@wb.hookimpl\ndef workbench_entries():\n    return []\n"
    )
    (packages / "late.pth").write_text(f"{source}\n")
    assert [(one.name, one.status) for one in discover(None).plugins] == [("late", "ok")]


def test_a_plugin_both_installed_and_in_the_folder_is_taken_once(
    distribution: Callable[..., Path], plugins: Callable[[dict[str, str]], Path]
) -> None:
    source = (plugins({}) / "good.py").read_text()
    site = distribution("acme", "2.0", {"acme": "acme_twice"}, {"acme_twice": source})
    found = discover(site)
    assert [(one.name, one.status) for one in found.plugins if one.origin != "built-in"] == [("acme", "ok")]
    assert "good-model" in found.models
