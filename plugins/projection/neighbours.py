# SPDX-License-Identifier: Apache-2.0
"""Exact k nearest neighbours in blocks, on the device of the points.

Idea: a fast pass (matrix product, float32) proposes a few more candidates than asked for; their distances are computed
again by direct difference in float64; and a bound on the rounding error of the fast pass proves, row by row, that no
other point can belong to the answer. Rows where the proof fails (many duplicates, clusters far from the origin) are
computed directly. So the answer equals the brute-force answer in float64 and ties are decided by index.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray, as_points, check_neighbour_count

if TYPE_CHECKING:
    import torch

Metric = Literal["euclidean", "cosine"]
GROUPS = (32, 16, 8)  # columns per group when candidates are picked: first groups by their least distance, then inside
CACHED = 4 * 2**20  # bytes of distances worked on at a time by a processor, so that they are still in its cache


@dataclass(frozen=True)
class Neighbours:
    """Nearest neighbours of some rows, nearest first.

    Attributes
    ----------
    indices : int64 [n, k], row numbers of the neighbours.
    distances : float64 [n, k], Euclidean distance, or cosine distance 1 - cos (0 to 2).
    metric : "euclidean" or "cosine".
    exact : whether they are the nearest for certain (distances are those of the points given in any case).
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float64]
    metric: Metric = "euclidean"
    exact: bool = True

    @property
    def k(self) -> int:
        """Number of neighbours of each row."""
        return int(self.indices.shape[1])

    def first(self, k: int) -> Neighbours:
        """The k nearest of them.

        Raises
        ------
        ValueError
            more than are held.
        """
        if k > self.k:
            raise ValueError(f"{k} neighbours are asked for, but only {self.k} are held.")
        return Neighbours(self.indices[:, :k], self.distances[:, :k], self.metric, self.exact)


def nearest_neighbours(
    points: Any,
    k: int,
    *,
    metric: Metric = "euclidean",
    rows: Any = None,
    queries: Any = None,
    block_bytes: int = 64 * 2**20,
) -> Neighbours:
    """Exact k nearest neighbours among the points.

    Parameters
    ----------
    points : array or tensor [n, d]; a tensor is worked on where it lies.
    k : neighbours per row, 1 to n - 1 (to n for `queries`).
    metric : "euclidean" or "cosine".
    rows : int [m], only these rows of the points look for neighbours (default: all). A row is never its own
        neighbour, its exact duplicates are (at distance 0).
    queries : [m, d], other points that look for neighbours; nothing is excluded.
    block_bytes : bound on one block of the distance matrix; memory in use stays within a few of these, a
        float32 copy of the points and the answer, whatever n.

    Returns
    -------
    Neighbours of each row, by distance, equal distances by row number.

    Raises
    ------
    ValueError
        bad shapes, NaN or infinity, k out of range, zero vectors under the cosine metric, both `rows` and `queries`.

    Examples
    --------
    >>> nearest_neighbours(np.array([[0.0], [1.0], [3.0]]), 1).indices.ravel().tolist()
    [1, 0, 1]
    """
    import torch

    if rows is not None and queries is not None:
        raise ValueError("Give either rows or queries, not both.")
    table = _prepared(points, metric, "points")
    check_neighbour_count(k, len(table) + (queries is not None))
    if queries is not None:
        asking = _prepared(queries, metric, "queries").to(table.device)
        if asking.shape[1] != table.shape[1]:
            raise ValueError(f"queries have {asking.shape[1]} coordinates, but the points have {table.shape[1]}.")
        own = None
    else:
        own = torch.arange(len(table)) if rows is None else torch.as_tensor(np.asarray(rows), dtype=torch.int64)
        own = own.to(table.device)
        asking = table if rows is None else table[own]
    search = _Search(table, k, block_bytes)
    indices = np.empty((len(asking), k), dtype=np.int64)
    distances = np.empty((len(asking), k), dtype=np.float64)

    def fill(start: int) -> None:
        part = slice(start, min(start + search.block, len(asking)))
        found, squared = search.find(asking[part].to(torch.float64), None if own is None else own[part])
        indices[part] = found.cpu().numpy()
        distances[part] = squared.cpu().numpy()

    _side_by_side(fill, range(0, len(asking), search.block), table.device.type)
    if metric == "cosine":
        distances /= 2  # |u - v|^2 = 2 - 2 cos for unit vectors
    else:
        np.sqrt(distances, out=distances)
    return Neighbours(indices, distances, metric)


