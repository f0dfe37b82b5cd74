# SPDX-License-Identifier: Apache-2.0
"""The public names of ``import workbench as wb`` stay what they are, whatever has been imported before."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import pytest

import workbench as wb

MODULES = sorted(one.name for one in pkgutil.iter_modules(wb.__path__) if one.name != "__main__")


ROOMS = {"assets"}
"""Public names that are modules on purpose: ``wb.assets.fetch``."""


@pytest.mark.parametrize("name", sorted({*wb.__all__} - ROOMS))
def test_a_public_name_is_no_module_after_all_modules_are_imported(name: str) -> None:
    for one in MODULES:
        importlib.import_module(f"workbench.{one}")
    assert not isinstance(getattr(wb, name), ModuleType), "a module of the same name stands in its place"


def test_rooms_are_modules_with_public_names() -> None:
    for name in ROOMS:
        room = getattr(wb, name)
        assert isinstance(room, ModuleType)
        assert all(hasattr(room, one) for one in room.__all__)
