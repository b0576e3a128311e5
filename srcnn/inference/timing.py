"""How long a network takes on this machine."""

import time

import torch

from srcnn.inference.engine import super_resolve
from srcnn.networks.base import AnyNetwork

_TIMED_SIDE_PIXELS = 480  # pixels of the enlarged picture, a multiple of every scale
_MAX_RUNS, _ENOUGH_SECONDS = (
    5,
    1.0,
)  # times that it is sent through, at most, and seconds after which it is not once more


def measure_seconds_per_megapixel(model: AnyNetwork) -> float:
    """Seconds for a million pixels of the enlarged luminance: the fastest of some runs, the least disturbed one."""
    side = _TIMED_SIDE_PIXELS // model.upsampling
    plane = torch.rand(side, side, generator=torch.Generator().manual_seed(0)) * 255
    super_resolve(model, plane, exact=False)  # a first run takes longer
    seconds: list[float] = []
    while len(seconds) < _MAX_RUNS and sum(seconds) < _ENOUGH_SECONDS:
        begin = time.perf_counter()
        super_resolve(model, plane, exact=False)
        seconds.append(time.perf_counter() - begin)
    return min(seconds) / _TIMED_SIDE_PIXELS**2 * 1e6
