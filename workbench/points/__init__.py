# SPDX-License-Identifier: Apache-2.0
"""Points of every space: traced, captured, sampled, mapped, streamed and kept. Names are imported when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import imported_when_used

_HOME = {
    "ActivationStore": "workbench.points.activations",
    "ActivationWriter": "workbench.points.activations",
    "Description": "workbench.points.description",
    "Route": "workbench.points.routes",
    "capture": "workbench.points.capturing",
    "fingerprint": "workbench.points.fingerprints",
    "plan": "workbench.points.routes",
    "sample_prior": "workbench.points.sampling",
    "stream": "workbench.points.streaming",
    "trace": "workbench.points.tracing",
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

__getattr__ = imported_when_used(__name__, _HOME)
