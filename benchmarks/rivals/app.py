# SPDX-License-Identifier: Apache-2.0
"""A Streamlit page that draws the same columns with a rival renderer: ``?renderer=embedding_view&points=FILE``.

The columns go over the routes of the workbench, so that the renderers are all that differs.
"""

from __future__ import annotations

import os
from pathlib import Path

if __name__ == "__main__":
    import numpy as np
    import streamlit as st
    from streamlit.components.v2 import component

    from workbench.app.components.palette import CATEGORY_COLOURS
    from workbench.app.served import columns, grants

    st.set_page_config(layout="wide")
    renderer = st.query_params["renderer"]
    folder = Path(os.environ["RIVALS"])
    with np.load(os.environ["RIVAL_POINTS"]) as given:
        places, label = given["places"].astype(np.float32), given["label"].astype(np.uint8)
    addresses = {
        "x": columns.publish(np.ascontiguousarray(places[:, 0])),
        "y": columns.publish(np.ascontiguousarray(places[:, 1])),
        "category": columns.publish(label),
    }
    draw = component(
        f"rival_{renderer}",
        html="<div class='rival'></div>",
        css=":host{display:block}.rival{width:100%;height:600px}",
        js=(folder / f"{renderer}.built.js").read_text(encoding="utf-8"),
    )
    shades = [*CATEGORY_COLOURS, *CATEGORY_COLOURS][: int(label.max()) + 1]
    draw(key="rival", data={**addresses, "token": grants.token(), "colours": shades})
else:
    import streamlit

    from workbench.app.served import routes

    app = streamlit.App(__file__, routes=routes.all())
