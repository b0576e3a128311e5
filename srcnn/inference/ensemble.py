"""Several estimates averaged: of several networks, and of one network on the eight turns of a picture."""

import torch
from torch import Tensor, nn

from srcnn.networks.base import AnyNetwork
from srcnn.networks.wrappers import NetworkWrapper


class Ensemble(NetworkWrapper):
    """Gives the mean of its members' outputs.

    With `turns`, each member sees the picture in its eight rotations and mirrorings and the results are turned back
    before they are averaged: the geometric self-ensemble of Timofte et al., "Seven ways to improve example-based single
    image super resolution", 2016, section 3.7, at eight times the work.

    Raises ValueError for members of different scales or of inputs of different sizes, or none.
    """

    def __init__(self, members: list[AnyNetwork], turns: bool = False) -> None:
        if len({member.scale for member in members}) != 1:
            raise ValueError("An ensemble needs networks of one and the same scale.")
        if len({member.upsampling for member in members}) != 1:
            raise ValueError("An ensemble needs networks that all take the low-resolution or all the enlarged picture.")
        super().__init__(members[0])
        self.members = nn.ModuleList(members)
        self.turns = turns
        self.halo = max(member.halo for member in members)
        self.floats_per_pixel = max(member.floats_per_pixel for member in members)
        self.floats_per_column = max(member.floats_per_column for member in members)

    def for_device(self, exact: bool = False) -> "Ensemble":
        return Ensemble([member.for_device(exact) for member in self.members], self.turns)

    def forward(self, x: Tensor) -> Tensor:
        """As the networks themselves."""
        views = (
            [(quarter, mirrored) for quarter in range(4) for mirrored in (False, True)] if self.turns else [(0, False)]
        )
        total = 0
        for quarter, mirrored in views:
            view = torch.rot90(x.flip(3) if mirrored else x, quarter, dims=(2, 3))
            for member in self.members:
                output = torch.rot90(member(view), -quarter, dims=(2, 3))
                total = total + (output.flip(3) if mirrored else output)
        return total / (len(views) * len(self.members))
