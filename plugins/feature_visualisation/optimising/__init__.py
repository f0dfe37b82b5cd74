# SPDX-License-Identifier: Apache-2.0
"""Pictures by optimisation: what a picture is made of, what it is shaken by, what is raised, and by which steps."""

from __future__ import annotations
