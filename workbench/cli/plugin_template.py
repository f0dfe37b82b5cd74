# SPDX-License-Identifier: Apache-2.0
"""``workbench new-plugin``: a plugin that works as it is written, to be turned into a team's own."""

from __future__ import annotations

import keyword
import string
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from registry.cards import NAME
from registry.errors import ParameterError
from workbench.cli.options import AsJson
from workbench.cli.output import print_json, say

FILES = {
    "pyproject.toml.template": "pyproject.toml",
    "README.md.template": "README.md",
    "init.py.template": "{package}/__init__.py",
    "model.py.template": "{package}/model.py",
    "test_model.py.template": "tests/test_model.py",
}


def new_plugin(
    name: Annotated[str, typer.Argument(help="Name of the plugin, e.g. acme-faces.")],
    folder: Annotated[Path, typer.Option("--to", help="Folder in which the plugin's folder is made.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Write a new plugin: an installable package with one small model that works, its test, and its entry point."""
    written = write_plugin(name, folder)
    if as_json:
        print_json({"files": written})
        return
    say("\n".join(str(one) for one in written))
    steps = (
        f"pip install -e {folder / name}",
        f"workbench check {name}",
        f"workbench run projection --model {name} --set space=z",
        "workbench serve",
    )
    say("\nNext:\n  " + "\n  ".join(steps) + f"\nThen put your own generator into {written[3]}.")


def write_plugin(name: str, folder: Path) -> list[Path]:
    """Write the plugin's files below ``folder / name``; raises :class:`ParameterError` on a bad or taken name."""
    package = name.replace("-", "_").replace(".", "_")
    if not NAME.fullmatch(name) or not package.isidentifier() or keyword.iskeyword(package):
        raise ParameterError(f"'{name}' cannot name a plugin: use lower-case letters, digits and '-', a letter first")
    target = folder / name
    if target.exists():
        raise ParameterError(f"{target} exists already: choose another name, or another folder with --to")
    words = {"name": name, "package": package, "class_name": "".join(part.title() for part in package.split("_"))}
    written = []
    for template, place in FILES.items():
        text = resources.files("workbench.cli").joinpath("templates", template).read_text(encoding="utf-8")
        path = target / place.format(package=package)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(string.Template(text).substitute(words), encoding="utf-8")
        written.append(path)
    return written
