"""RGB and YCbCr as in MATLAB's `rgb2ycbcr` (ITU-R BT.601, studio swing: Y in 16..235, Cb and Cr in 16..240).

All values are grey levels in floating point, 0..255: whoever needs integers rounds once, at the end.
"""

import numpy as np
import torch
from torch import Tensor

from srcnn.imresize import to_uint8

RGB_TO_YCBCR = (
    torch.tensor([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]], dtype=torch.float64)
    / 255
)
YCBCR_TO_RGB = torch.linalg.inv(RGB_TO_YCBCR)
OFFSET = torch.tensor([16.0, 128.0, 128.0], dtype=torch.float64)


def rgb_to_ycbcr(rgb: Tensor) -> Tensor:
    """(3, H, W) RGB, floating point 0..255 -> (3, H, W) Y in 16..235, Cb and Cr in 16..240."""
    matrix, offset = RGB_TO_YCBCR.to(rgb), OFFSET.to(rgb)
    return torch.einsum("ij,jhw->ihw", matrix, rgb) + offset[:, None, None]


def ycbcr_to_rgb(ycbcr: Tensor) -> Tensor:
    """(3, H, W) YCbCr -> (3, H, W) RGB, not clipped: colours that RGB cannot show lie outside 0..255."""
    matrix, offset = YCBCR_TO_RGB.to(ycbcr), OFFSET.to(ycbcr)
    return torch.einsum("ij,jhw->ihw", matrix, ycbcr - offset[:, None, None])


def luminance(pixels: np.ndarray) -> Tensor:
    """Y as the papers measure it, rounded: (H, W, 3) RGB or (H, W) grey, uint8 -> (H, W) uint8 tensor.

    A grey picture is its own Y.
    """
    levels = grey_levels(pixels)
    return to_uint8(rgb_to_ycbcr(levels)[0] if len(levels) == 3 else levels[0])


def grey_levels(pixels: np.ndarray, dtype: torch.dtype = torch.float64) -> Tensor:
    """(H, W, 3) or (H, W), uint8 or uint16 -> (3 or 1, H, W) floating point 0..255."""
    channels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    if pixels.dtype == np.uint16:
        return torch.from_numpy(channels.astype(np.float64) / 257).to(dtype)  # 65535 / 255 = 257
    return torch.from_numpy(np.ascontiguousarray(channels)).to(dtype)
