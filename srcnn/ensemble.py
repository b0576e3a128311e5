"""Several estimates averaged: of several networks, and of one network on the eight turns of a picture."""

import torch
from torch import Tensor, nn

from srcnn.model import SRCNN, SRCNNConfig


class Ensemble(nn.Module):
    """Stands wherever a network stands, and gives the mean of its members' outputs.

    With `turns`, each member sees the picture in its eight rotations and mirrorings and the results are turned back
    before they are averaged: the geometric self-ensemble of Timofte et al., "Seven ways to improve example-based single
    image super resolution", 2016, section 3.7, at eight times the work.

    Raises ValueError for members of different scales, or none.
    """

    def __init__(self, members: list[SRCNN], turns: bool = False) -> None:
        super().__init__()
        if len({member.config.scale for member in members}) != 1:
            raise ValueError("An ensemble needs networks of one and the same scale.")
        self.members = nn.ModuleList(members)
        self.turns = turns

    @property
    def config(self) -> SRCNNConfig:
        return self.members[0].config

    @property
    def halo(self) -> int:
        return max(member.halo for member in self.members)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W), as the networks themselves."""
        total = torch.zeros_like(x)
        views = (
            [(quarter, mirrored) for quarter in range(4) for mirrored in (False, True)] if self.turns else [(0, False)]
        )
        for quarter, mirrored in views:
            view = torch.rot90(x.flip(3) if mirrored else x, quarter, dims=(2, 3))
            for member in self.members:
                output = torch.rot90(member(view), -quarter, dims=(2, 3))
                total += output.flip(3) if mirrored else output
        return total / (len(views) * len(self.members))


Network = SRCNN | Ensemble  # what the inference engine takes
