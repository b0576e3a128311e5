"""Whole pictures through the network: luminance by the network, colour and alpha by bicubic, band by band."""

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, overload

import numpy as np
import torch
from torch import Tensor

from srcnn.data.degradation import mod_crop
from srcnn.imaging.conversion import AnyPicture, PictureKind, to_kind_of, to_picture
from srcnn.imaging.imresize import PIECE_OUTPUTS, imresize, resizing_matrix
from srcnn.imaging.picture import Picture
from srcnn.imaging.planes import from_planes, to_planes
from srcnn.imaging.resizing import resize_picture
from srcnn.imaging.transparency import fill_transparent
from srcnn.inference.device import find_device
from srcnn.inference.engine import Band, count_band_columns, run_bands
from srcnn.networks.base import AnyNetwork

_BICUBIC_REACH_PIXELS = 3  # of the picture, beside each pixel of the result
Progress = Callable[[float], object]  # is told the share that is done, 0..1, again and again


def _ignore(share: float) -> None:
    """Nobody wants to know."""


@overload
def upscale(
    picture: str | os.PathLike,
    model: AnyNetwork,
    exact: bool = False,
    scale: int | None = None,
    progress: Progress = _ignore,
) -> Picture: ...
@overload
def upscale(
    picture: PictureKind,
    model: AnyNetwork,
    exact: bool = False,
    scale: int | None = None,
    progress: Progress = _ignore,
) -> PictureKind: ...
def upscale(
    picture: AnyPicture,
    model: AnyNetwork,
    exact: bool = False,
    scale: int | None = None,
    progress: Progress = _ignore,
) -> AnyPicture:
    """Enlarge a picture of any kind by the scale of the network, keeping its depth, greyness, alpha and metadata.

    picture: a Picture, a path, a Pillow image or a numpy array, as `to_picture` takes it; the result is of the same
        kind, and a Picture for a path, in the colours of the file's profile. Pillow's images get no metadata.
    scale: the enlargement, of a network that serves several or does not say which it serves.

    Luminance goes through the network, Cb, Cr and alpha are enlarged by bicubic. Beside the two pictures, memory is
    needed for one band of rows. Without `exact`, it may be computed faster, as `Network.for_device` says.
    Raises ImageError for a picture that cannot be used, ValueError for a scale that the network does not serve.
    """
    source, model = to_picture(picture, keep_metadata=True), model.for_scale(scale)
    result = Canvas(source, model.scale)
    for place, planes, luminance, share in upscale_in_bands(source, model, exact):
        planes[0] = luminance
        result.paint(place, planes)
        progress(share)
    return to_kind_of(picture, result.picture)


class EnlargedPart(NamedTuple):
    """A part of a picture that is being enlarged.

    place: its rows and columns in the result.
    planes: (1 to 4, rows, columns) that bicubic makes there of the picture's, as `to_planes` describes them. They
        belong to whoever gets them.
    luminance: (rows, columns) that the network makes, which is to take the place of the first plane.
    share: of all the work, what is done with this part, 0..1.
    """

    place: tuple[slice, slice]
    planes: Tensor
    luminance: Tensor
    share: float


def upscale_in_bands(picture: Picture, model: AnyNetwork, exact: bool = False) -> Iterator[EnlargedPart]:
    """Enlarge a picture by the scale of the network, from the top, band by band.

    A picture that is so wide that a band of it would take much memory is enlarged from the left, too, one upright piece
    after another, each with as many columns beside it as the network and bicubic look at. Without `exact`, it may be
    computed faster, as `Network.for_device` says.
    """
    picture, scale = fill_transparent(picture), model.scale
    beside = math.ceil(model.halo * model.upsampling / scale) + _BICUBIC_REACH_PIXELS
    columns = count_band_columns(beside * scale) // scale
    for first in range(0, picture.width, columns):
        last = min(first + columns, picture.width)
        left, right = max(first - beside, 0), min(last + beside, picture.width)
        inside = slice((first - left) * scale, (last - left) * scale)
        for rows, planes, luminance in _enlarge_bands(picture.part(np.s_[:, left:right]), model, exact):
            done = first + (last - first) * rows.stop / (picture.height * scale)
            place = rows, slice(first * scale, last * scale)
            yield EnlargedPart(place, planes[..., inside], luminance[:, inside], done / picture.width)


def _enlarge_bands(picture: Picture, model: AnyNetwork, exact: bool) -> Iterator[Band]:
    """The bands of a picture without hidden colours, of which each has the planes that bicubic makes as its source."""
    device, scale = find_device(model), model.scale
    down, along = resizing_matrix(picture.height, scale), resizing_matrix(picture.width, scale)

    def read_planes(top: int, bottom: int) -> Tensor:
        return to_planes(picture.part(np.s_[top:bottom]), device=device)

    def enlarge(top: int, bottom: int) -> Tensor:
        """The rows of the picture enlarged by bicubic, made of those of the picture that they depend on."""
        pieces = []  # as a matrix for a million rows takes more memory than they do where they are a pixel wide
        for first in range(top, bottom, PIECE_OUTPUTS):
            some, low, high = down.part(first, min(first + PIECE_OUTPUTS, bottom))
            pieces.append(along.along(some.down(read_planes(low, high))))
        return pieces[0] if len(pieces) == 1 else torch.cat(pieces, dim=1)

    if model.upsampling == 1:  # bicubic enlarges the luminance for the network as it does colour and alpha
        yield from run_bands(model, picture.height * scale, picture.width * scale, enlarge, exact)
    else:
        for rows, _, luminance in run_bands(model, picture.height, picture.width, read_planes, exact):
            yield Band(rows, enlarge(rows.start, rows.stop), luminance)


class Canvas:
    """A picture that is painted band by band, of the kind of another one and `scale` times as large."""

    def __init__(self, like: Picture, scale: int = 1) -> None:
        def allocate_enlarged(channels: np.ndarray) -> np.ndarray:
            return np.empty((like.height * scale, like.width * scale, *channels.shape[2:]), channels.dtype)

        alpha = None if like.alpha is None else allocate_enlarged(like.alpha)
        self.picture = replace(like, pixels=allocate_enlarged(like.pixels), alpha=alpha, origin=None)

    def paint(self, place: tuple[slice, slice], planes: Tensor) -> None:
        """Put rows and columns there, as `from_planes` makes them of (1 to 4, rows, columns) planes."""
        part = self.picture.part(place)
        painted = from_planes(planes, like=part)
        part.pixels[...] = painted.pixels
        if part.alpha is not None:
            part.alpha[...] = painted.alpha


def upscale_bicubic(picture: Picture, scale: int) -> Picture:
    """Enlarge a picture by bicubic alone."""
    return from_planes(imresize(to_planes(fill_transparent(picture)), scale), like=picture)


@overload
def downscale(picture: str | os.PathLike, scale: int) -> Picture: ...
@overload
def downscale(picture: PictureKind, scale: int) -> PictureKind: ...
def downscale(picture: AnyPicture, scale: int) -> AnyPicture:
    """MATLAB's `imresize(picture, 1/scale)` of the mod-cropped picture; for 8 bits equal to MATLAB's pixel for pixel.

    picture: what `to_picture` takes; the result is of the same kind, and a Picture for a path.
    Raises ImageError for a picture that cannot be used, as one with a side of less than `scale` pixels.
    """
    source = to_picture(picture)
    source = source.crop(*mod_crop(source.height, source.width, scale))
    return to_kind_of(picture, resize_picture(source, 1 / scale))
