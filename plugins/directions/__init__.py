# SPDX-License-Identifier: Apache-2.0
"""Directions of a latent space: found in many ways, and all measured alike."""

from __future__ import annotations
