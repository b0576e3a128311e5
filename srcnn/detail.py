"""A part of a comparison, and where bicubic and the network are wrong."""

from dataclasses import dataclass

import numpy as np
import torch.nn.functional as F

from srcnn import metrics
from srcnn.color import luminance
from srcnn.evaluate import Trio
from srcnn.images import Picture
from srcnn.upscale import downscale

REACH = 2  # low-resolution pixels around a part that its reduction depends on: half of the bicubic kernel's width
PERCENTILE = 99  # of the errors have a colour of their own; the few above it share the brightest
LEAST_TOP = 8  # grey levels: where nothing is wrong by more, rounding is not to look like an error


@dataclass(frozen=True)
class Detail:
    """The same part of four pictures, the low-resolution one `scale` times smaller.

    place: rows and columns of the truth, multiples of the scale. psnr: dB of the luminance of this part only.
    """

    place: tuple[slice, slice]
    low: Picture
    bicubic: Picture
    srcnn: Picture
    truth: Picture
    bicubic_psnr: float
    srcnn_psnr: float


@dataclass(frozen=True)
class ErrorMaps:
    """|luminance - truth| of two results in one colour scale: black is no error, the brightest is `top` grey levels
    or more."""

    bicubic: Picture
    srcnn: Picture
    top: float


def region(trio: Trio, x: int, y: int, side: int) -> Detail:
    """A square of `side` pixels around the point (x, y) of the truth.

    It is cut to a multiple of the scale, at least one low-resolution pixel, and moved inside the picture; of a picture
    that is smaller, all is taken.
    """
    truth, scale = trio.truth, trio.scale
    place = span(y, side, truth.height, scale), span(x, side, truth.width, scale)
    parts = [picture.part(place) for picture in (trio.bicubic, trio.srcnn, truth)]
    bicubic, srcnn, wanted = (luminance(part.pixels) for part in parts)
    low = reduced_part(truth, place, scale)
    return Detail(place, low, *parts, metrics.psnr(bicubic, wanted), metrics.psnr(srcnn, wanted))


def telling(trio: Trio, side: int) -> tuple[int, int]:
    """The centre (x, y) of the square, of `side` pixels or as the picture allows, that the network repairs most."""
    wanted = luminance(trio.truth.pixels).float()
    before, after = ((luminance(picture.pixels).float() - wanted).square() for picture in (trio.bicubic, trio.srcnn))
    size = min(side, *wanted.shape)
    step = max(size // 8, 1)
    gains = F.avg_pool2d((before - after)[None, None], size, step)[0, 0]
    row, column = divmod(int(gains.argmax()), gains.shape[1])
    return column * step + size // 2, row * step + size // 2


def span(centre: int, side: int, available: int, scale: int) -> slice:
    """`side` pixels around the centre, from one multiple of the scale to another; `available` is a multiple, too."""
    side = min(max(side // scale, 1) * scale, available)
    start = (centre - side // 2 + scale // 2) // scale * scale
    start = min(max(start, 0), available - side)
    return slice(start, start + side)


def reduced_part(truth: Picture, place: tuple[slice, slice], scale: int) -> Picture:
    """The part of the low-resolution picture, from no more of the truth than it depends on."""
    margin = REACH * scale
    around = tuple(slice(max(one.start - margin, 0), one.stop + margin) for one in place)
    inside = tuple(
        slice((one.start - wide.start) // scale, (one.stop - wide.start) // scale)
        for one, wide in zip(place, around, strict=True)
    )
    return downscale(truth.part(around), scale).part(inside)


def error_map(trio: Trio) -> ErrorMaps:
    """Where bicubic and the network are wrong, and by how much."""
    wanted = luminance(trio.truth.pixels).numpy().astype(np.int16)
    results = [luminance(picture.pixels).numpy() for picture in (trio.bicubic, trio.srcnn)]
    errors = np.abs(np.stack(results) - wanted)
    top = max(float(np.percentile(errors, PERCENTILE)), LEAST_TOP)
    return ErrorMaps(*(coloured(error / top, "inferno") for error in errors), top)


def coloured(values: np.ndarray, colormap: str) -> Picture:
    """(H, W) of 0..1, what is outside clipped, in the colours of one of matplotlib's colormaps."""
    from matplotlib import colormaps  # here, because it takes a quarter of a second and most commands draw nothing

    colours = colormaps[colormap](np.arange(256), bytes=True)[:, :3]
    return Picture(colours[np.rint(values.clip(0, 1) * 255).astype(np.uint8)])
