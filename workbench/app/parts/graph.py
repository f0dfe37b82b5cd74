# SPDX-License-Identifier: Apache-2.0
"""Spaces and maps of a model as a graph in the DOT language; every text is quoted."""

from __future__ import annotations

from collections.abc import Mapping

from registry.maps import MapDescription
from registry.spaces import Images, Items, Scalars, Space, Tables, Texts, Vectors
from workbench.app.parts import text, words

_LIGHT = {"ink": "#20252B", "soft": "#5B5F64", "line": "#8A8F96", "ground": "#FFFFFF"}
_DARK = {"ink": "#E4E6EA", "soft": "#A9B0BA", "line": "#7B8490", "ground": "#0E1117"}
#: Border of a space by its kind, from the categorical palette.
_KIND = {"images": "#D55E00", "vectors": "#0072B2", "items": "#009E73", "scalars": "#AA3377", "texts": "#E69F00"}


def dot(spaces: Mapping[str, Space], maps: Mapping[str, MapDescription], *, dark: bool = False) -> str:
    """The graph: a box for each space that is no layer, an arrow for each map."""
    colours = _DARK if dark else _LIGHT
    lines = [
        "digraph {",
        'graph [rankdir=LR, bgcolor="transparent", pad=0.15, nodesep=0.35, ranksep=1.0];',
        f'node [shape=box, style="rounded,filled", fillcolor="{colours["ground"]}", penwidth=1.5, margin="0.22,0.13", '
        f'fontname="Source Sans, Source Sans 3, sans-serif", fontsize=13, fontcolor="{colours["ink"]}"];',
        f'edge [color="{colours["line"]}", fontcolor="{colours["soft"]}", arrowsize=0.7, penwidth=1.2, '
        'fontname="Source Sans, Source Sans 3, sans-serif", fontsize=12];',
    ]
    shown = {name: one for name, one in spaces.items() if one.kind != "layer"}
    for name, one in shown.items():
        border = _KIND.get(one.kind, colours["line"])
        lines.append(f'{_quoted(name)} [label="{_inner(name)}\\n{_inner(detail(one))}", color="{border}"];')
    for map_ in maps.values():
        if map_.source in shown and map_.target in shown:
            label = f"  {map_.name}  "
            lines.append(f"{_quoted(map_.source)} -> {_quoted(map_.target)} [label={_quoted(label)}];")
    return "\n".join([*lines, "}"])


def detail(space: Space) -> str:
    """One line about a space: its kind, shape, range or prior."""
    if isinstance(space, Images):
        return f"images {words.shape(space.row_shape)}, {space.low:g} to {space.high:g}"
    if isinstance(space, Vectors):
        prior = f", {space.prior.kind} prior" if space.prior is not None else ""
        return f"vectors of {space.size}{prior}"
    if isinstance(space, Items):
        return f"{len(space.names):,} items"
    if isinstance(space, Scalars):
        return text.counted(len(space.names), "logit" if space.logits else "number")
    if isinstance(space, Tables):
        return text.counted(len(space.columns), "column")
    if isinstance(space, Texts):
        return "texts"
    return f"{space.kind} {words.shape(space.row_shape)}".strip()


def in_words(spaces: Mapping[str, Space], maps: Mapping[str, MapDescription]) -> str:
    """The graph as a sentence, for who cannot see it."""
    boxes = "; ".join(f"{name}: {detail(one)}" for name, one in spaces.items() if one.kind != "layer")
    arrows = "; ".join(f"{one.name} takes {one.source} to {one.target}" for one in maps.values())
    return text.one_line(f"Spaces: {boxes}. Maps: {arrows or 'none'}.", 2000)


def _inner(value: str) -> str:
    return text.one_line(value, 60).replace("\\", "\\\\").replace('"', '\\"')


def _quoted(value: str) -> str:
    return f'"{_inner(value)}"'
