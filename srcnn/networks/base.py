"""What all networks have in common: how they are called, and how they are read and written, from disk or the Hub."""

import copy
import logging
import os
import tempfile
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import ClassVar, Self, TypeVar

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from srcnn.atomic_files import copy_atomically
from srcnn.hub.download import accept_commit, download_variant, explain_cached_copy
from srcnn.networks.config import NetworkConfig, shorten_text
from srcnn.networks.cpu_types import choose_cpu_type
from srcnn.networks.strips import StripNetwork, StripPieces
from srcnn.networks.weights_file import load_weights, read_config, save_weights
from srcnn.networks.wrappers import FullPrecisionWrapper, HalfPrecisionWrapper, NetworkWrapper, RowStream

ReadNetwork = TypeVar("ReadNetwork", bound="Network")


class Network(nn.Module, PyTorchModelHubMixin, library_name="srcnn", pipeline_tag="image-to-image"):
    """Base of SRCNN, VDSR and EDSR. Takes the fields of its config as keyword arguments.

    `from_pretrained(folder_or_repo, revision=...)`, `save_pretrained(folder)` and `push_to_hub(repo)` are the Hub's own
    verbs. `recipe` tells how the weights were trained; it travels in the header of the safetensors file.

    A network has a `config`, which says what it is built of, and these properties, which tell the engine how to use it:

    scale: how many times a picture is enlarged: 3 for x3. None where the config names no scale, or several, one of
        which `for_scale` chooses.
    upsampling: how many times larger the output of `forward` is than its input, in each direction. SRCNN and VDSR get
        the picture that bicubic has already enlarged, so theirs is 1; EDSR enlarges it itself, so its is `scale`.
    halo: how far the network sees. What it gives at a pixel depends on the input at that pixel and up to `halo` pixels
        away from it, left, right, above and below, and on nothing beyond. So a piece of a picture comes out as within
        the whole if it is sent in with so many more pixels around it.
    field: the side of the square of input pixels that an output pixel depends on at most: 13 for SRCNN 9-1-5.
    floats_per_pixel: how much memory inference needs: the numbers that are in memory at the same time, for each pixel
        of the input.
    floats_per_column: those that it needs beside them for each column of the input, however few its rows are.
    valid_border: how many pixels narrower, on each side, the output of `forward` is with `valid` than without.
    """

    Config: ClassVar[type[NetworkConfig]]
    # fields of the config that train.py has options for, and what it sets for all networks of the kind
    training_fields: ClassVar[tuple[str, ...]] = ()
    training_defaults: ClassVar[dict] = {}
    upsampling: int = 1
    floats_per_column: int = 0
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
    def halo(self) -> int:
        """Pixels."""

    @property
    def field(self) -> int:
        """Pixels of the input."""
        return 2 * self.halo + 1

    @property
    @abstractmethod
    def floats_per_pixel(self) -> int:
        """Numbers for each pixel of the input."""

    @abstractmethod
    def forward(self, x: Tensor, valid: bool = False) -> Tensor:
        """(N, C, H, W) float 0..1 -> (N, C, H * upsampling, W * upsampling), not clipped.

        valid: give only the pixels that depend on no padding, as in training, where nothing is to be learned from
        pixels that were made up. The result is then smaller by `valid_border` pixels on each side, which is 0 for
        networks that train with padding.
        """

    @abstractmethod
    def initialise(self) -> None:
        """Draw the weights that training starts from at random: the network then gives nearly the picture that it
        gets."""

    @classmethod
    def check_fields(cls, config: dict) -> None:
        """Raises ValueError for the config of another kind of network, and for fields that this version does not
        know."""
        own = cls.Config.architecture
        if (kind := config.get("architecture", own)) != own:
            raise ValueError(f"This is a network of the kind {shorten_text(str(kind))}, not {own}.")
        if unknown := ", ".join(sorted(config.keys() - {field.name for field in fields(cls.Config)})):
            raise ValueError(f"This version of SRCNN does not know {shorten_text(unknown)}; update the package.")

    def load_smaller(self, weights: dict[str, Tensor]) -> None:
        """Take over the weights of a trained network of the same kind, so that training goes on from there.

        weights: its `state_dict`. It may be smaller than this one, in ways that each kind of network allows: then this
        one computes at first what the smaller did, and has room to learn more. Raises RuntimeError where they do not
        fit.
        """
        self.load_state_dict(weights)

    def for_scale(self, scale: int | None = None) -> Self:
        """The network for use at one of the scales that it was trained for; without one, at the only one.

        Returns this network where that is its `scale`, else a copy that shares the weights in memory and has another
        `scale`. A network whose config names no scale, as one's own weights in `SRCNN()`, is used at any that is said.
        Raises ValueError for a scale that it was not trained for, and where none is said and it has no `scale`.
        """
        trained = " and ".join(f"x{each}" for each in self.config.scales)
        if scale is None and self.scale is None:
            served = f"is for {trained}" if trained else "does not say which scale it is for"
            raise ValueError(f"This network {served}; say with scale= at which one to use it.")
        if scale in (None, self.scale):
            return self
        if trained and scale not in self.config.scales:
            raise ValueError(f"It was trained for {trained}, not for x{scale}.")
        if not trained:
            replace(self.config, scale=scale)  # raises ValueError for what can be no scale
        one = copy.copy(self)
        one.scale = scale
        return one

    def for_device(self, exact: bool = False) -> "AnyNetwork":
        """What computes this network fastest on the device that its weights are on; the network stays as it is.

        It takes and gives float32, as the network does. On a CUDA GPU it computes in half precision, on a CPU that has
        instructions for it partly in bfloat16; with `exact`, and anywhere else, in float32.
        """
        device = next(self.parameters()).device.type
        if device == "cpu":
            return StripNetwork(self, choose_cpu_type(exact))
        if device == "cuda":
            return FullPrecisionWrapper(self) if exact else HalfPrecisionWrapper(self)
        return self

    def open_stream(self, width: int) -> RowStream | None:
        """What computes a picture of `width` pixels of the input some rows at a time, and nothing twice.

        None where this form of the network computes whole planes only.
        """
        return None

    @property
    @abstractmethod
    def strip_floats_per_column(self) -> int:
        """As `floats_per_column`, of a CPU: what each layer remembers, and a strip of one row."""

    @abstractmethod
    def build_strips(self, width: int, kind: torch.dtype) -> StripPieces:
        """What computes `forward` on a CPU for pictures of `width` pixels, in strips.

        kind: the type of the numbers between the first and the last layer.
        """

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
        save_weights(self, save_directory, self.recipe)

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

        def read_network(folder: Path) -> Self:
            return cls.from_folder(folder, map_location, strict)

        if os.path.isdir(pretrained_model_name_or_path):
            return read_network(Path(pretrained_model_name_or_path))
        repository, choices = str(pretrained_model_name_or_path), {"cache_dir": cache_dir, "token": token}
        return load_from_hub(repository, read_network, revision, local_files_only=local_files_only, **choices)[0]

    @classmethod
    def from_folder(cls, folder: Path, map_location: str = "cpu", strict: bool = True) -> Self:
        """As `from_pretrained`, of a folder only."""
        config = read_config(folder)
        cls.check_fields(config)  # before they become arguments: a field may be called "self"
        model = cls(**config)
        model.recipe = load_weights(model, folder, strict)
        return model.to(map_location).eval()


