# SPDX-License-Identifier: Apache-2.0
"""Ways of finding directions: each takes arrays or a decoder and gives :class:`~.found.Found`, whoever asks."""

from __future__ import annotations
