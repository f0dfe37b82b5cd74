# SPDX-License-Identifier: Apache-2.0
"""Conformance kit: measures whether a model does what the contract says, map by map.

In a team's own tests, one test for each check::

    import pytest
    from registry.conformance import model_checks
    from acme.plugin import CARD

    @pytest.mark.parametrize("check", model_checks(CARD), ids=str)
    def test_acme_faces(check):
        check()
"""

from __future__ import annotations

from registry.conformance.kit import CHECKS, ModelCheck, check_model, model_checks
from registry.conformance.report import Check, Report

__all__ = ["CHECKS", "Check", "ModelCheck", "Report", "check_model", "model_checks"]
