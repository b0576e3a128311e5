import pytest
import torch

from srcnn import EDSR, SRCNN, VDSR
from srcnn.imaging import color
from srcnn.inference import engine
from srcnn.inference.device import DEVICE_FAULTS
from srcnn.inference.engine import TILE_FLOATS, Band, row_bands, run_bands, run_rows, super_resolve
from srcnn.inference.ensemble import Ensemble
from srcnn.networks.base import AnyNetwork, Network
from srcnn.networks.wrappers import FullPrecisionWrapper, HalfPrecisionWrapper, NetworkWrapper
from tests.support.bands import BandNetwork

NETWORKS = [
    SRCNN(filters=(5, 4), scale=3).eval(),
    SRCNN(kernel_sizes=(9, 5, 5), filters=(5, 4), padding="replicate", scale=2).eval(),
    VDSR(depth=4, channels=3, scale=3).eval(),
    *(EDSR(depth=2, channels=3, scale=scale).eval() for scale in (2, 3, 4)),
]


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
    assert torch.allclose(super_resolve(BandNetwork(model), plane), whole(model, plane), rtol=0, atol=255e-5)


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
        rows = [row for band in row_bands(height, width) for row in range(height)[band]]
        assert rows == list(range(height))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_bands_of_a_low_resolution_input_end_on_its_rows(monkeypatch, scale):
    model = EDSR(depth=1, channels=2, scale=scale)
    for band in (1, 4001, 4003, 4007):
        monkeypatch.setattr(engine, "BAND_PIXELS", band)
        bands = list(row_bands(40 * scale, 50, scale, model.halo))
        assert [row for band in bands for row in range(band.start, band.stop)] == list(range(40 * scale))
        assert all(edge % scale == 0 for band in bands for edge in (band.start, band.stop))


def read_bands(model: AnyNetwork, planes: torch.Tensor) -> tuple[list[Band], list[tuple[int, int]]]:
    """The bands that a network makes of some planes, and which of their rows were read for them."""
    read, step = [], model.upsampling

    def read_rows(top: int, bottom: int) -> torch.Tensor:
        read.append((top, bottom))
        return planes[:, top:bottom]

    bands = list(run_bands(model, *planes.shape[1:], read_rows, exact=True))
    for rows, source, luminance in bands:
        assert torch.equal(source, planes[:, rows.start // step : rows.stop // step])
        assert luminance.shape == (rows.stop - rows.start, planes.shape[2] * step)
    assert [row for band in bands for row in range(band.rows.start, band.rows.stop)] == list(
        range(planes.shape[1] * step)
    )
    result = torch.cat([band.luminance for band in bands])
    assert torch.allclose(result, whole(model, planes[0]), rtol=0, atol=255e-5)
    return bands, read


def test_a_band_comes_with_its_rows_of_the_input(monkeypatch):
    """All planes of these, without the halo that was read around them, which ends at the picture's border."""
    monkeypatch.setattr(engine, "BAND_PIXELS", 1)
    model = BandNetwork(SRCNN(scale=2).eval())
    bands, read = read_bands(model, torch.rand(3, 100, 20) * 255)
    assert len(bands) > 2
    for band, rows in zip(bands, read, strict=True):
        assert rows == (max(band.rows.start - model.halo, 0), min(band.rows.stop + model.halo, 100))


@pytest.mark.parametrize("pixels", [1, 500, 10**6])
@pytest.mark.parametrize("model", NETWORKS, ids=lambda model: f"{model.config.title}-x{model.scale}")
def test_a_cpu_reads_each_row_once(monkeypatch, model, pixels):
    monkeypatch.setattr(engine, "STREAM_PIXELS", pixels)
    bands, read = read_bands(model, torch.rand(3, 100, 20) * 255)
    assert [row for rows in read for row in range(*rows)] == list(range(100))
    assert (len(bands) == 1) == (pixels == 10**6)


@pytest.mark.parametrize("model", NETWORKS, ids=lambda model: f"{model.config.title}-x{model.scale}")
def test_a_picture_too_wide_for_what_networks_remember_of_it_is_computed_in_tiles(monkeypatch, model):
    network, tiles = model.for_device(exact=True), []
    monkeypatch.setitem(TILE_FLOATS, "cpu", 50 * network.floats_per_column)
    monkeypatch.setattr(type(model), "for_device", lambda self, exact: network)
    network.register_forward_hook(lambda *call: tiles.append(call[2]))
    for width in (50, 51):
        plane = torch.rand(30, width) * 255
        assert torch.allclose(super_resolve(model, plane), whole(model, plane), rtol=0, atol=255e-5)
        assert bool(tiles) == (width == 51)


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
    HalfPrecisionWrapper(network), network.for_device()
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())


def test_float32_on_a_gpu_is_not_rounded_to_ten_bits(network, monkeypatch):
    """cuDNN's convolutions do that unless they are told; on noise it is a quarter of a grey level, and more."""
    seen = []

    def note(x: torch.Tensor) -> torch.Tensor:
        seen.append((torch.backends.cudnn.enabled, torch.backends.cudnn.allow_tf32))
        return x

    monkeypatch.setattr(network, "forward", note)
    before = torch.backends.cudnn.enabled, torch.backends.cudnn.allow_tf32
    FullPrecisionWrapper(network)(torch.rand(1, 1, 8, 8))
    assert seen == [(True, False)]
    assert (torch.backends.cudnn.enabled, torch.backends.cudnn.allow_tf32) == before


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
@pytest.mark.parametrize(("exact", "near"), [(True, 0.05), (False, 0.5)])
def test_gpu_equals_cpu(network, astronaut, exact, near):
    plane = color.luminance(astronaut.pixels).float()
    on_cpu = super_resolve(network, plane)
    assert (super_resolve(network.to("cuda"), plane, exact) - on_cpu).abs().max() < near


@pytest.mark.parametrize("fault", DEVICE_FAULTS)
def test_what_a_device_does_when_it_fails_reaches_whoever_can_replace_it(network, fault):
    class Lost(Small):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise fault("CUDA error: unspecified launch failure")

    with pytest.raises(fault):
        run_rows(Lost(network, 0), torch.rand(10, 10), 0, 10)
