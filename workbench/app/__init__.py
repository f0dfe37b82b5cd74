# SPDX-License-Identifier: Apache-2.0
"""The app: pages that read stored results. Imported only by ``streamlit_app.py`` and by plugins' views."""
