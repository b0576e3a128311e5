"""Which networks there are, and how a variant is read whatever its network is."""

from pathlib import Path

from srcnn.networks.base import Network
from srcnn.networks.config import shorten_text
from srcnn.networks.edsr import EDSR
from srcnn.networks.srcnn import SRCNN
from srcnn.networks.vdsr import VDSR
from srcnn.networks.weights_file import read_config

NETWORKS: dict[str, type[Network]] = {kind.Config.architecture: kind for kind in (SRCNN, VDSR, EDSR)}


def load_network(folder: Path) -> Network:
    """The network that a variant's config names, with its weights.

    Raises FileNotFoundError where a file is missing, ValueError for files that do not fit and for networks that take
    more than luminance.
    """
    kind = str(read_config(folder)["architecture"])
    if kind not in NETWORKS:
        raise ValueError(f"This version of SRCNN does not know the network {shorten_text(kind)}; update the package.")
    model = NETWORKS[kind].from_folder(folder)
    if (channels := getattr(model.config, "num_channels", 1)) != 1:
        raise ValueError(f"It takes {channels} channels; only networks that take one, luminance, are used here.")
    return model
