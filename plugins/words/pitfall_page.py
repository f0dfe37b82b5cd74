# SPDX-License-Identifier: Apache-2.0
"""The page "Man is to doctor as woman is to ...": what the answer owes to a rule about the words of the question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from plugins.words import choosing, pitfall
from plugins.words.arithmetic import CALLED, METHODS
from plugins.words.desk import ASKED, GREY, SCORES, frame_of
from plugins.words.pitfall import QUESTION, Asked, Published, Share
from plugins.words.vocabulary import Vocabulary
from workbench.app.parts import background, charts, links, permalink, text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.points import Description

PAGE: Final = "word-analogies"
ENTRY: Final = "analogy-input-suppression"


def draw() -> None:
    """Draw the page."""
    st.title("Man is to doctor as woman is to …?")
    st.markdown(
        "*Nurse* is the answer that went round as proof of what word vectors have learned. It is the best answer "
        "**that is no word of the question**: libraries leave those words out of the list of answers. With none left "
        "out, the best answer is often the very word that was given, *doctor*. So the sentence shows what the rule "
        "lets through; whether the vectors are prejudiced is another question, which this sum cannot answer either way."
    )
    st.caption(
        "M. Nissim, R. van Noord and R. van der Goot, Fair Is Better than Sensational: Man Is to Doctor as Woman Is to "
        "Doctor, Computational Linguistics 46(2), 2020, pages 487 to 497."
    )
    choosing.choose(PAGE, _drawn, most=pitfall.CANDIDATES)


def _drawn(model: str, embed: str, description: Description, vocabulary: Vocabulary) -> None:
    asked = _question(vocabulary)
    if asked is not None:
        _methods(vocabulary, asked)
        _lists(vocabulary, asked)
        _occupations(model, embed, vocabulary, asked)
    _published(model, embed, vocabulary, asked)
    _meaning(model)


def _question(vocabulary: Vocabulary) -> Asked | None:
    """The three words, which may be changed."""
    given = []
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name, label, start in zip("abc", ("First", "is to", "as"), QUESTION, strict=True):
            word = st.text_input(
                label, value=permalink.get(name) or start, key=f"{PAGE}.{name}", max_chars=100, width=170
            )
            permalink.put(**{name: word if word != start else None})
            given.append(word)
        st.markdown("is to **?**", width="content")
    unknown = vocabulary.look_up([one for one in given if one.strip()])[1]
    if unknown or not all(one.strip() for one in given):
        for one in unknown:
            st.warning(text.sentence(one, 300), icon=":material/edit:")
        if not unknown:
            st.info("Three words are needed.", icon=":material/edit:")
        return None
    return pitfall.ask(vocabulary, given[0], given[1], given[2])


def _methods(vocabulary: Vocabulary, asked: Asked) -> None:
    st.subheader("One question, six answers", anchor=False)
    inputs = {vocabulary.find(one) for one in (asked.a, asked.b, asked.c)}
    lines = []
    for method in METHODS:
        found = asked.answers.get(method)
        if found is None or not len(found.suppressed) or not len(found.plain):
            continue
        first, plain = int(found.suppressed[0]), int(found.plain[0])
        margin = found.plain_scores[0] - found.suppressed_scores[0]
        mark = " ◆" if plain in inputs else ""
        apart = f"{margin:.3f}" if plain in inputs else "the same"
        lines.append(
            f"| {CALLED[method]} | {text.plain(vocabulary.names[first], 40)} ({found.suppressed_scores[0]:.3f}) "
            f"| **{text.plain(vocabulary.names[plain], 40)}**{mark} ({found.plain_scores[0]:.3f}) | {apart} |"
        )
    head = "| Method | Words of the question left out | No word left out | Apart by |\n|:--|:--|:--|--:|\n"
    st.markdown(head + "\n".join(lines))
    st.caption(
        f"Scores in brackets: {'; '.join(f'{CALLED[one]}: {SCORES[one].lower()}' for one in METHODS)}. "
        f"◆: a word of the question. Among {len(vocabulary):,} words."
    )


def _lists(vocabulary: Vocabulary, asked: Asked) -> None:
    st.subheader("The whole list, not its first word", anchor=False)
    found = asked.answers["3cosadd"]
    inputs = {place for one in (asked.a, asked.b, asked.c) if (place := vocabulary.find(one)) is not None}
    back = pitfall.ask(vocabulary, asked.c, asked.b, asked.a)
    left, right = st.columns(2, gap="medium")
    for column, one, held in ((left, asked, found), (right, back, back.answers["3cosadd"] if back else None)):
        if one is None or held is None:
            continue
        with column:
            st.markdown(f"**{text.plain(one.a)}** : {text.plain(one.b)} = **{text.plain(one.c)}** : ?")
            _chart(frame_of(vocabulary, held.plain, held.plain_scores, inputs, "Cosine"))
    steps = [
        f"{held - other:.3f}" for held, other in zip(found.plain_scores[:4], found.plain_scores[1:5], strict=False)
    ]
    st.caption(
        "3CosAdd, no word left out; on the right the roles are exchanged. From one answer to the next the cosine "
        f"falls by {', '.join(steps)} on the left: a claim that rests on one word rests on such a step. Reading "
        "further down, or leaving out another word, gives another story."
    )


def _chart(frame: pd.DataFrame) -> None:
    import altair as alt

    shown = frame.assign(
        what=["a word of the question" if one else "another word" for one in frame["Answer"].str.endswith(f" {ASKED}")]
    )
    shown["Answer"] = shown["Answer"].str.removesuffix(f" {ASKED}")
    row = alt.Y("Answer:N", title=None, sort=list(shown["Answer"]))
    low = max(0.0, float(shown["Cosine"].min()) - 0.1)
    x = alt.X(
        "Cosine:Q",
        title="cosine with the sum",
        axis=alt.Axis(tickCount=6),
        scale=alt.Scale(domain=[low, float(shown["Cosine"].max()) + 0.05]),
    )
    domain, colours = ["a word of the question", "another word"], ["#D55E00", "#0072B2"]
    colour = alt.Color(
        "what:N", title=None, legend=alt.Legend(orient="top"), scale=alt.Scale(domain=domain, range=colours)
    )
    base = alt.Chart(shown).encode(y=row, x=x)
    shape = alt.Shape("what:N", legend=None, scale=alt.Scale(domain=domain, range=["diamond", "circle"]))
    marks = base.mark_point(filled=True, size=80, opacity=1).encode(
        color=colour, shape=shape,
        tooltip=["Answer", alt.Tooltip("Cosine:Q", format=".3f"), alt.Tooltip("Rank:Q", format=",")],
    )  # fmt: skip
    values = base.mark_text(align="left", dx=9, color=GREY).encode(text=alt.Text("Cosine:Q", format=".3f"))
    charts.draw((marks + values).properties(height=24 * len(shown)).to_dict(), "answers")


def _occupations(model: str, embed: str, vocabulary: Vocabulary, asked: Asked) -> None:
    st.subheader("Every occupation, not one", anchor=False)

    def show(table: pd.DataFrame) -> None:
        if table.empty:
            st.info("None of the occupations is in this vocabulary.", icon=":material/search_off:")
            return
        told = pitfall.share(table["returned"])
        returned = table[table["returned"]]
        median = f"{returned['margin'].median():.3f}" if len(returned) else "–"
        st.markdown(
            f"**{_share(told)}** occupations X are answered by a word of the question when *{text.plain(asked.a)} : X "
            f"= {text.plain(asked.c)} : ?* is asked with no word left out. Their cosine lies {median} (median) above "
            "that of the word which the rule puts in its place."
        )
        st.dataframe(
            table,
            hide_index=True,
            height=320,
            column_config={
                "occupation": st.column_config.TextColumn("Occupation X"),
                "left out": st.column_config.TextColumn("Words of the question left out"),
                "none left out": st.column_config.TextColumn("No word left out"),
                "returned": st.column_config.CheckboxColumn(
                    "Repeats", width="small", help="Whether the answer with no word left out is a word of the question."
                ),
                "margin": st.column_config.NumberColumn(
                    "Apart by", format="%.3f", width="small", help="Difference of the two cosines."
                ),
                "cosine": st.column_config.NumberColumn(
                    "Cosine",
                    format="%.3f",
                    width="small",
                    help="Of the answer with the words of the question left out.",
                ),
            },
        )
        st.caption(
            f"{len(table)} of {len(pitfall.OCCUPATIONS)} occupations are known; the list was not chosen by its "
            "answers. Sort by a column to see where the rule changes most. Interval: 95 % (Wilson), as if occupations "
            "were independent draws."
        )

    background.wait_for(
        (PAGE, "occupations", model, embed, len(vocabulary), asked.a, asked.c),
        lambda: pitfall.occupations(vocabulary, asked.a, asked.c),
        show,
        saying="Asking for every occupation",
    )


def _published(model: str, embed: str, vocabulary: Vocabulary, asked: Asked | None) -> None:
    st.subheader("All published questions, not this one", anchor=False)

    second, third = (asked.b, asked.c) if asked is not None else QUESTION[1:]

    def show(told: Published | None) -> None:
        if told is None:
            st.info(
                "None of the published questions has all its words in this vocabulary.", icon=":material/search_off:"
            )
            return
        st.markdown(
            f"With no word left out **{_share(told.returned)}** questions are answered by one of their own words: "
            f"{told.second:,} by the second (*{text.plain(second)}* in the question above), {told.third:,} by the "
            f"third (*{text.plain(third)}*). Right are {_share(told.right)} with the words of the question left out, "
            f"and {_share(told.plain)} with none left out. What lies between these two is owed to the rule, "
            "not to the sum."
        )
        st.caption(
            f"3CosAdd among {min(len(vocabulary), pitfall.CANDIDATES):,} words; {told.returned.n:,} of the 19,544 "
            "questions of Mikolov and others (2013) have all their words there. Intervals: 95 % (Wilson), as if "
            "questions were independent; many share their words."
        )

    background.wait_for(
        (PAGE, "published", model, embed, len(vocabulary)),
        lambda: pitfall.published(vocabulary),
        show,
        saying="Answering thousands of published questions; a few seconds",
    )


def _share(told: Share) -> str:
    return f"{told.hits:,} of {told.n:,} ({100 * told.value:.0f} %, {100 * told.low:.0f} to {100 * told.high:.0f} %)"


def _meaning(model: str) -> None:
    st.subheader("What may be said", anchor=False)
    st.markdown(
        "- That an answer is *nurse* says that *nurse* lies near *doctor* and *woman*; it does not say that *woman* "
        "cannot be a *doctor* in these vectors, since the rule forbids that answer.\n"
        "- The rule is of use where the answer must differ (*king* and *queen*). Where it may be the same word, an "
        "analogy with the rule is not a test.\n"
        "- The authors named above hold that human prejudice is present in word vectors, and that analogies are no "
        "accurate tool to show it. Others measure it with a test and a control: associations of sets of words (WEAT), "
        "directions held out, effects on a task. Nothing on this page says that there is none."
    )
    with st.container(horizontal=True, gap="large"):
        links.link("compendium", "What to do about it", icon=":material/menu_book:", entry=ENTRY)
        links.link("plugin-words", "Ask your own words", icon=":material/edit:", model=model)
        links.link(
            "analysis", "Questions by section (Analogies)", icon=":material/quiz:", analysis="analogies", model=model
        )
