# SPDX-License-Identifier: Apache-2.0
"""Words and other named points: neighbours, odd one out, arithmetic."""
