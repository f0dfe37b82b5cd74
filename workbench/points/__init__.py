# SPDX-License-Identifier: Apache-2.0
"""Points of every space: traced, captured, sampled, mapped, streamed and kept. Names are imported when first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {
    "ActivationStore": "activations",
    "ActivationWriter": "activations",
    "Description": "description",
    "Route": "routes",
    "capture": "capturing",
    "fingerprint": "fingerprints",
    "plan": "routes",
    "sample_prior": "sampling",
    "stream": "streaming",
    "trace": "tracing",
}

__all__ = [
    "ActivationStore",
    "ActivationWriter",
    "Description",
    "Route",
    "capture",
    "fingerprint",
    "plan",
    "sample_prior",
    "stream",
    "trace",
]

if TYPE_CHECKING:
    from workbench.points.activations import ActivationStore as ActivationStore
    from workbench.points.activations import ActivationWriter as ActivationWriter
    from workbench.points.capturing import capture as capture
    from workbench.points.description import Description as Description
    from workbench.points.fingerprints import fingerprint as fingerprint
    from workbench.points.routes import Route as Route
    from workbench.points.routes import plan as plan
    from workbench.points.sampling import sample_prior as sample_prior
    from workbench.points.streaming import stream as stream
    from workbench.points.tracing import trace as trace


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'workbench.points' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"workbench.points.{_HOME[name]}"), name)
    globals()[name] = value
    return value
