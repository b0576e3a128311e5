"""What VGG-19 (Simonyan and Zisserman, 2014) sees in pictures: for the perceptual loss and a perceptual distance."""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from srcnn.hub.download import download_file
from srcnn.hub.errors import HubError

_CONVOLUTIONS_PER_BLOCK = (2, 2, 4, 4, 4)  # convolutions between two poolings
VGG_LAYERS = tuple(
    f"relu{block}_{n}" for block, count in enumerate(_CONVOLUTIONS_PER_BLOCK, 1) for n in range(1, count + 1)
)
DISTANCE_LAYERS = ("relu1_2", "relu2_2", "relu3_1")
_MIN_FEATURE_LENGTH = 0.01  # length of a position's features, which are around 1 each, below which they count as none
PRETRAINED_REPOSITORY = "timm/vgg19.tv_in1k"  # on the Hub; trained on ImageNet

_IMAGENET_MEAN, _IMAGENET_STD = (
    (0.485, 0.456, 0.406),
    (0.229, 0.224, 0.225),
)  # of ImageNet's pictures, which VGG-19 was trained with


class FeatureError(ValueError):
    """Feature weights that cannot be had or used; the message is one sentence for the person who asked for them."""


class Features(nn.Module):
    """The activations of chosen layers of VGG-19. Its weights are fixed; gradients reach the picture only.

    source: a safetensors file, or a Hub repository that holds `model.safetensors`, with the weights under
    torchvision's names (`features.0.weight`, ...), as far as the deepest of `layers` needs them.

    Raises FeatureError for an unknown layer, and where the weights cannot be had or do not fit.
    """

    def __init__(self, source: str | Path = PRETRAINED_REPOSITORY, layers: Sequence[str] = DISTANCE_LAYERS) -> None:
        super().__init__()
        unknown = [layer for layer in layers if layer not in VGG_LAYERS]
        if unknown or not layers:
            raise FeatureError(f"There is no layer {unknown} in VGG-19; choose from {', '.join(VGG_LAYERS)}.")
        self.layers = tuple(layers)
        self.convolutions = nn.ModuleDict(_read_convolutions(source, last=max(layers, key=VGG_LAYERS.index)))
        self.register_buffer("mean", torch.tensor(_IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_IMAGENET_STD).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False).eval()

    def forward(self, luma: Tensor) -> list[Tensor]:
        """(N, 1, H, W) in 0..1, repeated to three channels -> of each chosen layer (N, C, H', W'), rectified."""
        h = (luma - self.mean) / self.std
        found = {}
        for name, convolution in self.convolutions.items():
            if name.endswith("_1") and name != VGG_LAYERS[0]:
                h = F.max_pool2d(h, 2)
            h = found[name] = F.relu(convolution(h))
        return [found[layer] for layer in self.layers]


def _read_convolutions(source: str | Path, last: str) -> dict[str, nn.Conv2d]:
    """The convolutions up to the layer `last`, by the names of their activations."""
    file = Path(source) if Path(source).is_file() else _download_features(str(source))
    convolutions = {}
    file.open("rb").close()  # safetensors takes a file that nobody may read for one that is not there
    try:
        with safe_open(file, framework="pt") as opened:
            for name in VGG_LAYERS[: VGG_LAYERS.index(last) + 1]:
                key = f"features.{torchvision_index(name)}"
                weight, bias = opened.get_tensor(f"{key}.weight"), opened.get_tensor(f"{key}.bias")
                if weight.shape[2:] != (3, 3) or not (weight.isfinite().all() and bias.isfinite().all()):
                    raise ValueError(f"{key} is no layer of 3x3 finite numbers.")
                convolutions[name] = convolution = nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1)
                convolution.load_state_dict({"weight": weight, "bias": bias})
    except (SafetensorError, RuntimeError, ValueError) as error:
        raise FeatureError(f"{source} does not hold the weights of VGG-19 up to {last}: {error}") from error
    return convolutions


def torchvision_index(layer: str) -> int:
    """Where torchvision's `features` has the convolution of an activation: each is followed by its ReLU, a block by a
    pooling."""
    number = VGG_LAYERS.index(layer)
    return 2 * number + int(layer[4]) - 1


def _download_features(repository: str) -> Path:
    try:
        return download_file(repository, "model.safetensors")
    except HubError as error:
        raise FeatureError(
            f"The VGG-19 weights cannot be had; name a safetensors file with --features. {error}"
        ) from error


def feature_difference(features: Features, output: Tensor, truth: Tensor) -> Tensor:
    """How different pictures look: (N, 1, H, W) in 0..1 each, to a scalar; 0: alike.

    The features of each position are brought to unit length; their squared difference is averaged over positions and
    layers: LPIPS (Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", 2018, eq. 1)
    without its learned weights per channel.
    """
    with torch.no_grad():
        wanted = features(truth)
    return _layer_difference(features(output), wanted)


def _layer_difference(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    layers = zip(found, wanted, strict=True)
    return torch.stack(
        [(_to_unit_length(one) - _to_unit_length(other)).square().sum(1).mean() for one, other in layers]
    ).mean()


def _to_unit_length(activations: Tensor) -> Tensor:
    return F.normalize(activations.float(), dim=1, eps=_MIN_FEATURE_LENGTH)


@torch.inference_mode()
def measure_perceptual_distances(features: Features, results: Sequence[Tensor], truth: Tensor) -> list[float]:
    """`feature_difference` of each result: (H, W) grey levels 0..255 all."""
    device = features.mean.device
    wanted, *found = (features(plane[None, None].to(device, torch.float32) / 255) for plane in (truth, *results))
    return [_layer_difference(one, wanted).item() for one in found]
