"""How a ground truth becomes the low-resolution picture and the network's input: crop, reduce, enlarge."""

import os
from dataclasses import dataclass, replace

from torch import Tensor

from srcnn.imaging.color import grey_to_luminance, luminance, luminance_to_grey
from srcnn.imaging.imresize import imresize
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.imaging.resizing import resize_picture
from srcnn.networks.base import AnyNetwork

MIN_LOW_SIDE_PIXELS = 3  # pixels a side of the reduced picture, at least: after shaving one from each, one remains


@dataclass(frozen=True)
class Truth:
    """A picture as it should be, and where it is one of two, as it is in low resolution.

    levels: (H, W) uint8, what papers measure: the luminance of a picture in colour, the grey levels of a grey one.
    grey: which of the two. low: the low-resolution picture's levels, of the same kind, (h, w) uint8; None: the truth
    reduced by bicubic, in float.
    """

    levels: Tensor
    grey: bool = False
    low: Tensor | None = None


@dataclass(frozen=True)
class Pair:
    """A truth and its low-resolution picture, levels as in a Truth, 0..255.

    low: (H / scale, W / scale) float64, not rounded; bicubic: that enlarged again, (H, W) float64; truth: (H, W) uint8.
    """

    scale: int
    low: Tensor
    bicubic: Tensor
    truth: Tensor
    grey: bool = False

    def input_of(self, model: AnyNetwork) -> Tensor:
        """What the network takes: luminance, 16..235."""
        levels = self.bicubic if model.upsampling == 1 else self.low
        return grey_to_luminance(levels) if self.grey else levels

    def to_levels(self, luminance: Tensor) -> Tensor:
        """What a network made, in the levels of the truth."""
        return luminance_to_grey(luminance) if self.grey else luminance


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


def make_pair(truth: Truth, scale: int) -> Pair:
    """The mod-cropped truth, it reduced, and that enlarged by bicubic.

    Raises ImageError for a picture of which nothing would remain after shaving `scale` pixels from each side.
    """
    levels = crop_to_scale(truth.levels, scale)
    low = imresize(levels.double(), 1 / scale) if truth.low is None else truth.low.double()
    return Pair(scale, low, imresize(low, scale), levels, truth.grey)


def crop_to_scale(truth: Tensor, scale: int) -> Tensor:
    """(H, W), any type -> the same with both sides cut to multiples of the scale.

    Raises ImageError for a picture of which nothing would remain after shaving `scale` pixels from each side.
    """
    height, width = mod_crop(*truth.shape, scale, low_sides=MIN_LOW_SIDE_PIXELS)
    return truth[:height, :width]


def open_truth(file: str | os.PathLike) -> Truth:
    """A picture file as truth. Raises ImageError for a file that cannot be used."""
    return truth_of(open_picture(file).flattened())


def truth_of(picture: Picture) -> Truth:
    """A picture of 8 bits without alpha as truth."""
    return Truth(luminance(picture.pixels), grey=picture.pixels.ndim == 2)


def open_rounded_truth(file: str | os.PathLike, scale: int) -> Truth:
    """A picture file as truth, reduced to 8 bits a channel by MATLAB's bicubic, as files of low resolution are.

    Raises ImageError for a file that cannot be used.
    """
    picture = open_picture(file).flattened()
    truth = truth_of(picture)
    low = resize_picture(picture.crop(*crop_to_scale(truth.levels, scale).shape), 1 / scale)
    return replace(truth, low=luminance(low.pixels))
