# SPDX-License-Identifier: Apache-2.0
"""Discovery: which plugins there are, what each offers, and what is wrong with those that are broken."""

from __future__ import annotations

from registry.discovery.catalogue import Catalogue, PluginRecord
from registry.discovery.listing import discover

__all__ = ["Catalogue", "PluginRecord", "discover"]
