"""The network that the adversarial variant is trained against: is this patch a photograph, or restored?"""

import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS = (32, 64, 64, 128)


class Discriminator(nn.Module):
    """Convolutions that halve the picture each, as in Radford et al., 2016 (DCGAN), and a judgement for each place.

    Without batch normalisation, so that a patch is judged by itself and several processes agree.
    """

    def __init__(self) -> None:
        super().__init__()
        sizes = list(zip((1, *CHANNELS), CHANNELS, strict=False))
        self.layers = nn.ModuleList(nn.Conv2d(before, after, 4, stride=2, padding=1) for before, after in sizes)
        self.judgement = nn.Conv2d(CHANNELS[-1], 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, H, W) in 0..1, sides of at least 16 -> (N, 1, H/16, W/16): above zero where it takes it for real."""
        h = x - 0.5
        for layer in self.layers:
            h = F.leaky_relu(layer(h), 0.2)
        return self.judgement(h)


def judging_loss(discriminator: nn.Module, output: Tensor, truth: Tensor) -> Tensor:
    """What the discriminator minimises: Goodfellow et al., "Generative Adversarial Nets", 2014, eq. 1."""
    real, restored = discriminator(truth), discriminator(output.detach())
    return (F.softplus(-real).mean() + F.softplus(restored).mean()) / 2


def fooling_loss(discriminator: Discriminator, output: Tensor) -> Tensor:
    """What the network minimises: -log D, which does not fade while the discriminator wins (the same, section 3)."""
    return F.softplus(-discriminator(output)).mean()
