"""A visitor's job: the networks until its time is up, and on the CPU from the beginning where the GPU fails."""

from types import SimpleNamespace

import pytest
import torch

from demo import job as job_module
from demo.job import Deadline, DeadlineWrapper, Job, TimeUpError
from srcnn import SRCNN, VDSR
from srcnn.inference import engine
from srcnn.inference.device import DEVICE_FAULTS
from srcnn.inference.engine import super_resolve
from srcnn.inference.ensemble import Ensemble
from srcnn.networks import strips
from tests.support.bands import BandNetwork


@pytest.mark.parametrize("turns", [False, True])
def test_a_limited_network_is_the_network_until_its_time_is_up(network, turns):
    plane = torch.rand(30, 40) * 255
    members = [network, SRCNN(kernel_sizes=(9, 5, 5), scale=3).eval()]

    def result(seconds: float) -> torch.Tensor:
        deadline = Deadline(seconds)
        return super_resolve(Ensemble([DeadlineWrapper(member, deadline) for member in members], turns), plane)

    assert torch.equal(result(1000), super_resolve(Ensemble(members, turns), plane))
    with pytest.raises(TimeUpError, match="longer than the 0 seconds"):
        result(0)


def slow_down(monkeypatch, deadline: Deadline, seconds: int) -> list[int]:
    """Let so many of the thousand seconds before a deadline go by at each look at the clock; the list counts these."""
    looks: list[int] = []

    def slow_clock() -> float:
        looks.append(len(looks))
        return seconds * len(looks) + deadline.end - 1000

    # the job's clock only: other threads look at that of the process, too
    monkeypatch.setattr(job_module, "time", SimpleNamespace(monotonic=slow_clock))
    return looks


def test_a_deadline_ends_a_picture_between_two_bands(network, monkeypatch):
    monkeypatch.setattr(engine, "BAND_PIXELS", 1000)
    model = DeadlineWrapper(BandNetwork(network), Deadline(1000))
    looks = slow_down(monkeypatch, model.deadline, 400)
    with pytest.raises(TimeUpError):
        super_resolve(model, torch.rand(200, 40) * 255)
    assert len(looks) == 3


def test_a_deadline_ends_a_picture_within_a_band(monkeypatch):
    monkeypatch.setattr(strips, "STRIP_BYTES", 1)  # a strip of one row
    model = DeadlineWrapper(VDSR(depth=3, channels=4, scale=2).eval(), Deadline(1000))
    looks = slow_down(monkeypatch, model.deadline, 11)
    with pytest.raises(TimeUpError):
        super_resolve(model, torch.rand(300, 40) * 255)
    assert len(looks) == 91


@pytest.fixture
def member(network, tmp_path) -> SimpleNamespace:
    """A variant in a folder, as a job needs it."""
    network.save_pretrained(tmp_path)
    return SimpleNamespace(model=network, folder=tmp_path)


def failing_once(fault: type[Exception], device: list) -> object:
    """Work of two steps, which fails in the second one where the GPU computes; `device` gets the networks."""

    def work(networks):
        device.append(networks[0])
        yield len(device), "first"
        if len(device) == 1:
            raise fault("CUDA error: unspecified launch failure")
        yield len(device), "second"

    return work


@pytest.mark.parametrize("fault", DEVICE_FAULTS)
def test_all_steps_come_once_more_on_the_cpu_where_the_gpu_fails(member, fault):
    job, networks = Job([member]), []
    assert list(job.steps(failing_once(fault, networks))) == [(1, "first"), (2, "first"), (2, "second")]
    assert job.fell_back
    assert job.device == torch.device("cpu")
    first, spare = networks
    assert spare.deadline is first.deadline  # the time that the GPU took is not given anew
    assert spare.model is not first.model
    assert torch.equal(spare.model.conv1.weight, first.model.conv1.weight)
    assert spare.scale == 3


@pytest.mark.parametrize("fault", DEVICE_FAULTS)
def test_work_that_returns_is_done_once_more_too(member, fault):
    job, tried = Job([member]), []

    def work(networks):
        tried.append(networks)
        if len(tried) == 1:
            raise fault("CUDA out of memory.")
        return networks[0].scale

    assert job.run(work) == 3
    assert (len(tried), job.fell_back) == (2, True)


def test_a_mistake_is_no_fault_of_the_gpu(member):
    job, tried = Job([member]), []

    def work(networks):
        tried.append(networks)
        raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"):
        job.run(work)
    assert (len(tried), job.fell_back) == (1, False)
