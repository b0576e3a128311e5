"""A picture enlarged in bands, painted by bicubic and by the network at once, as the demo's Enlarge does it."""

from srcnn.imaging.picture import Picture
from srcnn.inference.upscaling import Canvas, upscale_in_bands
from srcnn.networks.base import AnyNetwork


def upscale_both(picture: Picture, model: AnyNetwork, exact: bool = False) -> tuple[Picture, Picture]:
    bicubic, result = Canvas(picture, model.scale), Canvas(picture, model.scale)
    for rows, planes, luminance in upscale_in_bands(picture, model, exact):
        bicubic.paint(rows, planes)
        planes[0] = luminance
        result.paint(rows, planes)
    return bicubic.picture, result.picture
