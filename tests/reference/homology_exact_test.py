# SPDX-License-Identifier: Apache-2.0
"""Bars that are known in closed form, and surfaces whose homology is in every textbook."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform

from plugins.homology.distances import enclosing_radius, pairwise
from plugins.homology.engines import Barcode, Engine, has_redzed, rips, rips_cocycles

ENGINES: list[Engine] = ["gudhi", "redzed"] if has_redzed() else ["gudhi"]
Table = Any


def polygon(n: int) -> Table:
    angles = 2 * np.pi * np.arange(n) / n
    return pairwise(np.stack([np.cos(angles), np.sin(angles)], axis=1))


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, np.reshape(expected, (-1, 2)), atol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_regular_polygons(engine: Engine) -> None:
    """Adamaszek, Adams 2017: a loop until a third of the way around; of 12 points three octahedra follow."""
    found = rips(polygon(12), 2, engine=engine)
    close(found.dimension(1), [2 * np.sin(np.pi / 12), 2 * np.sin(np.pi / 3)])
    close(found.dimension(2), [[2 * np.sin(np.pi / 3), 2 * np.sin(5 * np.pi / 12)]] * 3)
    assert len(found.dimension(0)) == 12
    close(rips(polygon(100), engine=engine).dimension(1), [2 * np.sin(np.pi / 100), 2 * np.sin(34 * np.pi / 100)])
    close(rips(polygon(99), engine=engine).dimension(1), [2 * np.sin(np.pi / 99), np.sqrt(3)])


def test_regular_polygon_by_ripser() -> None:
    found, cocycles = rips_cocycles(polygon(12))
    np.testing.assert_allclose(found.dimension(1), [[0.517638, 1.732051]], atol=1e-6)
    assert len(cocycles) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_cube(engine: Engine) -> None:
    found = rips(pairwise(list(itertools.product([0, 1], repeat=3))), 3, engine=engine)
    close(found.dimension(1), [[1, np.sqrt(2)]] * 5)
    close(found.dimension(2), np.empty((0, 2)))
    close(found.dimension(3), [np.sqrt(2), np.sqrt(3)])


@pytest.mark.parametrize("engine", ENGINES)
def test_octahedron(engine: Engine) -> None:
    found = rips(pairwise(np.concatenate([np.eye(3), -np.eye(3)])), 2, engine=engine)
    close(found.dimension(1), np.empty((0, 2)))
    close(found.dimension(2), [np.sqrt(2), 2])


def subdivided(triangles: Any) -> Table:
    """Distances of the simplices of a surface: 1 where one is a face of the other, else 2.

    At scale 1 the complex is the barycentric subdivision of the surface, which is a flag complex.
    """
    faces: set[frozenset[Any]] = set()
    for triangle in triangles:
        for size in (1, 2, 3):
            faces.update(frozenset(part) for part in itertools.combinations(triangle, size))
    ordered = sorted(faces, key=lambda face: (len(face), sorted(face)))
    table = np.full((len(ordered), len(ordered)), 2.0)
    for i, j in itertools.combinations(range(len(ordered)), 2):
        if ordered[i] < ordered[j]:
            table[i, j] = table[j, i] = 1.0
    np.fill_diagonal(table, 0.0)
    return table


def glued_grid(side: int, twisted: bool) -> Any:
    """Triangles of a square grid whose opposite sides are glued, one pair of them reversed for the Klein bottle."""

    def corner(row: int, column: int) -> tuple[int, int]:
        if row == side:
            row, column = 0, (-column if twisted else column)
        return row, column % side

    for row, column in itertools.product(range(side), repeat=2):
        a, b = corner(row, column), corner(row, column + 1)
        c, d = corner(row + 1, column), corner(row + 1, column + 1)
        yield (a, b, d)
        yield (a, c, d)


# Six vertices: Moebius 1886; edges 15, triangles 10, Euler characteristic 1.
PROJECTIVE_PLANE = [
    *[(1, 2, 3), (1, 2, 4), (1, 3, 5), (1, 4, 6), (1, 5, 6)],
    *[(2, 3, 6), (2, 4, 5), (2, 5, 6), (3, 4, 5), (3, 4, 6)],
]

SURFACES = {
    "torus": (list(glued_grid(3, twisted=False)), 54, (1, 2, 1), (1, 2, 1)),
    "Klein bottle": (list(glued_grid(4, twisted=True)), 96, (1, 2, 1), (1, 1, 0)),
    "projective plane": (PROJECTIVE_PLANE, 31, (1, 1, 1), (1, 0, 0)),
    "sphere": (list(itertools.combinations(range(4), 3)), 14, (1, 0, 1), (1, 0, 1)),
}


def betti(found: Barcode, scale: float) -> tuple[int, ...]:
    return tuple(found.betti(scale, k) for k in range(3))


@pytest.mark.parametrize("name", SURFACES)
def test_surfaces_over_two_fields(name: str) -> None:
    """Hatcher, Algebraic Topology, section 2.2: Z/2 does not tell torus and Klein bottle apart, Z/3 does."""
    triangles, simplices, over_two, over_three = SURFACES[name]
    table = subdivided(triangles)
    assert len(table) == simplices
    for engine in ENGINES:
        assert betti(rips(table, 2, engine=engine), 1.0) == over_two
    assert betti(rips(table, 2, field=3), 1.0) == over_three
    assert betti(rips(table, 2, field=3, threshold=1.0), 1.0) == over_three


def test_the_projective_plane_as_ripser_prints_it() -> None:
    """Bars [1, 2) in dimensions 1 and 2 over Z/2, none over Z/3, as `ripser --modulus` of its projective plane."""
    table = subdivided(PROJECTIVE_PLANE)
    close(rips(table, 2).dimension(1), [1, 2])
    close(rips(table, 2).dimension(2), [1, 2])
    assert len(rips(table, 2, field=3).dimension(1)) == len(rips(table, 2, field=3).dimension(2)) == 0


def patches() -> Table:
    """288 patches c (ax + by)^2 + d (ax + by) on the 3 x 3 grid, of contrast 1 without their mean: a Klein bottle.

    Carlsson, Ishkhanov, de Silva, Zomorodian 2008, sections 2 and 5; the norm is the contrast (D-norm) there.
    """
    x, y = np.meshgrid([-1, 0, 1], [-1, 0, 1])
    edges = [(i, j) for i, j in itertools.combinations(range(9), 2) if abs(i // 3 - j // 3) + abs(i % 3 - j % 3) == 1]
    contrast = np.zeros((len(edges), 9))
    for row, (i, j) in enumerate(edges):
        contrast[row, i], contrast[row, j] = 1, -1
    made = []
    for turn, kind in itertools.product(range(12), range(24)):
        a, b = np.cos(np.pi * turn / 12), np.sin(np.pi * turn / 12)
        c, d = np.cos(2 * np.pi * kind / 24), np.sin(2 * np.pi * kind / 24)
        line = (a * x + b * y).ravel()
        differences = contrast @ (c * line**2 + d * line)
        made.append(differences / np.linalg.norm(differences))
    return pairwise(made)


def test_patches_of_the_klein_bottle() -> None:
    table = patches()
    two, three = (rips(table, 2, field=field, threshold=1.05) for field in (2, 3))
    for scale in (0.8, 0.9, 1.0):
        assert betti(two, scale) == (1, 2, 1)
        assert betti(three, scale) == (1, 1, 0)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("n", [2, 50, 300])
def test_pieces_are_single_linkage(n: int, engine: Engine) -> None:
    """The ends of the pieces add up to the weight of the minimum spanning tree."""
    table = squareform(pdist(np.random.default_rng(n).standard_normal((n, 16))))
    bars = rips(table, 0, engine=engine).dimension(0)
    assert len(bars) == n and np.isinf(bars[-1, 1]) and (bars[:, 0] == 0).all()
    np.testing.assert_allclose(bars[:-1, 1].sum(), minimum_spanning_tree(table).sum(), rtol=1e-12)


def test_nothing_happens_above_the_enclosing_radius() -> None:
    """Bauer 2021, section 3: the complex is a cone there, so all bars but one have ended."""
    table = pairwise(np.random.default_rng(0).standard_normal((60, 3)))
    found = rips(table, 2)
    assert found.threshold == enclosing_radius(table)
    assert [int(np.isinf(bars[:, 1]).sum()) for bars in found.bars] == [1, 0, 0]
    assert max(float(bars[np.isfinite(bars)].max(initial=0)) for bars in found.bars) <= found.threshold


def test_flat_torus_and_sphere() -> None:
    """Points spread evenly over a Clifford torus (two long loops, one void) and a sphere (one void)."""
    turns = 2 * np.pi * np.arange(14) / 14
    first, second = (one.ravel() for one in np.meshgrid(turns, turns))
    torus = rips(pairwise(np.stack([np.cos(first), np.sin(first), np.cos(second), np.sin(second)], axis=1)), 2)
    assert (torus.lengths(1) > 0.8).sum() == 2 and (torus.lengths(2) > 0.8).sum() == 1
    steps = np.arange(120) + 0.5
    height, turn = 1 - 2 * steps / 120, np.pi * (1 + 5**0.5) * steps
    width = np.sqrt(1 - height**2)
    sphere = rips(pairwise(np.stack([width * np.cos(turn), width * np.sin(turn), height], axis=1)), 2)
    assert (sphere.lengths(1) > 0.5).sum() == 0 and (sphere.lengths(2) > 0.8).sum() == 1
