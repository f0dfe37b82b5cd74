# SPDX-License-Identifier: Apache-2.0
"""Every parameter of every analysis can be given to ``wb.run``, whose own arguments take the same names away."""

from __future__ import annotations

import inspect

import workbench as wb


def test_no_parameter_has_the_name_of_an_argument_of_run() -> None:
    taken = {name for name, one in inspect.signature(wb.run).parameters.items() if one.kind is not one.VAR_KEYWORD}
    analyses = wb.catalogue().analyses
    assert len(analyses) > 10
    shared = {name: sorted(taken & set(one.Params.model_fields)) for name, one in analyses.items()}
    assert {name: one for name, one in shared.items() if one} == {}
