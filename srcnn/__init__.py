"""The reference SRCNN: the first deep network for super-resolution, and VDSR and EDSR, which answered its limits.

from srcnn import load, open_picture, upscale

model = load("srcnn-x3-mse")  # a bundled name, a folder or a Hub repository
upscale(open_picture("photo.jpg"), model).save("photo-x3.png")
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

# Where each name comes from. It is imported when it is first asked for: torch and the Hub's client take seconds.
_MODULES = {
    "EDSR": "srcnn.networks.edsr",
    "SRCNN": "srcnn.networks.srcnn",
    "VDSR": "srcnn.networks.vdsr",
    "EDSRConfig": "srcnn.networks.edsr",
    "HubError": "srcnn.hub.errors",
    "ImageError": "srcnn.imaging.picture",
    "Picture": "srcnn.imaging.picture",
    "SRCNNConfig": "srcnn.networks.srcnn",
    "VDSRConfig": "srcnn.networks.vdsr",
    "VariantError": "srcnn.variants.loading",
    "compare": "srcnn.evaluation.comparison",
    "downscale": "srcnn.inference.upscaling",
    "evaluate": "srcnn.evaluation.scores",
    "load": "srcnn.variants.loading",
    "open_picture": "srcnn.imaging.reading",
    "upscale": "srcnn.inference.upscaling",
}


if not TYPE_CHECKING:  # a type checker would take any name for one that is there

    def __getattr__(name: str) -> object:
        """What the package offers, imported at its first use (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_MODULES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
