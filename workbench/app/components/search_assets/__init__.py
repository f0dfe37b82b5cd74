# SPDX-License-Identifier: Apache-2.0
"""Script and style of the search box."""
