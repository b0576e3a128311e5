"""SRCNN: the three-layer network that started deep super-resolution."""

from srcnn.model import SRCNN, SRCNNConfig

__all__ = ["SRCNN", "SRCNNConfig"]
