# SPDX-License-Identifier: Apache-2.0
"""Times as the store keeps them."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """The present in UTC, ISO 8601 with microseconds (of fixed width, so that text sorts by time)."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def moment(text: str | None) -> datetime | None:
    """A stored time as an aware datetime.

    >>> moment("2026-01-02T03:04:05.000006+00:00").minute
    4
    """
    return None if text is None else datetime.fromisoformat(text)
