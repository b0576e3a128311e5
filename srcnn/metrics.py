"""PSNR and SSIM in float64, on luminance in grey levels 0..255, as the super-resolution papers print them."""

import math

import torch
from torch import Tensor

WINDOW = 11  # SSIM's Gaussian window, Wang et al., "Image quality assessment", 2004, section III-B
SIGMA = 1.5
C1 = (0.01 * 255) ** 2
C2 = (0.03 * 255) ** 2


def shave(x: Tensor, border: int) -> Tensor:
    """(..., H, W) without `border` pixels on each side. Papers shave `scale` pixels before they measure."""
    return x[..., border : x.shape[-2] - border, border : x.shape[-1] - border]


def psnr(a: Tensor, b: Tensor) -> float:
    """10 log10(255^2 / MSE) in dB of two pictures of equal shape, 0..255; infinity where they are equal.

    Raises ValueError for different shapes or pictures without pixels.
    """
    check_pair(a, b)
    mse = (a.double() - b.double()).square().mean().item()
    return 10 * math.log10(255**2 / mse) if mse else math.inf


def ssim(a: Tensor, b: Tensor) -> float:
    """Mean structural similarity of two pictures (H, W), 0..255: Wang et al. 2004, eq. 13.

    11x11 Gaussian window, sigma 1.5, K1 = .01, K2 = .03, population covariance, only windows that lie inside.
    NaN for a picture smaller than the window. Raises ValueError as `psnr` does.
    """
    check_pair(a, b)
    if min(a.shape) < WINDOW:
        return math.nan
    a, b = a.double(), b.double()
    mean_a, mean_b, aa, bb, ab = blur(torch.stack([a, b, a * a, b * b, a * b]))
    variance_a, variance_b, covariance = aa - mean_a**2, bb - mean_b**2, ab - mean_a * mean_b
    similarity = ((2 * mean_a * mean_b + C1) * (2 * covariance + C2)) / (
        (mean_a**2 + mean_b**2 + C1) * (variance_a + variance_b + C2)
    )
    return similarity.mean().item()


def blur(x: Tensor) -> Tensor:
    """(N, H, W) -> (N, H-10, W-10): Gaussian window as two one-dimensional passes, no padding.

    Shifted sums: in float64 they take a tenth of the time of a convolution.
    """
    distance = torch.arange(WINDOW, dtype=x.dtype) - WINDOW // 2
    kernel = torch.exp(-(distance**2) / (2 * SIGMA**2))
    weights = (kernel / kernel.sum()).tolist()
    return slide(slide(x, weights, dim=1), weights, dim=2)


def slide(x: Tensor, weights: list[float], dim: int) -> Tensor:
    """The weighted sum of neighbours along a dimension, which gets shorter by all but one of them."""
    size = x.shape[dim] - len(weights) + 1
    total = weights[0] * x.narrow(dim, 0, size)
    for offset, weight in enumerate(weights[1:], 1):
        total.add_(x.narrow(dim, offset, size), alpha=weight)
    return total


def check_pair(a: Tensor, b: Tensor) -> None:
    if a.shape != b.shape:
        raise ValueError(f"Pictures of different sizes cannot be compared: {tuple(a.shape)} and {tuple(b.shape)}.")
    if a.numel() == 0:
        raise ValueError("Pictures without pixels cannot be compared.")
