# SPDX-License-Identifier: Apache-2.0
"""The compendium: issues met when interpreting neural networks, and what to do about them, with evidence that grows."""
