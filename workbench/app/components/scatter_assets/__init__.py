# SPDX-License-Identifier: Apache-2.0
"""Style and browser module of the point map; a package, so that wheels carry the files."""
