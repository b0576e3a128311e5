"""What a network does to what it should leave alone: flat greys, and noise on its input."""

import torch
from torch import Tensor

from srcnn.inference.engine import super_resolve
from srcnn.networks.base import AnyNetwork

_NOISE_SEED = 0


def measure_flat_errors(model: AnyNetwork, levels: Tensor) -> Tensor:
    """By how many grey levels a flat plane of each level comes out brighter: (N,) levels 0..255 -> (N,).

    Measured in the middle of a plane that is so large that the network sees nothing of its border there.
    """
    side = 2 * model.halo + 1
    middle = side // 2 * model.upsampling
    results = [super_resolve(model, torch.full((side, side), float(level)))[middle, middle] for level in levels]
    return torch.stack(results).cpu() - levels


def measure_noise_gain(model: AnyNetwork, plane: Tensor) -> float:
    """How many times stronger white noise of one grey level leaves the network than it came in, both root mean squares.

    plane: what the network takes, (H, W) grey levels 0..255, without the noise.
    """
    noise = torch.randn(plane.shape, generator=torch.Generator().manual_seed(_NOISE_SEED))
    plane = plane.float()
    difference = super_resolve(model, plane + noise) - super_resolve(model, plane)
    return (difference.square().mean().sqrt() / noise.square().mean().sqrt()).item()
