import pytest
import torch

from srcnn import EDSR, SRCNN
from srcnn.inference import engine
from srcnn.inference.device import DEVICE_FAULTS
from srcnn.inference.engine import (
    Deadline,
    DeadlineWrapper,
    HalfPrecisionWrapper,
    TimeUpError,
    for_device,
    row_bands,
    run_rows,
    super_resolve,
)
from srcnn.inference.ensemble import Ensemble
from srcnn.networks.base import Network, NetworkWrapper


def whole(model, plane: torch.Tensor) -> torch.Tensor:
    """The network's own `forward`, at once."""
    with torch.inference_mode():
        return model(plane[None, None] / 255)[0, 0] * 255


@pytest.mark.parametrize("padding", ["zeros", "replicate"])
@pytest.mark.parametrize("kernel_sizes", [(9, 1, 5), (9, 5, 5)])
@pytest.mark.parametrize("shape", [(100, 130), (64, 64), (65, 5), (1, 1), (7, 200)])
def test_bands_equal_the_whole(monkeypatch, padding, kernel_sizes, shape):
    monkeypatch.setattr(engine, "BAND_PIXELS", 1000)
    torch.manual_seed(1)
    model = SRCNN(kernel_sizes=kernel_sizes, padding=padding, scale=3).eval()
    plane = torch.rand(shape) * 255
    assert torch.allclose(super_resolve(model, plane), whole(model, plane), rtol=0, atol=255e-5)


@pytest.mark.parametrize("turns", [False, True])
def test_bands_of_an_ensemble_equal_the_whole(monkeypatch, network, turns):
    monkeypatch.setattr(engine, "BAND_PIXELS", 1000)
    ensemble = Ensemble([network, SRCNN(kernel_sizes=(9, 5, 5), scale=3).eval()], turns)
    plane = torch.rand(50, 70) * 255
    assert torch.allclose(super_resolve(ensemble, plane), whole(ensemble, plane), rtol=0, atol=255e-5)


def test_the_plane_that_is_sent_in_is_left_as_it_was(network):
    plane = torch.rand(20, 20) * 255
    copy = plane.clone()
    super_resolve(network, plane)
    assert torch.equal(plane, copy)


def test_bands_cover_every_row_once(monkeypatch):
    monkeypatch.setattr(engine, "BAND_PIXELS", 1000)
    for height, width in ((100, 20), (100, 1_000_000), (1, 1), (17, 999)):
        rows = [row for first, last in row_bands(height, width) for row in range(first, last)]
        assert rows == list(range(height))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_bands_of_a_low_resolution_input_end_on_its_rows(monkeypatch, scale):
    model = EDSR(depth=1, channels=2, scale=scale)
    for band in (1, 4001, 4003, 4007):
        monkeypatch.setattr(engine, "BAND_PIXELS", band)
        bands = list(row_bands(40 * scale, 50, model))
        assert [row for first, last in bands for row in range(first, last)] == list(range(40 * scale))
        assert all(edge % scale == 0 for each in bands for edge in each)


class Small(NetworkWrapper):
    """A device whose memory suffices for a few rows only."""

    def __init__(self, model: Network, rows: int) -> None:
        super().__init__(model)
        self.model, self.rows = model, rows

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[2] > self.rows:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return self.model(x)


def test_where_memory_does_not_suffice_a_band_goes_in_halves(network):
    plane = torch.rand(90, 40) * 255
    result = run_rows(Small(network, 30), plane, 5, 80)
    assert torch.allclose(result, whole(network, plane)[5:80], rtol=0, atol=1e-3)


def test_where_memory_does_not_even_suffice_for_a_row_it_is_said(network):
    with pytest.raises(torch.OutOfMemoryError):
        run_rows(Small(network, 12), torch.rand(40, 40), 0, 40)


def test_half_precision_is_near_and_what_overflows_is_computed_again(network):
    """On a CPU, which can do half precision, too, if slowly."""
    plane = torch.rand(1, 1, 30, 40)
    with torch.inference_mode():
        exact = network(plane)
        assert 0 < (HalfPrecisionWrapper(network)(plane) - exact).abs().max() < 2e-3
        network.conv1.weight *= 1e6  # beyond 65504 after the first layer
        network.conv2.weight /= 1e6
        exact = network(plane)
        assert exact.isfinite().all()
        assert torch.equal(HalfPrecisionWrapper(network)(plane), exact)


def test_the_prepared_network_is_no_other(network):
    """What a GPU computes in half precision does not change the network that it was made from."""
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    HalfPrecisionWrapper(network), for_device(network)
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
@pytest.mark.parametrize(("exact", "near"), [(True, 0.05), (False, 0.5)])
def test_gpu_equals_cpu(network, exact, near):
    plane = torch.rand(300, 400) * 255
    on_cpu = super_resolve(network, plane)
    assert (super_resolve(network.to("cuda"), plane, exact) - on_cpu).abs().max() < near


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


def test_a_deadline_ends_a_picture_between_two_bands(network, monkeypatch):
    monkeypatch.setattr(engine, "BAND_PIXELS", 1000)
    model = DeadlineWrapper(network, Deadline(1000))
    seen = []

    def slow_clock() -> float:
        seen.append(len(seen))
        return 400 * len(seen) + model.deadline.end - 1000

    monkeypatch.setattr(engine.time, "monotonic", slow_clock)
    with pytest.raises(TimeUpError):
        super_resolve(model, torch.rand(200, 40) * 255)
    assert len(seen) == 3


@pytest.mark.parametrize("fault", DEVICE_FAULTS)
def test_what_a_device_does_when_it_fails_reaches_whoever_can_replace_it(network, fault):
    class Lost(Small):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise fault("CUDA error: unspecified launch failure")

    with pytest.raises(fault):
        run_rows(Lost(network, 0), torch.rand(10, 10), 0, 10)
