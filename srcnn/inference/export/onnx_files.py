"""A variant as ONNX files: the network alone, and the whole way of a picture through it."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from srcnn.errors import SentenceError
from srcnn.inference.export.picture_network import REACH_PIXELS, PictureNetwork
from srcnn.networks.base import Network

ONNX_FOLDER = "onnx"  # of a repository of the Hub, where other libraries put theirs, too
NETWORK_FILE = f"{ONNX_FOLDER}/model.onnx"

_NETWORK_CALL = (
    "input: float32 (N, 1, H, W), the luminance Y of ITU-R BT.601 in studio swing, 16..235, divided by 255, {state}. "
    "output: the same, restored, float32 (N, 1, {after}), not clipped."
)
_PICTURE_CALL = (
    "input: uint8 (H, W, 3), an RGB picture. "
    "output: uint8 ({scale}H, {scale}W, 3), enlarged: the luminance by the network, the colour by MATLAB's bicubic."
)


class ExportError(SentenceError, ValueError):
    """A network that cannot be written as ONNX here; the message is one sentence for the person who asked for it."""


@dataclass(frozen=True)
class Origin:
    """Where a network comes from, for the metadata of its ONNX files.

    variant: its name, or its repository. weights: its safetensors file. commit: of the repository on the Hub; empty for
        a folder that does not come from there.
    """

    variant: str
    weights: Path
    commit: str = ""


def export_network(model: Network, origin: Origin) -> bytes:
    """An ONNX file of the network alone: `model.forward`, for any number and size of pictures.

    Raises ExportError where the package onnx is missing.
    """
    times = model.upsampling
    after = ["height", "width"] if times == 1 else [f"{times}*height", f"{times}*width"]
    scales = " or ".join(str(scale) for scale in model.config.scales if model.scale in (None, scale))
    call = _NETWORK_CALL.format(
        state=f"enlarged {scales} times by MATLAB's bicubic" if times == 1 else "at low resolution",
        after="H, W" if times == 1 else f"{times}H, {times}W",
    )
    facts = {"scale": scales, "halo": str(model.halo), "usage": call}
    return _export(model, torch.float32, (["batch", 1, "height", "width"], ["batch", 1, *after]), origin, model, facts)


def export_picture(model: Network, origin: Origin) -> bytes:
    """An ONNX file of the whole way: what `srcnn.upscale` does to an opaque RGB picture of 8 bits, of any size.

    model: a network for use at one scale. Raises ExportError where the package onnx is missing.
    """
    scale = model.scale
    facts = {"scale": str(scale), "halo": str(picture_halo(model)), "usage": _PICTURE_CALL.format(scale=scale)}
    sides = ["height", "width", 3], [f"{scale}*height", f"{scale}*width", 3]
    return _export(PictureNetwork(model).eval(), torch.uint8, sides, origin, model, facts)


def picture_halo(model: Network) -> int:
    """How many pixels of the small picture, on each side, the pixels that one of them becomes depend on."""
    if model.upsampling == 1:  # the network sees enlarged pixels, and bicubic makes each of the small ones around it
        return math.ceil(model.halo / model.scale) + REACH_PIXELS
    return max(model.halo, REACH_PIXELS)


def export_all(model: Network, origin: Origin) -> dict[str, bytes]:
    """All ONNX files of a variant by their path in its repository: the network, and a picture's way at each scale.

    Raises ExportError where the package onnx is missing.
    """
    pictures = {
        picture_file(model, scale): export_picture(model.for_scale(scale), origin) for scale in model.config.scales
    }
    return {NETWORK_FILE: export_network(model, origin)} | pictures


def picture_file(model: Network, scale: int) -> str:
    """onnx/picture.onnx; of a variant for several scales onnx/picture-x3.onnx."""
    return f"{ONNX_FOLDER}/picture{f'-x{scale}' if len(model.config.scales) > 1 else ''}.onnx"


def list_onnx_files(paths: Iterable[str]) -> list[str]:
    """Those of a repository's files that are ONNX files as `export_all` names them."""
    return [path for path in paths if path.startswith(f"{ONNX_FOLDER}/") and path.endswith(".onnx")]


def check_onnx_is_installed() -> None:
    """Raises ExportError where the package onnx is missing."""
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise ExportError("ONNX files are written with the package onnx; install it by `pip install onnx`.") from error


def _export(
    module: nn.Module, element_type: torch.dtype, sides: tuple, origin: Origin, model: Network, facts: dict[str, str]
) -> bytes:
    """The same bytes for the same weights, on every machine."""
    check_onnx_is_installed()
    from srcnn.inference.export.graph import build_onnx_model

    made = build_onnx_model(module, element_type, *sides)
    facts = {
        "variant": origin.variant,
        "architecture": model.config.architecture,
        "network": model.config.title,
        "loss": model.config.loss or "",
        "licence": "MIT",
        "source_commit": origin.commit,
        "weights_sha256": hashlib.sha256(origin.weights.read_bytes()).hexdigest(),
    } | facts
    for key, value in facts.items():
        if value:
            made.metadata_props.add(key=key, value=value)
    made.doc_string = facts["usage"]
    return made.SerializeToString(deterministic=True)
