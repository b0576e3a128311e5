"""A picture enlarged in bands, painted by bicubic and by the network at once, as the demo's Enlarge does it."""

from srcnn.imaging.picture import Picture
from srcnn.inference.upscaling import Canvas, upscale_in_bands
from srcnn.networks.base import AnyNetwork


def upscale_both(picture: Picture, model: AnyNetwork, exact: bool = False) -> tuple[Picture, Picture]:
    bicubic, result = Canvas(picture, model.scale), Canvas(picture, model.scale)
    for place, planes, luminance, _ in upscale_in_bands(picture, model, exact):
        bicubic.paint(place, planes)
        planes[0] = luminance
        result.paint(place, planes)
    return bicubic.picture, result.picture
