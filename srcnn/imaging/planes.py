"""A picture as planes of luminance, Cb, Cr and alpha, and back."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from srcnn.imaging.color import grey_to_luminance, luminance_to_grey, rgb_to_ycbcr, to_grey_levels, ycbcr_to_rgb
from srcnn.imaging.imresize import to_uint8
from srcnn.imaging.picture import Picture


def to_planes(picture: Picture, dtype: torch.dtype = torch.float32, device: torch.device | None = None) -> Tensor:
    """Y, Cb, Cr of a colour picture or Y of a grey one, then alpha where there is one: (1 to 4, H, W), 0..255.

    Y is in 16..235, as the networks were trained on it; a grey picture has that of the same picture stored as RGB.
    """
    levels = to_grey_levels(picture.pixels, dtype, device)
    if picture.white:
        levels *= 65535 / picture.white
    planes = [rgb_to_ycbcr(levels) if len(levels) == 3 else grey_to_luminance(levels)]
    if picture.alpha is not None:
        planes.append(to_grey_levels(picture.alpha, dtype, device))
    return torch.cat(planes)


def from_planes(planes: Tensor, like: Picture) -> Picture:
    """The inverse of `to_planes`, rounded and clipped to the depth of `like`, whose metadata it gets."""
    depth = like.pixels.dtype
    colours = planes if like.alpha is None else planes[:-1]
    levels = ycbcr_to_rgb(colours) if len(colours) == 3 else luminance_to_grey(colours)
    if like.white:
        levels = levels.clamp(0, 255) * (like.white / 65535)
    alpha = None if like.alpha is None else to_levels_array(planes[-1:], depth)
    return replace(like, pixels=to_levels_array(levels, depth), alpha=alpha)


def to_levels_array(levels: Tensor, depth: np.dtype) -> np.ndarray:
    """(3 or 1, H, W) grey levels 0..255 -> (H, W, 3) or (H, W) of the given integer type, rounded and clipped."""
    if depth == np.uint16:
        array = levels.cpu().double().mul_(257).add_(0.5).clamp_(0, 65535).numpy().astype(np.uint16)
    else:
        array = (levels if levels.dtype == torch.uint8 else to_uint8(levels)).cpu().numpy()
    return array[0] if len(array) == 1 else np.ascontiguousarray(array.transpose(1, 2, 0))


def cut_middle(plane: Tensor, side: int) -> Tensor:
    """(H, W) -> its middle, at most `side` pixels high and wide."""
    top, left = (max(0, (size - side) // 2) for size in plane.shape)
    return plane[top : top + side, left : left + side]
