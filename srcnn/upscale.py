"""The inference engine: luminance through the network tile by tile, colour and alpha by bicubic."""

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from srcnn.color import grey_levels, rgb_to_ycbcr, ycbcr_to_rgb
from srcnn.degrade import mod_crop
from srcnn.ensemble import Network
from srcnn.images import Picture
from srcnn.imresize import imresize, to_uint8

TILE = 256  # side of the squares that go through the network at once
Y_BLACK, Y_RANGE = 16, 219 / 255  # a grey level g has the luminance 16 + g * 219 / 255: BT.601's studio swing


def best_device() -> torch.device:
    """The GPU where there is one (CUDA, Apple's MPS), else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def device_name(device: torch.device) -> str:
    """For people: "NVIDIA H200", "CPU"."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()


def super_resolve(model: Network, bicubic: Tensor, tile: int = TILE) -> Tensor:
    """Send an enlarged luminance plane through the network, on the network's device.

    bicubic: (H, W) floating point, grey levels 0..255. Returns (H, W) float32 on the CPU, not clipped. Each tile is
    cut with a halo of the network's reach, so that the result is that of the whole plane at once and memory stays
    that of one tile; layers pad only at the picture's true border.
    """
    return result_of(super_resolve_steps(model, bicubic, tile))


@torch.inference_mode()
def super_resolve_steps(model: Network, bicubic: Tensor, tile: int = TILE) -> Generator[float, None, Tensor]:
    """What `super_resolve` does, one tile a step: yields the share done, 0..1, and returns its result."""
    device = next(model.parameters()).device
    plane = bicubic.to(torch.float32) / 255
    result = torch.empty_like(plane)
    height, width = plane.shape
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            bottom, right = min(top + tile, height), min(left + tile, width)
            y0, x0 = max(top - model.halo, 0), max(left - model.halo, 0)
            cut = plane[y0 : bottom + model.halo, x0 : right + model.halo]
            out = model(cut.to(device)[None, None].contiguous(memory_format=torch.channels_last))[0, 0]
            result[top:bottom, left:right] = out[top - y0 : bottom - y0, left - x0 : right - x0]
            yield (top * width + (bottom - top) * right) / (height * width)
    return result.mul_(255)


def result_of(steps: Generator):
    """Take all the steps, and what they return in the end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def upscale(picture: Picture, model: Network) -> Picture:
    """Enlarge a picture of any kind by the scale of the network, keeping its depth, greyness, alpha and metadata.

    Luminance goes through the network, Cb, Cr and alpha are enlarged by bicubic.
    """
    planes = imresize(to_planes(picture), model.config.scale)
    planes[0] = super_resolve(model, planes[0])
    return from_planes(planes, like=picture)


def upscale_both(picture: Picture, model: Network) -> tuple[Picture, Picture]:
    """The picture enlarged by bicubic alone, and as `upscale` does it, at the price of one bicubic."""
    return result_of(upscale_both_steps(picture, model))


def upscale_both_steps(picture: Picture, model: Network) -> Generator[float, None, tuple[Picture, Picture]]:
    """What `upscale_both` does, one tile a step: yields the network's share done, 0..1, and returns its result."""
    planes = imresize(to_planes(picture), model.config.scale)
    bicubic = from_planes(planes, like=picture)
    planes[0] = yield from super_resolve_steps(model, planes[0])
    return bicubic, from_planes(planes, like=picture)


def upscale_bicubic(picture: Picture, scale: int) -> Picture:
    """Enlarge a picture by bicubic alone."""
    return from_planes(imresize(to_planes(picture), scale), like=picture)


def downscale(picture: Picture, scale: int) -> Picture:
    """MATLAB's `imresize(picture, 1/scale)` of the mod-cropped picture; for 8 bits equal to MATLAB's pixel for pixel.

    Raises ImageError for a picture with a side of less than `scale` pixels.
    """
    picture = picture.crop(*mod_crop(picture.height, picture.width, scale))

    def reduced(channels: np.ndarray) -> np.ndarray:
        if channels.dtype == np.uint8:
            chw = torch.from_numpy(np.ascontiguousarray(np.atleast_3d(channels).transpose(2, 0, 1)))
            return to_array(imresize(chw, 1 / scale), np.uint8)
        return to_array(imresize(grey_levels(channels), 1 / scale), channels.dtype)

    alpha = None if picture.alpha is None else reduced(picture.alpha)
    return replace(picture, pixels=reduced(picture.pixels), alpha=alpha)


def to_planes(picture: Picture, dtype: torch.dtype = torch.float32) -> Tensor:
    """Y, Cb, Cr of a colour picture or Y of a grey one, then alpha where there is one: (1 to 4, H, W), 0..255.

    Y is in 16..235, as the networks were trained on it; a grey picture has that of the same picture stored as RGB.
    """
    levels = grey_levels(picture.pixels, dtype)
    planes = [rgb_to_ycbcr(levels) if len(levels) == 3 else Y_BLACK + levels * Y_RANGE]
    if picture.alpha is not None:
        planes.append(grey_levels(picture.alpha, dtype))
    return torch.cat(planes)


def from_planes(planes: Tensor, like: Picture) -> Picture:
    """The inverse of `to_planes`, rounded and clipped to the depth of `like`, whose metadata it gets."""
    depth = like.pixels.dtype
    colours = planes if like.alpha is None else planes[:-1]
    levels = ycbcr_to_rgb(colours) if len(colours) == 3 else (colours - Y_BLACK) / Y_RANGE
    alpha = None if like.alpha is None else to_array(planes[-1:], depth)
    return replace(like, pixels=to_array(levels, depth), alpha=alpha)


def to_array(levels: Tensor, depth: np.dtype) -> np.ndarray:
    """(3 or 1, H, W) grey levels 0..255 -> (H, W, 3) or (H, W) of the given integer type, rounded and clipped."""
    if depth == np.uint16:
        array = np.floor(levels.double().mul(257).add(0.5).clamp(0, 65535).numpy()).astype(np.uint16)
    else:
        array = (levels if levels.dtype == torch.uint8 else to_uint8(levels)).numpy()
    return array[0] if len(array) == 1 else np.ascontiguousarray(array.transpose(1, 2, 0))
