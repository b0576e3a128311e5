"""The inference engine: luminance of any size through the network, band by band, as fast as the device allows."""

import copy
import time
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from srcnn.ensemble import Ensemble, Network
from srcnn.model import SRCNN, SRCNNConfig
from srcnn.products import ProductSRCNN

BAND = 2_000_000  # pixels of a band of rows, the piece that memory is needed for
LEAST_ROWS = 16  # of a band, however wide the picture is: each is computed with a halo above and below
DEVICE_FAULTS = (torch.OutOfMemoryError, torch.AcceleratorError)  # after these, a CPU may still do it


class TimeUp(Exception):
    """Work took longer than it may; the message is one sentence for the person who waits."""


class Deadline:
    """`seconds` from now, by a clock that nobody can set."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.end = seconds, time.monotonic() + seconds

    def check(self) -> None:
        """Raises TimeUp."""
        if time.monotonic() > self.end:
            raise TimeUp(
                f"This takes longer than the {self.seconds:.0f} seconds that there are for it here; use a smaller "
                "picture, or no self-ensemble."
            )


class Limited(nn.Module):
    """Stands wherever a network stands, alone or in an ensemble, and raises TimeUp after the deadline."""

    def __init__(self, model: nn.Module, deadline: Deadline) -> None:
        super().__init__()
        self.model, self.deadline = model, deadline

    @property
    def config(self) -> SRCNNConfig:
        return self.model.config

    @property
    def halo(self) -> int:
        return self.model.halo

    def forward(self, x: Tensor) -> Tensor:
        self.deadline.check()
        return self.model(x)


def best_device() -> torch.device:
    """The GPU where there is one (CUDA, Apple's MPS), else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def device_name(device: torch.device) -> str:
    """For people: "NVIDIA H200", "CPU"."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()


def device_of(model: Network) -> torch.device:
    return next(model.parameters()).device


def bands(height: int, width: int) -> Iterator[tuple[int, int]]:
    """The rows of a picture in pieces of about BAND pixels: first row, and the one after the last."""
    rows = max(LEAST_ROWS, BAND // width)
    for first in range(0, height, rows):
        yield first, min(first + rows, height)


def prepared(model: Network, exact: bool = False) -> nn.Module:
    """The network in the form that its device computes fastest; takes and gives what the network does.

    On a CPU as matrix products in float32. On a CUDA GPU in half precision, or with `exact` in float32.
    """
    if isinstance(model, Ensemble):
        return Ensemble([prepared(member, exact) for member in model.members], model.turns)
    if isinstance(model, Limited):
        return Limited(prepared(model.model, exact), model.deadline)
    device = device_of(model)
    if device.type == "cpu":
        return ProductSRCNN(model)
    return model if exact or device.type != "cuda" else HalfSRCNN(model)


class HalfSRCNN(nn.Module):
    """The network in half precision and channels-last, as tensor cores want it, for inference on a CUDA GPU."""

    def __init__(self, model: SRCNN) -> None:
        super().__init__()
        self.config, self.halo, self.model = model.config, model.halo, model
        self.half_model = copy.deepcopy(model).half().to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) float32 0..1 -> (N, C, H, W) float32; once more in float32 where half precision overflowed."""
        result = self.half_model(x.half().contiguous(memory_format=torch.channels_last)).float()
        return result if torch.isfinite(result).all() else self.model(x)


def super_resolve(model: Network, bicubic: Tensor, exact: bool = True) -> Tensor:
    """Send an enlarged luminance plane through the network, on the network's device.

    bicubic: (H, W) floating point, grey levels 0..255. Returns (H, W) float32 on the CPU, not clipped. Each band of
    rows is computed with a halo of the network's reach, so that the result is that of the whole plane at once; layers
    pad only at the picture's true border. Without `exact`, a GPU may compute in half precision.
    """
    network, device = prepared(model, exact), device_of(model)
    height, width = bicubic.shape
    result = torch.empty((height, width), dtype=torch.float32)
    for first, last in bands(height, width):
        top, bottom = max(first - model.halo, 0), min(last + model.halo, height)
        plane = bicubic[top:bottom].to(device, torch.float32)
        result[first:last] = rows_through(network, plane, first - top, last - top)
    return result


@torch.inference_mode()
def rows_through(network: nn.Module, plane: Tensor, first: int, last: int) -> Tensor:
    """The rows from `first` to before `last` of what the network makes of a plane in grey levels 0..255.

    Where the device's memory does not suffice, in two halves, and so on. Raises torch.OutOfMemoryError where it does
    not even suffice for one row.
    """
    top, bottom = max(first - network.halo, 0), min(last + network.halo, len(plane))
    try:
        result = network(plane[top:bottom][None, None] / 255)[0, 0]
        return result[first - top : last - top] * 255
    except torch.OutOfMemoryError:
        middle = (first + last) // 2
        if middle == first:
            raise
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    halves = (first, middle), (middle, last)
    return torch.cat([rows_through(network, plane, *half) for half in halves])
