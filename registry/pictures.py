# SPDX-License-Identifier: Apache-2.0
"""Pictures and charts as ``data:`` addresses, for pages and notebooks that load nothing from elsewhere."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np

from registry.arrays import Array


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

    svg = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def drawn(specification: dict[str, Any]) -> tuple[str, str]:
    """The address of a chart's picture, or why it has none: one chart must not cost the reader the rest."""
    try:
        return svg_address(specification), ""
    except ValueError as error:  # what vl_convert raises for every fault of a specification
        return "", str(error).strip().partition("\n")[0]
