"""The baseline network of "Enhanced Deep Residual Networks for Single Image Super-Resolution" (Lim et al., 2017,
arXiv:1707.02921), which removes the third limit of SRCNN: it works at the size of the low-resolution picture.

Residual blocks without batch normalisation (section 3.1), then pixel shuffle enlarges (section 3.2). The paper's
network takes RGB; this one takes luminance, as the others here do, so that all are measured and shown alike.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from srcnn.networks.base import Network, widen_layer
from srcnn.networks.config import DeepConfig, is_whole_number
from srcnn.networks.strips import (
    LastStripLayer,
    StripEnlargement,
    StripLayer,
    StripPieces,
    StripSum,
)
from srcnn.networks.wrappers import RowStream

_EDSR_BASELINE_SIZE = (16, 64)  # residual blocks, channels of the baseline
_SHUFFLE_FACTORS = {1: (), 2: (2,), 3: (3,), 4: (2, 2), 8: (2, 2, 2)}  # the steps in which a scale is reached
_TAIL_HALO_PIXELS = 2  # pixels of the low-resolution picture that the layers after the blocks need on each side
STRIP_NUMBERS = 4_000_000  # numbers that those layers hold in memory at once, at inference


@dataclass(frozen=True)
class EDSRConfig(DeepConfig):
    """What `config.json` of a variant holds. The defaults are the paper's baseline.

    Raises ValueError where the values do not describe a network.
    """

    architecture: str = "edsr"
    depth: int = _EDSR_BASELINE_SIZE[0]  # residual blocks
    channels: int = _EDSR_BASELINE_SIZE[1]  # feature maps in them
    residual_scaling: float = 1.0  # of a block's addition to its input; 0.1 holds much wider networks stable
    scale: int = 2
    loss: str | None = None
    paper_size, paper_name = _EDSR_BASELINE_SIZE, "edsr-baseline"
    scale_rule = f"one of {', '.join(map(str, _SHUFFLE_FACTORS))}"

    def __post_init__(self) -> None:
        self.take_lists_as_tuples()
        self.check("depth", "a whole number from 1 to 64", is_whole_number(1, 64))
        self.check("channels", "a whole number from 1 to 512", is_whole_number(1, 512))
        self.check("residual_scaling", "a number above 0, at most 1", _is_share)
        self.check_common()

    def is_scale(self, value: object) -> bool:
        return type(value) is int and value in _SHUFFLE_FACTORS

    @property
    def weights(self) -> int:
        square = 9 * self.channels**2
        shuffles = sum(square * factor**2 for factor in _SHUFFLE_FACTORS[self.scale])
        return 2 * 9 * self.channels + (2 * self.depth + 1) * square + shuffles

    def multiply_adds(self, scale: int) -> float:
        """Most weights are used once for a pixel of the low-resolution picture: scale² pixels of the enlarged one."""
        square, at = 9 * self.channels**2, scale**2  # pixels of the result for one at the size of the layer
        total = (9 * self.channels + (2 * self.depth + 1) * square) / at
        for factor in _SHUFFLE_FACTORS[scale]:
            total += square * factor**2 / at
            at /= factor**2
        return total + 9 * self.channels


def _is_share(value: object) -> bool:
    return type(value) in (int, float) and 0 < value <= 1


class ResidualBlock(nn.Module):
    """Two convolutions whose result is added to their input (figure 2c)."""

    def __init__(self, channels: int, scaling: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.scaling = scaling

    def forward(self, x: Tensor) -> Tensor:
        return x + self.scaling * self.conv2(F.relu(self.conv1(x), inplace=True))


class EDSR(
    Network,
    paper_url="https://arxiv.org/abs/1707.02921",
    tags=["super-resolution", "edsr"],
):
    """The network. Takes the fields of `EDSRConfig` as keyword arguments."""

    Config = EDSRConfig
    training_fields = ("depth", "channels", "residual_scaling")

    def __init__(self, **choices) -> None:
        super().__init__(**choices)
        config, n = self.config, self.config.channels
        self.head = nn.Conv2d(1, n, 3, padding=1)
        self.blocks = nn.ModuleList(ResidualBlock(n, config.residual_scaling) for _ in range(config.depth))
        self.after = nn.Conv2d(n, n, 3, padding=1)
        self.shuffles = nn.ModuleList(nn.Conv2d(n, n * r * r, 3, padding=1) for r in _SHUFFLE_FACTORS[config.scale])
        self.last = nn.Conv2d(n, 1, 3, padding=1)

    @property
    def upsampling(self) -> int:
        return self.config.scale

    @property
    def halo(self) -> int:
        """36 pixels of the low-resolution picture for 16 blocks."""
        return 2 * self.config.depth + 2 + _TAIL_HALO_PIXELS

    @property
    def field(self) -> int:
        """Pixels of the low-resolution picture, for 16 blocks 72 at x2 and x3, 73 at x4.

        At x2 and x3 it is not 2 halo + 1: an enlarged pixel sees as far as the halo on one side only.
        """
        pixels = 3  # a side of what the last layer sees
        for factor in reversed(_SHUFFLE_FACTORS[self.config.scale]):
            pixels = (pixels - 2) // factor + 2  # so many before pixel shuffle hold them, where they lie at the worst
            pixels += 2  # the layer before that
        return pixels + 2 * (2 * self.config.depth + 2)

    @property
    def floats_per_pixel(self) -> int:
        return 4 * self.config.channels  # the sum that the blocks add to, a layer's input and output, and a copy

    def forward(self, x: Tensor, valid: bool = False) -> Tensor:
        """(N, 1, H, W) float 0..1, low resolution -> (N, 1, H * scale, W * scale), not clipped.

        Every layer pads with zeros.
        """
        first = h = self.head(x)
        for block in self.blocks:
            h = block(h)
        h = first + self.after(h)
        whole = torch.is_grad_enabled() or _is_being_recorded()
        return self._enlarge(h) if whole else self._enlarge_in_strips(h)

    @property
    def strip_floats_per_column(self) -> int:
        """What each layer remembers, the rows that wait to be added to, and the enlarged strip of one row."""
        return self.config.channels * (8 * self.config.depth + 4 * self.config.scale**2 + 8)

    def build_strips(self, width: int, kind: torch.dtype) -> StripPieces:
        row_bytes = width * self.config.channels * kind.itemsize
        blocks = [
            StripSum(
                [StripLayer(block.conv1, width, kind), StripLayer(block.conv2, width, kind, rectify=True)],
                factor=block.scaling,
            )
            for block in self.blocks
        ]
        tail: list[RowStream] = []
        enlarged = width
        for conv, factor in zip(self.shuffles, _SHUFFLE_FACTORS[self.config.scale], strict=True):
            tail.append(StripEnlargement(conv, enlarged, kind, factor))
            enlarged *= factor
        tail.append(LastStripLayer(self.last, enlarged))
        body = [
            StripLayer(self.head, width, gives=kind),
            StripSum([*blocks, StripLayer(self.after, width, kind)]),
            StripPieces(tail, row_bytes * self.config.scale**2),
        ]
        return StripPieces(body, row_bytes)

    def _enlarge(self, h: Tensor) -> Tensor:
        """The layers after the blocks: (N, channels, H, W) -> (N, 1, H * scale, W * scale)."""
        for conv, factor in zip(self.shuffles, _SHUFFLE_FACTORS[self.config.scale], strict=True):
            h = F.pixel_shuffle(conv(h), factor)  # factor² maps for each channel, laid out as factor x factor pixels
        return self.last(h)

    def _enlarge_in_strips(self, h: Tensor) -> Tensor:
        """As `_enlarge`, some rows at a time, for inference: at the enlarged size a map takes scale² times the memory.

        Each strip of rows is enlarged with the rows around it that it depends on, which are cut off the result.
        """
        height, width, scale = *h.shape[2:], self.config.scale
        rows = max(1, STRIP_NUMBERS // (2 * self.config.channels * scale**2 * width))
        parts = []
        for first in range(0, height, rows):
            last = min(first + rows, height)
            top, bottom = max(first - _TAIL_HALO_PIXELS, 0), min(last + _TAIL_HALO_PIXELS, height)
            part = self._enlarge(h[:, :, top:bottom])  # (N, 1, (bottom - top) * scale, W * scale)
            parts.append(part[:, :, (first - top) * scale : (last - top) * scale])
        return torch.cat(parts, dim=2)

    def initialise(self) -> None:
        """A start that is the picture with its pixels repeated, plus very little: one map hands it through.

        He's normal distribution; blocks that add nothing yet, as their second layer is near zero.
        """
        for conv in (module for module in self.modules() if isinstance(module, nn.Conv2d)):
            nn.init.kaiming_normal_(conv.weight)
            nn.init.zeros_(conv.bias)
        for conv in (*(block.conv2 for block in self.blocks), self.after, self.last):
            nn.init.normal_(conv.weight, std=1e-3)
        nn.init.dirac_(self.head.weight[:1])
        for conv, factor in zip(self.shuffles, _SHUFFLE_FACTORS[self.config.scale], strict=True):
            for number in range(factor**2):  # pixel shuffle takes them all for the first map
                nn.init.dirac_(conv.weight[number : number + 1])
        nn.init.dirac_(self.last.weight[:, :1])

    def load_smaller(self, weights: dict[str, Tensor]) -> None:
        """As `Network.load_smaller`, of an EDSR of any scale, of as many blocks and channels or fewer.

        From another scale's network it takes over all but the enlarging layers, as the paper does for x3 and x4
        (section 4.2). A smaller network is continued inside this one: new blocks add nothing at first, and the weights
        from new channels to its own are zero ("Net2Net", Chen et al., 2016, arXiv:1511.05641).
        """
        own = self.state_dict()
        fitting = {name: value for name, value in weights.items() if _enlarges_alike(name, weights, own)}
        foreign, missing = fitting.keys() - own.keys(), own.keys() - fitting.keys()
        if foreign or any(not name.startswith(("shuffles.", "blocks.")) for name in missing):
            raise RuntimeError("These are not the weights of an EDSR of as many blocks and channels, or fewer.")
        grown = {name: widen_layer(own[name], value) for name, value in fitting.items()}
        silent = {name: torch.zeros_like(own[name]) for name in missing if ".conv2." in name}
        self.load_state_dict(own | grown | silent)


def _is_being_recorded() -> bool:
    """Whether torch.jit or torch.export notes what is computed, to be used at other sizes: strips are those of one."""
    return torch.jit.is_tracing() or torch.compiler.is_exporting()


def _enlarges_alike(name: str, *networks: dict[str, Tensor]) -> bool:
    """False for an enlarging layer that not all have, or not by the same factor."""
    if not name.startswith("shuffles."):
        return True
    weight = f"{name.rpartition('.')[0]}.weight"
    shapes = [network[weight].shape if weight in network else (0, 1) for network in networks]
    return len({maps // channels for maps, channels, *_ in shapes}) == 1
