# SPDX-License-Identifier: Apache-2.0
"""Entry of the app: navigation only. Start it with ``workbench serve``, or ``streamlit run streamlit_app.py``."""

from __future__ import annotations

if __name__ == "__main__":  # as a page, once for every rerun
    from workbench.app.navigation import main

    main()
else:  # as the server, once
    import streamlit
    from starlette.middleware import Middleware
    from streamlit import config

    from workbench.app.guard import Guard
    from workbench.app.served import routes

    app = streamlit.App(
        __file__,
        routes=routes.all(),
        middleware=[Middleware(Guard, address=str(config.get_option("server.address") or ""))],
    )
