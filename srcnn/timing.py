"""How long a network takes on this machine."""

import time

import torch

from srcnn.engine import super_resolve
from srcnn.network import AnyNetwork

SIDE = 480  # pixels of the enlarged picture, a multiple of every scale


def seconds_per_megapixel(model: AnyNetwork) -> float:
    """Seconds for a million pixels of the enlarged luminance, from one small picture, the second of two."""
    side = SIDE // model.upsampling
    plane = torch.rand(side, side, generator=torch.Generator().manual_seed(0)) * 255
    super_resolve(model, plane, exact=False)
    begin = time.perf_counter()
    super_resolve(model, plane, exact=False)
    return (time.perf_counter() - begin) / SIDE**2 * 1e6
