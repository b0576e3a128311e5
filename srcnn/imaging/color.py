"""RGB and YCbCr as in MATLAB's `rgb2ycbcr` (ITU-R BT.601, studio swing: Y in 16..235, Cb and Cr in 16..240).

All values are grey levels in floating point, 0..255: whoever needs integers rounds once, at the end.
"""

import numpy as np
import torch
from torch import Tensor

from srcnn.imaging.imresize import to_uint8

_RGB_TO_YCBCR = (
    torch.tensor([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]], dtype=torch.float64)
    / 255
)
_YCBCR_TO_RGB = torch.linalg.inv(_RGB_TO_YCBCR)
CHUNK_PIXELS = 1 << 17  # pixels that are converted together, so that they stay in the processor's cache
_YCBCR_OFFSET = torch.tensor([16.0, 128.0, 128.0], dtype=torch.float64)
LUMINANCE_BLACK, LUMINANCE_GAIN = 16, 219 / 255  # of a grey level g: 16 + g * 219 / 255, BT.601's studio swing


def rgb_to_ycbcr(rgb: Tensor) -> Tensor:
    """(3, H, W) RGB, floating point 0..255 -> (3, H, W) Y in 16..235, Cb and Cr in 16..240."""
    return torch.addmm(_YCBCR_OFFSET.to(rgb)[:, None], _RGB_TO_YCBCR.to(rgb), rgb.reshape(3, -1)).view_as(rgb)


def ycbcr_to_rgb(ycbcr: Tensor) -> Tensor:
    """(3, H, W) YCbCr -> (3, H, W) RGB, not clipped: colours that RGB cannot show lie outside 0..255."""
    offset = -(_YCBCR_TO_RGB @ _YCBCR_OFFSET).to(ycbcr)
    return torch.addmm(offset[:, None], _YCBCR_TO_RGB.to(ycbcr), ycbcr.reshape(3, -1)).view_as(ycbcr)


def grey_to_luminance(levels: Tensor) -> Tensor:
    """Grey levels 0..255 -> the luminance of the same picture stored as RGB, 16..235, which networks are trained on."""
    return LUMINANCE_BLACK + levels * LUMINANCE_GAIN


def luminance_to_grey(y: Tensor) -> Tensor:
    """The inverse of `grey_to_luminance`."""
    return (y - LUMINANCE_BLACK) / LUMINANCE_GAIN


def luminance(pixels: np.ndarray) -> Tensor:
    """Y as the papers measure it, rounded: (H, W, 3) RGB or (H, W) grey, uint8 -> (H, W) uint8 tensor.

    A grey picture is its own Y.
    """
    if pixels.ndim == 2:
        return torch.from_numpy(np.ascontiguousarray(pixels))
    rgb, y = (
        torch.from_numpy(np.ascontiguousarray(pixels)).view(-1, 3),
        torch.empty(pixels.shape[:2], dtype=torch.uint8),
    )
    for some, result in zip(rgb.split(CHUNK_PIXELS), y.view(-1).split(CHUNK_PIXELS), strict=True):
        result.copy_(to_uint8((some.double() @ _RGB_TO_YCBCR[0]).add_(_YCBCR_OFFSET[0])))
    return y


def to_grey_levels(
    pixels: np.ndarray, dtype: torch.dtype = torch.float64, device: torch.device | None = None
) -> Tensor:
    """(H, W, 3) or (H, W), uint8 or uint16 -> (3 or 1, H, W) floating point 0..255, on a device."""
    if pixels.dtype == np.uint16:
        pixels = pixels.astype(np.float32 if dtype == torch.float32 else np.float64) / 257  # 65535 / 255 = 257
    channels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    levels = torch.from_numpy(np.ascontiguousarray(channels)).to(device)  # as bytes: a quarter of the way to a GPU
    return levels.to(dtype)
