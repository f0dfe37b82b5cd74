# SPDX-License-Identifier: Apache-2.0
"""Entry of the app: navigation only."""
