# SPDX-License-Identifier: Apache-2.0
"""Checks that running the maps leaves no trace: no hooks, no changed weights or mode, no memory."""

from __future__ import annotations

import gc
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from registry.arrays import to_numpy
from registry.conformance.probe import ROWS, Probe
from registry.conformance.report import Check
from registry.model import Model

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
MIB = 2**20
WARM, ROUNDS = 3, 20
SLOW = 1.0  # seconds of a round from which on each map is given one row: what a call keeps shows with one too


@dataclass(frozen=True)
class Trace:
    """What maps must leave as it was: hooks, modes and contents of everything that the model holds."""

    hooks: int
    training: dict[str, bool]
    digests: dict[str, str]

    @classmethod
    def of(cls, model: Model) -> Trace:
        """The state of the model now."""
        training = {name: layer.training for name, layer in model.layers().items()}
        return cls(_hooks(model), training, _digests(model))


def check_hooks(probe: Probe) -> Iterator[Check]:
    """All that the checks ran leaves no hook on any layer; the value is how many more there are than before."""
    if not probe.model.modules():
        yield Check("hook leaks", "model", "does not apply", words="it holds no network")
        return
    probe.exercise()
    left = _hooks(probe.model) - probe.before.hooks
    yield Check("hook leaks", "model", "fail" if left > 0 else "pass", float(left), 0.0, "hooks left by all calls")


def check_training_mode(probe: Probe) -> Iterator[Check]:
    """All that the checks ran leaves every layer in the mode (training or evaluation) that it was in."""
    if not probe.model.modules():
        yield Check("training mode", "model", "does not apply", words="it holds no network")
        return
    probe.exercise()
    layers, before = probe.model.layers(), probe.before.training
    changed = [name for name, layer in layers.items() if before.get(name, layer.training) != layer.training]
    words = f"changed: {', '.join(changed[:5])}" if changed else "layers whose mode was changed"
    yield Check("training mode", "model", "fail" if changed else "pass", float(len(changed)), 0.0, words)


def check_parameters(probe: Probe) -> Iterator[Check]:
    """All that the checks ran changes no weight, buffer or array; the value is how many were changed."""
    before = probe.before.digests
    if not before:
        yield Check("parameters unchanged", "model", "does not apply", words="it holds no tensor or array")
        return
    probe.exercise()
    after = _digests(probe.model)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    words = f"changed: {', '.join(changed[:5])}" if changed else f"of {len(before)} tensors and arrays"
    yield Check("parameters unchanged", "model", "fail" if changed else "pass", float(len(changed)), 0.0, words)


def check_memory(probe: Probe) -> Iterator[Check]:
    """After twenty rounds of all maps memory is back at its level; the value is the growth in MiB.

    On CUDA what torch has allocated, which is exact; else the resident memory of the process, which is not: the limit
    leaves room for allocators that keep pages. Maps that take long are given one row in place of seven.
    """
    start = time.perf_counter()
    probe.round()
    rows = 1 if time.perf_counter() - start > SLOW else ROWS
    for _ in range(WARM - 1):
        probe.round(rows)
    before = _memory(probe.device)
    for _ in range(ROUNDS):
        probe.round(rows)
    grown = (_memory(probe.device) - before) / MIB
    limit, kind = (1.0, "allocated on the device") if probe.device.startswith("cuda") else (32.0, "resident")
    words = f"MiB more {kind} after {ROUNDS} rounds of {rows} {'row' if rows == 1 else 'rows'}"
    yield Check("memory", "model", "pass" if grown <= limit else "fail", grown, limit, words)


def _hooks(model: Model) -> int:
    from torch.nn.modules import module as torch_module

    local = sum(len(getattr(layer, kind)) for layer in model.layers().values() for kind in HOOKS)
    everywhere = (getattr(torch_module, f"_global{kind}", ()) for kind in HOOKS)
    return local + sum(len(one) for one in everywhere)


def _digests(model: Model) -> dict[str, str]:
    """SHA-256 of every tensor and array of the model, by name."""
    found = {}
    for name, value in model.tensors():
        array = np.ascontiguousarray(to_numpy(value.float() if str(value.dtype) == "torch.bfloat16" else value))
        found[name] = hashlib.sha256(str(array.dtype).encode() + array.tobytes()).hexdigest()
    return found


def _memory(device: str) -> int:
    gc.collect()
    if device.startswith("cuda"):
        import torch

        torch.cuda.synchronize(device)
        return int(torch.cuda.memory_allocated(device))
    import psutil

    return int(psutil.Process().memory_info().rss)
