"""Pictures made for looking at: magnified, framed, side by side, errors and weights in colours."""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from srcnn.evaluation.comparison import Trio
from srcnn.imaging.color import luminance
from srcnn.imaging.picture import Picture
from srcnn.visuals.crops import Detail

_GRID_COLUMNS = 8
GRID_GAP_PIXELS = 3
_GRID_GREY_LEVEL = 128


def magnify(picture: Picture, factor: int) -> Picture:
    """Each pixel as a square of `factor` x `factor` of its colour; alpha is left out."""
    return Picture(picture.pixels.repeat(factor, axis=0).repeat(factor, axis=1))


def arrange_grid(pictures: Sequence[Picture], columns: int = _GRID_COLUMNS) -> Picture:
    """Pictures of one size, all grey or all in colour, row by row with thin gaps."""
    columns = min(columns, len(pictures))
    rows = math.ceil(len(pictures) / columns)
    height, width, *channels = pictures[0].pixels.shape
    sheet = np.full(
        (
            rows * (height + GRID_GAP_PIXELS) - GRID_GAP_PIXELS,
            columns * (width + GRID_GAP_PIXELS) - GRID_GAP_PIXELS,
            *channels,
        ),
        _GRID_GREY_LEVEL,
        np.uint8,
    )
    for number, picture in enumerate(pictures):
        top, left = number // columns * (height + GRID_GAP_PIXELS), number % columns * (width + GRID_GAP_PIXELS)
        sheet[top : top + height, left : left + width] = picture.pixels
    return Picture(sheet)


_BRIGHTEST_PERCENTILE = 99  # of the errors have a colour of their own; the few above it share the brightest
MIN_TOP_LEVELS = 8  # grey levels: where nothing is wrong by more, rounding is not to look like an error


@dataclass(frozen=True)
class ErrorMaps:
    """|luminance - truth| of two results in one colour scale: black is no error, the brightest is `top` grey levels
    or more."""

    bicubic: Picture
    srcnn: Picture
    top: float


def draw_error_maps(trio: Trio) -> ErrorMaps:
    """Where bicubic and the network are wrong, and by how much."""
    wanted = luminance(trio.truth.pixels).numpy().astype(np.int16)
    results = [luminance(picture.pixels).numpy() for picture in (trio.bicubic, trio.srcnn)]
    errors = np.abs(np.stack(results) - wanted)
    top = max(float(np.percentile(errors, _BRIGHTEST_PERCENTILE)), MIN_TOP_LEVELS)
    return ErrorMaps(*(apply_colormap(error / top, "inferno") for error in errors), top)


def apply_colormap(values: np.ndarray, colormap: str) -> Picture:
    """(H, W) of 0..1, what is outside clipped, in the colours of one of matplotlib's colormaps."""
    return Picture(_colours_of(colormap)[np.rint(values.clip(0, 1) * 255).astype(np.uint8)])


@functools.cache  # matplotlib computes them anew each time, which takes longer than to colour a picture
def _colours_of(colormap: str) -> np.ndarray:
    """(256, 3) uint8."""
    from matplotlib import colormaps  # here, because it takes a quarter of a second and most commands draw nothing

    return colormaps[colormap](np.arange(256), bytes=True)[:, :3]


FRAME_MAGNIFICATION = 4  # a detail is magnified by this for the frame, so that its lines lie between the pixels


def frame_details(detail: Detail, side: int) -> Detail:
    """The four pictures in one size, four times the truth's, with a frame around `side` pixels in the middle.

    The frame is white and black, to be seen on any ground; it covers nothing of what it surrounds. The pixel in its
    middle is white.
    """
    scale = detail.truth.height // detail.low.height
    names = ("bicubic", "srcnn", "truth")
    pictures = {name: magnify(getattr(detail, name), FRAME_MAGNIFICATION) for name in names}
    pictures["low"] = magnify(detail.low, scale * FRAME_MAGNIFICATION)
    return replace(detail, **{name: _draw_frame(picture, side) for name, picture in pictures.items()})


def _draw_frame(picture: Picture, side: int) -> Picture:
    """`picture` is magnified by FACTOR, `side` counts what were its pixels before."""
    pixels = picture.pixels.copy()
    height, width = (size // FRAME_MAGNIFICATION for size in pixels.shape[:2])
    top, left = (height - side) // 2, (width - side) // 2
    middle = top + side // 2, left + side // 2
    inside = pixels[_magnified_square(top, left, side)].copy()
    pixels[_magnified_square(top, left, side, margin=3)] = 0
    pixels[_magnified_square(top, left, side, margin=2)] = 255
    pixels[_magnified_square(top, left, side)] = inside
    pixels[_magnified_square(*middle, 1)] = 255
    return Picture(pixels)


def _magnified_square(top: int, left: int, side: int, margin: int = 0) -> tuple[slice, slice]:
    """A square of original pixels in a magnified picture, with a margin of magnified ones, as far as there are any."""
    return tuple(
        slice(max(start * FRAME_MAGNIFICATION - margin, 0), (start + side) * FRAME_MAGNIFICATION + margin)
        for start in (top, left)
    )
