"""The network of "Image Super-Resolution Using Deep Convolutional Networks" (Dong et al., 2014, arXiv:1501.00092).

Three convolutions on the bicubic-enlarged luminance: patch extraction, non-linear mapping, reconstruction (section
3.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from srcnn.networks.base import Network
from srcnn.networks.config import NetworkConfig, has_values, is_whole_number, shorten_text
from srcnn.networks.fast_last_layer import FastLastLayer
from srcnn.networks.padded_conv import PADDINGS, PaddedConv2d
from srcnn.networks.strips import LastStripLayer, StripLayer, StripPieces, StripSum

_ARTICLE_KERNELS = (9, 1, 5)  # the kernel sizes of the article's network


@dataclass(frozen=True)
class SRCNNConfig(NetworkConfig):
    """What `config.json` of a variant holds. The defaults are the article's network.

    Raises ValueError where the values do not describe a network.
    """

    architecture: str = "srcnn"
    num_channels: int = 1  # 1: luminance
    filters: tuple[int, int] = (64, 32)  # feature maps after the first and the second layer
    kernel_sizes: tuple[int, int, int] = _ARTICLE_KERNELS
    padding: str = "zeros"  # border of each layer: "zeros" as the article's code, "replicate" as the authors' code
    residual: bool = False  # add the input to the output, so that the layers learn only the difference
    batch_norm: bool = False  # batch normalisation after the first and the second layer
    scale: int | None = None
    loss: str | None = None

    def __post_init__(self) -> None:
        self.take_lists_as_tuples()
        self.check("num_channels", "a whole number from 1 to 4", is_whole_number(1, 4))
        self.check("filters", "two whole numbers from 1 to 1024", has_values(2, is_whole_number(1, 1024)))
        self.check("kernel_sizes", "three odd numbers from 1 to 31", has_values(3, is_whole_number(1, 31, odd=True)))
        self.check("padding", f"one of {', '.join(PADDINGS)}", lambda value: value in PADDINGS)
        for name in ("residual", "batch_norm"):
            self.check(name, "true or false", lambda value: isinstance(value, bool))
        self.check_common()

    @property
    def network(self) -> str:
        """srcnn; of other kernel sizes srcnn-955."""
        return "srcnn" if self.kernel_sizes == _ARTICLE_KERNELS else "srcnn-" + "".join(map(str, self.kernel_sizes))

    @property
    def title(self) -> str:
        """9-1-5: the kernel sizes."""
        return "-".join(map(str, self.kernel_sizes))

    @property
    def weights(self) -> int:
        maps = (self.num_channels, *self.filters, self.num_channels)
        return sum(maps[i] * maps[i + 1] * k * k for i, k in enumerate(self.kernel_sizes))

    def multiply_adds(self, scale: int) -> float:
        return self.weights


class SRCNN(
    Network,
    paper_url="https://arxiv.org/abs/1501.00092",
    tags=["super-resolution", "srcnn"],
):
    """The network. Takes the fields of `SRCNNConfig` as keyword arguments; `SRCNN(num_channels=1)` is the article's."""

    Config = SRCNNConfig
    training_fields = ("kernel_sizes", "residual", "batch_norm")
    training_defaults = {"padding": "replicate"}

    def __init__(self, **choices) -> None:
        super().__init__(**choices)
        config = self.config
        n1, n2 = config.filters
        f1, f2, f3 = config.kernel_sizes
        self.conv1 = PaddedConv2d(config.num_channels, n1, f1, config.padding)
        self.conv2 = PaddedConv2d(n1, n2, f2, config.padding)
        self.conv3 = FastLastLayer(n2, config.num_channels, f3, config.padding)
        self.norm1 = nn.BatchNorm2d(n1) if config.batch_norm else nn.Identity()  # the article's has none
        self.norm2 = nn.BatchNorm2d(n2) if config.batch_norm else nn.Identity()

    @property
    def halo(self) -> int:
        """6 for 9-1-5."""
        return sum(k // 2 for k in self.config.kernel_sizes)

    @property
    def floats_per_pixel(self) -> int:
        """The maps after the first and the second layer, and a copy of each, padded."""
        return 2 * sum(self.config.filters)

    @property
    def valid_border(self) -> int:
        """The halo, as no layer pads then."""
        return self.halo

    def forward(self, x: Tensor, valid: bool = False) -> Tensor:
        """(N, C, H, W) float 0..1, already bicubic-enlarged -> (N, C, H, W), not clipped.

        With `valid` no layer is padded, so that each loses the border of its input: (N, C, H - 2 * halo, W - 2 * halo).
        Training uses it, so that no pixel that it learns from was made up at a border (the paper, section 4.1).
        """
        h = F.relu(self.norm1(self.conv1(x, valid)))  # patch extraction: f1 x f1 pixels -> n1 features of each patch
        h = F.relu(self.norm2(self.conv2(h, valid)))  # non-linear mapping: n1 features -> n2 of a sharper patch
        result = self.conv3(h, valid)  # reconstruction: overlapping patches, averaged with learned weights
        if self.config.residual:
            result = result + (F.pad(x, [-self.halo] * 4) if valid else x)
        return result

    @property
    def strip_floats_per_column(self) -> int:
        """What each layer remembers, and its input and output of one row."""
        maps = (self.config.num_channels, *self.config.filters)
        return sum(inputs * (2 * k + 2) for inputs, k in zip(maps, self.config.kernel_sizes, strict=True))

    def build_strips(self, width: int, kind: torch.dtype) -> StripPieces:
        padding, row_bytes = self.config.padding, 4 * width * max(self.config.filters)
        if self.conv2.kernel_size == (1, 1):
            kind = torch.float32  # another would gain little time, and cost 9-1-5 more than 0.01 dB
        layers = [
            StripLayer(_merge(self.conv1, self.norm1), width, padding=padding),
            StripLayer(_merge(self.conv2, self.norm2), width, kind, rectify=True, padding=padding),
            LastStripLayer(self.conv3, width, rectify=True, padding=padding),
        ]
        return StripPieces([StripSum(layers)] if self.config.residual else layers, row_bytes)

    def initialise(self) -> None:
        """A start that is the bicubic picture plus very little, so that a high learning rate kills no filter.

        Kaiming's normal distribution, and a last layer near zero. Without the global residual one filter of each layer
        hands the picture through instead: training then behaves as with a residual, and the result is a plain network.
        """
        self.initialise_plainly()
        if not self.config.residual:
            nn.init.zeros_(self.conv2.weight[:1])
            for conv in (self.conv1, self.conv2, self.conv3):
                nn.init.dirac_(conv.weight[:1, :1])

    def initialise_plainly(self) -> None:
        """A start without the hand-through: as in the article, without the global residual the result begins black."""
        for conv in (self.conv1, self.conv2):
            nn.init.kaiming_normal_(conv.weight)
            nn.init.zeros_(conv.bias)
        nn.init.normal_(self.conv3.weight, std=1e-3)
        nn.init.zeros_(self.conv3.bias)

    @classmethod
    def from_state_dict(cls, weights: Mapping[str, Tensor], **choices) -> Self:
        """The network of given weights, with the kernel sizes, filters and channels that these have.

        weights: those of a network whose layers are called conv1, conv2 and conv3, as the usual tutorial code saves
            them, also with the prefix `module.` that DataParallel puts before each name.
        choices: what weights do not tell: the fields `padding`, `residual`, `scale` and `loss` of `SRCNNConfig`.

        Raises ValueError where they are not the weights of such a network.
        """
        tensors = {name.removeprefix("module."): tensor for name, tensor in weights.items()}
        kernels = [tensors.get(f"conv{number}.weight") for number in (1, 2, 3)]
        if not all(isinstance(kernel, Tensor) and kernel.ndim == 4 for kernel in kernels):
            there = shorten_text(", ".join(map(str, weights))) or "none"
            raise ValueError(
                f"SRCNN's weights are called conv1.weight, conv1.bias and so on to conv3; these are: {there}."
            )
        sizes = {
            "num_channels": kernels[0].shape[1],
            "filters": (kernels[0].shape[0], kernels[1].shape[0]),
            "kernel_sizes": tuple(kernel.shape[-1] for kernel in kernels),
            "batch_norm": "norm1.weight" in tensors,
        }
        model = cls(**(sizes | choices))
        try:
            model.load_state_dict(tensors)
        except RuntimeError as error:
            raise ValueError(f"These are not the weights of SRCNN: {shorten_text(str(error))}") from error
        return model.eval()

    def load_smaller(self, weights: dict[str, Tensor]) -> None:
        """As `Network.load_smaller`, of an SRCNN with kernels of the same size or smaller.

        A smaller kernel comes to lie in the middle of the larger one, with zeros around it. Raises RuntimeError where
        the numbers of filters differ or a kernel is larger.
        """
        widened = dict(weights)
        for name in ("conv1.weight", "conv2.weight", "conv3.weight"):
            room = self.state_dict()[name].shape[-1] - weights[name].shape[-1]
            if room > 0:
                widened[name] = F.pad(weights[name], [room // 2] * 4)
        self.load_state_dict(widened)


def _merge(conv: nn.Conv2d, norm: nn.Module) -> nn.Conv2d:
    """A convolution that does what one and the batch normalisation after it do at inference."""
    return fuse_conv_bn_eval(conv, norm) if isinstance(norm, nn.BatchNorm2d) else conv