def _side_by_side(work: Callable[[int], None], parts: Sequence[int], device: str) -> None:
    """Do all parts, on a processor each in one of as many threads as torch has been given.

    Threads inside of each small product would wait for one another at its end, thousands of times.
    """
    import torch

    threads = min(torch.get_num_threads(), len(parts)) if device == "cpu" else 1
    if threads < 2:
        for part in parts:
            work(part)
        return
    before = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            for _ in pool.map(work, parts):  # an error of any part is raised here
                pass
    finally:
        torch.set_num_threads(before)


def _prepared(values: Any, metric: Metric, name: str) -> torch.Tensor:
    """Checked points on their device in their own dtype; float64 unit vectors for the cosine metric."""
    import torch

    if metric not in ("euclidean", "cosine"):
        raise ValueError(f"The metric must be 'euclidean' or 'cosine', but is {metric!r}.")
    device = values.device if isinstance(values, torch.Tensor) else torch.device("cpu")
    checked: FloatArray = as_points(values, name)
    if isinstance(values, torch.Tensor) and values.is_floating_point() and values.ndim == 2 and values.itemsize >= 4:
        table = values.detach()
    else:
        table = torch.from_numpy(checked if checked.flags.writeable else checked.copy()).to(device)
    if metric == "cosine":
        table = table.to(torch.float64, copy=True)
        norms = table.norm(dim=1, keepdim=True)
        zeros = int((norms == 0).sum())
        if zeros:
            raise ValueError(f"{zeros} of the {name} are zero vectors and have no direction; use the Euclidean metric.")
        table /= norms
    return table


