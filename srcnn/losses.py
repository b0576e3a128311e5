"""The five losses that a variant can be trained with."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from srcnn.discriminator import Discriminator, fooling_loss
from srcnn.features import Features, feature_difference

CHARBONNIER_EPSILON = 1e-3  # the error, in 0..1, below which the loss turns from L1 into a parabola


def charbonnier(output: Tensor, truth: Tensor) -> Tensor:
    """Mean of sqrt(error^2 + epsilon^2): Lai et al., "Deep Laplacian Pyramid Networks", 2017, section 3.3."""
    return torch.sqrt((output - truth).square() + CHARBONNIER_EPSILON**2).mean()


# (output, truth), each (N, 1, H, W) in 0..1, to a scalar
PIXEL_LOSS_FUNCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": F.mse_loss,  # Dong et al. 2014, eq. 4: the loss that PSNR measures
    "l1": F.l1_loss,  # Lim et al., "Enhanced Deep Residual Networks" (EDSR), 2017, section 4.1
    "charbonnier": charbonnier,
}


class Objective(nn.Module):
    """What the network minimises: a pixel loss, and the terms that are given beside it, each with its weight.

    With `features` it is the perceptual loss (Johnson et al., 2016; the features compared as in LPIPS), with
    `discriminator`, too, the adversarial one (Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a
    Generative Adversarial Network", 2017, eq. 3). Their pixel term, which holds brightness in place, is MSE.
    """

    def __init__(
        self,
        loss: str,
        features: Features | None = None,
        feature_weight: float = 0.0,
        discriminator: Discriminator | None = None,
        adversarial_weight: float = 0.0,
    ) -> None:
        super().__init__()
        self.pixel_loss = PIXEL_LOSS_FUNCTIONS.get(loss, F.mse_loss)
        self.features, self.feature_weight = features, feature_weight
        self.judge = [discriminator]  # in a list, so that its weights are not the objective's
        self.adversarial_weight = adversarial_weight

    def forward(self, output: Tensor, truth: Tensor) -> Tensor:
        """(N, 1, H, W) in 0..1 each, to a scalar."""
        loss = self.pixel_loss(output, truth)
        if self.features is not None:
            loss = loss + self.feature_weight * feature_difference(self.features, output, truth)
        if self.judge[0] is not None:
            loss = loss + self.adversarial_weight * fooling_loss(self.judge[0], output)
        return loss
