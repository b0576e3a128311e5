"""The losses that a variant can be trained with, and the discriminator of the adversarial one."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from srcnn.networks.vgg19 import FeatureError, Features, feature_difference
from srcnn.training.options import TrainingError, TrainingOptions

_DISCRIMINATOR_CHANNELS = (32, 64, 64, 128)


class Discriminator(nn.Module):
    """Convolutions that halve the picture each, as in Radford et al., 2016 (DCGAN), and a judgement for each place.

    Without batch normalisation, so that a patch is judged by itself and several processes agree.
    """

    def __init__(self) -> None:
        super().__init__()
        sizes = list(zip((1, *_DISCRIMINATOR_CHANNELS), _DISCRIMINATOR_CHANNELS, strict=False))
        self.layers = nn.ModuleList(nn.Conv2d(before, after, 4, stride=2, padding=1) for before, after in sizes)
        self.judgement = nn.Conv2d(_DISCRIMINATOR_CHANNELS[-1], 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, H, W) in 0..1, sides of at least 16 -> (N, 1, H/16, W/16): above zero where it takes it for real."""
        h = x - 0.5
        for layer in self.layers:
            h = F.leaky_relu(layer(h), 0.2)
        return self.judgement(h)


def discriminator_loss(discriminator: nn.Module, output: Tensor, truth: Tensor) -> Tensor:
    """What the discriminator minimises: Goodfellow et al., "Generative Adversarial Nets", 2014, eq. 1."""
    real, restored = discriminator(truth), discriminator(output.detach())
    return (F.softplus(-real).mean() + F.softplus(restored).mean()) / 2


def generator_loss(discriminator: Discriminator, output: Tensor) -> Tensor:
    """What the network minimises: -log D, which does not fade while the discriminator wins (the same, section 3)."""
    return F.softplus(-discriminator(output)).mean()


CHARBONNIER_EPSILON = 1e-3  # the error, in 0..1, below which the loss turns from L1 into a parabola


def _charbonnier_loss(output: Tensor, truth: Tensor) -> Tensor:
    """Mean of sqrt(error^2 + epsilon^2): Lai et al., "Deep Laplacian Pyramid Networks", 2017, section 3.3."""
    return torch.sqrt((output - truth).square() + CHARBONNIER_EPSILON**2).mean()


# (output, truth), each (N, 1, H, W) in 0..1, to a scalar
PIXEL_LOSS_FUNCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": F.mse_loss,  # Dong et al. 2014, eq. 4: the loss that PSNR measures
    "l1": F.l1_loss,  # Lim et al., "Enhanced Deep Residual Networks" (EDSR), 2017, section 4.1
    "charbonnier": _charbonnier_loss,
}


_FLAT_EPSILON = 1e-8  # a mean square error in 0..1, so that its root has a gradient where nothing is wrong


def _flat_loss(output: Tensor, truth: Tensor) -> Tensor:
    """The root mean square errors of the patches whose truth is a flat grey, divided by the number of all patches."""
    is_flat = (truth == truth[..., :1, :1]).flatten(1).all(1)  # (N,)
    return torch.sqrt((output - truth)[is_flat].square().flatten(1).mean(1) + _FLAT_EPSILON).sum() / len(truth)


class Objective(nn.Module):
    """What the network minimises: a pixel loss, and the terms that are given beside it, each with its weight.

    With `features` it is the perceptual loss (Johnson et al., 2016; the features compared as in LPIPS), with
    `discriminator`, too, the adversarial one (Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a
    Generative Adversarial Network", 2017, eq. 3). Their pixel term, which holds brightness in place, is MSE. For
    flat greys the root of it counts, too: else the network draws a faint texture on them, which costs next to nothing.
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
            loss = loss + _flat_loss(output, truth)
        if self.judge[0] is not None:
            loss = loss + self.adversarial_weight * generator_loss(self.judge[0], output)
        return loss


def make_objective(options: TrainingOptions, discriminator: Discriminator | None) -> Objective:
    if not options.judged_by_eye:
        return Objective(options.loss)
    try:
        features = Features(options.features, options.feature_layers)
    except FeatureError as error:
        raise TrainingError(str(error)) from error
    return Objective(options.loss, features, options.feature_weight, discriminator, options.adversarial_weight)
