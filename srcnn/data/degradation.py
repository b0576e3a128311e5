"""How a ground truth becomes the low-resolution picture and the network's input: crop, reduce, enlarge."""

import os
from dataclasses import dataclass

from torch import Tensor

from srcnn.imaging.color import luminance
from srcnn.imaging.imresize import imresize
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import open_picture
from srcnn.networks.base import AnyNetwork

MIN_LOW_SIDE_PIXELS = 3  # pixels a side of the reduced picture, at least: after shaving one from each, one remains


@dataclass(frozen=True)
class Pair:
    """Luminance as networks get it and as it should be: (H, W) float64, grey levels 0..255, not rounded.

    low: `scale` times smaller than the truth; bicubic: that enlarged again.
    """

    scale: int
    low: Tensor
    bicubic: Tensor
    truth: Tensor

    def input_of(self, model: AnyNetwork) -> Tensor:
        """What the network takes."""
        return self.bicubic if model.upsampling == 1 else self.low


def mod_crop(height: int, width: int, scale: int, low_sides: int = 1) -> tuple[int, int]:
    """Height and width cut to multiples of the scale.

    Raises ImageError where the reduced picture would have a side of less than `low_sides` pixels.
    """
    least = low_sides * scale
    if min(height, width) < least:
        raise ImageError(
            "This picture is too small for x{scale}: it has {width}x{height} pixels, each side needs at least {least}.",
            scale=scale,
            width=width,
            height=height,
            least=least,
        )
    return height - height % scale, width - width % scale


def make_pair(truth: Tensor, scale: int) -> Pair:
    """(H, W) uint8 luminance -> the mod-cropped truth, it reduced, and that enlarged by bicubic.

    Raises ImageError for a picture of which nothing would remain after shaving `scale` pixels from each side.
    """
    truth = crop_to_scale(truth, scale).double()
    low = imresize(truth, 1 / scale)
    return Pair(scale, low, imresize(low, scale), truth)


def crop_to_scale(truth: Tensor, scale: int) -> Tensor:
    """(H, W), any type -> the same with both sides cut to multiples of the scale.

    Raises ImageError for a picture of which nothing would remain after shaving `scale` pixels from each side.
    """
    height, width = mod_crop(*truth.shape, scale, low_sides=MIN_LOW_SIDE_PIXELS)
    return truth[:height, :width]


def open_pair(file: str | os.PathLike, scale: int) -> Pair:
    """The luminance of a picture file as a pair. Raises ImageError for a file that cannot be used."""
    return make_pair(open_luminance(file), scale)


def open_luminance(file: str | os.PathLike) -> Tensor:
    """The luminance of a picture file, (H, W) uint8. Raises ImageError for a file that cannot be used."""
    return luminance(open_picture(file).flattened().pixels)
