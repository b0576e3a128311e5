"""A convolution that pads its input as SRCNN's three layers do, or not at all."""

import torch.nn.functional as F
from torch import Tensor, nn

_PAD_MODES = {"zeros": "constant", "replicate": "replicate"}  # as F.pad calls them
PADDINGS = tuple(_PAD_MODES)


class PaddedConv2d(nn.Conv2d):
    """A convolution of step 1 with a square kernel of odd side.

    padding: what lies beyond the border of the input: "zeros", or with "replicate" the pixel at the border again.
    """

    def __init__(self, inputs: int, outputs: int, kernel_size: int, padding: str) -> None:
        super().__init__(inputs, outputs, kernel_size)
        self.border, self.pad_mode = kernel_size // 2, _PAD_MODES[padding]

    def forward(self, x: Tensor, valid: bool = False) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H, W); with `valid` nothing is padded, and `border` pixels are lost on
        each side."""
        if self.border and not valid:
            x = F.pad(x, [self.border] * 4, mode=self.pad_mode)
        return super().forward(x)
