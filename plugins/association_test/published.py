# SPDX-License-Identifier: Apache-2.0
"""The word lists of the published tests, with what they found in GloVe.

Source: Caliskan, Bryson and Narayanan, "Semantics derived automatically from language corpora contain human-like
biases", Science 356, 2017, table 1 and supplement ("WEAT 1" to "WEAT 10"), without the names that the authors left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Lists:
    """Two lists of target words, two of attribute words, and what the paper measured.

    Attributes
    ----------
    title : as pages call it
    names : of the four lists: first and second targets, first and second attributes
    words : the four lists
    effect, p : of the paper, in GloVe 840B (300 dimensions); NaN for lists of one's own
    """

    title: str
    names: tuple[str, str, str, str]
    words: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    effect: float = float("nan")
    p: float = float("nan")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FLOWERS: Final = _words(
    "aster clover hyacinth marigold poppy azalea crocus iris orchid rose bluebell daffodil lilac pansy tulip "
    "buttercup daisy lily peony violet carnation gladiola magnolia petunia zinnia"
)
INSECTS: Final = _words(
    "ant caterpillar flea locust spider bedbug centipede fly maggot tarantula bee cockroach gnat mosquito "
    "termite beetle cricket hornet moth wasp blackfly dragonfly horsefly roach weevil"
)
INSTRUMENTS: Final = _words(
    "bagpipe cello guitar lute trombone banjo clarinet harmonica mandolin trumpet bassoon drum harp oboe tuba "
    "bell fiddle harpsichord piano viola bongo flute horn saxophone violin"
)
WEAPONS: Final = _words(
    "arrow club gun missile spear axe dagger harpoon pistol sword blade dynamite hatchet rifle tank bomb "
    "firearm knife shotgun teargas cannon grenade mace slingshot whip"
)
PLEASANT: Final = _words(
    "caress freedom health love peace cheer friend heaven loyal pleasure diamond gentle honest lucky rainbow "
    "diploma gift honor miracle sunrise family happy laughter paradise vacation"
)
UNPLEASANT: Final = _words(
    "abuse crash filth murder sickness accident death grief poison stink assault disaster hatred pollute "
    "tragedy divorce jail poverty ugly cancer kill rotten vomit agony prison"
)
UNPLEASANT_NAMES: Final = _words(
    "abuse crash filth murder sickness accident death grief poison stink assault disaster hatred pollute "
    "tragedy bomb divorce jail poverty ugly cancer evil kill rotten vomit"
)
PLEASANT_SHORT: Final = _words("joy love peace wonderful pleasure friend laughter happy")
UNPLEASANT_SHORT: Final = _words("agony terrible horrible nasty evil war awful failure")
EUROPEAN: Final = _words(
    "Adam Harry Josh Roger Alan Frank Justin Ryan Andrew Jack Matthew Stephen Brad Greg Paul Jonathan Peter "
    "Amanda Courtney Heather Melanie Katie Betsy Kristin Nancy Stephanie Ellen Lauren Colleen Emily Megan "
    "Rachel"
)
AFRICAN: Final = _words(
    "Alonzo Jamel Theo Alphonse Jerome Leroy Torrance Darnell Lamar Lionel Tyree Deion Lamont Malik Terrence "
    "Tyrone Lavon Marcellus Wardell Nichelle Shereen Ebony Latisha Shaniqua Jasmine Tanisha Tia Lakisha Latoya "
    "Yolanda Malika Yvette"
)
EUROPEAN_LETTERS: Final = _words(
    "Brad Brendan Geoffrey Greg Brett Matthew Neil Todd Allison Anne Carrie Emily Jill Laurie Meredith Sarah"
)
AFRICAN_LETTERS: Final = _words(
    "Darnell Hakim Jermaine Kareem Jamal Leroy Rasheed Tyrone Aisha Ebony Keisha Kenya Lakisha Latoya Tamika Tanisha"
)
ARTS: Final = _words("poetry art dance literature novel symphony drama sculpture")
ARTS_SCIENCE: Final = _words("poetry art Shakespeare dance literature novel symphony drama")
MALE: Final = _words("male man boy brother he him his son")
FEMALE: Final = _words("female woman girl sister she her hers daughter")

GOOD, BAD = "pleasant", "unpleasant"

PUBLISHED: Final[dict[str, Lists]] = {
    "flowers-insects": Lists(
        "Flowers and insects", ("flowers", "insects", GOOD, BAD), (FLOWERS, INSECTS, PLEASANT, UNPLEASANT), 1.50, 1e-7
    ),
    "instruments-weapons": Lists(
        "Instruments and weapons",
        ("instruments", "weapons", GOOD, BAD),
        (INSTRUMENTS, WEAPONS, PLEASANT, UNPLEASANT),
        1.53,
        1e-7,
    ),
    "names-race": Lists(
        "European and African American names",
        ("European American names", "African American names", GOOD, BAD),
        (EUROPEAN, AFRICAN, PLEASANT, UNPLEASANT_NAMES),
        1.41,
        1e-8,
    ),
    "names-race-letters": Lists(
        "The same, names of a field study",
        ("European American names", "African American names", GOOD, BAD),
        (EUROPEAN_LETTERS, AFRICAN_LETTERS, PLEASANT, UNPLEASANT_NAMES),
        1.50,
        1e-4,
    ),
    "names-race-short": Lists(
        "The same names, short lists of attributes",
        ("European American names", "African American names", GOOD, BAD),
        (EUROPEAN_LETTERS, AFRICAN_LETTERS, PLEASANT_SHORT, UNPLEASANT_SHORT),
        1.28,
        1e-3,
    ),
    "career-family": Lists(
        "Names of men and women, career and family",
        ("male names", "female names", "career", "family"),
        (
            _words("John Paul Mike Kevin Steve Greg Jeff Bill"),
            _words("Amy Joan Lisa Sarah Diana Kate Ann Donna"),
            _words("executive management professional corporation salary office business career"),
            _words("home parents children family cousins marriage wedding relatives"),
        ),
        1.81,
        1e-3,
    ),
    "maths-arts": Lists(
        "Mathematics and arts, men and women",
        ("mathematics", "arts", "male", "female"),
        (_words("math algebra geometry calculus equations computation numbers addition"), ARTS, MALE, FEMALE),
        1.06,
        0.018,
    ),
    "science-arts": Lists(
        "Science and arts, men and women",
        ("science", "arts", "male", "female"),
        (
            _words("science technology physics chemistry Einstein NASA experiment astronomy"),
            ARTS_SCIENCE,
            _words("brother father uncle grandfather son he his him"),
            _words("sister mother aunt grandmother daughter she hers her"),
        ),
        1.24,
        1e-2,
    ),
    "illness": Lists(
        "Mental and physical illness, passing and lasting",
        ("mental illness", "physical illness", "temporary", "permanent"),
        (
            _words("sad hopeless gloomy tearful miserable depressed"),
            _words("sick illness influenza disease virus cancer"),
            _words("impermanent unstable variable fleeting short-term brief occasional"),
            _words("stable always constant persistent chronic prolonged forever"),
        ),
        1.38,
        1e-2,
    ),
    "age": Lists(
        "Names of the young and the old",
        ("young people's names", "old people's names", GOOD, BAD),
        (
            _words("Tiffany Michelle Cindy Kristy Brad Eric Joey Billy"),
            _words("Ethel Bernice Gertrude Agnes Cecil Wilbert Mortimer Edgar"),
            PLEASANT_SHORT,
            UNPLEASANT_SHORT,
        ),
        1.21,
        1e-2,
    ),
}
