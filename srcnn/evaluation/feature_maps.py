"""What the maps of an SRCNN answer to pictures, and which of them are dead."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from srcnn.networks.srcnn import SRCNN

_DEAD_BELOW_SHARE = 1e-3  # a map that is above zero on a smaller share of the pixels is dead


@torch.inference_mode()
def compute_feature_maps(model: SRCNN, plane: Tensor) -> list[Tensor]:
    """The rectified maps (C, H, W) of the first and of the second layer, on the CPU.

    plane: (H, W) grey levels 0..255, already enlarged by bicubic.
    """
    h = plane[None, None].to(model.conv1.weight) / 255
    found = []
    for conv, norm in ((model.conv1, model.norm1), (model.conv2, model.norm2)):
        h = F.relu(norm(conv(h)))
        found.append(h[0].cpu())
    return found


@dataclass(frozen=True)
class Activity:
    """Of the maps of a layer, over all pixels of some planes; each pixel counts the same.

    shares: on which share of the pixels each map is above zero, (C,) in 0..1. strengths: their root mean squares, (C,).
    """

    shares: Tensor
    strengths: Tensor

    @property
    def dead(self) -> list[int]:
        """The numbers of the dead maps."""
        return self.list_rarer_than(_DEAD_BELOW_SHARE)

    def list_rarer_than(self, share: float) -> list[int]:
        """The numbers of the maps that are above zero on a smaller share of the pixels, 0..1."""
        return (self.shares < share).nonzero().flatten().tolist()


def measure_activity(model: SRCNN, planes: Iterable[Tensor]) -> list[Activity]:
    """What the maps of the first and of the second layer do; planes: as for `compute_feature_maps`."""
    fired, squares, pixels = [0, 0], [0, 0], 0
    for plane in planes:
        for layer, maps in enumerate(compute_feature_maps(model, plane)):
            # one map after another, and a norm: sums of squares over all maps at once take several times as long
            fired[layer] = fired[layer] + torch.stack([fires.count_nonzero() for fires in maps > 0])
            squares[layer] = squares[layer] + torch.linalg.vector_norm(maps, dim=(1, 2)).double().square()
        pixels += plane.numel()
    return [
        Activity(count / pixels, (total / pixels).sqrt().float()) for count, total in zip(fired, squares, strict=True)
    ]


def find_dead_maps(model: SRCNN, planes: Iterable[Tensor]) -> list[list[int]]:
    """The numbers of the dead maps of the first layer and of the second; planes: as for `compute_feature_maps`."""
    return [activity.dead for activity in measure_activity(model, planes)]
