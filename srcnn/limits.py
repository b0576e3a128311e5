"""What the method cannot do, shown on a detail: at a scale, and with a frame around all that the network sees."""

from dataclasses import replace

from srcnn.anatomy import magnified
from srcnn.detail import Detail, region
from srcnn.evaluate import compare
from srcnn.images import Picture
from srcnn.model import SRCNN

FACTOR = 4  # a detail is magnified by this for the frame, so that its lines lie between the pixels


def shown_on(picture: Picture, model: SRCNN, x: int, y: int, side: int) -> Detail:
    """What bicubic and the network make of a square of `side` pixels around the point (x, y) of a ground truth.

    Raises ImageError for a picture that is too small for the network's scale.
    """
    return region(compare(picture, model), x, y, side)


def receptive_field(model: SRCNN) -> int:
    """The side of the square of enlarged pixels that an output pixel depends on: 13 for 9-1-5."""
    return 2 * model.halo + 1


def framed(detail: Detail, side: int) -> Detail:
    """The four pictures in one size, four times the truth's, with a frame around `side` pixels in the middle.

    The frame is white and black, to be seen on any ground; it covers nothing of what it surrounds. The pixel in its
    middle is white.
    """
    scale = detail.truth.height // detail.low.height
    names = ("bicubic", "srcnn", "truth")
    pictures = {name: magnified(getattr(detail, name), FACTOR) for name in names}
    pictures["low"] = magnified(detail.low, scale * FACTOR)
    return replace(detail, **{name: with_frame(picture, side) for name, picture in pictures.items()})


def with_frame(picture: Picture, side: int) -> Picture:
    """`picture` is magnified by FACTOR, `side` counts what were its pixels before."""
    pixels = picture.pixels.copy()
    height, width = (size // FACTOR for size in pixels.shape[:2])
    top, left = (height - side) // 2, (width - side) // 2
    middle = top + side // 2, left + side // 2
    inside = pixels[square(top, left, side)].copy()
    pixels[square(top, left, side, margin=3)] = 0
    pixels[square(top, left, side, margin=2)] = 255
    pixels[square(top, left, side)] = inside
    pixels[square(*middle, 1)] = 255
    return Picture(pixels)


def square(top: int, left: int, side: int, margin: int = 0) -> tuple[slice, slice]:
    """A square of original pixels in a magnified picture, with a margin of magnified ones, as far as there are any."""
    return tuple(slice(max(start * FACTOR - margin, 0), (start + side) * FACTOR + margin) for start in (top, left))
