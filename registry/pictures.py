# SPDX-License-Identifier: Apache-2.0
"""Points of image spaces as pixels; pictures and charts as ``data:`` addresses, for pages that load nothing."""

from __future__ import annotations

import base64
import io
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from registry.arrays import Array
from registry.spaces import Images

#: Ten category colours: blue, orange, green and vermilion of Okabe and Ito ("Color Universal Design", 2008), then six
#: more chosen so that the smallest CIE 1976 distance of any pair, seen with normal, protan, deutan and tritan vision
#: (full severity, Machado, Oliveira and Fernandes 2009), is as large as a search found: 15.2, where the six Okabe-Ito
#: colours that read on both grounds have 16.1. Contrast is at least 1.9 on white and 2.7 on the dark ground #0E1117.
CHART_COLOURS: Final[tuple[str, ...]] = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#B55FE6",
    "#33BBEE",
    "#AA3377",
    "#BBBBBB",
    "#D55FA0",
    "#5B3FD0",
)

#: What every chart looks like that does not say otherwise: the category colours, values on Viridis, and legend marks
#: as strong as the marks of lines, not as faint as their bands.
CHART_CONFIG: Final[dict[str, Any]] = {
    "range": {"category": list(CHART_COLOURS), "ramp": {"scheme": "viridis"}, "heatmap": {"scheme": "viridis"}},
    "mark": {"color": CHART_COLOURS[0]},
    "legend": {"symbolOpacity": 1, "labelLimit": 320},
    "axis": {"titleLimit": 320},
    "axisY": {"labelFlush": False},  # the app's theme would push the first and last label off their ticks
}


def styled(specification: dict[str, Any]) -> dict[str, Any]:
    """A Vega-Lite chart with :data:`CHART_CONFIG` below its own ``config``; the given one is left as it is.

    >>> styled({"mark": "bar", "config": {"mark": {"color": "red"}}})["config"]["mark"]
    {'color': 'red'}
    """
    return {**specification, "config": _merged(CHART_CONFIG, specification.get("config") or {})}


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {name: (below[name], above[name]) for name in below if name in above}
    deep = {name: _merged(a, b) for name, (a, b) in both.items() if isinstance(a, dict) and isinstance(b, dict)}
    return {**below, **above, **deep}


def to_pixels(batch: Array, space: Images) -> npt.NDArray[np.uint8]:
    """A batch of an image space as uint8 ``[n, height, width, channels]`` with 1 or 3 channels.

    ``batch`` is float ``[n, channels, height, width]`` in ``[space.low, space.high]``; values outside are clipped. Two
    channels are shown by their mean, of more than three the first three.
    """
    scaled = (np.asarray(batch, dtype=np.float32) - space.low) / (space.high - space.low)
    pixels = np.rint(np.clip(np.nan_to_num(scaled), 0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    if pixels.shape[3] == 2:
        pixels = np.rint(pixels.mean(axis=3, keepdims=True)).astype(np.uint8)
    return np.asarray(pixels[..., :3])


def png_address(image: Array) -> str:
    """A picture (uint8 ``[height, width(, 3 or 4)]``) as a ``data:`` address."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def svg_address(specification: dict[str, Any]) -> str:
    """A Vega-Lite chart as the ``data:`` address of an SVG picture; as a picture it cannot run anything.

    Raises :class:`ValueError` for a specification that cannot be drawn.
    """
    import vl_convert

    svg = vl_convert.vegalite_to_svg(styled(specification), allowed_base_urls=[])
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def drawn(specification: dict[str, Any]) -> tuple[str, str]:
    """The address of a chart's picture, or why it has none: one chart must not cost the reader the rest."""
    try:
        return svg_address(specification), ""
    except ValueError as error:  # what vl_convert raises for every fault of a specification
        return "", str(error).strip().partition("\n")[0]