AnyNetwork = Network | NetworkWrapper  # what the inference engine takes


def load_from_hub(
    repository: str, read: Callable[[Path], ReadNetwork], revision: str = "main", **client
) -> tuple[ReadNetwork, Path]:
    """The network that `read` reads from a repository's files, and the folder of the cache where they lie.

    Where `read` raises ValueError for what the Hub has now, the commit that the cache had before is read, and a warning
    in the log says so. Raises HubError, or that ValueError, where there is none. client: as of `download_variant`.
    """
    snapshot = download_variant(repository, revision, **client)
    try:
        model = read(snapshot.folder)
    except ValueError as error:
        if snapshot.earlier is None:
            raise
        snapshot = explain_cached_copy(snapshot.earlier, error)
        model = read(snapshot.folder)
    else:
        if snapshot.earlier:
            accept_commit(snapshot, revision)
    if snapshot.notice:
        logging.getLogger("srcnn").warning(snapshot.notice)
    return model, snapshot.folder


def widen_layer(large: Tensor, small: Tensor) -> Tensor:
    """The weights `large` of a layer, changed so that its first maps are what the layer of the weights `small` gives.

    Both (outputs, inputs, k, k), or (outputs,) for biases. Raises RuntimeError where `small` is larger.
    """
    result = large.clone()
    result[: len(small)] = 0  # the first maps see none of the inputs ...
    result[tuple(map(slice, small.shape))] = small  # ... but those that `small` had
    return result


def count_parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def receptive_field_pixels(model: Network) -> int:
    """The side of the square of enlarged pixels that an output pixel depends on at most: 13 for 9-1-5."""
    return model.field * model.upsampling


def count_layers(model: Network) -> int:
    """How many convolutions it has: 3 for SRCNN."""
    return sum(isinstance(module, nn.Conv2d) for module in model.modules())
