# SPDX-License-Identifier: Apache-2.0
"""Our scores of disentanglement against what the original code (disentanglement_lib) gives for the same codes.

Ten independent factors of ten levels and six representations that are given in closed form; `GOLDEN` is what the
original code printed for them (10,000 points, 1,000 of them to learn DCI and 1,000 to test it, 2,000 votes). Run
`python -m benchmarks.bench_disentanglement`, with `--quick` to leave out DCI with its 100 boosted trees.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

FACTORS, LEVELS, POINTS = 10, 10, 10_000
LEARNED, VOTES = 2_000, 2_000
NAN = float("nan")  # the original code crashes there
NAMES = ("MIG", "D", "C", "I", "SAP cont", "SAP disc", "FactorVAE", "BetaVAE", "IRS", "Modul.", "Explic.")
GOLDEN: dict[str, tuple[float, ...]] = {
    "identity": (0.998, 1.00, 1.00, 1.00, 0.999, 0.189, 1.00, 1.00, 1.00, 1.00, 1.00),
    "duplicated": (0.0, 1.00, 0.770, 1.00, 0.0, 0.0, 1.00, 1.00, 1.00, 1.00, 1.00),
    "pairs turned by 15 degrees": (0.314, 0.745, 0.745, 1.00, 0.866, 0.176, 1.00, 1.00, 0.784, 0.975, 1.00),
    "pairs turned by 30 degrees": (0.108, 0.690, 0.690, 1.00, 0.500, 0.087, 1.00, 1.00, 0.626, 0.944, 1.00),
    "identity and noise of 0.5": (0.693, 0.608, 0.608, 0.671, 0.970, 0.187, 1.00, 1.00, 0.790, 1.00, 0.971),
    "zeros": (0.0, 0.0, 0.0, 0.10, 0.0, 0.0, 0.096, 0.121, 0.0, NAN, NAN),
}


def turned(values: Any, degrees: float) -> Any:
    """Axes 0 and 1, 2 and 3 ... turned against each other."""
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    found = values.copy()
    found[:, 0::2] = cosine * values[:, 0::2] - sine * values[:, 1::2]
    found[:, 1::2] = sine * values[:, 0::2] + cosine * values[:, 1::2]
    return found


def representations(seed: int = 0) -> tuple[Any, dict[str, Any]]:
    """The levels, int64 ``[10000, 10]`` from 0, and the codes of each representation."""
    random = np.random.default_rng(seed)
    levels = random.integers(LEVELS, size=(POINTS, FACTORS))
    values = levels + 1.0
    codes = (
        values,
        np.hstack([values, values]),
        turned(values, 15),
        turned(values, 30),
        values + 0.5 * random.standard_normal(values.shape),
        np.zeros_like(values),
    )
    return levels, dict(zip(GOLDEN, codes, strict=True))


def scores_of(codes: Any, levels: Any, *, seed: int = 0) -> dict[str, Callable[[], float]]:
    """Every score but DCI's by its name in the table, to be called."""
    from plugins.disentanglement import scores
    from plugins.disentanglement.information import binned, entropy, gaps, information_matrix, modularity

    def information() -> Any:
        return information_matrix(binned(codes), levels)

    def entropies() -> Any:
        return np.array([entropy(one) for one in levels.T])

    some = slice(0, 3_000)
    return {
        "MIG": lambda: float(gaps(information(), entropies()).mean()),
        "SAP cont": lambda: float(scores.separations(scores.squared_correlations(codes, levels + 1.0)).mean()),
        "SAP disc": lambda: float(scores.separations(scores.level_accuracies(codes[some], levels[some], seed)).mean()),
        "FactorVAE": lambda: scores.factor_vae(codes, levels, np.random.default_rng(seed), votes=VOTES),
        "BetaVAE": lambda: scores.beta_vae(codes, levels, np.random.default_rng(seed), votes=VOTES),
        "IRS": lambda: scores.interventional_robustness(codes, levels)[0],
        "Modul.": lambda: float(modularity(information()).mean()),
        "Explic.": lambda: float(scores.explicitness(codes[some], levels[some], seed).mean()),
    }


def dci_of(codes: Any, levels: Any, *, trees: int = 100, seed: int = 0) -> dict[str, float]:
    """The three scores of DCI."""
    from plugins.disentanglement import importance as dci

    found = dci.importance(codes[:LEARNED], levels[:LEARNED], trees=trees, seed=seed)
    whole = dci.disentanglement(found.matrix), dci.completeness(found.matrix), float(found.accuracy.mean())
    return dict(zip(("D", "C", "I"), whole, strict=True))


def main(arguments: list[str] | None = None) -> None:
    """Print ours, the difference to the original code's numbers, and the seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without DCI")
    asked = parser.parse_args(arguments)
    levels, codes = representations()
    print(f"{POINTS:,} points, {FACTORS} factors of {LEVELS} levels; ours, and in brackets ours minus the original's")
    print(f"  {'':<27}" + "".join(f"{name:>15}" for name in NAMES) + "   seconds: DCI, all others")
    largest = 0.0
    for name, original in GOLDEN.items():
        start = time.perf_counter()
        found = {one: call() for one, call in scores_of(codes[name], levels).items()}
        middle = time.perf_counter()
        if not asked.quick:
            found |= dci_of(codes[name], levels)
        took = time.perf_counter() - middle, middle - start
        cells = []
        for one, expected in zip(NAMES, original, strict=True):
            if one not in found:
                cells.append(f"{'':>15}")
                continue
            apart = found[one] - expected
            largest = max(largest, abs(apart)) if apart == apart else largest
            told = f"({apart:+.3f})" if apart == apart else "(crash)"
            cells.append(f"{found[one]:7.3f}{told:>8}")
        print(f"  {name:<27}" + "".join(cells) + f"   {took[0]:.1f}, {took[1]:.1f}", flush=True)
    print(f"  largest difference: {largest:.3f}")


if __name__ == "__main__":
    main()
