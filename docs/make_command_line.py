# SPDX-License-Identifier: Apache-2.0
"""Writes docs/command-line.md from the help of every command: ``python docs/make_command_line.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from workbench.cli.application import application

HEAD = """# Command line

Made from the commands' own help by `python docs/make_command_line.py`; a test keeps it true.
`--json` prints one JSON document.
Exit codes: 0 all is well, 1 the run or check failed, 2 something to mend in what was asked, 130 cancelled.
"""


def sections(command: Any, path: str) -> Iterator[str]:
    """Markdown of one command and, for a group, of those below it."""
    below = getattr(command, "commands", {})
    if path != "workbench":
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        options = [one for one in command.params if one.param_type_name == "option"]
        usage = " ".join(
            [path, *(f"{one.name.upper()}" if one.required else f"[{one.name.upper()}]" for one in arguments)]
        )
        lines = [f"\n## {path}\n", f"    {usage}\n", f"{(command.help or '').strip()}\n"]
        rows = [(one.name.upper(), getattr(one, "help", "") or "", "") for one in arguments]
        rows += [(", ".join([*one.opts, *one.secondary_opts]), one.help or "", default_of(one)) for one in options]
        if rows:
            lines.append("| option | meaning | default |\n|---|---|---|")
            lines += [f"| `{name}` | {meaning} | {default} |" for name, meaning, default in rows]
        yield "\n".join(lines) + "\n"
    for name, one in below.items():
        yield from sections(one, f"{path} {name}")


def default_of(option: Any) -> str:
    """The default of an option as the table shows it."""
    value = option.default
    if callable(value) or value is None or value is False or value == ():
        return ""
    return "on" if value is True else f"`{value}`"


def page() -> str:
    """The whole page."""
    return HEAD + "".join(sections(typer.main.get_command(application), "workbench"))


if __name__ == "__main__":
    Path(__file__).with_name("command-line.md").write_text(page(), encoding="utf-8")
