"""The reference SRCNN: the first deep network for super-resolution, and VDSR and EDSR, which answered its limits."""

from srcnn.edsr import EDSR, EDSRConfig
from srcnn.model import SRCNN, SRCNNConfig
from srcnn.vdsr import VDSR, VDSRConfig

__all__ = ["EDSR", "SRCNN", "VDSR", "EDSRConfig", "SRCNNConfig", "VDSRConfig"]
