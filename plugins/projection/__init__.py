# SPDX-License-Identifier: Apache-2.0
"""Projection of a space: maps in two or three dimensions, and how far each can be trusted."""
