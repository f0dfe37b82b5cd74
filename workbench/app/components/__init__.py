# SPDX-License-Identifier: Apache-2.0
"""Components of the app that Streamlit does not have."""
