# SPDX-License-Identifier: Apache-2.0
"""Devices: what is asked for, what is there, and that one run at a time has a card."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from registry.errors import ParameterError
from workbench.runs import devices
from workbench.runs.devices import CudaDevice, Lease, candidates, check_device, device_class, lease_for

GIB = 2**30
CARDS = [("GPU-aaa", 4 * GIB, 8 * GIB), ("GPU-bbb", 6 * GIB, 8 * GIB), ("GPU-ccc", 1024, 8 * GIB)]


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Three cards, the last one full; leases in a folder of the test's own."""
    monkeypatch.setattr(devices, "torch_has_cuda", lambda: True)
    monkeypatch.setattr(devices, "_cards", lambda: CARDS)
    monkeypatch.setattr(devices.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.usefixtures("cards")
def test_auto_takes_the_card_with_most_free_memory() -> None:
    assert device_class("auto") == "cuda"
    assert [one.name for one in candidates("auto")] == ["cuda:1", "cuda:0"]
    assert [one.name for one in candidates("cuda:0")] == ["cuda:0"]


@pytest.mark.usefixtures("cards")
def test_a_card_is_leased_to_one_run_at_a_time() -> None:
    first, second = lease_for("auto"), lease_for("auto")
    assert first is not None and second is not None
    assert (first.device.name, second.device.name) == ("cuda:1", "cuda:0")
    assert lease_for("auto") is None
    first.release()
    third = lease_for("cuda")
    assert third is not None and third.device.name == "cuda:1"
    second.release()
    third.release()


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize(
    ("visible", "names"),
    [("1", ["GPU-bbb"]), ("2,0", ["GPU-ccc", "GPU-aaa"]), ("GPU-b", ["GPU-bbb"]), ("", []), ("0,9,1", ["GPU-aaa"])],
)
def test_the_visible_cards_are_counted_as_cuda_does(
    monkeypatch: pytest.MonkeyPatch, visible: str, names: list[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert [one.uuid for one in devices.cuda_devices()] == names
    assert [one.index for one in devices.cuda_devices()] == list(range(len(names)))


@pytest.mark.usefixtures("cards")
def test_a_card_that_is_not_there_is_named() -> None:
    with pytest.raises(ParameterError, match="'cuda:7' is not there: there are cuda:0, cuda:1, cuda:2"):
        check_device("cuda:7")


def test_without_a_card_everything_runs_on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_cards", list)
    assert device_class("auto") == device_class("cpu") == "cpu"
    with pytest.raises(ParameterError, match="no graphics card"):
        check_device("cuda")
    with pytest.raises(ParameterError, match="'gpu' is no device"):
        check_device("gpu")


def test_a_lease_is_free_again_when_its_process_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(devices.tempfile, "gettempdir", lambda: str(tmp_path))
    card = CudaDevice(0, "GPU-aaa", GIB, GIB)
    code = (
        "import sys, tempfile, time; tempfile.tempdir = sys.argv[1]\n"
        "from workbench.runs.devices import CudaDevice, Lease\n"
        "lease = Lease.take(CudaDevice(0, 'GPU-aaa', 1, 1)); print(lease is not None, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "True"
        assert Lease.take(card) is None
        holder.kill()
        holder.wait()
        lease = Lease.take(card)
        assert lease is not None
        lease.release()


def test_supervisor_app_and_keys_need_no_torch() -> None:
    code = (
        "import sys, workbench.runs.supervisor, workbench.runs.submission, workbench.runs.preparation, workbench.live\n"
        "import workbench.runs.devices as d; d.cuda_devices()\n"
        "print([one for one in ('torch', 'pandas', 'streamlit') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
