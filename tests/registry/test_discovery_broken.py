# SPDX-License-Identifier: Apache-2.0
"""Every way in which a plugin can be broken: it is named with its cause, its neighbour works, the process goes on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.discovery import Catalogue, PluginRecord, discover

HEAD = "import time, os, sys\nfrom pathlib import Path\nimport workbench as wb\n"
MODEL = "class M(wb.Model):\n    z = wb.vectors(2)\n    def __init__(self, device): ...\n"
HOOK = "@wb.hookimpl\ndef workbench_models():\n    return "
ANALYSES = "@wb.hookimpl\ndef workbench_analyses():\n    return "
RUN = "    def run(self, job, params): ...\n"

# id -> (source of broken.py, what its error must say)
BROKEN = {
    "import error": ("import not_there_at_all\n", "cannot be imported: ModuleNotFoundError: .*not_there_at_all"),
    "syntax error": ("def oops(:\n", r"SyntaxError: .*broken\.py, line 1"),
    "not text": ("\x00\x01", "cannot be imported"),
    "exception at import": ("raise RuntimeError('no licence file')\n", "RuntimeError: no licence file"),
    "exception that cannot be printed": (
        "class E(Exception):\n    def __str__(self): raise ValueError('no words')\nraise E()\n",
        "cannot be imported: .*E",
    ),
    "sys.exit at import": ("import sys\nsys.exit(3)\n", r"it called sys\.exit\(3\)"),
    "KeyboardInterrupt at import": ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    "recursion without end": ("def f(): return f()\nf()\n", "RecursionError"),
    "no memory": ("x = bytearray(1 << 60)\n", "MemoryError"),
    "infinite loop at import": ("while True: pass\n", "took longer than 1 s"),
    "infinite loop that catches exceptions": (
        "while True:\n    try:\n        pass\n    except Exception:\n        pass\n",
        "took longer than 1 s",
    ),
    "huge delay at import": ("import time\ntime.sleep(100)\n", "importing it: it took longer than 1 s"),
    "hook that raises": (HEAD + HOOK + "1 / 0\n", "hook 'workbench_models' failed: ZeroDivisionError"),
    "hook that exits": (HEAD + HOOK + "sys.exit('bye')\n", r"'workbench_models' failed: it called sys\.exit\('bye'\)"),
    "hook that sleeps": (HEAD + HOOK + "time.sleep(100)\n", "'workbench_models' failed: it took longer than 1 s"),
    "hook that is busy": (
        HEAD + "def busy():\n    while True: pass\n" + HOOK + "busy()\n",
        "'workbench_models' failed: it took longer than 1 s",
    ),
    "hook returns None": (HEAD + HOOK + "None\n", "returned None, expected a list"),
    "hook returns text": (HEAD + HOOK + "'faces'\n", "returned a str, expected a list"),
    "hook returns one card": (
        HEAD + MODEL + HOOK + "wb.ModelCard('m', M)\n",
        "returned a ModelCard, expected a list",
    ),
    "hook is a generator that raises": (
        HEAD + "@wb.hookimpl\ndef workbench_models():\n    yield 1\n    1 / 0\n",
        "returned a generator, expected a list",
    ),
    "items of the wrong type": (
        HEAD + MODEL + HOOK + "[M, 3]\n",
        "item 1 of 'workbench_models': .*expected a workbench.ModelCard; item 2 of .* is a int",
    ),
    "data set card among models": (
        HEAD + HOOK + "[wb.DatasetCard('d', lambda: None)]\n",
        "is a DatasetCard, expected a workbench.ModelCard",
    ),
    "model card among data sets": (
        HEAD + MODEL + "@wb.hookimpl\ndef workbench_datasets():\n    return [wb.ModelCard('m', M)]\n",
        "is a ModelCard, expected a workbench.DatasetCard",
    ),
    "card with a bad name": (HEAD + MODEL + HOOK + "[wb.ModelCard('My Faces', M)]\n", "'My Faces' cannot name a model"),
    "card without a model": (HEAD + HOOK + "[wb.ModelCard('m', 7)]\n", "gives a int as its model"),
    "card with a bad import string": (
        HEAD + HOOK + "[wb.ModelCard('m', 'acme.nets')]\n",
        "write 'package.module:Name'",
    ),
    "class that is no model": (
        HEAD + "class NotOne: ...\n" + HOOK + "[wb.ModelCard('m', NotOne)]\n",
        "NotOne.* is not a subclass of workbench.Model",
    ),
    "duplicate inside one plugin": (
        HEAD + MODEL + HOOK + "[wb.ModelCard('m', M), wb.ModelCard('m', M)]\n",
        "lists the model 'm' twice: neither is listed",
    ),
    "misspelt hook": (
        HEAD + "@wb.hookimpl\ndef workbench_modles():\n    return []\n",
        "'workbench_modles' is no hook: did you mean 'workbench_models'",
    ),
    "hook without its mark": (HEAD + "def workbench_models():\n    return []\n", "not marked as a hook"),
    "no hook at all": (HEAD + "x = 1\n", "it has no hook"),
    "hook with arguments": (
        HEAD + "@wb.hookimpl\ndef workbench_models(config):\n    return []\n",
        r"(?s)hook 'workbench_models'.*config",
    ),
    "hook wrapper": (
        HEAD + "@wb.hookimpl(wrapper=True)\ndef workbench_models():\n    return (yield)\n",
        "'workbench_models' is a hook wrapper",
    ),
    "analysis without run": (
        HEAD + "class A(wb.Analysis):\n    name = 'a'\n" + ANALYSES + "[A]\n",
        "the analysis A has no method 'run'",
    ),
    "analysis without a name": (
        HEAD + "class A(wb.Analysis):\n" + RUN + ANALYSES + "[A]\n",
        "cannot name the analysis A",
    ),
    "Params that are not Params": (
        HEAD + "class A(wb.Analysis):\n    name = 'a'\n    class Params: ...\n" + RUN + ANALYSES + "[A]\n",
        "the Params of the analysis 'a' must be a subclass of workbench.Params",
    ),
    "instance in place of the class": (
        HEAD + "class A(wb.Analysis):\n    name = 'a'\n" + RUN + ANALYSES + "[A()]\n",
        "list the class, without parentheses",
    ),
    "map that uses a foreign space": (
        HEAD + "class M(wb.Model):\n    z = wb.vectors(2)\n"
        "    @wb.maps(wb.vectors(3), to=z)\n    def f(self, x): return x\n",
        "MapError: map 'f' of M uses a space that is no attribute",
    ),
    "map condition without default": (
        HEAD + "class M(wb.Model):\n    z = wb.vectors(2)\n"
        "    @wb.maps(z, to=z)\n    def f(self, x, *, steps: int): return x\n",
        "MapError: condition 'steps' of map 'f' needs a default",
    ),
    "entry that is no file": (
        HEAD + "@wb.hookimpl\ndef workbench_entries():\n    return [Path('/not/there.md')]\n",
        "'/not/there.md' is no Markdown file that exists",
    ),
    "page without a function": (
        HEAD + "@wb.hookimpl\ndef workbench_pages():\n    return [wb.Page('p', 'P', 'nowhere')]\n",
        "the page 'p' must name its function",
    ),
}


def the(catalogue: Catalogue, name: str) -> PluginRecord:
    (record,) = [one for one in catalogue.plugins if one.name == name]
    return record


def check_rest_works(catalogue: Catalogue) -> None:
    """The good neighbour is listed and its model loads."""
    assert the(catalogue, "good").status == "ok"
    assert catalogue.origin("model", "good-model").name == "good"
    assert set(catalogue.model("good-model").load().spaces) == {"z"}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_plugin_is_named_and_harmless(
    kind: str, plugins: Callable[[dict[str, str]], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, cause = BROKEN[kind]
    monkeypatch.setenv("WORKBENCH_PLUGINS", "broken,good")
    monkeypatch.setenv("WORKBENCH_PLUGIN_TIMEOUT", "1")
    folder, path = os.getcwd(), list(sys.path)

    catalogue = discover(plugins({"broken.py": source}))

    record = the(catalogue, "broken")
    assert record.status == "broken"
    assert record.error.startswith("the plugin 'broken': ")
    assert re.search(cause, record.error), record.error
    assert not record.offers
    check_rest_works(catalogue)
    assert (os.getcwd(), sys.path) == (folder, path)


def test_entry_point_to_a_missing_module(
    distribution: Callable[..., Path], plugins: Callable[[dict[str, str]], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution("acme-faces", "1.2", {"acme": "acme_not_there.plugin"}, {})
    monkeypatch.setenv("WORKBENCH_PLUGINS", "acme,good")
    catalogue = discover(plugins({}))
    record = the(catalogue, "acme")
    assert (record.origin, record.version, record.status) == ("entry point", "1.2", "broken")
    assert "acme_not_there" in record.error
    check_rest_works(catalogue)


def test_entry_point_to_a_missing_attribute(
    distribution: Callable[..., Path], plugins: Callable[[dict[str, str]], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution("acme-faces", "1.2", {"acme": "acme_half:nothing"}, {"acme_half": "x = 1\n"})
    monkeypatch.setenv("WORKBENCH_PLUGINS", "acme,good")
    catalogue = discover(plugins({}))
    assert "AttributeError" in the(catalogue, "acme").error
    check_rest_works(catalogue)


def test_same_name_in_two_plugins_is_listed_by_neither(plugins: Callable[[dict[str, str]], Path]) -> None:
    one = HEAD + MODEL + HOOK + "[wb.ModelCard('twin', M), wb.ModelCard('{}', M)]\n"
    catalogue = discover(plugins({"left.py": one.format("a"), "right.py": one.format("b")}))
    assert "twin" not in catalogue.models
    assert {"a", "b"} <= set(catalogue.models)  # what is not in dispute stays
    for mine, other in (("left", "right"), ("right", "left")):
        record = the(catalogue, mine)
        assert record.status == "broken"
        assert f"the model 'twin' is also brought by the plugin '{other}'" in record.error
        assert f"{other}.py" in record.error
    check_rest_works(catalogue)


def test_built_in_keeps_its_name(plugins: Callable[[dict[str, str]], Path]) -> None:
    before = discover().models
    name = next(iter(before))
    catalogue = discover(plugins({"thief.py": HEAD + MODEL + HOOK + f"[wb.ModelCard('{name}', M)]\n"}))
    assert catalogue.origin("models", name).origin == "built-in"
    assert f"the model '{name}' is a built-in's name" in the(catalogue, "thief").error
    check_rest_works(catalogue)


def test_good_items_of_a_broken_plugin_stay(plugins: Callable[[dict[str, str]], Path]) -> None:
    source = HEAD + MODEL + HOOK + "[wb.ModelCard('fine', M), 7]\n" + ANALYSES + "1 / 0\n"
    catalogue = discover(plugins({"half.py": source}))
    record = the(catalogue, "half")
    assert record.status == "broken"
    assert record.offers == {"models": ("fine",)}
    assert "item 2" in record.error
    assert "ZeroDivisionError" in record.traceback
    check_rest_works(catalogue)


def test_garbage_on_the_standard_output_is_kept_back(
    plugins: Callable[[dict[str, str]], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    source = (
        HEAD + "print('GARBAGE')\nprint('NOISE', file=sys.stderr)\nsys.stdout.buffer.write(b'RAW')\n" + HOOK + "[]\n"
    )
    catalogue = discover(plugins({"loud.py": source}))
    record = the(catalogue, "loud")
    assert record.status == "ok"
    assert any("GARBAGE" in note for note in record.notes)
    shown = capfd.readouterr()
    assert not re.search("GARBAGE|NOISE|RAW", shown.out + shown.err)
    check_rest_works(catalogue)


def test_changed_directory_and_import_path_are_put_back(plugins: Callable[[dict[str, str]], Path]) -> None:
    folder, path = os.getcwd(), list(sys.path)
    source = HEAD + "os.chdir('/')\nsys.path.insert(0, '/nowhere')\nsys.stdout = None\n" + HOOK + "[]\n"
    catalogue = discover(plugins({"mover.py": source}))
    assert (os.getcwd(), sys.path) == (folder, path)
    assert sys.stdout is not None
    notes = " ".join(the(catalogue, "mover").notes)
    assert "sys.path" in notes
    assert "working directory to /" in notes
    check_rest_works(catalogue)


SEGFAULT = "import faulthandler, ctypes\nfaulthandler.disable()\nctypes.string_at(0)\n"
IN_HOOK = "import os\nimport workbench as wb\n@wb.hookimpl\ndef workbench_models():\n    os._exit(7)\n"
LIST = (
    "import json, sys; from pathlib import Path; from registry.discovery import discover; "
    "c = discover(Path(sys.argv[1])); "
    "print(json.dumps({p.name: [p.status, p.error] for p in c.plugins} | {'models': list(c.models)}))"
)


def start(folder: Path) -> subprocess.CompletedProcess[str]:
    """List the plugins in a process of its own."""
    environment = {**os.environ, "WORKBENCH_PLUGINS": "killer,good"}
    command = [sys.executable, "-c", LIST, str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.parametrize(
    ("source", "end"),
    [("import os\nos._exit(0)\n", "exit status 0"), (SEGFAULT, "signal SIGSEGV"), (IN_HOOK, "exit status 7")],
    ids=["os._exit at import", "segfault at import", "os._exit in a hook"],
)
def test_plugin_that_ends_the_process_is_left_out_by_the_next_start(
    source: str, end: str, plugins: Callable[[dict[str, str]], Path]
) -> None:
    import json

    folder = plugins({"killer.py": source})
    assert "models" not in start(folder).stdout
    second = json.loads(start(folder).stdout)
    assert second["models"] == ["good-model"]
    status, error = second["killer"]
    assert status == "broken"
    assert "the plugin 'killer': the whole process ended while it was listed" in error
    assert end in error
    (note,) = re.findall(r"delete (\S+)$", error)
    assert Path(note).is_file()

    Path(note).unlink()  # the way to try it again, as the sentence says
    assert "models" not in start(folder).stdout
    assert json.loads(start(folder).stdout)["killer"][0] == "broken"

    (folder / "killer.py").write_text("import workbench as wb\n@wb.hookimpl\ndef workbench_models():\n    return []\n")
    assert json.loads(start(folder).stdout)["killer"] == ["ok", ""]
