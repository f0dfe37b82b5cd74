# SPDX-License-Identifier: Apache-2.0
"""Scripts that remake the committed data."""
