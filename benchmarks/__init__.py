# SPDX-License-Identifier: Apache-2.0
"""Benchmarks, each against a named rival in the same run; they print ratios and assert nothing."""
