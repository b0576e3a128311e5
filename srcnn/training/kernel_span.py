"""Keeps the first layer's kernels of an SRCNN to patterns that enlarged pictures hold.

Such pictures hold hardly anything finer than a low-resolution pixel. What a kernel has of finer patterns changes its
answers so little that training leaves it to chance: the kernel looks like noise, and amplifies noise.
"""

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from srcnn.imaging.planes import cut_middle

_MIDDLE_PIXELS = 192  # of each picture the middle is taken: enough for the mean squares, and quick


def find_kernel_span(planes: Iterable[Tensor], side: int, least: float) -> Tensor:
    """The projection of kernels onto the patterns that the pictures hold: (side^2, side^2) float64.

    The patterns are the principal components of the pictures' patches, about zero instead of the mean.

    planes: what the network sees, (H, W) grey levels 0..255 each. side: of a kernel, in pixels. least: mean square of a
    pattern in the patches, in the range 0..1, from which on it counts as held.
    """
    products, count = torch.zeros(side**2, side**2, dtype=torch.float64), 0
    for plane in planes:
        middle = cut_middle(plane, _MIDDLE_PIXELS).double() / 255
        patches = F.unfold(middle[None, None], side)[0]  # (side^2, patches)
        products += patches @ patches.T
        count += patches.shape[1]
    mean_squares, patterns = torch.linalg.eigh(products / count)
    held = patterns[:, mean_squares >= least]
    return held @ held.T


@torch.no_grad()
def project_kernels(conv: nn.Conv2d, span: Tensor) -> None:
    """Take out of the kernels of a layer what is not in the span, as `find_kernel_span` gives it."""
    conv.weight.copy_((conv.weight.flatten(2).to(span.dtype) @ span).view_as(conv.weight))
