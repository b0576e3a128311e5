"""What the method cannot do, shown on a detail: at a scale, and with a frame around all that the network sees."""

from dataclasses import replace

from torch import nn

from srcnn.anatomy import magnified
from srcnn.detail import Detail, region
from srcnn.evaluate import compare
from srcnn.images import Picture
from srcnn.network import Network
from srcnn.variants import COMMON_MULTIPLE

FACTOR = 4  # a detail is magnified by this for the frame, so that its lines lie between the pixels


def shown_on(picture: Picture, model: Network, x: int, y: int, side: int) -> Detail:
    """What bicubic and the network make of a square of `side` pixels around the point (x, y) of a ground truth.

    Only what that depends on is computed. Raises ImageError for a picture that is too small for the network's scale.
    """
    margin = margin_of(model)
    top, left = start(y, side, picture.height, margin), start(x, side, picture.width, margin)
    length = side + 2 * margin + COMMON_MULTIPLE
    around = picture.part((slice(top, top + length), slice(left, left + length)))
    found = region(compare(around, model), x - left, y - top, side)
    rows, columns = found.place
    return replace(found, place=(shifted(rows, top), shifted(columns, left)))


def margin_of(model: Network) -> int:
    """Pixels around a detail, as many as it depends on through the reduction, the enlargement and the network."""
    needed = 4 * model.scale + model.halo * model.upsampling
    return -(-needed // COMMON_MULTIPLE) * COMMON_MULTIPLE


def start(centre: int, side: int, available: int, margin: int) -> int:
    """Where the surroundings of a square begin, which `region` moves inside the picture."""
    inside = max(min(centre - side // 2, available - side), 0)
    return max(inside - margin, 0) // COMMON_MULTIPLE * COMMON_MULTIPLE


def shifted(span: slice, by: int) -> slice:
    return slice(span.start + by, span.stop + by)


def receptive_field(model: Network) -> int:
    """The side of the square of enlarged pixels that an output pixel depends on: 13 for 9-1-5."""
    return (2 * model.halo + 1) * model.upsampling


def layers(model: Network) -> int:
    """How many convolutions it has: 3 for SRCNN."""
    return sum(isinstance(module, nn.Conv2d) for module in model.modules())


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
