"""The reference SRCNN: the first deep network for super-resolution, and VDSR and EDSR, which answered its limits.

from srcnn import load, open_picture, upscale

model = load("srcnn-x3-mse")  # a bundled name, a folder or a Hub repository
upscale(open_picture("photo.jpg"), model).save("photo-x3.png")
"""

from srcnn.evaluation.comparison import compare
from srcnn.evaluation.scores import evaluate
from srcnn.hub.errors import HubError
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import downscale, upscale
from srcnn.networks.edsr import EDSR, EDSRConfig
from srcnn.networks.srcnn import SRCNN, SRCNNConfig
from srcnn.networks.vdsr import VDSR, VDSRConfig
from srcnn.variants.loading import VariantError, load

__all__ = [
    "EDSR",
    "SRCNN",
    "VDSR",
    "EDSRConfig",
    "HubError",
    "ImageError",
    "Picture",
    "SRCNNConfig",
    "VDSRConfig",
    "VariantError",
    "compare",
    "downscale",
    "evaluate",
    "load",
    "open_picture",
    "upscale",
]
