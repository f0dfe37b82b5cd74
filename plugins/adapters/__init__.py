# SPDX-License-Identifier: Apache-2.0
"""Adapters: models of one's own that need no class, from a file of word vectors or from two encoders."""

from __future__ import annotations
