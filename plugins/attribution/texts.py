# SPDX-License-Identifier: Apache-2.0
"""The similarity to a text: the cosine between where an input lands and where a text lands, in a space of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor

import workbench as wb
from plugins.attribution.questions import Question, Similarity

if TYPE_CHECKING:
    from plugins.attribution.asking import Asking

LONG: Final = 800  # letters beyond which a reader of texts may cut
SHOWN: Final = 60


def similarity(asking: Asking) -> Question:
    """The question of a run with a text.

    Raises
    ------
    DoesNotApply
        When the model reads no texts into a space that this map leads to.
    ParameterError
        When a text is empty, or lands at 0 or where no number is.
    """
    model, params = asking.job.model, asking.params
    reader, then = meeting(model, asking.through)
    wanted = _landed(reader, "text", params.text or "")
    other = None if params.against is None else _landed(reader, "against", params.against)
    sentence = f"similarity to '{shortened(params.text or '')}'"
    ways = " and ".join(f"'{one}'" for one in (asking.through.name, *then))
    notes = [
        f"Similarity is the cosine in '{reader.target.name}': '{reader.name}' reads texts there, {ways} lead there."
    ]
    if params.against is not None:
        sentence += f" less that to '{shortened(params.against)}'"
    if longer := [one for one in (params.text, params.against) if one is not None and len(one) > LONG]:
        notes.append(
            f"A text has {len(longer[0]):,} letters: readers of sentences cut what is beyond some hundred words, and "
            "say nothing of it."
        )
    return asking.asked(Similarity(wanted, other), sentence, then=then, notes=tuple(notes))


def meeting(model: wb.Model, through: wb.Map[Any, Any]) -> tuple[wb.Map[Any, Any], tuple[str, ...]]:
    """The map that reads texts, and the maps that lead from the end of ``through`` to where it ends: the fewest.

    Raises
    ------
    DoesNotApply
        When there is no such pair.
    """
    readers = [
        one for one in model.maps.values() if isinstance(one.source, wb.Texts) and isinstance(one.target, wb.Vectors)
    ]
    ends: dict[str, tuple[str, ...]] = {through.target.name: ()}
    waiting = [through.target.name]
    while waiting:
        here = waiting.pop(0)
        for reader in readers:
            if reader.target.name == here:
                return reader, ends[here]
        for one in model.maps_from(here):
            if one.target.name not in ends and not isinstance(one.target, (wb.Texts, wb.Items)):
                ends[one.target.name] = (*ends[here], one.name)
                waiting.append(one.target.name)
    has = ", ".join(f"'{one.name}' into '{one.target.name}'" for one in readers) or "none"
    raise wb.DoesNotApply(
        f"the map '{through.name}' leads to no space that texts are read into (maps from texts to vectors: {has}): a "
        "similarity to a text needs a model of pictures and texts in one space"
    )


def shortened(text: str) -> str:
    """A text as a sentence quotes it: on one line, cut.

    >>> shortened("a cat  on\\na mat")
    'a cat on a mat'
    """
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN else f"{plain[: SHOWN - 1]}…"


def _landed(reader: wb.Map[Any, Any], name: str, text: str) -> Tensor:
    if not text.strip():
        raise wb.ParameterError(f"'{name}' is empty: write what the input is compared with, for example \"a cat\"")
    with torch.no_grad():
        point = torch.as_tensor(reader.point([text]))[0].detach().float().reshape(-1)
    if not bool(point.isfinite().all()) or float(point.norm()) == 0:
        raise wb.ParameterError(f"the {name} '{shortened(text)}' lands at 0 or at no finite point: nothing is near it")
    return point
