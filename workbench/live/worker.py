# SPDX-License-Identifier: Apache-2.0
"""The process behind a live model: loads it once, then applies its maps until the app closes the connection."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import Array, to_numpy
from registry.errors import WorkbenchError
from registry.spaces import Items
from workbench.live.wire import receive, send

if TYPE_CHECKING:
    from registry.model import Model


def main(channel: int, parent: int) -> None:
    """Serve on the inherited socket ``channel`` for the process ``parent``."""
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    connection: Connection[Any, Any] = Connection(channel)
    model: Model | None = None
    device = "cpu"
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            header, batch = receive(connection)
            try:
                if header["do"] == "load":
                    device = header["device"]
                    model = _load(header["model"], device, header["threads"])
                    send(connection, {"ok": True})
                elif header["do"] == "sample":
                    assert model is not None
                    from workbench.points.sampling import sample_prior

                    drawn = sample_prior(model.space(header["space"]), batch, header["seed"])
                    send(connection, {"ok": True}, drawn)
                else:
                    assert model is not None
                    send(connection, {"ok": True}, _apply(model, device, header, batch))
            except Exception as error:  # noqa: BLE001 - the edge of the process: whatever a model raises is told
                send(connection, {"ok": False, "error": _in_words(error), "traceback": traceback.format_exc()})


def _load(name: str, device: str, threads: int) -> Model:
    import torch

    from workbench.runs.loading import load_model

    torch.set_num_threads(threads)
    return load_model(name, device)


def _apply(model: Model, device: str, header: dict[str, Any], batch: Any) -> Any:
    import torch

    name = header["map"]
    if name not in model.maps:
        raise WorkbenchError(f"the model has no map '{name}': it has {', '.join(model.maps)}")
    one = model.maps[name]
    if isinstance(batch, np.ndarray):
        kind = torch.int64 if isinstance(one.source, Items) else torch.float32
        batch = torch.from_numpy(batch).to(device=device, dtype=kind)
    one.source.validate(batch)
    with torch.inference_mode():
        out = one.point(batch, **header["conditions"])
    return list(out) if isinstance(out, (list, tuple)) else _plain(to_numpy(out))


def _plain(array: Array) -> Array:
    return array.astype(np.float32) if array.dtype.kind == "f" else array


def _in_words(error: Exception) -> str:
    text = str(error).strip()
    if isinstance(error, WorkbenchError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _follow(parent: int) -> None:
    """End with the app. The kernel's own signal for this is of no use here: it follows the *thread* that started the
    process, and threads of an app come and go."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
