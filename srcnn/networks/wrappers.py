"""What may stand in a network's place, and does as the network does: wrappers that compute it faster, or add to it."""

import copy
from typing import Protocol, Self

import torch
from torch import Tensor, nn


class RowStream(Protocol):
    """A network that gets a picture from the top, some rows at a time, and remembers what it needs of earlier ones."""

    def push(self, strip: Tensor, last: bool) -> Tensor:
        """(rows, W, inputs) -> (rows, W, outputs): the rows of the result that can be given now.

        They are fewer than the strip's at first, and with the `last` strip all that are left. Both may have no rows.
        """


class NetworkWrapper(nn.Module):
    """Base of the wrappers: takes and gives what the network does, and tells the same of itself.

    model: a Network or another wrapper. `config`, `scale`, `upsampling`, `halo`, `floats_per_pixel` and
    `floats_per_column` are the model's; they are explained at `Network`.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.config = model.config
        self.scale, self.upsampling = model.scale, model.upsampling
        self.halo, self.floats_per_pixel = model.halo, model.floats_per_pixel
        self.floats_per_column = model.floats_per_column

    def for_scale(self, scale: int | None = None) -> Self:
        """As `Network.for_scale`, but only for the scale that the networks in it are for."""
        if self.scale is None:
            raise ValueError("These networks do not say which scale they are for; use for_scale of each of them first.")
        if scale not in (None, self.scale):
            raise ValueError(f"These networks were put together for x{self.scale}, not for x{scale}.")
        return self

    def open_stream(self, width: int) -> "RowStream | None":
        """As `Network.open_stream`."""
        return None

    def for_device(self, exact: bool = False) -> "NetworkWrapper":
        """As `Network.for_device`. A wrapper that is such a form already is its own; one that adds something to
        networks overrides this, and adds it to the forms of these."""
        return self


class FullPrecisionWrapper(NetworkWrapper):
    """The network in float32 on a CUDA GPU, where convolutions would round their factors to 10 bits (TF32)."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__(model)
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        """As the network's."""
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            return self.model(x)


class HalfPrecisionWrapper(NetworkWrapper):
    """The network in half precision and channels-last, as tensor cores want it, for inference on a CUDA GPU."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__(model)
        self.full_model = FullPrecisionWrapper(model)
        self.half_model = copy.deepcopy(model).half().to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        """Takes and gives float32; computes once more in float32 where half precision overflowed."""
        result = self.half_model(x.half().contiguous(memory_format=torch.channels_last)).float()
        return result if torch.isfinite(result).all() else self.full_model(x)
