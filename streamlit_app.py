# SPDX-License-Identifier: Apache-2.0
"""Entry of the app: navigation only. Start it with ``workbench serve``, or ``streamlit run streamlit_app.py``."""

from __future__ import annotations

if __name__ == "__main__":
    from workbench.app.navigation import main

    main()
