# SPDX-License-Identifier: Apache-2.0
"""Fingerprint of a model: two that are equal compute the same."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import is_tensor
from registry.model import Model

if TYPE_CHECKING:
    import torch


def fingerprint(model: Model) -> str:
    """SHA-256 (hexadecimal) of what decides the output of a model.

    That is: names, types, shapes and bytes of all its tensors and arrays; the classes and settings of its layers
    (an activation function has no weights); the source text of its class and of every class of its layers that is
    not torch's own. The device does not count.
    """
    digest = hashlib.sha256()
    for name, value in model.tensors():
        _add_value(digest, name, value)
    classes: dict[type, None] = dict.fromkeys(type(model).__mro__)
    for name, module in model.layers().items():
        digest.update(f"{name}\0{type(module).__qualname__}\0{module.extra_repr()}\0".encode())
        classes.update(dict.fromkeys(type(module).__mro__))
    for one in classes:
        digest.update(source_of(one).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def source_of(kind: type) -> str:
    """Source text of a class; its qualified name for classes of torch and of the workbench, or without source."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind.__module__.partition(".")[0] in ("torch", "builtins", "registry", "abc", "typing"):
        return name
    try:
        return inspect.getsource(kind)
    except (OSError, TypeError):  # defined in a notebook or interpreter, or in C
        return name


def parameter_count(model: Model) -> int:
    """How many trained numbers a model holds: parameters of its networks (shared ones once) and arrays of its own."""
    seen: dict[int, int] = {}
    networks = model.modules()
    for network in networks.values():
        for one in network.parameters():
            seen[id(one)] = one.numel()
    own = _numbers(model.tensors(), networks) or _numbers(vars(model).items(), networks)  # some name hashes alone
    return sum(seen.values()) + own


def _numbers(named: Iterable[tuple[str, Any]], networks: Mapping[str, Any]) -> int:
    """How many numbers the arrays hold that are of the model itself, not of its networks."""
    return sum(
        int(np.prod(tuple(value.shape)))
        for name, value in named
        if "." not in name and name not in networks and (is_tensor(value) or isinstance(value, np.ndarray))
    )


def _add_value(digest: hashlib._Hash, name: str, value: Any) -> None:
    if isinstance(value, np.ndarray):
        digest.update(f"{name}\0{value.dtype.str}\0{value.shape}\0".encode())
        digest.update(np.ascontiguousarray(value).reshape(-1).view(np.uint8).data)
    elif is_tensor(value):
        digest.update(f"{name}\0{value.dtype}\0{tuple(value.shape)}\0".encode())
        digest.update(_bytes_of(value))
    else:  # extra state of a module: plain values count, of objects only the kind (their text may hold an address)
        plain = isinstance(value, (bool, int, float, str, bytes, type(None)))
        digest.update(f"{name}\0{type(value).__qualname__}\0{value!r}\0".encode() if plain else f"{name}\0".encode())


def _bytes_of(tensor: torch.Tensor) -> memoryview:
    import torch

    plain = tensor.detach()
    if plain.is_quantized:
        plain = plain.int_repr()
    if plain.layout is not torch.strided:
        plain = plain.to_dense()
    flat = plain.cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().data
