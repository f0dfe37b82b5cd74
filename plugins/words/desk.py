# SPDX-License-Identifier: Apache-2.0
"""The desk: a word or a sum is typed and answered at once, with its own words left out and with none left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

import workbench as wb
from plugins.words.arithmetic import CALLED, METHODS, Answers, Method, answer
from plugins.words.asked import defaults
from plugins.words.expressions import LONGEST, Term, groups_of, quoted, read
from plugins.words.odd import FEWEST, odd_one_out
from plugins.words.vocabulary import Unknown, Vocabulary, shortened
from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd

SCORES: Final[dict[Method, str]] = {"3cosadd": "Cosine", "3cosmul": "Product", "offset": "Cosine of the step"}
CHANCE: Final = 0.2  # share of random groups with such a margin, above which it says nothing
EXAMPLES: Final = 5
SHOWN: Final = (5, 10, 20, 50)
ASKED: Final = "◆"  # beside a word that was asked for
MINUS: Final = "−"
GREY: Final = "#7A828B"  # words in charts, on light and dark ground


@dataclass(frozen=True)
class Place:
    """Where a desk stands: prefix of its widgets' keys, and how its state is read from and written to the address."""

    key: str
    get: Callable[[str], str | None]
    put: Callable[..., None]


def draw(
    vocabulary: Vocabulary,
    place: Place,
    random: tuple[float, float] | None = None,
    *,
    examples: Sequence[str] = (),
    groups: Sequence[str] = (),
) -> None:
    """Draw the desk.

    ``random`` are cosines between which 95 % of random pairs lie; ``examples`` and ``groups`` what is offered first,
    where the vocabulary's own are not to be.
    """
    words, sums, own = _defaults(vocabulary, place)
    offered = list(examples)[:EXAMPLES] or [*sums[: EXAMPLES - 2], *(quoted(one) for one in words[:2])]
    start = next(iter(groups), None) or (", ".join(quoted(one) for one in own[0]) if own else "")

    @st.fragment
    def ask() -> None:
        _ask(vocabulary, place, random, offered)

    @st.fragment
    def odd() -> None:
        _odd(vocabulary, place, start)

    ask()
    odd()


def _ask(vocabulary: Vocabulary, place: Place, random: tuple[float, float] | None, examples: list[str]) -> None:
    key = f"{place.key}.ask"
    if key not in st.session_state:
        st.session_state[key] = place.get("ask") or next(iter(examples), "")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        given = st.text_input(
            "A word, or a sum of words",
            key=key,
            max_chars=LONGEST,
            help="king, or king - man + woman, or 2*good - bad. Words that hold a space or a sign stand in quotes.",
        )
        method: Any = st.segmented_control(
            "Method",
            METHODS,
            default="3cosadd",
            format_func=CALLED.__getitem__,
            key=f"{place.key}.method",
            required=True,
        )
        count = st.selectbox("Answers", SHOWN, index=1, key=f"{place.key}.count", width=100)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("For example", width="content")
        for at, one in enumerate(examples):
            st.button(
                text.plain(one, 60), key=f"{place.key}.example.{at}", type="tertiary", on_click=_put, args=(key, one)
            )
    place.put(ask=shortened(given, 300) if given != next(iter(examples), "") else None)
    if not given.strip():
        st.info("Write a word, or several with + and - between them.", icon=":material/edit:")
        return
    began = perf_counter()
    try:
        terms = read(given, vocabulary.known)
        found, unknown = vocabulary.look_up([one.word for one in terms])
        if unknown or not terms:
            _unknown(unknown, key, given)
            return
        answers = answer(vocabulary, terms, [found[one.word] for one in terms], method, count)
    except wb.WorkbenchError as error:
        st.warning(text.sentence(error, 300), icon=":material/edit:")
        return
    took = perf_counter() - began
    if answers is None:
        st.info("Offset only needs two words that are added and one that is taken away.", icon=":material/edit:")
        return
    _answers(vocabulary, terms, found, answers, method)
    told = f"Answered in {max(1, round(1000 * took)):,} ms among {len(vocabulary):,} words."
    if random is not None and method == "3cosadd":
        told += f" 95 % of random pairs of words have a cosine between {_signed(random[0])} and {_signed(random[1])}."
    told += f" {ASKED}: a word that was asked for. Rank: place in the vocabulary, in most files by frequency."
    st.caption(told)


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", MINUS)


