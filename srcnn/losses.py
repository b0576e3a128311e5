"""The losses that a variant can be trained with: (output, truth), each (N, 1, H, W) in 0..1, to a scalar."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

CHARBONNIER_EPSILON = 1e-3  # the error, in 0..1, below which the loss turns from L1 into a parabola


def charbonnier(output: Tensor, truth: Tensor) -> Tensor:
    """Mean of sqrt(error^2 + epsilon^2): Lai et al., "Deep Laplacian Pyramid Networks", 2017, section 3.3."""
    return torch.sqrt((output - truth).square() + CHARBONNIER_EPSILON**2).mean()


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": F.mse_loss,  # Dong et al. 2014, eq. 4: the loss that PSNR measures
    "l1": F.l1_loss,  # Lim et al., "Enhanced Deep Residual Networks" (EDSR), 2017, section 4.1
    "charbonnier": charbonnier,
}