class _Search:
    """The points with what every block needs of them."""

    def __init__(self, table: torch.Tensor, k: int, block_bytes: int) -> None:
        import torch

        self.table, self.k = table, k
        n, d = table.shape
        self.candidates = min(n, k + max(8, k // 8) + 1)  # one more for the row itself
        self.centre = table.mean(dim=0, dtype=torch.float64)
        step = max(1, block_bytes // (8 * d))
        parts = [slice(start, min(start + step, n)) for start in range(0, n, step)]
        # float32 squares stay clear of overflow and underflow when the largest norm is brought to 1
        largest = max(float((table[part] - self.centre).square().sum(dim=1).max()) for part in parts)
        self.unit = math.sqrt(largest) or 1.0
        if not math.isfinite(self.unit):
            raise ValueError("The coordinates are so large that squared distances overflow; divide them by a constant.")
        # few groups are quick to pick from, small ones quick to look into: the fewer candidates, the larger the groups
        self.group = next((size for size in GROUPS if self.candidates * size <= n // 8), GROUPS[-1])
        pad = -n % self.group
        self.fast = torch.zeros((n + pad, d), dtype=torch.float32, device=table.device)
        for part in parts:
            self.fast[part] = ((table[part] - self.centre) / self.unit).to(torch.float32)
        self.fast_norms = torch.full((n + pad,), math.inf, dtype=torch.float32, device=table.device)
        self.fast_norms[:n] = self.fast[:n].square().sum(dim=1)
        held = min(block_bytes, CACHED) if table.device.type == "cpu" else block_bytes
        self.block = max(1, min(n, held // (4 * (n + pad)), block_bytes // (8 * self.candidates * d)))
        self.direct_block = max(1, block_bytes // (8 * n * max(1, d)))

    def find(self, asking: torch.Tensor, own: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        """Indices [b, k] and squared distances [b, k] of one block."""
        import torch

        proposed, beyond, error = self._propose(asking, own)
        proposed = proposed.sort(dim=1).values  # by index, so that a stable sort by distance decides ties by index
        exact = torch.empty(proposed.shape, dtype=torch.float64, device=proposed.device)
        step = max(1, CACHED // (8 * proposed.shape[1] * self.table.shape[1]))
        for start in range(0, len(asking), step):
            part = slice(start, start + step)
            near = self.table.index_select(0, proposed[part].flatten()).to(torch.float64)
            away = near.view(*proposed[part].shape, -1).sub_(asking[part, None, :])
            exact[part] = away.square_().sum(dim=2)
        if own is not None:
            exact.masked_fill_(proposed == own[:, None], math.inf)
        squared, order = exact.sort(dim=1, stable=True)
        found = proposed.gather(1, order)[:, : self.k]
        squared = squared[:, : self.k].clone()
        if self.candidates < len(self.table):
            unproven = torch.nonzero(squared[:, -1] >= beyond - error).flatten()
            for start in range(0, len(unproven), self.direct_block):
                chosen = unproven[start : start + self.direct_block]
                found[chosen], squared[chosen] = self._direct(asking[chosen], None if own is None else own[chosen])
        return found, squared

    def _propose(
        self, asking: torch.Tensor, own: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Candidates [b, c], the squared distance beyond which the others lie [b], and the rounding error of it [b]."""
        import torch

        centred = (asking - self.centre) / self.unit
        query = centred.to(torch.float32)
        # the norm of the query is the same along a row: leaving it out changes no order
        approximate = torch.addmm(self.fast_norms[None, :], query, self.fast.T, alpha=-2)
        if own is not None:
            approximate[torch.arange(len(own), device=own.device), own] = math.inf
        grouped = approximate.view(len(query), -1, self.group)
        least = grouped.amin(dim=2)
        # the c nearest lie in at most c groups, and these are the c groups with the least minima
        wanted = min(self.candidates, least.shape[1])
        groups = least.topk(wanted, dim=1, largest=False, sorted=False).indices
        first = torch.arange(len(query), device=groups.device)[:, None] * least.shape[1]
        inside = approximate.view(-1, self.group).index_select(0, (first + groups).flatten()).view(len(query), -1)
        near, place = inside.topk(self.candidates, dim=1, largest=False, sorted=False)
        proposed = groups.gather(1, place // self.group) * self.group + place % self.group
        proposed = proposed.clamp_(max=len(self.table) - 1)  # only when all points are candidates is padding among them
        if self.candidates == len(self.table):
            proposed = torch.arange(len(self.table), device=proposed.device).expand(len(query), -1).clone()
        finite = near.masked_fill(near == math.inf, -math.inf)
        query_norms = centred.square().sum(dim=1)
        beyond = (finite.amax(dim=1).to(torch.float64) + query_norms) * self.unit**2
        # Higham 2002, section 3.1: a product of d terms is off by at most gamma_d |x||y|; with the norms and the cast
        # of both factors (d + 8) u (|x| + |y|)^2 covers the whole; |y| <= 1 here
        u = 2.0**-24 if torch.get_float32_matmul_precision() == "highest" and not _tf32() else 2.0**-10
        d = self.table.shape[1]
        error = 1.01 * (d + 8) * u * (query_norms.sqrt() + 1).square() * self.unit**2
        return proposed, beyond, error

    def _direct(self, asking: torch.Tensor, own: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        """Brute force by direct difference for a few rows."""
        import torch

        exact = (self.table[None, :, :].to(torch.float64) - asking[:, None, :]).square_().sum(dim=2)
        if own is not None:
            exact[torch.arange(len(own), device=own.device), own] = math.inf
        squared, order = exact.sort(dim=1, stable=True)
        return order[:, : self.k], squared[:, : self.k]


def _tf32() -> bool:
    """Whether matrix products on a GPU may be done in 10-bit mantissas."""
    import torch

    return bool(torch.backends.cuda.matmul.allow_tf32)
