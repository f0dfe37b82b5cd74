# SPDX-License-Identifier: Apache-2.0
"""Report of the conformance kit: one line for each check of each map, space or network."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

OutcomeOf = Literal["pass", "fail", "does not apply"]


@dataclass(frozen=True)
class Check:
    """What one check found for one subject.

    Attributes
    ----------
    name : of the check, e.g. ``"batch invariance"``
    subject : what was looked at: ``"model"``, ``"space z"``, ``"map encode"``, ``"encode, decode"``
    outcome : ``"pass"``, ``"fail"`` or ``"does not apply"``
    value : the number that was measured, where there is one
    limit : the most that ``value`` may be; ``None`` where the number is a fact without a limit
    words : what was found, in a sentence
    """

    name: str
    subject: str
    outcome: OutcomeOf
    value: float | None = None
    limit: float | None = None
    words: str = ""


@dataclass(frozen=True)
class Report:
    """All checks of one model."""

    model: str
    device: str
    seed: int
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(one for one in self.checks if one.outcome == "fail")

    def counts(self) -> dict[str, int]:
        """How many checks passed, failed and do not apply."""
        found = Counter(one.outcome for one in self.checks)
        return {"pass": found["pass"], "fail": found["fail"], "does not apply": found["does not apply"]}

    def records(self) -> list[dict[str, Any]]:
        """The checks as plain values."""
        return [asdict(one) for one in self.checks]

    def frame(self) -> pd.DataFrame:
        """The checks as a table: ``name, subject, outcome, value, limit, words``."""
        import pandas as pd

        table = pd.DataFrame(self.records(), columns=["name", "subject", "outcome", "value", "limit", "words"])
        return table.astype({"value": "float64", "limit": "float64"})

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in self.counts().items())
        lines = [f"{self.model} on {self.device} (seed {self.seed}): {counts}"]
        for one in self.checks:
            number = "" if one.value is None else f" {one.value:.3g}"
            limit = "" if one.limit is None else f" (limit {one.limit:.3g})"
            lines.append(f"  {one.outcome:14} {one.name}, {one.subject}:{number}{limit} {one.words}".rstrip())
        return "\n".join(lines)
