"""The files of a variant, `config.json` and `model.safetensors`: read, checked before they are believed, and written.

They may come from a stranger. A file that is too large is not opened, nothing in it is executed, and what is loaded are
exactly the numbers that the config describes.
"""

import json
from pathlib import Path

import torch
from huggingface_hub import constants
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from srcnn.networks.config import shorten_text

MAX_TEXT_BYTES = 1_000_000  # of config.json, and of the header of model.safetensors, which holds the recipe
_MAX_NUMBER_BYTES = 8  # of a number in model.safetensors: float64


def read_config(folder: Path) -> dict:
    """The fields in a variant's `config.json`; `architecture` is always among them.

    Raises FileNotFoundError where there is no config, ValueError where it is none of a network.
    """
    file = folder / constants.CONFIG_NAME
    _check_file_size(file, MAX_TEXT_BYTES)
    try:
        config = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file} is not JSON, so it does not describe a network: {error}.") from error
    if not isinstance(config, dict):
        raise ValueError(f"{file} does not describe a network.")
    return {"architecture": "srcnn"} | config  # SRCNN's named none before there were others


def load_weights(model: nn.Module, folder: Path, strict: bool = True) -> dict:
    """Load a variant's `model.safetensors` into a network on the CPU; returns the recipe in the file's header.

    Raises FileNotFoundError where there is no such file, ValueError where it does not hold the network's tensors and no
    others (without `strict`, tensors may be missing or too many), or holds numbers that are not finite.
    """
    file, own = folder / constants.SAFETENSORS_SINGLE_FILE, model.state_dict()
    _check_file_size(file, sum(tensor.numel() for tensor in own.values()) * _MAX_NUMBER_BYTES + MAX_TEXT_BYTES)
    try:
        with safe_open(file, framework="pt") as opened:
            names = opened.keys()  # no dict: it cannot be iterated itself
            tensors = {name: opened.get_tensor(name) for name in names}
            recipe = json.loads((opened.metadata() or {}).get("recipe", "{}"))
        _check_tensor_types(tensors, own)
        model.load_state_dict(tensors, strict=strict)
        if not isinstance(recipe, dict):
            raise ValueError("its recipe is not a JSON object.")
    except (SafetensorError, RuntimeError, ValueError) as error:
        reason = shorten_text(str(error))
        raise ValueError(f"{file} does not hold the weights that its config.json describes: {reason}") from error
    if not all(torch.isfinite(tensor).all() for tensor in own.values()):
        raise ValueError(f"{file} holds weights that are no numbers (NaN) or infinite.")
    return recipe


def save_weights(model: nn.Module, folder: Path, recipe: dict) -> None:
    """Write a network's `model.safetensors`, with the recipe in its header."""
    tensors = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    metadata = {"format": "pt", "recipe": json.dumps(recipe)}
    save_file(tensors, folder / constants.SAFETENSORS_SINGLE_FILE, metadata=metadata)


def _check_file_size(file: Path, most: int) -> None:
    """Raises FileNotFoundError where a variant lacks the file, PermissionError where nobody may read it, ValueError
    where it has more than `most` bytes."""
    if not file.is_file():
        raise FileNotFoundError(f"{file.parent} has no {file.name}, so it is not a variant of SRCNN.")
    if (size := file.stat().st_size) > most:
        raise ValueError(f"{file} is not read: it has {size:,} bytes, more than the {most:,} that it can need.")
    file.open("rb").close()  # safetensors takes a file that nobody may read for one that is not there


def _check_tensor_types(tensors: dict[str, Tensor], own: dict[str, Tensor]) -> None:
    """Raises ValueError where whole, truth or complex numbers stand for weights, which torch would convert silently."""
    for name in tensors.keys() & own.keys():
        if tensors[name].is_floating_point() != own[name].is_floating_point():
            raise ValueError(f"{name} is of the type {tensors[name].dtype}.")
