# SPDX-License-Identifier: Apache-2.0
"""Tracing: each map is run once on a few example points, to learn which layers it drives and their shapes."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

import torch

from registry.arrays import is_distribution
from registry.errors import SpaceError
from registry.maps import Map
from registry.model import Model
from registry.spaces import Images, Layer
from workbench.points.capturing import Recorder, run_map
from workbench.points.description import Description
from workbench.points.fingerprints import fingerprint, parameter_count
from workbench.points.transfer import to_device

EXAMPLES = 3
SEED = 20


@dataclass
class _Trace:
    """What the maps have shown so far."""

    points: dict[str, Any] = field(default_factory=dict)  # space -> example points, made or reached by a map
    passes: dict[str, Recorder] = field(default_factory=dict)  # map -> its recorded pass
    problems: list[str] = field(default_factory=list)


def trace(model: Model, *, device: str = "cpu") -> Description:
    """Describe a model by running each of its maps on three example points.

    A map whose source cannot make examples gets points that other maps lead to. What fails is told in
    ``Description.problems`` and does not stop the rest. Random numbers that maps draw are seeded, and the
    generators of torch are left as they were.

    Returns
    -------
    Description
        With a :class:`Layer` space for each layer that a map drives and whose first dimension is the batch.
    """
    started = time.perf_counter()
    found = _Trace()
    cuda = [torch.device(device)] if device.startswith("cuda") else []
    with torch.random.fork_rng(devices=cuda):
        torch.manual_seed(SEED)
        _run_all(model, found, device)
    layers, drivers, calls = _layers(model, found)
    return Description(
        spaces=dict(model.spaces),
        layers=layers,
        maps={name: one.describe() for name, one in model.maps.items()},
        fingerprint=fingerprint(model),
        parameters=parameter_count(model),
        seconds=time.perf_counter() - started,
        problems=found.problems,
        drivers=drivers,
        calls=calls,
    )


def _run_all(model: Model, found: _Trace, device: str) -> None:
    """Run the maps whose sources have points; repeat while a pass brings points that others wait for."""
    generator = torch.Generator().manual_seed(SEED)
    for name, space in model.spaces.items():
        try:
            found.points[name] = space.example(EXAMPLES, generator)
        except SpaceError:
            continue  # points may be reached by a map; told below when they are not
    networks, waiting, moved = model.layers(), dict(model.maps), True
    while waiting and moved:
        ready = [name for name, one in waiting.items() if one.source.name in found.points]
        moved = bool(ready)
        for name in ready:
            _run_one(waiting.pop(name), networks, found, device)
    for name, one in waiting.items():
        found.problems.append(
            f"map '{name}' was not traced: its source {one.source.label} cannot make example points "
            f"and no map leads there"
        )


def _run_one(one: Map[Any, Any], networks: dict[str, torch.nn.Module], found: _Trace, device: str) -> None:
    batch = to_device(found.points[one.source.name], device)
    try:
        recorder = run_map(one, batch, networks)
        output = recorder.output
        point = output.mean if is_distribution(output) else output
    except Exception as error:  # noqa: BLE001 - the model's own code: whatever it raises is reported, the rest goes on
        found.problems.append(f"map '{one.name}' failed on example points: {type(error).__name__}: {error}")
        return
    found.passes[one.name] = recorder
    try:
        one.target.validate(point)
    except SpaceError as error:
        found.problems.append(f"map '{one.name}' returned no batch of its target: {error}")
        return
    found.points.setdefault(one.target.name, point)


def _layers(model: Model, found: _Trace) -> tuple[dict[str, Layer], dict[str, tuple[str, ...]], dict[str, int]]:
    """Layer spaces, in the order of the networks; the first declared map that drives a layer wins."""
    layers: dict[str, Layer] = {}
    drivers: dict[str, tuple[str, ...]] = {}
    calls: dict[str, int] = {}
    passes = [(name, found.passes[name]) for name in model.maps if name in found.passes]
    for layer in model.layers():
        for map_name, recorder in passes:
            made = _layer(layer, map_name, recorder, found.problems)
            if made is None:
                continue
            if layer not in layers:
                layers[layer], drivers[layer] = made, (map_name,)
                if recorder.calls[layer] > 1:
                    calls[layer] = recorder.calls[layer]
                    found.problems.append(
                        f"layer '{layer}' is called {calls[layer]} times in a pass of map '{map_name}': "
                        f"its last activation is the one captured"
                    )
            elif made.shape == layers[layer].shape:
                drivers[layer] += (map_name,)
    for layer in sorted(set(layers) & set(model.spaces)):
        found.problems.append(f"layer '{layer}' is left out: a space of the model has the same name")
        del layers[layer], drivers[layer]
    _note_free_sizes(model, found)
    return layers, drivers, calls


def _layer(name: str, map_name: str, recorder: Recorder, problems: list[str]) -> Layer | None:
    if name not in recorder.outputs:
        if name in recorder.without_tensor:
            kind = recorder.without_tensor[name]
            problems.append(f"layer '{name}' (map '{map_name}') gives a {kind} without a tensor of real numbers")
        return None
    shape = tuple(recorder.outputs[name].shape)
    if not shape or shape[0] != EXAMPLES or math.prod(shape) == 0:
        problems.append(
            f"layer '{name}' (map '{map_name}') gives shape {list(shape)} for {EXAMPLES} points: "
            f"its first dimension is not the batch"
        )
        return None
    return Layer(size=math.prod(shape[1:]), shape=shape[1:], map=map_name, name=name)


def _note_free_sizes(model: Model, found: _Trace) -> None:
    for map_name in found.passes:
        source = model.maps[map_name].source
        if isinstance(source, Images) and None in (source.height, source.width):
            height, width = found.points[source.name].shape[2:]
            found.problems.append(
                f"layers of map '{map_name}' have the shapes they take at {height} x {width}: "
                f"{source.label} has no fixed size"
            )
