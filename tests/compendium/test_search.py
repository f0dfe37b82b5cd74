# SPDX-License-Identifier: Apache-2.0
"""Search by words: stems, exact messages, names, typing errors, synonyms, context, facets, and whatever is typed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from workbench.compendium.entry import Entry, parse_entry
from workbench.compendium.search import EntrySearch, Facets
from workbench.compendium.search.error_strings import last_error, normalised

ENTRY = """---
id: {id}
title: "{title}"
area: {area}
symptoms: {symptoms}
errors: {errors}
phrasings: {phrasings}
cause: {cause}
remedies: [{{text: "Do {id}.", grade: {grade}, sources: [a]}}]
verify: {{text: "Look again."}}
sources: {{a: {{text: "A paper"}}}}
codes: {codes}
aliases: {aliases}
libraries: {libraries}
analyses: {analyses}
state: {state}
---
"""


def entry(id: str, title: str, **fields: object) -> Entry:
    """An entry with these fields."""
    plain = dict.fromkeys(("symptoms", "errors", "phrasings", "codes", "aliases", "libraries", "analyses"), [])
    given = {"area": "vae", "cause": "Unknown.", "grade": "established", "state": "approved", **plain, **fields}
    written = {name: json.dumps(one) if isinstance(one, list) else one for name, one in given.items()}
    written["symptoms"] = json.dumps(given["symptoms"] or [title])
    return parse_entry(ENTRY.format(id=id, title=title, **written), id)


ENTRIES = [
    entry("posterior-collapse", "Posterior collapse: latent axes carry no information", aliases=["vae-collapse"],
          symptoms=["KL term falls to zero", "decoder ignores the code"], codes=["latent-health.collapse"],
          analyses=["latent-health"]),
    entry("blurry-samples", "Blurry samples and reconstructions", symptoms=["pictures lack detail"]),
    entry("mode-collapse", "Mode collapse: every picture is the same", area="gan", symptoms=["no diversity in draws"]),
    entry("captum-target", "Attribution needs a target", area="attribution", libraries=["captum"],
          errors=["AssertionError: Cannot choose target column with output shape torch.Size([100])"]),
    entry("missing-key", "A word is not in the vocabulary", area="words", libraries=["gensim"],
          errors=["KeyError: \"word '...' not in vocabulary\""]),
    entry("load-fails", "Weights cannot be loaded", area="engineering", grade="weak evidence",
          errors=["FileNotFoundError: [Errno 2] No such file or directory: /home/a/weights.pt at 0x7f00"]),
    entry("weights-only", "torch.load refuses a pickle", area="engineering", symptoms=["weights_only is True"]),
    entry("parallel-hooks", "Hooks are silent under DataParallel", area="hooks", symptoms=["no activation arrives"]),
    entry("reconstruction-noise", "Reconstruction has noise", area="inversion", symptoms=["grain everywhere"]),
    entry("old-advice", "Silent hooks are a myth", area="hooks", state="refuted", symptoms=["hooks are silent"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def search() -> Iterator[EntrySearch]:
    """A search over ten entries, by words alone, in memory."""
    made = EntrySearch(by_meaning=False)
    made.index(ENTRIES)
    yield made
    made.close()


def first(search: EntrySearch, query: str, **options: object) -> str:
    """The id of the first hit."""
    return search.search(query, **options).hits[0].id  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("decoders ignoring codes", "posterior-collapse"),  # stems
        ("why are my reconstructed samples so blurry??", "blurry-samples"),
        ("data parallel hooks", "parallel-hooks"),  # parts of CamelCase
        ("weights_only", "weights-only"),  # parts of snake_case
        ("refuses weights", "weights-only"),
        ("KL vanishing", "posterior-collapse"),  # a synonym: none of its words but KL stand in the entry
        ("posteriorcollapse", "posterior-collapse"),  # written as one
    ],
)
def test_words_find_the_entry(search: EntrySearch, query: str, expected: str) -> None:
    assert first(search, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("AssertionError: Cannot choose target column with output shape torch.Size([7, 3])", "captum-target"),
        ("cannot choose target column with output shape torch.Size([2]) in my blurry decoder code", "captum-target"),
        ("KeyError: \"word 'blurry' not in vocabulary\"", "missing-key"),
        ("No such file or directory: C:\\models\\vae\\blurry.pt at 0xdeadbeef", "load-fails"),
        ("FileNotFoundError: [Errno 13] No such file or directory: ./x/y.pt at 0x1", "load-fails"),
    ],
)
def test_a_quoted_message_comes_first_whatever_its_numbers_paths_and_addresses(
    search: EntrySearch, query: str, expected: str
) -> None:
    answer = search.search(query)
    assert (answer.hits[0].id, answer.hits[0].reason, answer.fits) == (expected, "matched error string", True)
    assert answer.hits[0].highlights[0].field == "errors"


@settings(deadline=None, max_examples=25)
@given(some.lists(some.integers(0, 10**9), min_size=1, max_size=3))
def test_messages_with_other_numbers_are_the_same(numbers: list[int]) -> None:
    assert normalised(f"Expected size {numbers} at {hex(numbers[0])} in /a/b{numbers[0]}.py") == normalised(
        "Expected size [1] at 0x0 in /c/d/e.txt"
    )


def test_a_traceback_is_reduced_to_its_last_error_and_library(search: EntrySearch) -> None:
    log = (
        'INFO blurry samples\nTraceback (most recent call last):\n  File "run.py", line 3, in <module>\n    go()\n'
        '  File "/usr/lib/python3.12/site-packages/captum/attr/_core/saliency.py", line 130, in attribute\n'
        "    raise\nAssertionError: Cannot choose target column with output shape torch.Size([4]).\nINFO done\n"
    )
    found = last_error(log)
    assert found is not None
    assert found.message.startswith("AssertionError: Cannot choose target column")
    assert found.library == "captum"
    answer = search.search(log)
    assert answer.hits[0].id == "captum-target"
    assert answer.searched == found.message
    assert last_error("nothing\nis wrong here") is None


def test_of_chained_errors_the_last_counts_and_a_warning_after_it_does_not() -> None:
    log = "KeyError: 'a'\n\nDuring handling of the above exception, another occurred:\n\ntorch.cuda.OutOfMemoryError: x"
    found = last_error(f"{log}\nUserWarning: y")
    assert found is not None
    assert (found.message, found.library) == ("OutOfMemoryError: x", "torch")


@pytest.mark.parametrize("query", ["latent-health.collapse", "posterior-collapse", "vae-collapse", " `VAE-collapse` "])
def test_a_code_an_id_and_an_alias_open_their_entry(search: EntrySearch, query: str) -> None:
    answer = search.search(query)
    assert (answer.opens, answer.hits[0].id, answer.fits) == ("posterior-collapse", "posterior-collapse", True)


def test_typing_errors_are_repaired_and_the_word_is_kept(search: EntrySearch) -> None:
    answer = search.search("postreior colapse")
    assert answer.did_you_mean == "posterior collapse"
    assert answer.hits[0].id == "posterior-collapse"
    assert search.search("weigths_only").did_you_mean is None  # a name from code
    assert search.search("sample notes").did_you_mean is None  # English words, though near others of the index
    assert search.search("KeyError: 'colapse'").did_you_mean is None  # an error message


def test_the_last_word_may_be_a_beginning(search: EntrySearch) -> None:
    assert first(search, "posterior colla", typing=True) == "posterior-collapse"
    assert first(search, "bl", typing=True) == "blurry-samples"
    assert search.search("bl").hits == ()


def test_context_moves_entries_up_and_can_be_left_out(search: EntrySearch) -> None:
    assert first(search, "collapse", context="gan") == "mode-collapse"
    assert first(search, "collapse", context="latent-health") == "posterior-collapse"
    plain, there = search.search("collapse"), search.search("collapse", context="latent-health")
    assert {one.id for one in plain.hits} == {one.id for one in there.hits}
    assert "context" in there.hits[0].parts


def test_facets_narrow_and_grades_are_told(search: EntrySearch) -> None:
    every = search.search("collapse error target word weights hooks", limit=50)
    for facets, expected in (
        (Facets(area="gan"), {"mode-collapse"}),
        (Facets(library="GENSIM"), {"missing-key"}),
        (Facets(grade="weak evidence"), {"load-fails"}),
        (Facets(ids=frozenset({"captum-target"})), {"captum-target"}),
        (Facets(area="gan", library="captum"), set()),
    ):
        found = search.search("collapse error target word weights hooks", facets=facets, limit=50)
        assert {one.id for one in found.hits} == expected
        assert expected <= {one.id for one in every.hits}


def test_what_is_refuted_comes_later_and_is_not_hidden(search: EntrySearch) -> None:
    assert [one.id for one in search.search("hooks are silent").hits[:2]] == ["parallel-hooks", "old-advice"]


def test_a_match_that_is_none_is_called_so_and_the_nearest_stay(search: EntrySearch) -> None:
    answer = search.search("how to serve noise complaints about the neighbours")
    assert not answer.fits
    assert [one.id for one in answer.nearest] == ["reconstruction-noise"]
    assert search.search("").hits == ()
    assert search.search("is it the and of").hits == ()


def test_highlights_are_the_words_that_matched(search: EntrySearch) -> None:
    shown = search.search("decoder ignored codes").hits[0].highlights
    marked = {one.text: [one.text[start:end] for start, end in one.spans] for one in shown}
    assert marked["decoder ignores the code"] == ["decoder", "ignores", "code"]


@pytest.mark.parametrize(
    "query",
    [
        '" OR * NEAR(a b) ^title: {x} -y + (', "AND OR NOT", "title:blurry", "'; DROP TABLE entries; --", "\x00",
        "\x00blurry", "<script>alert(1)</script>", "我的地图每次都不同", "Warum ist das Bild unscharf?",
        "😀😀 blurry 😀", "\ud800", "a" * 100_000, "blurry " * 15_000, "\n" * 100_000, "1/" * 50_000,
        "a.b." * 25_000, "(" * 100_000, "_" * 5000, "__init__", "' \"",
    ],
)  # fmt: skip
def test_any_query_is_answered(search: EntrySearch, query: str) -> None:
    answer = search.search(query)
    assert answer.query == query
    assert len(answer.hits) <= 10
    if "blurry" in query:
        assert "blurry-samples" in {one.id for one in answer.hits}


@settings(deadline=None, max_examples=60)
@given(some.text(max_size=60))
def test_no_text_breaks_the_search(search: EntrySearch, query: str) -> None:
    for typing in (False, True):
        scores = [one.score for one in search.search(query, typing=typing).hits]
        assert scores == sorted(scores, reverse=True)


def test_an_index_file_is_taken_up_rebuilt_when_entries_change_and_replaced_when_broken(tmp_path: Path) -> None:
    folder, file = tmp_path / "search", tmp_path / "search" / "search.sqlite"

    def asked(entries: list[Entry]) -> tuple[list[str], int]:
        search = EntrySearch(folder, by_meaning=False)
        search.index(entries)
        found = [one.id for one in search.search("blurry").hits]
        search.close()
        return found, file.stat().st_ino

    found, made = asked(ENTRIES)
    assert found == ["blurry-samples"]
    assert asked(ENTRIES) == (found, made)
    assert asked(ENTRIES[:1])[0] == []
    file.write_bytes(b"no database at all")
    assert asked(ENTRIES)[0] == found
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT count(*) FROM ids").fetchone() == (len(ENTRIES),)
    assert [one.name for one in folder.iterdir()] == ["search.sqlite"]


def test_where_no_file_can_be_written_the_index_is_in_memory(tmp_path: Path) -> None:
    (tmp_path / "search").write_text("a file where the folder would be")
    search = EntrySearch(tmp_path / "search", by_meaning=False)
    search.index(ENTRIES)
    assert first(search, "blurry") == "blurry-samples"
    search.close()
