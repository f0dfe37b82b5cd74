# SPDX-License-Identifier: Apache-2.0
"""Small real models with their data, scripts and cards, registered as plugins."""
