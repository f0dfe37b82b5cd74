# SPDX-License-Identifier: Apache-2.0
"""Supervisor: the process that takes queued runs, has each forked, watches it, and writes down how it ended.

One for each store, started on demand (:func:`workbench.runs.ensure_supervisor`), gone when idle. It imports neither
torch nor plugins. Run it by hand with ``python -m workbench.runs.supervisor STORE``.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.runs.active import Task
    from workbench.store import Store

IDLE = 900.0  # seconds without work after which it leaves, unless WORKBENCH_SUPERVISOR_IDLE says otherwise
TICK_BUSY, TICK_IDLE = 0.05, 0.5
DESCRIPTION_LIMIT = 600.0  # seconds for a model to be loaded and traced
LOG_CAP = 4 * 2**20  # bytes of output kept of a run
COMPARE_EVERY = 2.0  # seconds between two looks whether the code has changed
RECOVER_EVERY = 10.0  # seconds between two looks for runs whose process is gone (of a notebook that was closed, say)
MOST_TROUBLE = 60  # ticks in a row in which the store could not be used
MOST_STARTS = 3  # of a zygote that ends before it is ready
TAIL = 4000  # characters of the log that stand for the traceback of a process that died without one


class Supervisor:
    """The loop over queue, running tasks and wishes to cancel."""

    def __init__(self, store: Store, idle: float) -> None:
        from workbench.runs.places import Places
        from workbench.runs.resources import slots_and_threads
        from workbench.runs.stamps import code_stamp

        self.store, self.idle = store, idle
        self.places = Places(store.root)
        self.slots, self.threads = slots_and_threads()
        self.name = f"supervisor-{os.getpid()}"
        self.tasks: dict[str, Task] = {}
        self.waiting: list[Any] = []  # claimed runs for which every graphics card is taken
        self.unwritten: list[tuple[str, str, str, str]] = []  # ends of runs that the store did not take
        self.stopping = self.outdated = False
        self.code, self.compared = code_stamp(), time.monotonic()
        self.selector = selectors.DefaultSelector()
        self.zygote: subprocess.Popen[bytes] | None = None
        self.channel: socket.socket | None = None
        self.buffer = b""
        self.ready = False
        self.failed_starts = self.troubled = 0
        self.last_work = self.recovered = time.monotonic()
        self._open_bell()

    # -- life

    def serve(self) -> None:
        """Until stopped, outdated, or idle for long enough with nothing queued."""
        from workbench.runs.places import forget_plans

        self.recover()
        forget_plans(self.places)
        self.places.clear_scratch()
        while not self.stopping:
            self._try_tick()
            if self.tasks or self.waiting or not self.ready:
                self.last_work = time.monotonic()
            elif time.monotonic() - self.last_work > self.idle or self._is_outdated():
                break
        self.stop()

    def _try_tick(self) -> None:
        """One tick; a store that cannot be used for a moment (a full disk, a long lock) does not end the runs."""
        from registry.errors import StoreError

        try:
            self.tick(TICK_BUSY if self.tasks or self.waiting else TICK_IDLE)
            if self.unwritten:
                again, self.unwritten = self.unwritten, []
                for one in again:
                    self._fail(*one)
            if time.monotonic() - self.recovered > RECOVER_EVERY:
                self.recover()
            self.troubled = 0
        except StoreError as error:
            self.troubled += 1
            print(f"the store cannot be used: {error}", file=sys.stderr, flush=True)
            if self.troubled > MOST_TROUBLE:
                raise
            time.sleep(1.0)

    def ask_to_stop(self, number: int = 0, frame: object = None) -> None:
        """Leave after this tick; also a handler of signals."""
        self.stopping = True

    def tick(self, seconds: float) -> None:
        """Wait for news at most ``seconds``, then look after everything once."""
        if self.zygote is None:
            self._start_zygote()
        for event, _ in self.selector.select(seconds):
            event.data()
        self._cancel()
        for task in list(self.tasks.values()):
            task.watch()
        if self.ready and not self.stopping and (self.tasks or not self._is_outdated()):
            self._take_runs()
            self._take_descriptions()

    def stop(self) -> None:
        """End every task and the zygote."""
        for task in self.tasks.values():
            task.end("failed", "the supervisor was stopped while the run was going on: run it again")
        until = time.monotonic() + 3.0
        while self.tasks and time.monotonic() < until:
            for event, _ in self.selector.select(TICK_BUSY):
                event.data()
            for task in list(self.tasks.values()):
                task.watch()
        for record in self.waiting:
            self._fail(record.id, "failed", "the supervisor was stopped before a graphics card was free: run it again")
        if self.channel is not None:
            self.channel.close()
        if self.zygote is not None:
            self.zygote.wait(timeout=5)

    def recover(self) -> None:
        """Mark runs whose process is gone, and end those that outlived their supervisor."""
        from workbench.runs.recovery import recover

        self.recovered = time.monotonic()
        mine = {*self.tasks, *(one.id for one in self.waiting)}
        for run_id, sentence in recover(self.store, self.places, mine):
            self._fail(run_id, "failed", sentence)

    def _is_outdated(self) -> bool:
        """Whether the code that is imported here was changed since, by an update or by its author."""
        from workbench.runs.stamps import code_stamp

        if not self.outdated and time.monotonic() - self.compared > COMPARE_EVERY:
            self.compared = time.monotonic()
            self.outdated = code_stamp() != self.code
        return self.outdated

    # -- the zygote

    def _start_zygote(self) -> None:
        ours, theirs = socket.socketpair()
        threads = str(self.threads)
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "MKL_NUM_THREADS": threads,
            "CUDA_DEVICE_ORDER": "PCI_BUS_ID",  # as the cards are counted in workbench.runs.devices
            "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # without it matrix products on a card are not repeatable
        }
        self.zygote = subprocess.Popen(
            [sys.executable, "-P", "-m", "workbench.runs.zygote", str(theirs.fileno()), str(os.getpid())],
            pass_fds=(theirs.fileno(),),
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self.channel, self.buffer, self.ready = ours, b"", False
        self.selector.register(ours, selectors.EVENT_READ, self._hear)

    def _hear(self) -> None:
        assert self.channel is not None
        try:
            more = self.channel.recv(65536)
        except ConnectionError:
            more = b""
        if not more:
            self._lost_zygote()
            return
        *lines, self.buffer = (self.buffer + more).split(b"\n")
        for line in lines:
            self._understand(json.loads(line))

    def _understand(self, message: dict[str, Any]) -> None:
        if "ready" in message:
            self.ready = True
            for one in message["missing"]:
                print(f"not preloaded: {one}", file=sys.stderr, flush=True)
            self._write_state()
        elif "started" in message:
            if message["started"] in self.tasks:
                spared = {self.zygote.pid} if self.zygote is not None else set()
                self.tasks[message["started"]].started(message["pid"], message["start"], spared)
        elif message["ended"] in self.tasks:
            self._ended(self.tasks.pop(message["ended"]), message["code"], message.get("error", ""))

    def _lost_zygote(self) -> None:
        """The zygote has died, and with it every run: write that down and start another."""
        assert self.channel is not None and self.zygote is not None
        self.selector.unregister(self.channel)
        self.channel.close()
        code = self.zygote.wait()
        self.channel, self.zygote = None, None
        was_ready, self.ready = self.ready, False
        for task in list(self.tasks.values()):
            del self.tasks[task.name]
            self._ended(task, -int(signal.SIGKILL))
        if was_ready:
            self.failed_starts = 0
            return
        self.failed_starts += 1
        print(f"the zygote could not start (exit code {code})", file=sys.stderr, flush=True)
        if self.failed_starts >= MOST_STARTS:
            self._give_up()

    def _give_up(self) -> None:
        """No run can be started on this machine: say so in each, rather than keep them waiting for ever."""
        sentence = f"no worker process can be started: see {self.places.own_log}, and 'workbench doctor'"
        while (record := self.store.claim(self.name)) is not None:
            self._fail(record.id, "failed", sentence)
        for wanted in self.store.wanted_descriptions():
            self.store.save_description(wanted.model, wanted.stamp, status="failed", error=sentence)
        self.stopping = True

    # -- the queue

    def _take_runs(self) -> None:
        for record in self.waiting[:]:
            if self._begin(record):
                self.waiting.remove(record)
        while sum(one.kind == "run" for one in self.tasks.values()) < self.slots and not self.waiting:
            record = self.store.claim(self.name)
            if record is None:
                return
            self.waiting.append(record)
            if self._begin(record):
                self.waiting.remove(record)
            else:
                self.store.progress(record.id, 0.0, "waiting for a graphics card")

    def _begin(self, record: Any) -> bool:
        """Have a claimed run forked; ``False`` while there is no free card for it."""
        from workbench.runs.active import Task
        from workbench.runs.devices import lease_for

        preimage = self.store.preimage(record.id)
        lease, device = None, "cpu"
        if preimage.get("device") == "cuda":
            lease = lease_for(record.device_wanted)
            if lease is None:
                return False
            device = lease.device.name
        task = Task(record.id, "run", record.id, self.places.output(record.id), lease)
        task.time_limit, task.memory_limit = record.time_limit, record.memory_limit
        self._fork(task, record.key, run=record.id, device=device)
        return True

    def _take_descriptions(self) -> None:
        from workbench.runs.active import Task

        if any(one.kind == "description" for one in self.tasks.values()):
            return
        for wanted in self.store.wanted_descriptions()[:1]:
            name = f"describe-{wanted.model}"
            task = Task(name, "description", wanted.model, self.places.output(name), time_limit=DESCRIPTION_LIMIT)
            self._fork(task, f"{wanted.model}-{wanted.stamp}", model=wanted.model, stamp=wanted.stamp)

    def _fork(self, task: Task, plan: str, **about: Any) -> None:
        from workbench.runs.places import planned_environment

        assert self.channel is not None
        order = {
            "task": task.name,
            "kind": task.kind,
            "store": self.store.location,
            "output": str(task.output),
            "log": str(self.places.log(task.name)),
            "log_cap": LOG_CAP,
            "threads": self.threads,
            "environment": {**planned_environment(self.places, plan), "WORKBENCH_STORE": self.store.location},
            **about,
        }
        self.tasks[task.name] = task
        try:
            self.channel.sendall(json.dumps(order).encode() + b"\n")
        except ConnectionError:  # the end of the channel is heard in the next tick, which marks the task
            return

    def _cancel(self) -> None:
        for run_id in self.store.cancel_asked():
            if run_id in self.tasks:
                self.tasks[run_id].end("cancelled", "cancelled")
            for record in [one for one in self.waiting if one.id == run_id]:
                self.waiting.remove(record)
                self._fail(run_id, "cancelled", "cancelled")

    # -- ends

    def _ended(self, task: Task, code: int, error: str = "") -> None:
        from workbench.runs.active import ending_in_words

        left = task.clear()
        if left:
            print(f"could not end {left} of {task.name}", file=sys.stderr, flush=True)
        status, sentence = task.reason or ("failed", error or ending_in_words(code))
        if task.kind == "run":
            self._fail(task.subject, status, sentence, "" if task.reason else self._tail(task.name))
        else:
            self._description_ended(task, sentence)
        self.last_work = time.monotonic()

    def _fail(self, run_id: str, status: str, sentence: str, traceback: str = "") -> None:
        """Write down an end, unless the run has said itself how it ended; what cannot be written is tried again."""
        from registry.errors import StoreError

        try:
            if self.store.run(run_id).status == "running":
                self.store.fail(run_id, "cancelled" if status == "cancelled" else "failed", sentence, traceback)
        except StoreError as error:
            print(f"the end of run {run_id} could not be written: {error}", file=sys.stderr, flush=True)
            self.unwritten.append((run_id, status, sentence, traceback))

    def _description_ended(self, task: Task, sentence: str) -> None:
        record = self.store.description(task.subject)
        if record is not None and record.status == "wanted" and record.updated <= task.made:  # else wanted anew
            self.store.save_description(
                task.subject, record.stamp, status="failed", error=f"{sentence}\n{self._tail(task.name)}".strip()
            )

    def _tail(self, task: str) -> str:
        with contextlib.suppress(FileNotFoundError):
            return self.places.log(task).read_text(errors="replace")[-TAIL:]
        return ""

    # -- being found

    def _open_bell(self) -> None:
        bell = self.places.bell
        if not bell.is_fifo():
            bell.unlink(missing_ok=True)
            os.mkfifo(bell, 0o600)
        self.bell = os.open(bell, os.O_RDWR | os.O_NONBLOCK)  # read and write: no end of file when a writer leaves
        self.selector.register(self.bell, selectors.EVENT_READ, lambda: os.read(self.bell, 4096))

    def _write_state(self) -> None:
        from workbench.runs.places import write_json
        from workbench.runs.processes import start_of

        assert self.zygote is not None
        about = {"pid": os.getpid(), "start": start_of(os.getpid()), "zygote": self.zygote.pid}
        write_json(self.places.state, {**about, "slots": self.slots, "threads": self.threads})


def supervise(location: str) -> None:
    """Serve the store until idle; leaves at once when another process does."""
    from workbench.runs.places import Places, hold
    from workbench.store import Store

    store = Store.open(location)
    places = Places(store.root)
    idle = float(os.environ.get("WORKBENCH_SUPERVISOR_IDLE") or IDLE)
    while (lock := hold(places.lock)) is not None:
        supervisor = Supervisor(store, idle)
        signal.signal(signal.SIGTERM, supervisor.ask_to_stop)
        supervisor.serve()
        fcntl.flock(lock, fcntl.LOCK_UN)
        lock.close()
        if supervisor.outdated and not supervisor.stopping:
            store.close()
            os.execv(sys.executable, [sys.executable, "-P", "-m", "workbench.runs.supervisor", location])
        # a run may have been queued between the last look and the release, by an app that found the lock taken
        if supervisor.stopping or not (store.runs(status="queued", limit=1) or store.wanted_descriptions()):
            break
    store.close()


def main() -> None:
    """Command line: the store's location; ``--detach`` leaves the caller, ``--plugins-dir`` names a plugins folder."""
    parser = argparse.ArgumentParser(prog="python -m workbench.runs.supervisor", description=__doc__)
    parser.add_argument("store", help="folder or address of the store")
    parser.add_argument("--plugins-dir", type=Path, help="folder of plugins, besides those that are installed")
    parser.add_argument("--detach", action="store_true", help="go on in the background")
    chosen = parser.parse_args()
    if chosen.plugins_dir is not None:
        os.environ["WORKBENCH_PLUGINS_DIR"] = str(chosen.plugins_dir.resolve())
    if chosen.detach and os.fork():
        os._exit(0)
    supervise(chosen.store)


if __name__ == "__main__":
    main()