def _defaults(vocabulary: Vocabulary, place: Place) -> Any:
    key = f"{place.key}.defaults"
    if key not in st.session_state:
        st.session_state[key] = defaults(vocabulary)
    return st.session_state[key]


def _put(key: str, value: str) -> None:
    st.session_state[key] = value


def _unknown(unknown: list[Unknown], key: str, given: str) -> None:
    """Words that are not there, each with near spellings that replace it when clicked."""
    if not unknown:
        st.info("All weights are zero: nothing is left to look for.", icon=":material/edit:")
    for number, one in enumerate(unknown[:8]):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{text.plain(shortened(one.word), 60)}** {text.plain(one.why, 200)}.", width="content")
            if one.near:
                st.caption("Spelled alike:", width="content")
            for near in one.near:
                st.button(
                    text.plain(near, 40),
                    key=f"{key}.near.{number}.{near}",
                    type="tertiary",
                    on_click=_put,
                    args=(key, _replaced(given, one.word, near)),
                )


def _replaced(given: str, word: str, near: str) -> str:
    written = next((one for one in (quoted(word), f"'{word}'", word) if one in given), None)
    return quoted(near) if written is None else given.replace(written, quoted(near))


def as_read(terms: tuple[Term, ...]) -> str:
    """An expression as it was understood.

    >>> as_read((Term(1.0, "king"), Term(-0.5, "man"), Term(1.0, "new york")))
    'king − 0.5 × man + new york'
    """
    told = ""
    for at, one in enumerate(terms):
        sign = (MINUS if one.weight < 0 else "+") if at or one.weight < 0 else ""
        weight = "" if abs(one.weight) == 1 else f"{abs(one.weight):g} × "
        told += f" {sign} {weight}{one.word}" if at else f"{sign}{weight}{one.word}"
    return told


def _answers(
    vocabulary: Vocabulary, terms: tuple[Term, ...], found: dict[str, int], answers: Answers, method: Method
) -> None:
    places = set(found.values())
    one_word = len(terms) == 1
    read_as = text.plain(shortened(as_read(terms), 200), 240)
    if len(answers.plain) == 0 or len(answers.suppressed) == 0:
        st.info("There is no other word to answer with.", icon=":material/search_off:")
        return
    first, plain = int(answers.suppressed[0]), int(answers.plain[0])
    score = SCORES[method].lower()
    if plain in places and not one_word:
        told = (
            f"**{read_as}**: *{text.plain(vocabulary.names[first])}* with the words of the sum left out "
            f"({score} {answers.suppressed_scores[0]:.3f}). With none left out "
            f"*{text.plain(vocabulary.names[plain])}*, a word of the sum itself, comes first "
            f"({answers.plain_scores[0]:.3f}): the custom decides the answer."
        )
    elif one_word:
        told = f"**{read_as}** has rank {min(places) + 1:,}; nearest: *{text.plain(vocabulary.names[first])}*."
    else:
        told = (
            f"**{read_as}**: *{text.plain(vocabulary.names[first])}* ({score} {answers.suppressed_scores[0]:.3f}), "
            "whether the words of the sum are left out or not."
        )
    st.markdown(told)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**The words asked for left out** (the custom)")
        _table(frame_of(vocabulary, answers.suppressed, answers.suppressed_scores, places, SCORES[method]), method)
    with right:
        st.markdown("**No word left out**")
        _table(frame_of(vocabulary, answers.plain, answers.plain_scores, places, SCORES[method]), method)


