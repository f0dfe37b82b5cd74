# SPDX-License-Identifier: Apache-2.0
"""Built-in analyses, registered through the same hooks as everyone else's."""
