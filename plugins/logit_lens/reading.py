# SPDX-License-Identifier: Apache-2.0
"""Layers through the last norm and the unembedding: every prompt at its last token, one prompt at every token."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.logit_lens import measures
from plugins.logit_lens.prompts import Prompts, others

if TYPE_CHECKING:
    import torch

AT_ONCE: Final = 16  # prompts in one pass
POSITION: Final = "position"
MEASURED: Final = ("rank", "shuffled", "log_probability", "entropy", "divergence", "same")


@dataclass(frozen=True)
class Lens:
    """The two maps: ``through`` runs the layers, ``unembed`` turns a point of any of them into logits of tokens."""

    model: wb.Model
    through: wb.Map[Any, Any]
    unembed: wb.Map[Any, Any]
    layers: tuple[str, ...]
    device: str

    @property
    def names(self) -> tuple[str, ...]:
        """The tokens by number."""
        return tuple(getattr(self.unembed.target, "names", ()))

    @property
    def steps(self) -> tuple[str, ...]:
        """The layers, then what the map gives."""
        return (*self.layers, self.through.target.name)

    def passes(self, batch: list[str], **conditions: Any) -> Iterator[tuple[int, torch.Tensor]]:
        """Logits ``[n, tokens]`` of each step, in order."""
        (seen,) = wb.capture(
            self.model, self.through.name, [batch], list(self.layers), device=self.device, **conditions
        )
        for number, name in enumerate((*self.layers, "")):
            yield number, self.unembed.point(seen[name]).detach()


def lens_of(model: wb.Model, through: str, unembed: str, device: str) -> Lens:
    """The lens of two maps, with every layer that the first runs and the second can read.

    Raises
    ------
    workbench.DoesNotApply
        When no layer is as wide as what the second map takes.
    """
    first, second = model.maps[through], model.maps[unembed]
    width = getattr(second.source, "size", None)
    if getattr(first.target, "size", None) != width:
        raise wb.DoesNotApply(
            f"the map '{unembed}' reads points of {width} numbers and '{through}' gives others: choose two maps of "
            "which the second goes on from where the first ends"
        )
    (seen,) = wb.capture(model, through, [["one", "two words"]], None, device=device)
    end = seen.pop("")
    fitting = [name for name, one in seen.items() if tuple(one.shape) == (2, width)]
    order = [name for name in model.layers() if name in fitting]
    layers = [one for at, one in enumerate(order) if at < len(order) - 1 or not seen[one].equal(end)]
    if not layers:
        raise wb.DoesNotApply(
            f"no layer of the map '{through}' holds {width} numbers for a text, so that '{unembed}' could read it"
        )
    return Lens(model, first, second, tuple(layers), device)


@dataclass(frozen=True)
class Read:
    """What every step says of every prompt, arrays ``[steps, n]``; divergences are in bits, logarithms natural."""

    rank: Any
    shuffled: Any
    log_probability: Any
    entropy: Any
    divergence: Any
    same: Any
    without_prompt: Any  # [n]


def read(lens: Lens, prompts: Prompts, rng: np.random.Generator, progress: Callable[[float], None]) -> Read:
    """Look at the last token of every prompt through the lens."""
    import torch

    of_others = others(prompts.answers, rng)
    count = len(lens.steps)
    parts: list[dict[str, list[Any]]] = []
    finals = []
    for start in range(0, len(prompts), AT_ONCE):
        batch, answers = prompts.texts[start : start + AT_ONCE], prompts.answers[start : start + AT_ONCE]
        found: dict[str, list[Any]] = {
            name: [None] * count for name in Read.__annotations__ if name != "without_prompt"
        }
        with torch.no_grad():
            logits = dict(lens.passes(batch))
            final = logits[count - 1].float().log_softmax(dim=1)
            for step, one in logits.items():
                logs = one.float().log_softmax(dim=1)
                found["rank"][step] = measures.ranks(one, answers)
                found["shuffled"][step] = measures.ranks(one, of_others[start : start + AT_ONCE])
                found["log_probability"][step] = logs[range(len(batch)), answers].cpu().numpy()
                found["entropy"][step] = measures.entropy(logs)
                found["divergence"][step] = measures.divergence(final, logs)
                found["same"][step] = (logs.argmax(dim=1) == final.argmax(dim=1)).cpu().numpy()
        finals.append(final.cpu())
        parts.append(found)
        progress(min(start + AT_ONCE, len(prompts)) / len(prompts))
    whole = {name: np.concatenate([np.stack(one[name]) for one in parts], axis=1) for name in parts[0]}
    return Read(**whole, without_prompt=measures.without_prompt(torch.cat(finals)))


def look(
    lens: Lens, prompt: str, most: int, top: int, progress: Callable[[float], None]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]], list[str]]:
    """One prompt at its last ``most`` tokens: rows of the grid, the ``top`` tokens of each step at the last, notes.

    The grid needs a model that gives the tokens of a text (``tokens(text) -> list[str]``) and a map with the condition
    ``position``; without them only the last token is looked at, which is said.
    """
    import torch

    split = getattr(lens.model, "tokens", None)
    known = {one.name for one in lens.through.conditions}
    notes = []
    if callable(split) and POSITION in known:
        tokens = list(split(prompt))
        positions = list(range(max(0, len(tokens) - most), len(tokens)))
        if positions[0]:
            notes.append(f"The prompt has {len(tokens):,} tokens; the last {len(positions)} are shown.")
    else:
        tokens, positions = [prompt.split()[-1] if prompt.split() else prompt], [0]
        notes.append("The model does not give the tokens of a text, so only the end of the prompt is looked at.")
    numbers = {name: number for number, name in enumerate(lens.names)}
    grid: list[Mapping[str, Any]] = []
    best: list[Mapping[str, Any]] = []
    for place, position in enumerate(positions):
        given = {POSITION: position} if len(positions) > 1 else {}
        following = numbers.get(tokens[position + 1]) if position + 1 < len(tokens) else None
        with torch.no_grad():
            for step, logits in lens.passes([prompt], **given):
                shares = logits[0].float().softmax(dim=0)
                first, named = (one.tolist() for one in shares.topk(min(top, len(shares))))
                rank = None if following is None else int(measures.ranks(logits, np.array([following]))[0])
                grid.append(
                    {
                        "position": position,
                        "token": tokens[position],
                        "step": step,
                        "layer": lens.steps[step],
                        "says": lens.names[named[0]],
                        "probability": first[0],
                        "rank_of_next": rank,
                    }
                )
                if position == positions[-1]:
                    best += [
                        {
                            "step": step,
                            "layer": lens.steps[step],
                            "place": at + 1,
                            "token": lens.names[number],
                            "probability": share,
                        }
                        for at, (share, number) in enumerate(zip(first, named, strict=True))
                    ]
        progress((place + 1) / len(positions))
    return grid, best, notes
