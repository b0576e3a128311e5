"""The files of a variant, checked before they are believed: `config.json` and `model.safetensors`."""

import json
from pathlib import Path

from huggingface_hub import constants
from torch import Tensor

MAX_TEXT_BYTES = 1_000_000  # bytes of config.json, and of the header of model.safetensors, which holds the recipe


def read_config(folder: Path) -> dict:
    """Raises FileNotFoundError where there is no config, ValueError where it is none of a network."""
    file = folder / constants.CONFIG_NAME
    check_file_size(file, MAX_TEXT_BYTES)
    try:
        config = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file} is not JSON, so it does not describe a network: {error}.") from error
    if not isinstance(config, dict):
        raise ValueError(f"{file} does not describe a network.")
    return {"architecture": "srcnn"} | config  # SRCNN's named none before there were others


def check_file_size(file: Path, most: int) -> None:
    """Raises FileNotFoundError where a variant lacks the file, ValueError where that has more than `most` bytes."""
    if not file.is_file():
        raise FileNotFoundError(f"{file.parent} has no {file.name}, so it is not a variant of SRCNN.")
    if (size := file.stat().st_size) > most:
        raise ValueError(f"{file} is not read: it has {size:,} bytes, more than the {most:,} that it can need.")


def check_tensor_types(tensors: dict[str, Tensor], own: dict[str, Tensor]) -> None:
    """Raises ValueError where whole, truth or complex numbers stand for weights, which torch would convert silently."""
    for name in tensors.keys() & own.keys():
        if tensors[name].is_floating_point() != own[name].is_floating_point():
            raise ValueError(f"{name} is of the type {tensors[name].dtype}.")
