"""A whole picture of another size, as MATLAB's `imresize` makes it."""

from dataclasses import replace

import numpy as np
import torch

from srcnn.imaging.color import to_grey_levels
from srcnn.imaging.imresize import imresize
from srcnn.imaging.picture import Picture
from srcnn.imaging.planes import to_levels_array
from srcnn.imaging.transparency import fill_transparent


def resize_picture(picture: Picture, scale: float | tuple[float, float]) -> Picture:
    """A picture as `imresize` makes it; for 8 bits equal to MATLAB's pixel for pixel. scale: as of `imresize`."""
    source = fill_transparent(picture)

    def resize_channels(channels: np.ndarray) -> np.ndarray:
        if channels.dtype == np.uint8:
            chw = torch.from_numpy(np.ascontiguousarray(np.atleast_3d(channels).transpose(2, 0, 1)))
            return to_levels_array(imresize(chw, scale), np.uint8)
        return to_levels_array(imresize(to_grey_levels(channels), scale), channels.dtype)

    alpha = None if source.alpha is None else resize_channels(source.alpha)
    return replace(source, pixels=resize_channels(source.pixels), alpha=alpha, origin=None)
