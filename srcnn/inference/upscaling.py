"""Whole pictures through the network: luminance by the network, colour and alpha by bicubic, band by band."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from srcnn.data.degradation import mod_crop
from srcnn.imaging.color import to_grey_levels
from srcnn.imaging.imresize import imresize, resizing_matrix
from srcnn.imaging.picture import Picture
from srcnn.imaging.planes import from_planes, to_levels_array, to_planes
from srcnn.imaging.transparency import fill_transparent
from srcnn.inference.device import find_device
from srcnn.inference.engine import Band, run_bands
from srcnn.networks.base import AnyNetwork


def upscale(picture: Picture, model: AnyNetwork, exact: bool = False) -> Picture:
    """Enlarge a picture of any kind by the scale of the network, keeping its depth, greyness, alpha and metadata.

    Luminance goes through the network, Cb, Cr and alpha are enlarged by bicubic. Beside the two pictures, memory is
    needed for one band of rows. Without `exact`, a GPU may compute in half precision.
    """
    result = Canvas(picture, model.scale)
    for rows, planes, luminance in upscale_in_bands(picture, model, exact):
        planes[0] = luminance
        result.paint(rows, planes)
    return result.picture


def upscale_in_bands(picture: Picture, model: AnyNetwork, exact: bool = False) -> Iterator[Band]:
    """Enlarge a picture by the scale of the network, from the top, band by band.

    Yields for each band its rows, the planes that bicubic makes there of the picture's (as `to_planes` describes them),
    and the luminance that the network makes, which is to take the place of the first plane. The planes belong to
    whoever gets them. Without `exact`, a GPU may compute in half precision.
    """
    picture, device, scale = fill_transparent(picture), find_device(model), model.scale
    down, along = resizing_matrix(picture.height, scale), resizing_matrix(picture.width, scale)

    def read(top: int, bottom: int) -> Tensor:
        return to_planes(picture.part(np.s_[top:bottom]), device=device)

    def enlarge(top: int, bottom: int) -> Tensor:
        """The rows of the picture enlarged by bicubic, made of those of the picture that they depend on."""
        some, low, high = down.part(top, bottom)
        return along.along(some.down(read(low, high)))

    if model.upsampling == 1:  # bicubic enlarges the luminance for the network as it does colour and alpha
        yield from run_bands(model, picture.height * scale, picture.width * scale, enlarge, exact)
    else:
        for rows, _, luminance in run_bands(model, picture.height, picture.width, read, exact):
            yield Band(rows, enlarge(rows.start, rows.stop), luminance)


class Canvas:
    """A picture that is painted band by band, of the kind of another one and `scale` times as large."""

    def __init__(self, like: Picture, scale: int = 1) -> None:
        def larger(channels: np.ndarray) -> np.ndarray:
            return np.empty((like.height * scale, like.width * scale, *channels.shape[2:]), channels.dtype)

        alpha = None if like.alpha is None else larger(like.alpha)
        self.picture = replace(like, pixels=larger(like.pixels), alpha=alpha)

    def paint(self, rows: slice, planes: Tensor) -> None:
        """Put rows there, as `from_planes` makes them of (1 to 4, rows, W) planes."""
        part = self.picture.part(rows)
        painted = from_planes(planes, like=part)
        part.pixels[...] = painted.pixels
        if part.alpha is not None:
            part.alpha[...] = painted.alpha


def upscale_bicubic(picture: Picture, scale: int) -> Picture:
    """Enlarge a picture by bicubic alone."""
    return from_planes(imresize(to_planes(fill_transparent(picture)), scale), like=picture)


def downscale(picture: Picture, scale: int) -> Picture:
    """MATLAB's `imresize(picture, 1/scale)` of the mod-cropped picture; for 8 bits equal to MATLAB's pixel for pixel.

    Raises ImageError for a picture with a side of less than `scale` pixels.
    """
    picture = fill_transparent(picture.crop(*mod_crop(picture.height, picture.width, scale)))

    def reduced(channels: np.ndarray) -> np.ndarray:
        if channels.dtype == np.uint8:
            chw = torch.from_numpy(np.ascontiguousarray(np.atleast_3d(channels).transpose(2, 0, 1)))
            return to_levels_array(imresize(chw, 1 / scale), np.uint8)
        return to_levels_array(imresize(to_grey_levels(channels), 1 / scale), channels.dtype)

    alpha = None if picture.alpha is None else reduced(picture.alpha)
    return replace(picture, pixels=reduced(picture.pixels), alpha=alpha)
