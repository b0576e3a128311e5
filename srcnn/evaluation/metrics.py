"""PSNR and SSIM in float64, on luminance in grey levels 0..255, as the super-resolution papers print them."""

import math

import torch
from torch import Tensor

from srcnn.imaging.banded_matrix import BandedMatrix

WINDOW_PIXELS = 11  # SSIM's Gaussian window, Wang et al., "Image quality assessment", 2004, section III-B
_SIGMA_PIXELS = 1.5
_C1 = (0.01 * 255) ** 2
_C2 = (0.03 * 255) ** 2
CHUNK_ROWS = 1 << 17  # pixels that are measured together, so that their maps stay in the processor's cache


def shave(x: Tensor, border: int) -> Tensor:
    """(..., H, W) without `border` pixels on each side. Papers shave `scale` pixels before they measure."""
    return x[..., border : x.shape[-2] - border, border : x.shape[-1] - border]


def psnr(a: Tensor, b: Tensor) -> float:
    """10 log10(255^2 / MSE) in dB of two pictures of equal shape, 0..255; infinity where they are equal.

    Raises ValueError for different shapes or pictures without pixels.
    """
    _check_pair(a, b)
    rows = max(1, CHUNK_ROWS // a.shape[-1])
    pairs = zip(a.split(rows, -2), b.split(rows, -2), strict=True)
    mse = sum((x.double() - y.double()).square_().sum().item() for x, y in pairs) / a.numel()
    return 10 * math.log10(255**2 / mse) if mse else math.inf


def ssim(a: Tensor, b: Tensor) -> float:
    """Mean structural similarity of two pictures (H, W), 0..255: Wang et al. 2004, eq. 13.

    11x11 Gaussian window, sigma 1.5, K1 = .01, K2 = .03, population covariance, only windows that lie inside.
    NaN for a picture smaller than the window. Raises ValueError as `psnr` does.
    """
    _check_pair(a, b)
    if min(a.shape) < WINDOW_PIXELS:
        return math.nan
    down, along = _gaussian_window(a.shape[0]), _gaussian_window(a.shape[1])
    windows, rows = len(down.index), max(1, CHUNK_ROWS // a.shape[1])
    total = 0.0
    for first in range(0, windows, rows):
        some, low, high = down.part(first, min(first + rows, windows))
        total += _similarity_map(a[low:high].double(), b[low:high].double(), some, along).sum().item()
    return total / (windows * len(along.index))


def _similarity_map(a: Tensor, b: Tensor, down: BandedMatrix, along: BandedMatrix) -> Tensor:
    """SSIM of each window: (H, W) and (H, W) -> (H-10, W-10)."""
    mean_a, mean_b, squares, ab = along.along(down.down(torch.stack([a, b, a * a + b * b, a * b])))
    product = mean_a * mean_b
    power = mean_a.square_() + mean_b.square_()
    structure = (2 * (ab - product) + _C2) / (squares - power + _C2)
    return structure * (2 * product + _C1) / (power + _C1)


def _gaussian_window(size: int) -> BandedMatrix:
    """The Gaussian window along a side, only where it lies inside: `size` inputs, size - 10 outputs."""
    distance = torch.arange(WINDOW_PIXELS, dtype=torch.float64) - WINDOW_PIXELS // 2
    kernel = torch.exp(-(distance**2) / (2 * _SIGMA_PIXELS**2))
    index = torch.arange(size - WINDOW_PIXELS + 1)[:, None] + torch.arange(WINDOW_PIXELS)
    return BandedMatrix(index, (kernel / kernel.sum()).expand(index.shape))


def _check_pair(a: Tensor, b: Tensor) -> None:
    if a.shape != b.shape:
        raise ValueError(f"Pictures of different sizes cannot be compared: {tuple(a.shape)} and {tuple(b.shape)}.")
    if a.numel() == 0:
        raise ValueError("Pictures without pixels cannot be compared.")
