"""What people have for a picture, and how each becomes a Picture and back: the one place that converts."""

import os
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from srcnn.imaging.picture import ImageError, Picture, find_white, to_pil_image
from srcnn.imaging.reading import open_picture, read_pil_image

PictureKind = TypeVar("PictureKind", Picture, Image.Image, np.ndarray)  # what gives back the same
AnyPicture = Picture | str | os.PathLike | Image.Image | np.ndarray


def to_picture(source: AnyPicture, keep_metadata: bool = False) -> Picture:
    """A Picture of a file by its path, of a Pillow image, or of a numpy array; a Picture stays as it is.

    An array is grey (H, W) or (H, W, 1), grey with alpha (H, W, 2), RGB (H, W, 3) or RGB with alpha (H, W, 4), uint8 or
    uint16 in any byte order. A file and a Pillow image are turned upright and converted to sRGB, as `open_picture` does
    it. keep_metadata: as of `open_picture`, of a file.
    Raises ImageError for one that cannot be used, TypeError for anything else.
    """
    if isinstance(source, Picture):
        return source
    if isinstance(source, str | os.PathLike):
        return open_picture(Path(source), keep_metadata=keep_metadata)
    if isinstance(source, Image.Image):
        return read_pil_image(source)
    if isinstance(source, np.ndarray):
        return _picture_of_array(source)
    kind = type(source).__name__
    raise TypeError(f"A picture is a Picture, a path, a Pillow image or a numpy array, not {kind}.")


def to_kind_of(source: AnyPicture, picture: Picture) -> Picture | Image.Image | np.ndarray:
    """A picture as what `source` is: a Pillow image or a numpy array of as many axes; for a path it stays a Picture."""
    if isinstance(source, Image.Image):
        return to_pil_image(picture)
    if isinstance(source, np.ndarray):
        pixels = picture.pixels.reshape(picture.height, picture.width, -1) if source.ndim == 3 else picture.pixels
        return pixels if picture.alpha is None else np.dstack([pixels, picture.alpha])
    return picture


def _picture_of_array(array: np.ndarray) -> Picture:
    native = array.dtype.newbyteorder("=")
    if array.ndim not in (2, 3) or array.shape[2:] > (4,) or 0 in array.shape or native not in ("u1", "u2"):
        raise ImageError(
            "An array of a picture is (H, W) or (H, W, 1 to 4), of channels that come last, and uint8 or uint16, "
            f"not {array.shape} and {array.dtype}."
        )
    array = array.astype(native, copy=False)
    parts = (array,)
    if array.ndim == 3:
        count = array.shape[2]
        parts = (array[..., :3] if count > 2 else array[..., 0], array[..., -1])[: 2 - count % 2]
    parts = tuple(map(np.ascontiguousarray, parts))  # views may run backwards, as BGR turned into RGB does
    return Picture(*parts, white=find_white(parts[0]) if native == np.uint16 else None)
