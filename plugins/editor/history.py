# SPDX-License-Identifier: Apache-2.0
"""Undo and redo: the edits that were made, the present one and those that were taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from plugins.editor.editing import Edit

LONGEST: Final = 200


@dataclass(frozen=True)
class History:
    """A line of edits; what is not told apart from the present one is no step of it.

    >>> line = History().then(Edit(seed=1)).then(Edit(seed=2)).undone()
    >>> line.present.seed, line.redone().present.seed, line.undone().undone().present.seed
    (1, 2, 0)
    """

    present: Edit = Edit()
    past: tuple[Edit, ...] = ()
    future: tuple[Edit, ...] = ()

    def then(self, edit: Edit) -> History:
        """Another edit in the place of the present one; what was taken back is forgotten."""
        return self if edit == self.present else History(edit, (*self.past, self.present)[-LONGEST:])

    def undone(self) -> History:
        """One step back, as far as there is one."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redone(self) -> History:
        """One step forward again, as far as there is one."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])
