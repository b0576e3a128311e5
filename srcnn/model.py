"""The network of "Image Super-Resolution Using Deep Convolutional Networks" (Dong et al., 2014, arXiv:1501.00092).

Three convolutions on the bicubic-enlarged luminance: patch extraction, non-linear mapping, reconstruction (section
3.1).
"""

import json
import logging
import os
import reprlib
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import torch
import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin, constants
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from srcnn import hub

PADDINGS = ("zeros", "replicate")
# What a stranger's files may ask for before they are refused; the released networks have at most 57,281 weights.
MAX_WEIGHTS = 10_000_000
MAX_TEXT = 1_000_000  # bytes of config.json, and of the header of model.safetensors, which holds the recipe


@dataclass(frozen=True)
class SRCNNConfig:
    """What `config.json` of a variant holds. The defaults are the article's network.

    Raises ValueError where the values do not describe a network.
    """

    num_channels: int = 1  # 1: luminance
    filters: tuple[int, int] = (64, 32)  # feature maps after the first and the second layer
    kernel_sizes: tuple[int, int, int] = (9, 1, 5)
    padding: str = "zeros"  # border of each layer: "zeros" as the article's code, "replicate" as the authors' code
    residual: bool = False  # add the input to the output, so that the layers learn only the difference
    batch_norm: bool = False  # batch normalisation after the first and the second layer
    scale: int | None = None  # the enlargement that the weights were trained for
    loss: str | None = None  # the loss that they were trained with

    def __post_init__(self) -> None:
        for name in ("filters", "kernel_sizes"):
            value = getattr(self, name)
            object.__setattr__(self, name, tuple(value) if isinstance(value, list | tuple) else value)  # JSON has lists
        self.check("num_channels", "a whole number from 1 to 4", is_whole(1, 4))
        self.check("filters", "two whole numbers from 1 to 1024", has(2, is_whole(1, 1024)))
        self.check("kernel_sizes", "three odd numbers from 1 to 31", has(3, is_whole(1, 31, odd=True)))
        self.check("padding", f"one of {', '.join(PADDINGS)}", lambda value: value in PADDINGS)
        for name in ("residual", "batch_norm"):
            self.check(name, "true or false", lambda value: isinstance(value, bool))
        self.check("scale", "a whole number from 1 to 16", lambda value: value is None or is_whole(1, 16)(value))
        self.check("loss", "a name", lambda value: value is None or is_name(value))
        if self.weights > MAX_WEIGHTS:
            raise ValueError(f"A network of {self.weights:,} weights is too large; {MAX_WEIGHTS:,} are the limit.")

    def check(self, name: str, rule: str, fits: Callable[[object], bool]) -> None:
        if not fits(value := getattr(self, name)):
            raise ValueError(f"{name} must be {rule}, not {reprlib.repr(value)}.")

    @property
    def weights(self) -> int:
        """Those of the three kernels, in which nearly all of a network's numbers are."""
        maps = (self.num_channels, *self.filters, self.num_channels)
        return sum(maps[i] * maps[i + 1] * k * k for i, k in enumerate(self.kernel_sizes))


def is_whole(least: int, most: int, odd: bool = False) -> Callable[[object], bool]:
    """JSON has true and 3.0, too, which Python counts as whole."""
    return lambda value: type(value) is int and least <= value <= most and (value % 2 == 1 or not odd)


