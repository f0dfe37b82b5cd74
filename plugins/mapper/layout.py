# SPDX-License-Identifier: Apache-2.0
"""Places for the nodes of a graph, and which of them lie on a cycle: the same for the same graph, nothing is drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

ROUNDS = 200
APART = 1.5  # edges between the pieces of the drawing


def components(count: int, edges: Int64) -> Int64:
    """Which connected component each of ``count`` nodes is in, int64 ``[v]``; that of the first node is 0."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def layout(count: int, edges: Int64) -> Float64:
    """Coordinates float64 ``[v, 2]``; an edge is about 1 long.

    Each connected component by itself, so that distances in the plane are as near as may be to those along edges
    (stress majorisation from the classical scaling), then the components beside each other, the largest first.

    Sources: Torgerson, "Multidimensional scaling", Psychometrika 17, 1952 (start); Gansner, Koren and North, "Graph
    drawing by stress majorization", Graph Drawing 2004, equation 8 with weights d^-2.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import shortest_path

    places = np.zeros((count, 2))
    if not count:
        return places
    piece = components(count, edges)
    links = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (count, count)).tocsr()
    boxes = []
    for one in range(int(piece.max()) + 1):
        members = np.flatnonzero(piece == one)
        steps = shortest_path(links[members][:, members], directed=False, unweighted=True)
        drawn = _drawn(steps)
        boxes.append((members, drawn - drawn.min(axis=0)))
    _shelves(places, boxes)
    return places


def on_cycle(count: int, edges: Int64) -> NDArray[np.bool_]:
    """Which nodes lie on a cycle, bool ``[v]``: those with an edge whose removal leaves its ends connected.

    Each edge outside of a spanning forest gets a random word of 64 bits; an edge of the forest is a bridge when the
    words that end below it cancel. Wrong with probability 2^-64 for each edge.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    found = np.zeros(count, dtype=bool)
    if not len(edges):
        return found
    both = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (count, count)).tocsr()
    both = (both + both.T).tocsr()
    piece = components(count, edges)
    above, order = np.full(count, -1), []
    for root in np.unique(piece, return_index=True)[1]:
        reached, before = breadth_first_order(both, int(root), directed=False)
        order.append(reached)
        above[reached[1:]] = before[reached[1:]]
    first, second = edges.T
    in_forest = (above[first] == second) | (above[second] == first)
    words = np.random.default_rng(0).integers(1, 2**63, len(edges), dtype=np.int64)
    carried = np.zeros(count, dtype=np.int64)
    for (one, other), word, tree in zip(edges.tolist(), words, in_forest, strict=True):
        if not tree:
            carried[one] ^= word
            carried[other] ^= word
            found[[one, other]] = True
    for node in np.concatenate(order)[::-1]:
        if above[node] >= 0 and carried[node]:
            carried[above[node]] ^= carried[node]
            found[[node, above[node]]] = True
    return found


def _drawn(steps: Float64) -> Float64:
    """Places ``[v, 2]`` of one component from the numbers of steps between its nodes ``[v, v]``."""
    count = len(steps)
    if count == 1:
        return np.zeros((1, 2))
    centre = np.eye(count) - 1 / count
    values, vectors = np.linalg.eigh(-centre @ np.square(steps) @ centre / 2)
    axes = vectors[:, ::-1][:, :2] * np.sqrt(np.maximum(values[::-1][:2], 0.0))
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(2)])
    places = axes * np.where(signs == 0, 1.0, signs)
    turn = 2 * np.pi * np.arange(count) * 0.618034  # nodes that the scaling puts in one place are moved a little apart
    places = places + 1e-2 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    weights = 1 / np.square(np.where(steps > 0, steps, 1.0))
    np.fill_diagonal(weights, 0.0)
    laplacian = np.diag(weights.sum(axis=1)) - weights
    inverse = np.linalg.pinv(laplacian, hermitian=True)
    for _ in range(ROUNDS):
        apart = np.sqrt(np.square(places[:, None] - places[None]).sum(axis=2))
        ratio = -weights * steps / np.where(apart > 1e-9, apart, 1e-9)
        np.fill_diagonal(ratio, 0.0)
        np.fill_diagonal(ratio, -ratio.sum(axis=1))
        moved = inverse @ (ratio @ places)
        if np.abs(moved - places).max() < 1e-4:
            return np.asarray(moved)
        places = moved
    return np.asarray(places)


def _shelves(places: Float64, boxes: list[tuple[Int64, Float64]]) -> None:
    """Write components ``(members, places from 0)`` into rows of about the width of the largest, in place."""
    boxes.sort(key=lambda box: (-len(box[0]), int(box[0][0])))
    area = sum(float(np.prod(box.max(axis=0) + APART)) for _, box in boxes)
    width = max(float(boxes[0][1][:, 0].max()) + APART, 1.6 * area**0.5)
    left = bottom = high = 0.0
    for members, box in boxes:
        wide, tall = box.max(axis=0) + APART
        if left and left + wide > width:
            left, bottom, high = 0.0, bottom + high, 0.0
        places[members] = box + [left, bottom]
        left, high = left + float(wide), max(high, float(tall))
