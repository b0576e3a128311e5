"""The network of "Image Super-Resolution Using Deep Convolutional Networks" (Dong et al., 2014, arXiv:1501.00092).

Three convolutions on the bicubic-enlarged luminance: patch extraction, non-linear mapping, reconstruction (section
3.1).
"""

import json
import logging
import os
import tempfile
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
        object.__setattr__(self, "filters", tuple(self.filters))  # JSON has lists
        object.__setattr__(self, "kernel_sizes", tuple(self.kernel_sizes))
        if not 1 <= self.num_channels <= 4:
            raise ValueError(f"num_channels must be 1 to 4, not {self.num_channels}.")
        if len(self.filters) != 2 or not all(1 <= n <= 1024 for n in self.filters):
            raise ValueError(f"filters must be two numbers from 1 to 1024, not {self.filters}.")
        if len(self.kernel_sizes) != 3 or not all(k in range(1, 32, 2) for k in self.kernel_sizes):
            raise ValueError(f"kernel_sizes must be three odd numbers from 1 to 31, not {self.kernel_sizes}.")
        if self.padding not in PADDINGS:
            raise ValueError(f"padding must be one of {', '.join(PADDINGS)}, not {self.padding!r}.")
        if self.scale is not None and self.scale not in range(1, 17):
            raise ValueError(f"scale must be a whole number from 1 to 16, not {self.scale}.")


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
        if unknown := sorted(choices.keys() - known):
            raise ValueError(f"This version of SRCNN does not know {', '.join(unknown)}; update the package.")
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
        try:
            with safe_open(file, framework="pt", device=device) as opened:
                names = opened.keys()  # no dict: it cannot be iterated itself
                tensors = {name: opened.get_tensor(name) for name in names}
                self.recipe = json.loads((opened.metadata() or {}).get("recipe", "{}"))
            self.load_state_dict(tensors, strict=strict)
        except (SafetensorError, RuntimeError, ValueError) as error:
            raise ValueError(f"{file} does not hold the weights that its config.json describes: {error}") from error
        if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
            raise ValueError(f"{file} holds weights that are no numbers (NaN) or infinite.")
        self.to(device)


def read_config(folder: Path) -> dict:
    """Raises FileNotFoundError where there is no config, ValueError where it is none of a network."""
    file = folder / constants.CONFIG_NAME
    if not file.is_file():
        raise FileNotFoundError(f"{folder} has no {file.name}, so it is not a variant of SRCNN.")
    try:
        config = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{file} is not JSON, so it does not describe a network: {error}.") from error
    if not isinstance(config, dict):
        raise ValueError(f"{file} does not describe a network.")
    return config


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
