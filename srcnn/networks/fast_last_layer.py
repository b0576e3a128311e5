"""SRCNN's last layer, written so that training on a CPU is fast.

A library's convolution to a single channel leaves most of a CPU's vector unit idle. As one matrix product whose results
are then added up at their offsets, a training step takes two thirds of the time. The sums are those of the convolution.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from srcnn.networks.padded_conv import PaddedConv2d


class FastLastLayer(PaddedConv2d):
    """A convolution to very few channels."""

    def forward(self, x: Tensor, valid: bool = False) -> Tensor:
        """As `PaddedConv2d.forward`; where training needs it on a CPU, by the matrix product."""
        if valid and x.device.type == "cpu" and x.dtype == torch.float32:
            return self._multiply_and_fold(x)
        return super().forward(x, valid)

    def _multiply_and_fold(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, few, H - k + 1, W - k + 1)."""
        few, channels, k, _ = self.weight.shape
        height, width = x.shape[2:]
        # every pixel times every weight of the kernel: a 1x1 convolution, one output for each of few * k * k weights
        taps = self.weight.flip(2, 3).permute(0, 2, 3, 1).reshape(few * k * k, channels, 1, 1)
        products = F.conv2d(x, taps).flatten(2)  # (N, few * k * k, H * W)
        # fold adds up the k * k products that belong to one pixel of the result
        whole = F.fold(products, (height + k - 1, width + k - 1), k)  # (N, few, H + k - 1, W + k - 1)
        # at the border, sums lack products: only the inside is what the convolution gives
        return whole[:, :, k - 1 : height, k - 1 : width] + self.bias[:, None, None]
