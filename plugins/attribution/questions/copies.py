# SPDX-License-Identifier: Apache-2.0
"""A copy of a model that may be hooked and changed, the model itself staying as it is."""

from __future__ import annotations

import copy
import types
from typing import TYPE_CHECKING, Any

import workbench as wb
from registry.maps import Map

if TYPE_CHECKING:
    from torch import nn


def copied(model: wb.Model) -> wb.Model:
    """A deep copy in eval mode, every parameter of real numbers wanting a gradient.

    Maps that were added with a function over networks of the model are given the copies of these.

    Raises
    ------
    MapError
        When the model holds something that cannot be copied (an open file, a session of another library).
    """
    memo: dict[int, Any] = {}
    try:
        other = copy.deepcopy(model, memo)
    except Exception as error:  # what the objects of a plugin raise is theirs to choose
        raise wb.MapError(
            f"the model {type(model).__name__} cannot be copied, and attribution never works on the loaded one: "
            f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}"
        ) from error
    added = other.__dict__.get("_added_maps", {})
    for name, one in list(added.items()):
        added[name] = Map(name, _with_copies(one.function, memo), one.source, one.target, one.conditions)
    for network in other.modules().values():
        _prepared(network)
    return other


def _prepared(network: nn.Module) -> None:
    network.eval()
    for parameter in network.parameters():
        if parameter.is_floating_point() or parameter.is_complex():
            parameter.requires_grad_(True)


def _with_copies(function: Any, memo: dict[int, Any]) -> Any:
    """A function whose closure and defaults hold the copies of what they held; methods are copied with the model."""
    if not isinstance(function, types.FunctionType):
        return function
    cells = tuple(types.CellType(copy.deepcopy(one.cell_contents, memo)) for one in function.__closure__ or ())
    made = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, copy.deepcopy(function.__defaults__, memo), cells
    )
    made.__kwdefaults__ = copy.deepcopy(function.__kwdefaults__, memo)
    return made
