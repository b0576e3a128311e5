"""Whole pictures through the network: luminance by the network, colour and alpha by bicubic, band by band."""

from collections.abc import Generator, Iterator
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
from srcnn.inference.engine import for_device, input_rows, row_bands, run_rows
from srcnn.networks.base import AnyNetwork


def _take_all_steps(steps: Generator):
    """Take all the steps, and what they return in the end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def upscale(picture: Picture, model: AnyNetwork, exact: bool = False) -> Picture:
    """Enlarge a picture of any kind by the scale of the network, keeping its depth, greyness, alpha and metadata.

    Luminance goes through the network, Cb, Cr and alpha are enlarged by bicubic. Beside the two pictures, memory is
    needed for one band of rows. Without `exact`, a GPU may compute in half precision.
    """
    result = Canvas(picture, model.scale)
    for first, last, planes, luma in _enlarge_bands(picture, model, exact):
        planes[0] = luma
        result.paint(first, last, planes)
    return result.picture


def upscale_both(picture: Picture, model: AnyNetwork) -> tuple[Picture, Picture]:
    """The picture enlarged by bicubic alone, and as `upscale` does it, at the price of one bicubic."""
    return _take_all_steps(upscale_both_in_steps(picture, model))


def upscale_both_in_steps(picture: Picture, model: AnyNetwork) -> Generator[float, None, tuple[Picture, Picture]]:
    """What `upscale_both` does, one band of rows a step: yields the share done, 0..1, and returns its result."""
    bicubic, result = (Canvas(picture, model.scale) for _ in range(2))
    for first, last, planes, luma in _enlarge_bands(picture, model):
        bicubic.paint(first, last, planes)
        planes[0] = luma
        result.paint(first, last, planes)
        yield last / result.picture.height
    return bicubic.picture, result.picture


def _enlarge_bands(
    picture: Picture, model: AnyNetwork, exact: bool = False
) -> Iterator[tuple[int, int, Tensor, Tensor]]:
    """The first and last row of each band, its planes by bicubic, and its luminance by the network."""
    picture = fill_transparent(picture)
    network, device, scale, step = for_device(model, exact), find_device(model), model.scale, model.upsampling
    down, along = resizing_matrix(picture.height, scale), resizing_matrix(picture.width, scale)
    height = picture.height * scale

    def enlarged(top: int, bottom: int) -> Tensor:
        some, low, high = down.part(top, bottom)
        return along.along(some.down(to_planes(picture.part(np.s_[low:high]), device=device)))

    for first, last in row_bands(height, picture.width * scale, network):
        top, bottom = input_rows(first, last, height // step, network)
        if step == 1:
            source = enlarged(top, bottom)
            planes = source[:, first - top : last - top]
        else:
            source, planes = to_planes(picture.part(np.s_[top:bottom]), device=device), enlarged(first, last)
        yield first, last, planes, run_rows(network, source[0], first // step - top, last // step - top)


class Canvas:
    """A picture that is painted band by band, of the kind of another one and `scale` times as large."""

    def __init__(self, like: Picture, scale: int = 1) -> None:
        def larger(channels: np.ndarray) -> np.ndarray:
            return np.empty((like.height * scale, like.width * scale, *channels.shape[2:]), channels.dtype)

        alpha = None if like.alpha is None else larger(like.alpha)
        self.picture = replace(like, pixels=larger(like.pixels), alpha=alpha)

    def paint(self, first: int, last: int, planes: Tensor) -> None:
        """Put rows there, as `from_planes` makes them."""
        part = self.picture.part(np.s_[first:last])
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
