"""The inference engine: luminance of any size through the network, band by band, as fast as the device allows."""

import copy
import time
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from srcnn.inference.device import find_device
from srcnn.inference.ensemble import Ensemble
from srcnn.inference.srcnn_on_cpu import MatrixProductSRCNN
from srcnn.networks.base import AnyNetwork, Network, NetworkWrapper
from srcnn.networks.srcnn import SRCNN

BAND_PIXELS = 2_000_000  # pixels of a band of rows of the result, the piece that memory is needed for
MIN_BAND_ROWS = 16  # of a band, however wide the picture is: each is computed with a halo above and below
MIN_TILE_HALOS = (
    4  # rows of a band, and columns of a tile of it, at least, in halos of the network: they cost at most as much
)
TILE_FLOATS = {"cpu": 64_000_000}  # numbers that a network may hold in memory for a tile of a band: 256 MB
_GPU_TILE_FLOATS = 1_000_000_000


class TimeUpError(Exception):
    """Work took longer than it may; the message is one sentence for the person who waits."""


class Deadline:
    """`seconds` from now, by a clock that nobody can set."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.end = seconds, time.monotonic() + seconds

    def check(self) -> None:
        """Raises TimeUp."""
        if time.monotonic() > self.end:
            raise TimeUpError(
                f"This takes longer than the {self.seconds:.0f} seconds that there are for it here; use a smaller "
                "picture, or no self-ensemble."
            )


class DeadlineWrapper(NetworkWrapper):
    """Raises TimeUp after the deadline."""

    def __init__(self, model: AnyNetwork, deadline: Deadline) -> None:
        super().__init__(model)
        self.model, self.deadline = model, deadline

    def forward(self, x: Tensor) -> Tensor:
        self.deadline.check()
        return self.model(x)


def row_bands(height: int, width: int, model: AnyNetwork | None = None) -> Iterator[tuple[int, int]]:
    """The rows of a result in pieces of about BAND pixels: first row, and the one after the last.

    For a network, in whole rows of its input, and of enough of them for its halo.
    """
    step, halo = (model.upsampling, model.halo) if model else (1, 0)
    rows = max(MIN_BAND_ROWS, MIN_TILE_HALOS * halo * step, BAND_PIXELS // width)
    rows -= rows % step
    for first in range(0, height, rows):
        yield first, min(first + rows, height)


def for_device(model: AnyNetwork, exact: bool = False) -> nn.Module:
    """The network in the form that its device computes fastest; takes and gives what the network does.

    On a CPU in float32, SRCNN as matrix products. On a CUDA GPU in half precision, or with `exact` in float32.
    """
    if isinstance(model, Ensemble):
        return Ensemble([for_device(member, exact) for member in model.members], model.turns)
    if isinstance(model, DeadlineWrapper):
        return DeadlineWrapper(for_device(model.model, exact), model.deadline)
    device = find_device(model)
    if device.type == "cpu":
        return _CPU_WRAPPERS.get(type(model), ChannelsLastWrapper)(model)
    return model if exact or device.type != "cuda" else HalfPrecisionWrapper(model)


class ChannelsLastWrapper(NetworkWrapper):
    """The network with all channels of a pixel side by side, as convolutions on a CPU want it."""

    def __init__(self, model: Network) -> None:
        super().__init__(model)
        self.model = copy.deepcopy(model).to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x.contiguous(memory_format=torch.channels_last))


class HalfPrecisionWrapper(NetworkWrapper):
    """The network in half precision and channels-last, as tensor cores want it, for inference on a CUDA GPU."""

    def __init__(self, model: Network) -> None:
        super().__init__(model)
        self.model = model
        self.half_model = copy.deepcopy(model).half().to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        """Takes and gives float32; computes once more in float32 where half precision overflowed."""
        result = self.half_model(x.half().contiguous(memory_format=torch.channels_last)).float()
        return result if torch.isfinite(result).all() else self.model(x)


_CPU_WRAPPERS: dict[type[Network], type[NetworkWrapper]] = {
    SRCNN: MatrixProductSRCNN
}  # what is faster there than convolutions


def super_resolve(model: AnyNetwork, plane: Tensor, exact: bool = True) -> Tensor:
    """Send a luminance plane through the network, on the network's device.

    plane: (H, W) floating point, grey levels 0..255: the picture in the size that the network takes, enlarged by
    bicubic or low-resolution. Returns (H, W) * `upsampling` float32 on the CPU, not clipped. Each band of rows is
    computed with a halo of the network's reach, so that the result is that of the whole plane at once; layers pad only
    at the picture's true border. Without `exact`, a GPU may compute in half precision.
    """
    network, device, step = for_device(model, exact), find_device(model), model.upsampling
    height, width = (size * step for size in plane.shape)
    result = torch.empty((height, width), dtype=torch.float32)
    for first, last in row_bands(height, width, network):
        top, bottom = input_rows(first, last, len(plane), network)
        source = plane[top:bottom].to(device, torch.float32)
        result[first:last] = run_rows(network, source, first // step - top, last // step - top)
    return result


def input_rows(first: int, last: int, height: int, model: AnyNetwork) -> tuple[int, int]:
    """The rows of a network's input that the rows from `first` to before `last` of its result depend on.

    height: of the whole input.
    """
    return max(first // model.upsampling - model.halo, 0), min(last // model.upsampling + model.halo, height)


@torch.inference_mode()
def run_rows(network: nn.Module, plane: Tensor, first: int, last: int) -> Tensor:
    """What the network makes of the rows from `first` to before `last` of a plane in grey levels 0..255, the others
    around them being their halo.

    Where the device's memory does not suffice, in two halves, and so on. Raises torch.OutOfMemoryError where it does
    not even suffice for one row.
    """
    top, bottom = max(first - network.halo, 0), min(last + network.halo, len(plane))
    begin, end = (first - top) * network.upsampling, (last - top) * network.upsampling
    try:
        return _run_tiles(network, plane[top:bottom])[begin:end] * 255
    except torch.OutOfMemoryError:
        middle = (first + last) // 2
        if middle == first:
            raise
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    halves = (first, middle), (middle, last)
    return torch.cat([run_rows(network, plane, *half) for half in halves])


def _run_tiles(network: nn.Module, plane: Tensor) -> Tensor:
    """The network's result for a plane in grey levels, in 0..1: side by side as many columns at once as TILE allows."""
    halo, step, (height, width) = network.halo, network.upsampling, plane.shape
    most = TILE_FLOATS.get(plane.device.type, _GPU_TILE_FLOATS) // (height * network.floats_per_pixel)
    columns = max(most - 2 * halo, MIN_TILE_HALOS * halo, 1)
    parts = []
    for first in range(0, width, columns):
        last = min(first + columns, width)
        left, right = max(first - halo, 0), min(last + halo, width)
        part = network(plane[None, None, :, left:right] / 255)[0, 0]
        parts.append(part[:, (first - left) * step : (last - left) * step])
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)
