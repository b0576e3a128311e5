"""The losses that a variant can be trained with: (output, truth), each (N, 1, H, W) in 0..1, to a scalar."""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor

LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": F.mse_loss,  # Dong et al. 2014, eq. 4: the loss that PSNR measures
}
