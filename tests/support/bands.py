"""Networks that compute in bands, as on a GPU, and pictures that bicubic and a network paint at once, band by band."""

from torch import Tensor

from srcnn.imaging.picture import Picture
from srcnn.inference.upscaling import Canvas, upscale_in_bands
from srcnn.networks.base import AnyNetwork
from srcnn.networks.wrappers import NetworkWrapper


class BandNetwork(NetworkWrapper):
    """A network that remembers nothing of the band before, as on a GPU."""

    def __init__(self, model: AnyNetwork) -> None:
        super().__init__(model)
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


def upscale_both(picture: Picture, model: AnyNetwork, exact: bool = False) -> tuple[Picture, Picture]:
    """Bicubic's and the network's, as the demo's Enlarge makes them."""
    bicubic, result = Canvas(picture, model.scale), Canvas(picture, model.scale)
    for place, planes, luminance, _ in upscale_in_bands(picture, model, exact):
        bicubic.paint(place, planes)
        planes[0] = luminance
        result.paint(place, planes)
    return bicubic.picture, result.picture
