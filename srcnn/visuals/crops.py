"""A detail of a picture, cut out alike of all the pictures that are compared."""

from dataclasses import dataclass, replace

import torch.nn.functional as F

from srcnn.evaluation.comparison import Trio, compare
from srcnn.evaluation.metrics import psnr
from srcnn.imaging.color import luminance
from srcnn.imaging.picture import Picture
from srcnn.inference.upscaling import downscale
from srcnn.naming import COMMON_MULTIPLE
from srcnn.networks.base import Network

_REDUCTION_REACH_PIXELS = (
    2  # low-resolution pixels around a part that its reduction depends on: half of the bicubic kernel's width
)


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


def crop_at(trio: Trio, x: int, y: int, side: int) -> Detail:
    """A square of `side` pixels around the point (x, y) of the truth.

    It is cut to a multiple of the scale, at least one low-resolution pixel, and moved inside the picture; of a picture
    that is smaller, all is taken.
    """
    truth, scale = trio.truth, trio.scale
    place = _aligned_span(y, side, truth.height, scale), _aligned_span(x, side, truth.width, scale)
    parts = [picture.part(place) for picture in (trio.bicubic, trio.srcnn, truth)]
    bicubic, srcnn, wanted = (luminance(part.pixels) for part in parts)
    low = _reduce_part(truth, place, scale)
    return Detail(place, low, *parts, psnr(bicubic, wanted), psnr(srcnn, wanted))


def most_improved_point(trio: Trio, side: int) -> tuple[int, int]:
    """The centre (x, y) of the square, of `side` pixels or as the picture allows, that the network repairs most."""
    wanted = luminance(trio.truth.pixels).float()
    before, after = ((luminance(picture.pixels).float() - wanted).square() for picture in (trio.bicubic, trio.srcnn))
    size = min(side, *wanted.shape)
    step = max(size // 8, 1)
    gains = F.avg_pool2d((before - after)[None, None], size, step)[0, 0]
    row, column = divmod(int(gains.argmax()), gains.shape[1])
    return column * step + size // 2, row * step + size // 2


def _aligned_span(centre: int, side: int, available: int, scale: int) -> slice:
    """`side` pixels around the centre, from one multiple of the scale to another; `available` is a multiple, too."""
    side = min(max(side // scale, 1) * scale, available)
    start = (centre - side // 2 + scale // 2) // scale * scale
    start = min(max(start, 0), available - side)
    return slice(start, start + side)


def _reduce_part(truth: Picture, place: tuple[slice, slice], scale: int) -> Picture:
    """The part of the low-resolution picture, from no more of the truth than it depends on."""
    margin = _REDUCTION_REACH_PIXELS * scale
    around = tuple(slice(max(one.start - margin, 0), one.stop + margin) for one in place)
    inside = tuple(
        slice((one.start - wide.start) // scale, (one.stop - wide.start) // scale)
        for one, wide in zip(place, around, strict=True)
    )
    return downscale(truth.part(around), scale).part(inside)


def compare_detail(picture: Picture, model: Network, x: int, y: int, side: int) -> Detail:
    """What bicubic and the network make of a square of `side` pixels around the point (x, y) of a ground truth.

    Only what that depends on is computed. Raises ImageError for a picture that is too small for the network's scale.
    """
    margin = _context_pixels(model)
    top, left = _context_start(y, side, picture.height, margin), _context_start(x, side, picture.width, margin)
    length = side + 2 * margin + COMMON_MULTIPLE
    around = picture.part((slice(top, top + length), slice(left, left + length)))
    found = crop_at(compare(around, model), x - left, y - top, side)
    rows, columns = found.place
    return replace(found, place=(_shift_span(rows, top), _shift_span(columns, left)))


def _context_pixels(model: Network) -> int:
    """Pixels around a detail, as many as it depends on through the reduction, the enlargement and the network."""
    needed = 4 * model.scale + model.halo * model.upsampling
    return -(-needed // COMMON_MULTIPLE) * COMMON_MULTIPLE


def _context_start(centre: int, side: int, available: int, margin: int) -> int:
    """Where the surroundings of a square begin, which `crop_at` moves inside the picture."""
    inside = max(min(centre - side // 2, available - side), 0)
    return max(inside - margin, 0) // COMMON_MULTIPLE * COMMON_MULTIPLE


def _shift_span(span: slice, by: int) -> slice:
    return slice(span.start + by, span.stop + by)
