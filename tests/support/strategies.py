"""Strategies of the property tests.

These try the same examples in every run, so that nothing fails by chance. To search wider, with new examples each time:

    HYPOTHESIS_PROFILE=wide python -m pytest tests/test_properties*.py
"""

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from srcnn import EDSR, SRCNN, VDSR
from srcnn.imaging.picture import Picture

SEEDS = st.integers(0, 2**32 - 1)
SIDES = st.integers(1, 40)


def random_levels(seed: int, *shape: int) -> Tensor:
    """Grey levels 0..255, float64."""
    return torch.from_numpy(np.random.default_rng(seed).uniform(0, 255, shape))


def another(plane: Tensor, seed: int) -> Tensor:
    """Noise of the size of a plane, and no such noise as `planes` gives for the same seed."""
    return random_levels(seed + 2**32, *plane.shape)


@st.composite
def planes(draw, sides: st.SearchStrategy[int] = SIDES) -> Tensor:
    """(H, W) float64, grey levels 0..255: noise, a step, one level everywhere."""
    height, width = draw(sides), draw(sides)
    plane = random_levels(draw(SEEDS), height, width)
    return draw(st.sampled_from([plane, (plane > 127).double() * 255, torch.full_like(plane, plane[0, 0].item())]))


@st.composite
def pictures(draw, sides: st.SearchStrategy[int] = SIDES) -> Picture:
    """Every kind that a PNG holds: grey or RGB, 8 bits with alpha or without, 16 bits of grey."""
    rng, shape = np.random.default_rng(draw(SEEDS)), (draw(sides), draw(sides))
    if draw(st.booleans()):
        return Picture(rng.integers(0, 65536, shape, dtype=np.uint16))
    pixels = rng.integers(0, 256, shape + draw(st.sampled_from([(), (3,)])), dtype=np.uint8)
    return Picture(pixels, rng.integers(0, 256, shape, dtype=np.uint8) if draw(st.booleans()) else None)


@st.composite
def networks(draw, channels: int | None = None, scale: int | None = None) -> SRCNN:
    """Of any config, small; each number of them random."""
    torch.manual_seed(draw(SEEDS))
    model = SRCNN(
        num_channels=channels or draw(st.integers(1, 4)),
        filters=(draw(st.integers(1, 9)), draw(st.integers(1, 9))),
        kernel_sizes=tuple(draw(st.sampled_from([1, 3, 5, 7, 9])) for _ in range(3)),
        padding=draw(st.sampled_from(["zeros", "replicate"])),
        residual=draw(st.booleans()),
        batch_norm=draw(st.booleans()),
        scale=scale or draw(st.none() | st.integers(1, 16)),
        loss=draw(st.none() | st.sampled_from(["mse", "l1", "someone's own"])),
    )
    for norm in (model.norm1, model.norm2) if model.config.batch_norm else ():
        for tensor, low, high in ((norm.weight, 0.5, 2), (norm.bias, -1, 1), (norm.running_mean, -1, 1)):
            torch.nn.init.uniform_(tensor, low, high)
        torch.nn.init.uniform_(norm.running_var, 0.5, 2)
    return model.eval()


@st.composite
def deep_networks(draw, scale: int | None = None) -> VDSR | EDSR:
    """Of any config, small, for use at a scale; each number of them random."""
    torch.manual_seed(draw(SEEDS))
    size = {"depth": draw(st.integers(2, 4)), "channels": draw(st.integers(1, 6))}
    at, loss = scale or draw(st.sampled_from([2, 3, 4])), draw(st.none() | st.sampled_from(["mse", "l1"]))
    if draw(st.booleans()):
        scales = tuple(sorted({at, *draw(st.sets(st.integers(1, 16), max_size=3))}))
        model = VDSR(**size, scale=scales if len(scales) > 1 else at, loss=loss).for_scale(at)
    else:
        model = EDSR(**size, scale=at, loss=loss, residual_scaling=draw(st.floats(0.01, 1)))
    for conv in (module for module in model.modules() if isinstance(module, torch.nn.Conv2d)):
        torch.nn.init.kaiming_normal_(conv.weight)  # what lies at the edge of its reach counts, too
    return model.eval()


def assert_same(picture: Picture, other: Picture) -> None:
    assert picture.pixels.dtype == other.pixels.dtype
    assert np.array_equal(picture.pixels, other.pixels)
    assert (picture.alpha is None) == (other.alpha is None)
    assert picture.alpha is None or np.array_equal(picture.alpha, other.alpha)
