# SPDX-License-Identifier: Apache-2.0
"""What a run gives: effect and p, tables of words, influence and published tests, and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

import workbench as wb
from plugins.association_test import charts
from plugins.association_test.findings import findings_of
from plugins.association_test.testing import largest_effect

if TYPE_CHECKING:
    from plugins.association_test.analysis import AssociationTest
    from plugins.association_test.measures import Measured

    Params = AssociationTest.Params

ROLES: Final = ("first targets", "second targets", "first attributes", "second attributes")


def result_of(found: Measured, params: Params, seed: int) -> wb.Result:
    """Everything that the page shows."""
    words, influence, tests = words_table(found), influence_table(found), tests_table(found)
    return wb.Result(
        metrics=metrics_of(found),
        tables={"words": words, "influence": influence, "tests": tests},
        arrays={"random_targets": found.random_targets, "random_attributes": found.random_attributes},
        charts={
            "words": charts.words(words, found.found.lists),
            "controls": charts.controls(found.effect, found.random_targets, found.random_attributes),
            "influence": charts.influence(influence, found.effect),
            "tests": charts.tests(tests),
        },
        findings=findings_of(found),
        notes=notes_of(found, params, seed),
    )


def metrics_of(found: Measured) -> dict[str, wb.Metric]:
    """Effect, p values and how often random lists give as much."""
    n, m, a, b = found.found.sizes
    bound = largest_effect(n, m)
    p = found.p
    how = "all divisions" if p.exact else "random divisions"
    metrics = {
        "effect_size": wb.Metric(
            found.effect, found.low, found.high, n=n + m, label="effect size d",
            note=f"at most {bound:.3f} in size with {n} and {m} words; interval: all four lists drawn again",
        ),
        "p_value": wb.Metric(
            p.one_sided, None if p.exact else p.low, None if p.exact else p.high, n=p.divisions,
            label="p, one-sided as published", note=f"{how}; the first list is the one expected nearer to the first "
            "attributes",
        ),
        "p_value_two_sided": wb.Metric(p.two_sided, n=p.divisions, label="p, two-sided", note=how),
    }  # fmt: skip
    for name, drawn, label in (
        ("random_attributes_share", found.random_attributes, "random attributes with as large an effect"),
        ("random_targets_share", found.random_targets, "random targets with as large an effect"),
    ):
        metrics[name] = _share(drawn, found.effect, label)
    finite = found.without[np.isfinite(found.without)]
    metrics["leave_one_out"] = wb.Metric(
        float(np.median(finite)) if len(finite) else np.nan,
        float(finite.min()) if len(finite) else None,
        float(finite.max()) if len(finite) else None,
        n=n + m + a + b,
        label="effect size with one word left out",
        note="median, smallest and largest over all words",
    )
    asked = sum(len(one) for one in found.found.lists.words)
    metrics["coverage"] = wb.Metric((n + m + a + b) / asked, n=asked, better="higher", label="words that are known")
    return metrics


def _share(drawn: Any, effect: float, label: str) -> wb.Metric:
    from plugins.homology.trust import wilson

    finite = drawn[np.isfinite(drawn)]
    hits = int((np.abs(finite) >= abs(effect)).sum())
    low, high = wilson(hits, len(finite))
    spread = np.quantile(finite, [0.025, 0.975])
    return wb.Metric(
        hits / len(finite), float(low), float(high), n=len(finite), label=label,
        note=f"in size; 95 % of them lie from {spread[0]:+.2f} to {spread[1]:+.2f}",
    )  # fmt: skip


def words_table(found: Measured) -> pd.DataFrame:
    """Every target word with its association, the strongest first."""
    n, m, a, _ = found.found.sizes
    names = found.found.lists.names
    table = pd.DataFrame(
        {
            "word": [*found.found.words[0], *found.found.words[1]],
            "list": [names[0]] * n + [names[1]] * m,
            "association": found.associations,
            "cosine_first": found.cosines[:, :a].mean(axis=1),
            "cosine_second": found.cosines[:, a:].mean(axis=1),
            "position": np.concatenate(found.found.rows[:2]),
        }
    )
    return table.sort_values("association", ascending=False, kind="stable").reset_index(drop=True)


def influence_table(found: Measured) -> pd.DataFrame:
    """The effect without each word, those that matter most first."""
    rows = [
        {"word": word, "role": role, "list": name}
        for words, role, name in zip(found.found.words, ROLES, found.found.lists.names, strict=True)
        for word in words
    ]
    table = pd.DataFrame(rows).assign(effect_without=found.without)
    table["change"] = table["effect_without"] - found.effect
    order = np.argsort(-np.abs(table["change"].to_numpy()), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def tests_table(found: Measured) -> pd.DataFrame:
    """All published tests with these vectors, beside the numbers of the paper."""
    from plugins.association_test.published import PUBLISHED

    rows = []
    for name, one in PUBLISHED.items():
        row: dict[str, Any] = {"test": name, "title": one.title, "effect_paper": one.effect, "p_paper": one.p}
        given = found.others[name]
        if isinstance(given, str):
            row |= {"effect": np.nan, "p": np.nan, "p_two_sided": np.nan, "known": 0, "note": given}
        else:
            words, effect, p = given
            row |= {"effect": effect, "p": p.one_sided, "p_two_sided": p.two_sided, "known": sum(words.sizes)}
            row["note"] = ""
        row["asked"] = sum(len(each) for each in one.words)
        rows.append(row)
    return pd.DataFrame(rows)


def notes_of(found: Measured, params: Params, seed: int) -> list[str]:
    """What must be read with the numbers."""
    n, m, a, b = found.found.sizes
    names = found.found.lists.names
    notes = [
        f"{n} and {m} target words ({names[0]}, {names[1]}), {a} and {b} attribute words ({names[2]}, {names[3]}). "
        f"Seed {seed}."
    ]
    lacking = [f"{name}: {', '.join(words)}" for name, words in zip(names, found.found.missing, strict=True) if words]
    if lacking:
        notes.append(f"Words that the vocabulary lacks were left out; {'; '.join(lacking)}.")
    if n != m:
        notes.append("The two lists of targets are not of one length any more: differences of means are compared.")
    notes += [
        f"d cannot exceed {largest_effect(n, m):.2f} in size, however strong an association is: it says how well the "
        "two lists are told apart, not how far they lie apart.",
        "Words of a list are neighbours of each other and no independent sample: p is about which list a word stands "
        "in and not about words in general. Other word lists for the same ideas can give another sign (Ethayarajh, "
        "Duvenaud and Hirst, ACL 2019).",
        "An effect here says neither that an application does harm nor where the association comes from, and a small "
        "one does not say that there is none: such numbers and bias in applications hardly go together "
        "(Goldfarb-Tarrant and others, ACL 2021).",
    ]
    if any(word != word.lower() for listed in found.found.lists.words for word in listed):
        notes.append(
            "Names are looked up in lower case where the vocabulary has no capitals: some are other words too."
        )
    return notes
