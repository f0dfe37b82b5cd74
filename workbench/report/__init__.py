# SPDX-License-Identifier: Apache-2.0
"""Reports: a run as files, and as one page that needs no network."""

from workbench.report.export import export as export

__all__ = ["export"]
