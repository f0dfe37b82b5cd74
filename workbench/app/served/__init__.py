# SPDX-License-Identifier: Apache-2.0
"""What pages of the app fetch by HTTP beside Streamlit's own messages: columns of numbers, hover cards, rasters."""

from __future__ import annotations
