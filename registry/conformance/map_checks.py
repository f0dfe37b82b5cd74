# SPDX-License-Identifier: Apache-2.0
"""Checks of spaces, and of what each map returns: that it runs, its shape, type, device, numbers and spread."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from registry.arrays import is_floating, is_tensor, to_numpy
from registry.conformance.probe import FLOAT_SPACES, BadPoints, NoPoints, Probe, has_floats
from registry.conformance.report import Check
from registry.errors import SpaceError
from registry.spaces import space_from


def check_loads(probe: Probe) -> Iterator[Check]:
    """The model could be loaded (a card that cannot be loaded fails here, and nothing else is tried)."""
    spaces, maps = probe.model.spaces, probe.model.maps
    if spaces:
        yield Check("loads", "model", "pass", probe.seconds, None, f"{len(spaces)} spaces, {len(maps)} maps")
    else:
        yield Check("loads", "model", "fail", probe.seconds, None, "it has no space, so there is nothing to look at")


def check_spaces(probe: Probe) -> Iterator[Check]:
    """Each space survives being stored, and takes its own points as valid."""
    for name, space in probe.model.spaces.items():
        subject = f"space {name}"
        try:
            read = space_from(json.loads(json.dumps(space.describe())))
            if read != space or read.name != name:
                raise SpaceError("it is not the same after being stored as JSON")
            batch = probe.batch(space)
            space.validate(batch)
        except BadPoints as error:
            yield Check("space", subject, "fail", words=str(error))
        except NoPoints as error:
            yield Check("space", subject, "does not apply", words=str(error))
        except Exception as error:  # noqa: BLE001 - the error is what is reported
            yield Check("space", subject, "fail", words=str(error))
        else:
            yield Check("space", subject, "pass")


def check_runs(probe: Probe) -> Iterator[Check]:
    """Each map runs on points of its source without an error."""
    for one in probe.maps():
        subject = f"map {one.name}"
        try:
            batch = probe.batch(one.source)
        except NoPoints as error:
            yield Check("runs", subject, "does not apply", words=str(error))
            continue
        try:
            probe.call(one, batch)
        except Exception as error:  # noqa: BLE001 - the error is what is reported
            yield Check("runs", subject, "fail", words=f"{type(error).__name__}: {error}")
        else:
            yield Check("runs", subject, "pass")


def check_shape(probe: Probe) -> Iterator[Check]:
    """Each map gives as many rows as it took, each of the shape that its target space says."""
    for one in probe.maps():
        subject, wanted = f"map {one.name}", one.target.row_shape
        try:
            point, taken = probe.seen(one).point, probe.batch(one.source)
        except NoPoints as error:
            yield Check("shape", subject, "does not apply", words=str(error))
            continue
        rows = len(point) if hasattr(point, "__len__") else 0
        if rows != len(taken):
            yield Check("shape", subject, "fail", float(rows), words=f"took {len(taken)} rows and gave {rows}")
        elif wanted is None:
            yield Check("shape", subject, "pass", words=f"{rows} rows")
        else:
            shape = tuple(np.shape(point) if not is_tensor(point) else point.shape)[1:]
            fits = len(shape) == len(wanted) and all(b is None or a == b for a, b in zip(shape, wanted, strict=True))
            words = f"rows of shape {list(shape)}" + ("" if fits else f", expected {list(wanted)}")
            yield Check("shape", subject, "pass" if fits else "fail", words=words)


def check_dtype(probe: Probe) -> Iterator[Check]:
    """Each map into a space of numbers gives floating point, and one into a space of items whole numbers."""
    for one in probe.maps():
        subject = f"map {one.name}"
        try:
            point = probe.seen(one).point
        except NoPoints as error:
            yield Check("dtype", subject, "does not apply", words=str(error))
            continue
        if not (is_tensor(point) or isinstance(point, np.ndarray)):
            yield Check("dtype", subject, "does not apply", words=f"the map gives a {type(point).__name__}")
            continue
        good = is_floating(point) == isinstance(one.target, FLOAT_SPACES)
        yield Check("dtype", subject, "pass" if good else "fail", words=str(point.dtype))


def check_device(probe: Probe) -> Iterator[Check]:
    """Each map gives tensors on the device that the model was loaded on."""
    import torch

    wanted = torch.empty(0, device=probe.device).device
    for one in probe.maps():
        subject = f"map {one.name}"
        try:
            point = probe.seen(one).point
        except NoPoints as error:
            yield Check("device", subject, "does not apply", words=str(error))
            continue
        if not is_tensor(point):
            yield Check("device", subject, "does not apply", words=f"the map gives a {type(point).__name__}")
        else:
            words = str(point.device) + ("" if point.device == wanted else f", expected {wanted}")
            yield Check("device", subject, "pass" if point.device == wanted else "fail", words=words)


def check_finite(probe: Probe) -> Iterator[Check]:
    """Each map gives numbers without NaN or infinity; the value is how many entries are not."""
    for one in probe.maps():
        subject = f"map {one.name}"
        try:
            point = probe.seen(one).point
        except NoPoints as error:
            yield Check("finite", subject, "does not apply", words=str(error))
            continue
        if not has_floats(point):
            yield Check("finite", subject, "does not apply", words="the map gives no floating-point numbers")
            continue
        bad = int((~np.isfinite(to_numpy(point).astype(np.float64))).sum())
        yield Check("finite", subject, "fail" if bad else "pass", float(bad), 0.0, "entries that are NaN or infinite")


def check_target(probe: Probe) -> Iterator[Check]:
    """What each map gives is a valid batch of its target space, range of values included."""
    for one in probe.maps():
        subject = f"map {one.name}"
        try:
            one.target.validate(probe.seen(one).point)
        except NoPoints as error:
            yield Check("target space", subject, "does not apply", words=str(error))
        except Exception as error:  # noqa: BLE001 - the error is what is reported
            yield Check("target space", subject, "fail", words=str(error))
        else:
            yield Check("target space", subject, "pass")


def check_spread(probe: Probe) -> Iterator[Check]:
    """Where a map gives a distribution, its standard deviation is positive and finite; the value is its minimum."""
    for one in probe.maps():
        subject = f"map {one.name}"
        try:
            out = probe.seen(one)
        except NoPoints as error:
            yield Check("spread", subject, "does not apply", words=str(error))
            continue
        if out.spread is None:
            yield Check("spread", subject, "does not apply", words="the map gives no distribution")
            continue
        spread = to_numpy(out.spread).astype(np.float64)
        if spread.shape != to_numpy(out.point).shape:
            words = f"it has shape {list(spread.shape)}, the mean {list(to_numpy(out.point).shape)}"
            yield Check("spread", subject, "fail", words=words)
            continue
        good = bool(np.isfinite(spread).all() and (spread > 0).all())
        least = float(np.nanmin(spread)) if np.isfinite(spread).any() else None
        yield Check("spread", subject, "pass" if good else "fail", least, None, "least standard deviation")