def frame_of(vocabulary: Vocabulary, positions: Any, scores: Any, inputs: set[int], score: str) -> pd.DataFrame:
    """Answers as a table: word (marked where it was asked for), score, and place in the vocabulary."""
    import pandas as pd

    places = [int(one) for one in positions]
    return pd.DataFrame(
        {
            "Answer": [
                f"{vocabulary.names[one]} {ASKED}" if one in inputs else vocabulary.names[one] for one in places
            ],
            score: np.asarray(scores, dtype=np.float64),
            "Rank": [one + 1 for one in places],
        }
    )


def _table(frame: pd.DataFrame, method: Method) -> None:
    score = SCORES[method]
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "Answer": st.column_config.TextColumn(width="medium"),
            score: st.column_config.ProgressColumn(
                format="%.3f", min_value=0.0, max_value=float(max(1.0, frame[score].max())), width="small"
            ),
            "Rank": st.column_config.NumberColumn(format="localized", width="small"),
        },
    )


def _odd(vocabulary: Vocabulary, place: Place, start: str) -> None:
    key = f"{place.key}.odd"
    if key not in st.session_state:
        st.session_state[key] = place.get("odd") or start
    st.subheader("Which one does not belong?", anchor=False)
    given = st.text_input("Three words or more, with spaces or commas between them", key=key, max_chars=LONGEST)
    place.put(odd=shortened(given, 300) if given != start else None)
    try:
        words = [one for group in groups_of(given) for one in group]
    except wb.WorkbenchError as error:
        st.warning(text.sentence(error, 300), icon=":material/edit:")
        return
    found, unknown = vocabulary.look_up(words)
    _unknown(unknown, key, given) if unknown else None
    places = list(dict.fromkeys(found.values()))
    if len(places) < FEWEST:
        st.info(f"At least {FEWEST} different words that the vocabulary knows are needed.", icon=":material/edit:")
        return
    told = odd_one_out(vocabulary, np.array(places, dtype=np.int64), np.random.default_rng(0))
    names = [vocabulary.names[one] for one in places]
    chance = " That is no more than chance." if told.chance > CHANCE else ""
    st.markdown(
        f"**{text.plain(names[told.odd])}** lies farthest from the mean of the {len(names)}: its cosine "
        f"is {told.margin:.3f} below the next, and {100 * told.chance:.1f} % of {told.random} groups of {len(names)} "
        f"random words have a margin as large (seed 0).{chance}"
    )
    _bars(names, told.cosines, told.odd)


def _bars(names: list[str], cosines: Any, odd: int) -> None:
    import altair as alt
    import pandas as pd

    from workbench.app.parts import charts

    frame = pd.DataFrame({"word": names, "cosine": cosines})
    frame["what"] = ["farthest" if at == odd else "other" for at in range(len(names))]
    row = alt.Y("word:N", title=None, sort=[names[at] for at in np.argsort(-np.asarray(cosines), kind="stable")])
    x = alt.X(
        "cosine:Q",
        title="cosine with the mean of the group",
        axis=alt.Axis(tickCount=6),
        scale=alt.Scale(domain=[min(0.0, float(np.min(cosines))), 1]),
    )
    colour = alt.Color(
        "what:N", legend=None, scale=alt.Scale(domain=["farthest", "other"], range=["#D55E00", "#0072B2"])
    )
    base = alt.Chart(frame).encode(y=row, x=x)
    bars = base.mark_bar(height=14).encode(color=colour, tooltip=["word", alt.Tooltip("cosine:Q", format=".3f")])
    values = base.mark_text(align="left", dx=4, color=GREY).encode(text=alt.Text("cosine:Q", format=".3f"))
    charts.draw((bars + values).properties(height=max(60, 26 * len(names))).to_dict(), "odd one out")
