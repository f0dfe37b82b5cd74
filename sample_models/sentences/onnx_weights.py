# SPDX-License-Identifier: Apache-2.0
"""Read the tensors and the nodes of an ONNX file: enough of protocol buffers for that, and no dependency.

Fields by number as in ``onnx.proto`` (ONNX IR): ModelProto 7 graph; GraphProto 1 node, 5 initializer; NodeProto 1
input, 2 output, 4 op_type; TensorProto 1 dims, 2 data_type, 4 float_data, 5 int32_data, 7 int64_data, 8 name, 9
raw_data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

TYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float16, 11: np.float64}


@dataclass(frozen=True)
class Node:
    """One operation of a graph: what it does, and the names of what goes in and comes out."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def read_graph(content: bytes) -> tuple[dict[str, np.ndarray[Any, Any]], list[Node]]:
    """Initialisers by name, and the nodes in order.

    Raises
    ------
    ValueError
        When the bytes are no ONNX model, or a tensor has a type or a place for its numbers that is not known here.
    """
    graph = next((value for number, value in _fields(memoryview(content)) if number == 7), None)
    if not isinstance(graph, memoryview):
        raise ValueError("these bytes are no ONNX model: they hold no graph")
    tensors, nodes = {}, []
    for number, value in _fields(graph):
        if number == 5:
            name, tensor = _tensor(value)
            tensors[name] = tensor
        elif number == 1:
            nodes.append(_node(value))
    return tensors, nodes


def _fields(raw: memoryview) -> Iterator[tuple[int, Any]]:
    place = 0
    while place < len(raw):
        key, place = _varint(raw, place)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, place = _varint(raw, place)
            yield number, value
            continue
        if wire not in (1, 2, 5):
            raise ValueError(f"wire type {wire} at byte {place} is not known")
        length, place = _varint(raw, place) if wire == 2 else ({1: 8, 5: 4}[wire], place)
        yield number, raw[place : place + length]
        place += length


def _varint(raw: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(raw):
        byte = raw[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
    raise ValueError("the file ends inside a number")


def _tensor(raw: memoryview) -> tuple[str, np.ndarray[Any, Any]]:
    shape, kind, name, data, whole = list[int](), 0, "", b"", list[int]()
    for number, value in _fields(raw):
        if number in (1, 5, 7):
            (shape if number == 1 else whole).extend([value] if isinstance(value, int) else _packed(value))
        elif number == 2:
            kind = value
        elif number == 8:
            name = bytes(value).decode()
        elif number in (4, 9):
            data += bytes(value)
    if kind not in TYPES:
        raise ValueError(f"the tensor '{name}' is of type {kind}, which is not known here")
    kept = TYPES[kind]
    values: np.ndarray[Any, Any] = np.array(whole, kept) if whole else np.frombuffer(data, kept)
    return name, values.reshape(shape)


def _packed(raw: memoryview) -> Iterator[int]:
    place = 0
    while place < len(raw):
        value, place = _varint(raw, place)
        yield value - (1 << 64) if value >> 63 else value


def _node(raw: memoryview) -> Node:
    held: dict[int, list[str]] = {1: [], 2: [], 4: []}
    for number, value in _fields(raw):
        if number in held:
            held[number].append(bytes(value).decode())
    return Node("".join(held[4]), tuple(held[1]), tuple(held[2]))
