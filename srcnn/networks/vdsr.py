"""The network of "Accurate Image Super-Resolution Using Very Deep Convolutional Networks" (Kim et al., 2016,
arXiv:1511.04587), which removes two limits of SRCNN: three layers, and one network a scale.

Twenty layers of 3x3 on the bicubic-enlarged luminance learn only the difference to it (section 3.1); one set of weights
serves all scales (section 3.4).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from srcnn.networks.base import Network, widen_layer
from srcnn.networks.config import MAX_SCALE, DeepConfig, has_values, is_whole_number
from srcnn.networks.strips import LastStripLayer, StripLayer, StripPieces, StripSum

_VDSR_SIZE = (20, 64)  # layers, channels


@dataclass(frozen=True)
class VDSRConfig(DeepConfig):
    """What `config.json` of a variant holds. The defaults are the paper's network.

    Raises ValueError where the values do not describe a network.
    """

    architecture: str = "vdsr"
    depth: int = _VDSR_SIZE[0]  # layers
    channels: int = _VDSR_SIZE[1]  # feature maps between them
    scale: int | tuple[int, ...] | None = None
    loss: str | None = None
    paper_size, paper_name = _VDSR_SIZE, "vdsr"
    scale_rule = f"{DeepConfig.scale_rule}, or several from the smallest to the largest"

    def __post_init__(self) -> None:
        self.take_lists_as_tuples()
        self.check("depth", "a whole number from 2 to 64", is_whole_number(2, 64))
        self.check("channels", "a whole number from 1 to 512", is_whole_number(1, 512))
        self.check_common()

    def is_scale(self, value: object) -> bool:
        several = (
            isinstance(value, tuple) and len(value) > 1 and has_values(len(value), is_whole_number(1, MAX_SCALE))(value)
        )
        return list(value) == sorted(set(value)) if several else super().is_scale(value)

    @property
    def weights(self) -> int:
        return 9 * (2 * self.channels + (self.depth - 2) * self.channels**2)

    def multiply_adds(self, scale: int) -> float:
        return self.weights


class VDSR(
    Network,
    paper_url="https://arxiv.org/abs/1511.04587",
    tags=["super-resolution", "vdsr"],
):
    """The network. Takes the fields of `VDSRConfig` as keyword arguments."""

    Config = VDSRConfig
    training_fields = ("depth", "channels")

    def __init__(self, **choices) -> None:
        super().__init__(**choices)
        maps = [1, *[self.config.channels] * (self.config.depth - 1), 1]
        self.layers = nn.ModuleList(nn.Conv2d(*pair, 3, padding=1) for pair in zip(maps, maps[1:], strict=False))

    @property
    def halo(self) -> int:
        """20 for 20 layers."""
        return self.config.depth

    @property
    def floats_per_pixel(self) -> int:
        return 3 * self.config.channels  # a layer's input and output, and the copy that a convolution may make

    def forward(self, x: Tensor, valid: bool = False) -> Tensor:
        """(N, 1, H, W) float 0..1, already bicubic-enlarged -> (N, 1, H, W), not clipped.

        Every layer pads with zeros, in training, too, so that nothing is lost of a patch (section 3.2).
        """
        h = x
        for layer in self.layers[:-1]:
            h = F.relu(layer(h), inplace=True)
        return x + self.layers[-1](h)

    @property
    def strip_floats_per_column(self) -> int:
        return self.config.channels * (2 * self.config.depth + 8)  # what each layer remembers, and a strip of one row

    def build_strips(self, width: int, kind: torch.dtype) -> StripPieces:
        first, *middle, last = self.layers
        learned = [
            StripLayer(first, width, gives=kind),
            *(StripLayer(layer, width, kind, rectify=True) for layer in middle),
            LastStripLayer(last, width, rectify=True),
        ]
        return StripPieces([StripSum(learned)], row_bytes=width * self.config.channels * kind.itemsize)

    def initialise(self) -> None:
        """He's normal distribution (section 4.1), and a last layer near zero."""
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
        nn.init.normal_(self.layers[-1].weight, std=1e-3)

    def load_smaller(self, weights: dict[str, Tensor]) -> None:
        """As `Network.load_smaller`, of a VDSR of the same size or of fewer layers or channels.

        This network then computes what the smaller one did ("Net2Net", Chen et al., 2016, arXiv:1511.05641). The layers
        that it lacked lie between its own and pass on what they get: a ReLU has let through only what is not negative,
        so theirs changes nothing. The weights from new channels to its own are zero.
        """
        count, own = len(self.layers), self.state_dict()
        smaller = len({name.split(".")[1] for name in weights if name.startswith("layers.")})
        if weights.keys() != {f"layers.{i}.{kind}" for i in range(smaller) for kind in ("weight", "bias")}:
            raise RuntimeError("These are not the weights of a VDSR.")
        if smaller > count:
            raise RuntimeError("These are the weights of a VDSR of more layers.")
        # where the smaller network's layers come to lie: the first and the last at the ends, the others spread evenly
        places = [round(layer * (count - 1) / (smaller - 1)) for layer in range(smaller)]
        channels = len(weights["layers.0.bias"])
        grown = own | {
            f"layers.{place}.{kind}": widen_layer(own[f"layers.{place}.{kind}"], weights[f"layers.{layer}.{kind}"])
            for layer, place in enumerate(places)
            for kind in ("weight", "bias")
        }
        for place in set(range(count)) - set(places):
            passing_on = torch.zeros(channels, channels, 3, 3, device=own["layers.0.weight"].device)
            grown[f"layers.{place}.weight"] = widen_layer(own[f"layers.{place}.weight"], nn.init.dirac_(passing_on))
            grown[f"layers.{place}.bias"] = widen_layer(own[f"layers.{place}.bias"], torch.zeros(channels))
        self.load_state_dict(grown)
