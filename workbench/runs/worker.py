# SPDX-License-Identifier: Apache-2.0
"""Worker: does one run, in a process forked for it or in the caller's own; the same code either way."""

from __future__ import annotations

import os
import shutil
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from registry.errors import ResultError, WorkbenchError
from registry.result import Result
from workbench.discovered import catalogue
from workbench.runs.places import Places
from workbench.runs.processes import start_of

if TYPE_CHECKING:
    from workbench.runs.preparation import Prepared
    from workbench.store import RunRecord, Store

UNFINISHED = ("queued", "running")
LONGEST = 600  # characters of an error's sentence


def work(task: dict[str, Any]) -> None:
    """Do the task that the zygote was given: a run, or the description of a model."""
    import torch

    from workbench.runs.descriptions import make_description
    from workbench.store import Store

    torch.set_num_threads(task["threads"])
    store = Store.open(task["store"])
    with undisturbed():
        catalogue()
    if task["kind"] == "description":
        try:
            make_description(store, task["model"], task["stamp"])
        except WorkbenchError as error:  # it is kept with the description
            print(error, flush=True)
    else:
        scratch = Places(store.root).scratch(task["run"])
        os.chdir(scratch)
        try:
            execute(store, task["run"], task["device"], task["threads"], _say)
        finally:
            os.chdir(store.root)
            shutil.rmtree(scratch, ignore_errors=True)
    store.close()


def _say(line: str) -> None:
    """Print a line of the log; a plugin that has closed the output does not fail its run by that."""
    with suppress(OSError, ValueError):
        print(line, flush=True)


def run_here(store: Store, prepared: Prepared, *, again: bool = False) -> RunRecord:
    """Do a prepared run in this process, with the threads that a worker would have."""
    import torch

    from workbench.runs.resources import slots_and_threads
    from workbench.runs.submission import wait

    record, _ = store.submit(prepared.spec, prepared.key, prepared.preimage, again=again)
    if record.status == "done":
        return record
    if store.claim(f"inline-{os.getpid()}", run_id=record.id) is None:  # a supervisor has it already
        return wait(store, record.id)
    threads, before = slots_and_threads()[1], torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with Places(store.root).log(record.id).open("a", encoding="utf-8") as log:
            execute(store, record.id, _device_here(prepared), threads, lambda line: print(line, file=log, flush=True))
    finally:
        torch.set_num_threads(before)
    return store.run(record.id)


def execute(store: Store, run_id: str, device: str, threads: int, write: Callable[[str], None]) -> None:
    """Compute a claimed run and publish its result, or write down why there is none; ``write`` takes its log."""
    store.started(run_id, os.getpid(), start_of(os.getpid()), device)
    try:
        _compute(store, run_id, device, threads, write)
    except KeyboardInterrupt:
        store.fail(run_id, "cancelled", "interrupted", traceback.format_exc())
        raise
    except SystemExit as error:
        store.fail(run_id, "failed", f"the analysis called sys.exit({error.code!r})", traceback.format_exc())
    except Exception as error:  # noqa: BLE001 - the edge of a run: whatever an analysis or model raises is kept with it
        store.fail(run_id, "failed", in_words(error), traceback.format_exc())


def in_words(error: BaseException) -> str:
    """One sentence for an error: the workbench's own as they are, others with their type, out of memory by name.

    >>> in_words(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."))
    "out of memory: DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."
    """
    text = " ".join(str(error).split())
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return f"out of memory: {text or 'there was not enough'}"[:LONGEST]
    short = "not enough memory" in text or "can't allocate memory" in text  # how torch says it of main memory
    if short and isinstance(error, RuntimeError):
        return f"out of memory: {text}"[:LONGEST]
    if isinstance(error, WorkbenchError):
        return text[:LONGEST]
    return f"{type(error).__name__}: {text}"[:LONGEST].rstrip(": ")


def _compute(store: Store, run_id: str, device: str, threads: int, write: Callable[[str], None]) -> None:
    from workbench.runs.assembly import assemble
    from workbench.runs.manifest import deterministic, manifest_of

    clock = Clock()
    record = store.run(run_id)
    with clock.measured("load"):
        assembled = assemble(store, record, device, write)
    if assembled.same_as is not None:
        store.fail(
            run_id, "cancelled", f"what it is made of had changed, and run {assembled.same_as} has just this result"
        )
        return
    job, analysis, params = assembled.job, assembled.analysis, assembled.params
    job.log(f"{analysis.name} {analysis.version} on {device} with {threads} thread(s), seed {record.seed}")
    with deterministic(device) as unsteady, job.seeded(), clock.measured("analysis"):
        result = analysis().run(job, params)
    if not isinstance(result, Result):
        raise ResultError(f"the analysis '{analysis.name}' returned a {type(result).__name__}, expected a Result")
    timings = {**clock.seconds, **job.timings}
    manifest = manifest_of(store.run(run_id), assembled, device, threads, timings, sorted(unsteady))
    job.log(f"done in {sum(clock.seconds.values()):.2f} s")
    store.publish(run_id, result, manifest)


class Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measured(self, stage: str) -> Iterator[None]:
        """Add the time inside to a stage."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - begun


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold a request to end back while plugins are listed: dying there would look as if a plugin had done it."""
    held = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, held)


def _device_here(prepared: Prepared) -> str:
    from workbench.runs.devices import candidates

    if prepared.preimage["device"] == "cpu":
        return "cpu"
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")  # as the cards are counted there
    return candidates(prepared.spec.device)[0].name
