"""What all networks have in common: how they are called, and how they are read and written, from disk or the Hub."""

import copy
import json
import logging
import os
import tempfile
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import ClassVar, Self

import torch
from huggingface_hub import PyTorchModelHubMixin, constants
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from srcnn.atomic_files import copy_atomically
from srcnn.hub.download import download_variant
from srcnn.networks.config import NetworkConfig, shorten_text
from srcnn.networks.weights_file import MAX_TEXT_BYTES, check_file_size, check_tensor_types, read_config
from srcnn.networks.wrappers import ChannelsLastWrapper, HalfPrecisionWrapper, NetworkWrapper


class Network(nn.Module, PyTorchModelHubMixin, library_name="srcnn", license="mit", pipeline_tag="image-to-image"):
    """Base of SRCNN, VDSR and EDSR. Takes the fields of its config as keyword arguments.

    `from_pretrained(folder_or_repo, revision=...)`, `save_pretrained(folder)` and `push_to_hub(repo)` are the Hub's own
    verbs. `recipe` tells how the weights were trained; it travels in the header of the safetensors file.

    What differs from network to network is said by its config and by:

    scale: the enlargement that it is used at; None where its config names none or several: see `for_scale`.
    upsampling: output pixels a side for one of the input: 1 where the network takes the picture that bicubic has
        already enlarged, `scale` where it takes the low-resolution one and enlarges it itself.
    halo: pixels of the input, on each side, that an output pixel depends on.
    floats_per_pixel: the numbers in memory at once for a pixel of the input, at inference.
    valid_border: pixels of the output, on each side, that `forward` leaves out with `valid`.
    """

    Config: ClassVar[type[NetworkConfig]]
    # fields of the config that train.py has options for, and what it sets for all networks of the kind
    training_fields: ClassVar[tuple[str, ...]] = ()
    training_defaults: ClassVar[dict] = {}
    upsampling: int = 1
    valid_border: int = 0

    def __init__(self, **choices) -> None:
        super().__init__()
        self.check_fields(choices)
        self.config = self.Config(**choices)
        self._hub_mixin_config = self.config  # what save_pretrained writes
        self.recipe: dict = {}
        self.scale = self.config.scales[0] if len(self.config.scales) == 1 else None

    @property
    @abstractmethod
    def halo(self) -> int: ...

    @property
    @abstractmethod
    def floats_per_pixel(self) -> int: ...

    @abstractmethod
    def forward(self, x: Tensor, valid: bool = False) -> Tensor:
        """(N, C, H, W) float 0..1 -> (N, C, H * upsampling, W * upsampling), not clipped.

        With `valid`, as in training, the result is smaller by `valid_border` pixels on each side.
        """

    @abstractmethod
    def initialise(self) -> None:
        """Draw weights to start training from: those of a network that gives nearly the picture that it gets."""

    @classmethod
    def check_fields(cls, config: dict) -> None:
        """Raises ValueError for the config of another kind of network, and for fields that this version has not."""
        own = cls.Config.architecture
        if (kind := config.get("architecture", own)) != own:
            raise ValueError(f"This is a network of the kind {shorten_text(str(kind))}, not {own}.")
        if unknown := ", ".join(sorted(config.keys() - {field.name for field in fields(cls.Config)})):
            raise ValueError(f"This version of SRCNN does not know {shorten_text(unknown)}; update the package.")

    def load_smaller(self, weights: dict[str, Tensor]) -> None:
        """Start from a trained network's weights. Raises RuntimeError where they do not fit."""
        self.load_state_dict(weights)

    def for_scale(self, scale: int) -> Self:
        """The same network, with the same weights in memory, used at one of its config's scales.

        Raises ValueError for another scale.
        """
        if scale not in self.config.scales:
            there = " and ".join(f"x{each}" for each in self.config.scales) or "no scale that it names"
            raise ValueError(f"It was trained for {there}, not for x{scale}.")
        if scale == self.scale:
            return self
        one = copy.copy(self)
        one.scale = scale
        return one

    def for_device(self, exact: bool = False) -> "AnyNetwork":
        """What computes this network fastest on the device that its weights are on; the network stays as it is.

        It takes and gives float32, as the network does. On a CUDA GPU it computes in half precision, or with `exact` in
        float32; anywhere else always in float32.
        """
        device = next(self.parameters()).device.type
        if device == "cpu":
            return ChannelsLastWrapper(self)
        return HalfPrecisionWrapper(self) if device == "cuda" and not exact else self

    def save_pretrained(self, save_directory: str | Path, **kwargs) -> str | None:
        """Write `config.json`, `model.safetensors` and, where there is none, a `README.md`; no file is ever half."""
        folder = Path(save_directory)
        folder.mkdir(parents=True, exist_ok=True)
        push, repo_id = kwargs.pop("push_to_hub", False), kwargs.pop("repo_id", None) or folder.name
        with tempfile.TemporaryDirectory() as temporary:
            super().save_pretrained(temporary, **kwargs)
            if (folder / "README.md").exists():
                (Path(temporary) / "README.md").unlink(missing_ok=True)
            copy_atomically(Path(temporary), folder)
        return self.push_to_hub(repo_id, **kwargs) if push else None

    def _save_pretrained(self, save_directory: Path) -> None:
        tensors = {name: tensor.contiguous() for name, tensor in self.state_dict().items()}
        metadata = {"format": "pt", "recipe": json.dumps(self.recipe)}
        save_file(tensors, save_directory / constants.SAFETENSORS_SINGLE_FILE, metadata=metadata)

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | Path,
        *,
        revision: str = "main",
        cache_dir: str | Path | None = None,
        token: bool | str | None = None,
        local_files_only: bool = False,
        map_location: str = "cpu",
        strict: bool = True,
    ) -> Self:
        """Load a variant from a folder, or from the Hub at a branch, a tag or a commit.

        Stricter than the mixin's own: a config and a safetensors file of one commit, every tensor in its place, finite,
        no pickle. Where the Hub cannot be reached or what it has now is of no use, a copy in the cache is taken and a
        warning says so. Raises HubError where there is none, FileNotFoundError for a folder without a config,
        ValueError for files that do not fit.
        """
        folder = locate_variant(
            pretrained_model_name_or_path,
            check=cls.from_folder,
            revision=revision,
            cache_dir=cache_dir,
            token=token,
            local_files_only=local_files_only,
        )
        return cls.from_folder(folder, map_location, strict)

    @classmethod
    def from_folder(cls, folder: Path, map_location: str = "cpu", strict: bool = True) -> Self:
        """As `from_pretrained`, of a folder only."""
        config = read_config(folder)
        cls.check_fields(config)  # before they become arguments: a field may be called "self"
        model = cls(**config)
        model._load_weights(folder / constants.SAFETENSORS_SINGLE_FILE, map_location, strict)
        return model.eval()

    def _load_weights(self, file: Path, device: str, strict: bool) -> None:
        own = self.state_dict()
        widest = 8 * sum(tensor.numel() for tensor in own.values())  # as float64
        check_file_size(file, widest + MAX_TEXT_BYTES)
        try:
            with safe_open(file, framework="pt", device=device) as opened:
                names = opened.keys()  # no dict: it cannot be iterated itself
                tensors = {name: opened.get_tensor(name) for name in names}
                self.recipe = json.loads((opened.metadata() or {}).get("recipe", "{}"))
            check_tensor_types(tensors, own)
            self.load_state_dict(tensors, strict=strict)
            if not isinstance(self.recipe, dict):
                raise ValueError("its recipe is not a JSON object.")
        except (SafetensorError, RuntimeError, ValueError) as error:
            reason = shorten_text(str(error))
            raise ValueError(f"{file} does not hold the weights that its config.json describes: {reason}") from error
        if not all(torch.isfinite(tensor).all() for tensor in self.state_dict().values()):
            raise ValueError(f"{file} holds weights that are no numbers (NaN) or infinite.")
        self.to(device)


AnyNetwork = Network | NetworkWrapper  # what the inference engine takes


def locate_variant(place: str | Path, check: Callable[[Path], object], **client) -> Path:
    """A folder as it is, or a repository of the Hub fetched into the cache, where `check` raises nothing for it.

    client: what `download_variant` takes. Raises HubError.
    """
    if os.path.isdir(place):
        return Path(place)
    snapshot = download_variant(str(place), check=check, **client)
    if snapshot.notice:
        logging.getLogger("srcnn").warning(snapshot.notice)
    return snapshot.folder


def widen_layer(large: Tensor, small: Tensor) -> Tensor:
    """A layer that gives for its first maps what `small` gives, whatever its other maps hold.

    Raises RuntimeError where `small` is larger.
    """
    result = large.clone()
    result[: len(small)] = 0
    result[tuple(map(slice, small.shape))] = small
    return result


def count_parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def receptive_field_pixels(model: Network) -> int:
    """The side of the square of enlarged pixels that an output pixel depends on: 13 for 9-1-5."""
    return (2 * model.halo + 1) * model.upsampling


def count_layers(model: Network) -> int:
    """How many convolutions it has: 3 for SRCNN."""
    return sum(isinstance(module, nn.Conv2d) for module in model.modules())
