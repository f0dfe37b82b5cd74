# SPDX-License-Identifier: Apache-2.0
"""Trial: lists one plugin in a process of its own, to see whether that ends the process.

A process can die while it lists a plugin and yet die of something else (it was killed from outside). So a plugin that
is suspected is tried apart once before it is left out.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from registry.discovery.sources import Candidate

SURVIVED = "the plugin was listed and the process lives"


def how_it_ends(candidate: Candidate, plugins_dir: Path | None, seconds: float) -> str | None:
    """How a process that lists the plugin ends, in words; ``None`` when it survives (or has not ended in time)."""
    command = [sys.executable, "-P", "-m", "registry.discovery.trial", candidate.key, str(plugins_dir or "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(one or os.getcwd() for one in sys.path)}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=6 * seconds + 20,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if done.stdout.endswith(SURVIVED.encode()):
        return None
    if done.returncode < 0:
        return f"signal {signal.Signals(-done.returncode).name}"
    return f"exit status {done.returncode}"


def main(key: str, plugins_dir: str) -> None:
    """Find the plugin, list it, say that the process lives, and leave at once."""
    from registry.discovery.containment import time_limit
    from registry.discovery.offers import collect
    from registry.discovery.sources import candidates

    for one in candidates(Path(plugins_dir) if plugins_dir else None)[0]:
        if one.key == key:
            collect(one.load, time_limit())
    os.write(1, SURVIVED.encode())
    os._exit(0)  # nothing that the plugin left running may hold the trial up


if __name__ == "__main__":
    main(*sys.argv[1:])
