# SPDX-License-Identifier: Apache-2.0
"""One contract of measures for every direction, whoever found it; always beside random directions."""

from __future__ import annotations
