# SPDX-License-Identifier: Apache-2.0
"""What "man is to doctor as woman is to ..." can show: answers with and without the rule, and how often it decides.

Nissim, van Noord and van der Goot, "Fair is better than sensational: man is to doctor as woman is to doctor",
Computational Linguistics 46(2), 2020, pages 487-497.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plugins.words.arithmetic import METHODS, Answers, Method, answer
from plugins.words.expressions import Term
from plugins.words.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pandas as pd

QUESTION: Final = ("man", "doctor", "woman")
CANDIDATES: Final = 20_000  # words that can be answers, and that published questions may hold
DEEP: Final = 10

#: Occupations in one word, in alphabetical order; none was chosen or left out by what it is answered with.
_WORDS: Final = (
    "accountant actor administrator adviser analyst architect artist attorney author baker banker barber biologist "
    "broker butcher carpenter chef chemist clerk coach composer conductor cook dancer dentist designer detective "
    "director doctor driver economist editor educator electrician engineer executive farmer firefighter guard "
    "guitarist hairdresser historian inspector inventor journalist judge lawyer lecturer librarian manager "
    "mathematician mechanic minister musician novelist nurse officer painter pharmacist philosopher photographer "
    "physician physicist pianist pilot plumber poet policeman politician porter priest producer professor "
    "programmer psychiatrist psychologist receptionist reporter researcher sailor salesman scholar scientist "
    "secretary senator servant sheriff singer soldier surgeon tailor teacher technician therapist trader "
    "translator waiter warrior writer"
)
OCCUPATIONS: Final = tuple(_WORDS.split())


@dataclass(frozen=True)
class Asked:
    """``a : b = c : ?`` and its answers by every method that has one."""

    a: str
    b: str
    c: str
    answers: dict[Method, Answers]


@dataclass(frozen=True)
class Share:
    """How many of how many answers repeat a word of the question, with a 95 % interval (Wilson 1927)."""

    hits: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share."""
        return self.hits / self.n


def ask(vocabulary: Vocabulary, a: str, b: str, c: str, count: int = DEEP) -> Asked | None:
    """Answers to ``a : b = c : ?`` by every method; ``None`` where a word is not known."""
    places = [vocabulary.find(one) for one in (b, a, c)]
    known = [one for one in places if one is not None and vocabulary.table.answers[one]]
    if len(known) < len(places):
        return None
    terms = (Term(1.0, b), Term(-1.0, a), Term(1.0, c))
    found = {method: answer(vocabulary, terms, known, method, count) for method in METHODS}
    return Asked(a, b, c, {method: one for method, one in found.items() if one is not None})


def occupations(vocabulary: Vocabulary, first: str, second: str) -> pd.DataFrame:
    """For each known occupation X the answers to ``first : X = second : ?`` by 3CosAdd, and how far they lie apart."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    start, other = vocabulary.find(first), vocabulary.find(second)
    for one in OCCUPATIONS:
        place = vocabulary.find(one)
        if place is None or start is None or other is None or place in (start, other):
            continue
        terms = (Term(1.0, one), Term(-1.0, first), Term(1.0, second))
        found = answer(vocabulary, terms, (place, start, other), "3cosadd", 2)
        assert found is not None  # 3CosAdd always answers
        rows.append(
            {
                "occupation": one,
                "left out": vocabulary.names[int(found.suppressed[0])],
                "none left out": vocabulary.names[int(found.plain[0])],
                "returned": int(found.plain[0]) in (place, start, other),
                "margin": float(found.plain_scores[0] - found.suppressed_scores[0]),
                "cosine": float(found.suppressed_scores[0]),
            }
        )
    return pd.DataFrame(rows, columns=["occupation", "left out", "none left out", "returned", "margin", "cosine"])


def share(hits: Any) -> Share:
    """A share with its interval."""
    from plugins.homology.trust import wilson

    flags = np.asarray(hits, dtype=bool)
    low, high = wilson(int(flags.sum()), len(flags))
    return Share(int(flags.sum()), len(flags), float(low), float(high))


@dataclass(frozen=True)
class Published:
    """The published questions, answered by 3CosAdd.

    Attributes
    ----------
    right, plain : answered right with the words of the question left out, and with none left out
    returned : answered by a word of the question, with none left out
    third : of those, by the third word, the one that the question is about (c of a : b = c : ?); and ``second``: by b
    """

    right: Share
    plain: Share
    returned: Share
    second: int
    third: int


def published(vocabulary: Vocabulary) -> Published | None:
    """All published questions whose words are known, among the first 20,000 words; ``None`` where there are none."""
    from plugins.analogies.answering import answer as answers
    from plugins.analogies.questions import read, shipped

    questions = read(shipped(), vocabulary.names[:CANDIDATES]).words
    if not len(questions):
        return None
    found = answers(np.asarray(vocabulary.table.vectors[:CANDIDATES], dtype=np.float32), questions)
    returned = (found.found[:, None] == questions[:, :3]).any(axis=1)
    return Published(
        share(found.suppressed == questions[:, 3]),
        share(found.found == questions[:, 3]),
        share(returned),
        int((found.found == questions[:, 1]).sum()),
        int((found.found == questions[:, 2]).sum()),
    )
