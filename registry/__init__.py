# SPDX-License-Identifier: Apache-2.0
"""The contract between generators, analyses and the workbench. Import it as ``import workbench as wb``."""
