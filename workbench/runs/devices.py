# SPDX-License-Identifier: Apache-2.0
"""Devices: which there are, which one a run gets, and the lease that gives it to one run at a time.

Nothing here imports torch: the supervisor and the app must stay light, and a process that has touched CUDA
cannot be forked. Graphics cards are asked through the driver's own library (NVML).
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib.util
import os
import re
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from registry.errors import ParameterError

LEAST_FREE = 256 * 2**20  # bytes: a card with less is of no use to a run
WANTED = re.compile(r"auto|cpu|cuda(:\d+)?")


@dataclass(frozen=True)
class CudaDevice:
    """A graphics card that this process may use: its number as torch counts, its identity, bytes of free memory."""

    index: int
    uuid: str
    free: int
    total: int

    @property
    def name(self) -> str:
        """As torch calls it."""
        return f"cuda:{self.index}"


class _Memory(ctypes.Structure):
    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


@lru_cache(maxsize=1)
def torch_has_cuda() -> bool:
    """Whether the installed torch was built with CUDA, read off its version file."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return False
    file = Path(found.origin).parent / "version.py"
    return file.is_file() and re.search(r"^cuda\b[^=]*=\s*['\"]", file.read_text(), re.MULTILINE) is not None


def cuda_devices() -> list[CudaDevice]:
    """The graphics cards that torch would see, in its order; empty where there is none or torch has no CUDA."""
    if not torch_has_cuda():
        return []
    found = _cards()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        chosen = found
    else:
        chosen = []
        for part in (one.strip() for one in visible.split(",")):
            match = [one for row, one in enumerate(found) if part == str(row) or (part and one[0].startswith(part))]
            if match:
                chosen.append(match[0])
            elif part.startswith("MIG-"):  # a slice of a card: its free memory is not asked for
                chosen.append((part, LEAST_FREE, LEAST_FREE))
            else:
                break  # as CUDA does: what follows an unknown entry is not seen
    return [CudaDevice(row, uuid, free, total) for row, (uuid, free, total) in enumerate(chosen)]


def check_device(wanted: str) -> str:
    """``wanted`` itself; raises :class:`ParameterError` for what is no device of this machine."""
    if not WANTED.fullmatch(wanted):
        raise ParameterError(f"'{wanted}' is no device: use 'auto', 'cpu', 'cuda' or 'cuda:0'")
    if wanted.startswith("cuda"):
        names = [one.name for one in cuda_devices()]
        if not names:
            raise ParameterError(f"the device '{wanted}' is not there: no graphics card, or torch without CUDA")
        if wanted != "cuda" and wanted not in names:
            raise ParameterError(f"the device '{wanted}' is not there: there are {', '.join(names)}")
    return wanted


def device_class(wanted: str) -> str:
    """``"cpu"`` or ``"cuda"``: the kind of device that a run asking for ``wanted`` gets here."""
    if wanted == "auto":
        return "cuda" if any(one.free >= LEAST_FREE for one in cuda_devices()) else "cpu"
    return check_device(wanted).partition(":")[0]


def candidates(wanted: str) -> list[CudaDevice]:
    """The cards that a CUDA run may take, the one with most free memory first."""
    cards = [one for one in cuda_devices() if wanted in ("auto", "cuda", one.name)]
    if len(cards) > 1 or wanted == "auto":
        cards = [one for one in cards if one.free >= LEAST_FREE]
    return sorted(cards, key=lambda one: (-one.free, one.index))


class Lease:
    """A graphics card held for one run. The lock belongs to the process: it is free again however that ends."""

    def __init__(self, device: CudaDevice, file: IO[str]) -> None:
        self.device = device
        self._file = file

    @classmethod
    def take(cls, device: CudaDevice) -> Lease | None:
        """The lease of ``device``, or ``None`` while another run has it."""
        folder = Path(tempfile.gettempdir()) / f"latent-workbench-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        file = (folder / f"{re.sub('[^A-Za-z0-9-]', '_', device.uuid)}.lease").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return cls(device, file)

    def release(self) -> None:
        """Give the card back."""
        self._file.close()


def lease_for(wanted: str) -> Lease | None:
    """A lease on the best free card for ``wanted``, or ``None`` while all are taken."""
    for one in candidates(wanted):
        lease = Lease.take(one)
        if lease is not None:
            return lease
    return None


def _cards() -> list[tuple[str, int, int]]:
    """(identity, bytes free, bytes in all) of each card, in the order of the bus; empty without a driver."""
    try:
        nvml = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return []
    if nvml.nvmlInit_v2() != 0:
        return []
    try:
        count = ctypes.c_uint()
        if nvml.nvmlDeviceGetCount_v2(ctypes.byref(count)) != 0:
            return []
        found = []
        for row in range(count.value):
            handle, memory, uuid = ctypes.c_void_p(), _Memory(), ctypes.create_string_buffer(96)
            if (
                nvml.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(row), ctypes.byref(handle)) == 0
                and nvml.nvmlDeviceGetUUID(handle, uuid, ctypes.c_uint(96)) == 0
                and nvml.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0
            ):
                found.append((uuid.value.decode(), int(memory.free), int(memory.total)))
        return found
    finally:
        nvml.nvmlShutdown()
