# SPDX-License-Identifier: Apache-2.0
"""The address of the editor: which code is edited and how, so that other pages lead here and a link keeps everything.

==============  ========================================================================================================
parameter       meaning
==============  ========================================================================================================
``model``       the model; ``space``: the space of its codes
``from``        ``data``, ``prior``, ``slice``, ``mean`` (of a slice), ``inversion``; where it is not given, ``slice``
                where a slice is named and else what the model has
``data``        the data set, with ``row``: encoded by its posterior mean
``seed``        of the prior, with ``row``: the number of the draw
``slice``       a slice, with ``row``: a row of the data set (or the number of a draw) that is in it, else the first
``run``         a run of ``inversion``, with ``at``: which of its pictures
``edit``        what is moved: ``smile:1.5,@12:-0.3,!7:1`` is 1.5 steps of *smile*, axis 12 by -0.3 standard
                deviations, one step of the random direction of seed 7
``hold``        directions that are taken out of the others; ``cap``: ``shell``, or a length in standard deviations
``active``      the direction of the strip (``@12``: an axis, ``!``: the random one); ``second``: the other of the grid
``panel``       what is shown below; ``difference``: ``absolute``; ``scores``: ``all``, those of networks too
==============  ========================================================================================================
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from plugins.editor.editing import Edit, edit_from
from workbench.app.parts import links, permalink

PAGE: Final = "plugin-editor"
_NAMES: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}(?:,[a-z0-9][a-z0-9._-]{0,79}){0,15}")
_LENGTH: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")
_LONGEST: Final = 400

#: Parameters that mean nothing to another model.
OF_A_MODEL: Final = (
    *("space", "from", "data", "row", "seed", "slice", "run", "at"),
    *("edit", "hold", "cap", "active", "second"),
)


def address(model: str, **query: Any) -> str:
    """The address of the editor, relative to the app.

    >>> address("mnist-vae", space="z", slice="sevens", row=12)
    'plugin-editor?model=mnist-vae&space=z&slice=sevens&row=12'
    """
    return permalink.address(PAGE, {"model": model, **query})


def link(label: str = "Edit", **query: Any) -> None:
    """A link to the editor with any of the parameters above."""
    links.link(PAGE, label, icon=":material/tune:", **query)


def read_edit() -> tuple[Edit, list[str]]:
    """The edit that the address holds, and what of it cannot be read."""
    edit, bad = edit_from(permalink.get("edit") or "")
    held, cap = permalink.get("hold") or "", permalink.get("cap") or ""
    if held and _NAMES.fullmatch(held):
        edit = replace(edit, hold=tuple(sorted(set(held.split(",")))))
    elif held:
        bad.append(held)
    if cap == "shell":
        edit = replace(edit, cap="shell")
    elif _LENGTH.fullmatch(cap) and 0 < float(cap) <= 100:
        edit = replace(edit, cap="length", limit=float(cap))
    elif cap:
        bad.append(cap)
    return edit, bad


def put_edit(edit: Edit) -> bool:
    """Write the edit to the address; whether it was short enough for it."""
    moved, held = edit.text(), ",".join(edit.hold)
    fits = max(len(moved), len(held)) <= _LONGEST
    cap = {"none": None, "shell": "shell", "length": f"{edit.limit:g}"}[edit.cap]
    permalink.put(edit=moved if fits else None, hold=held if fits else None, cap=cap)
    return fits
