# SPDX-License-Identifier: Apache-2.0
"""``python -m benchmarks [name ...]`` runs every benchmark, or those named: ``capture``, ``projection`` ..."""

from __future__ import annotations

import pkgutil
import platform
import subprocess
import sys
import time

import benchmarks


def main(names: list[str]) -> None:
    """Run the benchmarks in modules ``benchmarks.bench_*``, one after the other."""
    found = sorted(
        one.name.removeprefix("bench_")
        for one in pkgutil.iter_modules(benchmarks.__path__)
        if one.name.startswith("bench_")
    )
    unknown = sorted(set(names) - set(found))
    if unknown:
        sys.exit(f"no benchmark '{unknown[0]}': there are {', '.join(found)}")
    print(f"machine: {platform.machine()}, Python {platform.python_version()}")
    for name in names or found:
        print(f"\n== {name}", flush=True)
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", f"benchmarks.bench_{name}"], check=True)  # none changes what another sees
        print(f"== {name} took {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