def has(count: int, fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda values: isinstance(values, tuple) and len(values) == count and all(map(fits, values))


def is_name(value: object) -> bool:
    return isinstance(value, str) and shortened(value) == value


def shortened(text: str) -> str:
    """What stands in a stranger's file, fit for one sentence: on one line, printable and not long."""
    return textwrap.shorten("".join(c if c.isprintable() else " " for c in text), 300, placeholder=" ...")


class SRCNN(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="srcnn",
    license="mit",
    pipeline_tag="image-to-image",
    paper_url="https://arxiv.org/abs/1501.00092",
    tags=["super-resolution", "srcnn"],
):
    """The network. Takes the fields of `SRCNNConfig` as keyword arguments; `SRCNN(num_channels=1)` is the article's.

    `from_pretrained(folder_or_repo, revision=...)`, `save_pretrained(folder)` and `push_to_hub(repo)` are the Hub's own
    verbs. `recipe` tells how the weights were trained; it travels in the header of the safetensors file.
    """

    def __init__(self, **choices) -> None:
        super().__init__()
        known = {field.name for field in fields(SRCNNConfig)}
        if unknown := ", ".join(sorted(choices.keys() - known)):
            raise ValueError(f"This version of SRCNN does not know {shortened(unknown)}; update the package.")
        self.config = config = SRCNNConfig(**choices)
        self._hub_mixin_config = config  # what save_pretrained writes
        self.recipe: dict = {}

        n1, n2 = config.filters
        f1, f2, f3 = config.kernel_sizes
        self.conv1 = nn.Conv2d(config.num_channels, n1, f1)
        self.conv2 = nn.Conv2d(n1, n2, f2)
        self.conv3 = nn.Conv2d(n2, config.num_channels, f3)
        self.norm1 = nn.BatchNorm2d(n1) if config.batch_norm else nn.Identity()
        self.norm2 = nn.BatchNorm2d(n2) if config.batch_norm else nn.Identity()

    @property
    def halo(self) -> int:
        """Pixels on each side that an output pixel depends on: 6 for 9-1-5."""
        return sum(k // 2 for k in self.config.kernel_sizes)

    def forward(self, x: Tensor, valid: bool = False) -> Tensor:
        """(N, C, H, W) float 0..1, already bicubic-enlarged -> (N, C, H, W), not clipped.

        With `valid` no layer is padded and the result is smaller by `halo` pixels on each side: (N, C, H-2*halo,
        W-2*halo). Training uses it so that no pixel it learns from was made up at a border (the paper, section 4.1).
        """
        pad = self.unpadded if valid else self.padded
        h = F.relu(self.norm1(self.conv1(pad(x, self.conv1))))
        h = F.relu(self.norm2(self.conv2(pad(h, self.conv2))))
        if valid and h.device.type == "cpu" and h.dtype == torch.float32:
            h = convolve_to_few_channels(h, self.conv3)
        else:
            h = self.conv3(pad(h, self.conv3))
        if self.config.residual:
            h = h + (F.pad(x, [-self.halo] * 4) if valid else x)
        return h

    def padded(self, x: Tensor, conv: nn.Conv2d) -> Tensor:
        border = conv.kernel_size[0] // 2
        if border == 0:
            return x
        return F.pad(x, [border] * 4, mode="constant" if self.config.padding == "zeros" else "replicate")

    def unpadded(self, x: Tensor, conv: nn.Conv2d) -> Tensor:
        return x

    def save_pretrained(self, save_directory: str | Path, **kwargs) -> str | None:
        """Write `config.json`, `model.safetensors` and, where there is none, a `README.md`; no file is ever half."""
        folder = Path(save_directory)
        folder.mkdir(parents=True, exist_ok=True)
        push, repo_id = kwargs.pop("push_to_hub", False), kwargs.pop("repo_id", None) or folder.name
        with tempfile.TemporaryDirectory(dir=folder, prefix=".saving-") as temporary:
            super().save_pretrained(temporary, **kwargs)
            for file in Path(temporary).iterdir():
                if file.name != "README.md" or not (folder / file.name).exists():
                    file.chmod(0o644)  # safetensors makes its files private
                    os.replace(file, folder / file.name)
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
        place = pretrained_model_name_or_path
        if os.path.isdir(place):
            folder = Path(place)
        else:
            client = {"cache_dir": cache_dir, "token": token, "local_files_only": local_files_only}
            snapshot = hub.pull(str(place), revision, check=cls.from_pretrained, **client)
            folder = snapshot.folder
            if snapshot.notice:
                logging.getLogger("srcnn").warning(snapshot.notice)
        model = cls(**read_config(folder))
        model._load_weights(folder / constants.SAFETENSORS_SINGLE_FILE, map_location, strict)
        return model.eval()

    def _load_weights(self, file: Path, device: str, strict: bool) -> None:
        own = self.state_dict()
        widest = 8 * sum(tensor.numel() for tensor in own.values())  # as float64
        check_file(file, widest + MAX_TEXT)
        try:
            with safe_open(file, framework="pt", device=device) as opened:
                names = opened.keys()  # no dict: it cannot be iterated itself
                tensors = {name: opened.get_tensor(name) for name in names}
                self.recipe = json.loads((opened.metadata() or {}).get("recipe", "{}"))
            check_kinds(tensors, own)
            self.load_state_dict(tensors, strict=strict)
            if not isinstance(self.recipe, dict):
                raise ValueError("its recipe is not a JSON object.")
        except (SafetensorError, RuntimeError, ValueError) as error:
            reason = shortened(str(error))
            raise ValueError(f"{file} does not hold the weights that its config.json describes: {reason}") from error
        if not all(torch.isfinite(tensor).all() for tensor in self.state_dict().values()):
            raise ValueError(f"{file} holds weights that are no numbers (NaN) or infinite.")
        self.to(device)


def read_config(folder: Path) -> dict:
    """Raises FileNotFoundError where there is no config, ValueError where it is none of a network."""
    file = folder / constants.CONFIG_NAME
    check_file(file, MAX_TEXT)
    try:
        config = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file} is not JSON, so it does not describe a network: {error}.") from error
    if not isinstance(config, dict):
        raise ValueError(f"{file} does not describe a network.")
    return config


def check_file(file: Path, most: int) -> None:
    """Raises FileNotFoundError where a variant lacks the file, ValueError where that has more than `most` bytes."""
    if not file.is_file():
        raise FileNotFoundError(f"{file.parent} has no {file.name}, so it is not a variant of SRCNN.")
    if (size := file.stat().st_size) > most:
        raise ValueError(f"{file} is not read: it has {size:,} bytes, more than the {most:,} that it can need.")


def check_kinds(tensors: dict[str, Tensor], own: dict[str, Tensor]) -> None:
    """Raises ValueError where whole, truth or complex numbers stand for weights, which torch would convert silently."""
    for name in tensors.keys() & own.keys():
        if tensors[name].is_floating_point() != own[name].is_floating_point():
            raise ValueError(f"{name} is of the type {tensors[name].dtype}.")


def convolve_to_few_channels(x: Tensor, conv: nn.Conv2d) -> Tensor:
    """`conv(x)` without padding, as one matrix product whose results are then added up at their offsets.

    (N, C, H, W) -> (N, few, H-k+1, W-k+1). A convolution to a single channel leaves most of a CPU's vector unit idle;
    this way a training step takes two thirds of the time.
    """
    few, channels, k, _ = conv.weight.shape
    height, width = x.shape[2:]
    taps = conv.weight.flip(2, 3).permute(0, 2, 3, 1).reshape(few * k * k, channels, 1, 1)
    products = F.conv2d(x, taps).flatten(2)
    whole = F.fold(products, (height + k - 1, width + k - 1), k)
    return whole[:, :, k - 1 : height, k - 1 : width] + conv.bias[:, None, None]


def parameter_count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())
