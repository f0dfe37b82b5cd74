# SPDX-License-Identifier: Apache-2.0
"""What the pages are made of: forms, permalinks, words, pictures."""
