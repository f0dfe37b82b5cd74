# SPDX-License-Identifier: Apache-2.0
"""An app whose page publishes a column, cards and a raster, and shows where they are and its token."""

from __future__ import annotations

if __name__ == "__main__":
    import json

    import numpy as np
    import streamlit as st

    from workbench.app.served import cards, columns, grants, rasters

    name = st.query_params.get("name", "")
    column = np.arange(50_000, dtype=np.float32)
    painter = rasters.Painter(np.array([[0.5, 0.5], [2.5, 1.5]], dtype=np.float32))
    paths = {
        "column": columns.publish(column),
        "cards": cards.publish("map", lambda at: cards.Card(f"<b>{name}</b>", (str(at),)), length=10),
        "raster": rasters.publish("map", painter.draw),
        "token": grants.token(),
    }
    st.code(json.dumps(paths))
    if st.button("Run again"):
        st.write("ran again")
else:
    import streamlit
    from starlette.middleware import Middleware

    from workbench.app.guard import Guard
    from workbench.app.served import routes

    app = streamlit.App(__file__, routes=routes.all(), middleware=[Middleware(Guard, address="127.0.0.1")])
