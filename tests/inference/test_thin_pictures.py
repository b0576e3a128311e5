"""Memory goes by a picture's area: one that is a pixel wide takes no more than a square one of as many pixels."""

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from srcnn.evaluation.comparison import compare
from srcnn.imaging.picture import Picture
from srcnn.inference import engine
from srcnn.inference.upscaling import downscale, upscale_bicubic
from srcnn.networks.base import Network
from srcnn.networks.srcnn import SRCNN
from srcnn.networks.vdsr import VDSR
from srcnn.networks.wrappers import NetworkWrapper

PIXELS = 1024
WORK = {  # with how many pixels a side has at least
    "bicubic": (1, lambda picture: upscale_bicubic(picture, 3)),
    "reduced": (2, lambda picture: downscale(picture, 2)),
    "compared": (8, lambda picture: compare(picture, SRCNN(scale=2).eval())),
}


class LargestTensor(TorchFunctionMode):
    """Watches the tensors that functions of torch make. bytes: of the memory of the largest."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        made = function(*args, **kwargs or {})
        if isinstance(made, torch.Tensor):
            self.bytes = max(self.bytes, made.untyped_storage().nbytes())
        return made


def measure_bytes(work: Callable[[Picture], object], shape: tuple[int, int]) -> int:
    """The largest tensor, and the most that arrays and all else of Python take at a time."""
    pixels = np.full((*shape, 3), 99, np.uint8)
    picture = Picture(pixels, np.where(np.arange(pixels[..., 0].size) % 7, 255, 0).astype(np.uint8).reshape(shape))
    with LargestTensor():
        work(picture)  # imports, and what is made once for all pictures
    tracemalloc.start()
    try:
        with LargestTensor() as tensors:
            work(picture)
        return tensors.bytes + tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", WORK)
def test_thin_pictures_take_as_much_memory_as_square_ones(name):
    least, work = WORK[name]
    square = measure_bytes(work, (32, PIXELS // 32))
    for shape in ((least, PIXELS // least), (PIXELS // least, least)):
        assert measure_bytes(work, shape) < 3 * square


class Watched(NetworkWrapper):
    """Gives back what it gets.

    pixels: how many it got at once at most, with those that layers put above and below. columns: how many of these.
    """

    def __init__(self, model: Network) -> None:
        super().__init__(model)
        self.pixels = self.columns = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.pixels = max(self.pixels, (x.shape[2] + 2 * self.halo) * x.shape[3])
        self.columns = max(self.columns, x.shape[3])
        return x


@pytest.mark.parametrize("shape", [(1, 40_000), (3, 13_000), (40_000, 1), (13_000, 3), (200, 200)])
@pytest.mark.parametrize("model", [SRCNN(scale=2), VDSR(scale=2)], ids=["SRCNN", "VDSR"])
def test_a_network_never_gets_more_than_memory_is_told_to_hold(monkeypatch, model, shape):
    most = 25_000
    monkeypatch.setattr(engine, "TILE_FLOATS", {"cpu": most * model.floats_per_pixel})
    watched, plane = Watched(model), torch.rand(shape)
    for rows in engine.row_bands(*shape, halo=model.halo):
        part = engine.run_rows(watched, plane, rows.start, rows.stop)
        assert torch.allclose(part, plane[rows])
    assert 0 < watched.pixels <= most


@pytest.mark.parametrize("kernel_sizes", [(9, 1, 5), (9, 5, 5)])
def test_a_picture_of_few_rows_is_cut_where_its_columns_would_take_too_much(monkeypatch, kernel_sizes):
    """On a CPU, where SRCNN holds for each column what its strips of rows take."""
    watched, plane = Watched(SRCNN(kernel_sizes=kernel_sizes, scale=2).eval().for_device(True)), torch.rand(2, 9_000)
    monkeypatch.setattr(engine, "ROW_FLOATS", 1_000 * watched.floats_per_column)
    assert torch.allclose(engine.run_rows(watched, plane, 0, 2), plane)
    assert 0 < watched.columns <= 1_000
