"""The released variants: which there are, what they are called, where they lie."""

import os
from pathlib import Path

from huggingface_hub import ModelCard

from srcnn.errors import SentenceError
from srcnn.hub.download import CONFIG_FILE
from srcnn.hub.errors import HubError
from srcnn.inference.ensemble import Ensemble
from srcnn.networks.architectures import load_network
from srcnn.networks.base import AnyNetwork, Network, load_from_hub
from srcnn.networks.config import shorten_text

_PACKAGE_FOLDER = Path(__file__).resolve().parents[1]
# The variants that need no network: in the wheel they lie inside the package, in a checkout beside it.
BUNDLED_FOLDER = next(
    (folder for folder in (_PACKAGE_FOLDER / "weights", _PACKAGE_FOLDER.parent / "weights") if folder.is_dir()),
    _PACKAGE_FOLDER / "weights",
)
_ELSEWHERE_TEXT = " There is no such folder and no such bundled variant, either; `srcnn list` shows those."


class VariantError(SentenceError, ValueError):
    """A variant that is not there or not usable; the message is one sentence for the person who asked for it."""


def bundled_names() -> list[str]:
    """Names of the variants in `weights/`."""
    return sorted(config.parent.name for config in BUNDLED_FOLDER.glob(f"*/{CONFIG_FILE}"))


def is_bundled(name: str) -> bool:
    """Whether `weights/` holds a variant of this name: only that folder is looked at."""
    return bool(name.strip(".")) and os.path.isfile(BUNDLED_FOLDER / name / CONFIG_FILE)


def read_card_metadata(name: str) -> dict:
    """What stands at the head of a bundled variant's card."""
    return ModelCard.load(BUNDLED_FOLDER / name / "README.md").data.to_dict()


def load_any_scale(variant: str | Path) -> Network:
    """A variant by its bundled name, its folder, or its Hub repository: NAMESPACE/NAME or NAMESPACE/NAME@REVISION.

    Raises VariantError where it cannot be used.
    """
    return load_with_folder(variant)[0]


def load_with_folder(variant: str | Path) -> tuple[Network, Path]:
    """A variant, found as by `load_any_scale`, and the folder where its files lie.

    Raises VariantError where it cannot be used.
    """
    try:
        model, folder = _read_variant(variant)
    except (ValueError, OSError) as error:
        tried = _ELSEWHERE_TEXT if isinstance(error, HubError) else ""
        name, reason = shorten_text(str(variant)), first_line(error)
        if isinstance(error, PermissionError) and error.filename:
            reason = f"you have no permission for {shorten_text(str(error.filename))}; change its permissions."
        raise VariantError(f"The variant {name} cannot be used: {reason}{tried}") from error
    if not model.config.scales:
        raise VariantError(f"The variant {variant} does not say in its config.json which scale it was trained for.")
    return model, folder


def _read_variant(variant: str | Path) -> tuple[Network, Path]:
    """A variant as its files are, whatever its scales, and their folder, fetched first where they are on the Hub.

    `weights/NAME`, as the cards call a bundled variant's folder, is found from every working directory.
    Raises OSError or ValueError, also for what can be neither a name, a folder nor a repository.
    """
    path = Path(variant)
    name = path.name if path.parent in (Path(), Path("weights"), BUNDLED_FOLDER) else ""
    if is_bundled(name) and not (path.parent != Path() and path.is_dir()):
        return load_network(BUNDLED_FOLDER / name), BUNDLED_FOLDER / name
    if os.path.isdir(variant):  # not for "", which is the working directory as a Path
        return load_network(path), path
    if os.path.isfile(path) or path.suffix in _PICKLE_SUFFIXES:
        raise ValueError(_describe_file(path))
    _check_permission(path)
    repository, _, revision = str(variant).partition("@")
    return load_from_hub(repository, load_network, revision or "main")


def _check_permission(path: Path) -> None:
    """Raises PermissionError for a place in a closed folder, which looks as if it were not there."""
    try:
        path.stat()
    except PermissionError:
        raise
    except (OSError, ValueError):
        return


_PICKLE_SUFFIXES = (".pth", ".pt", ".ckpt", ".bin")


def _describe_file(file: Path) -> str:
    """Why a file is no variant, and what makes one of it."""
    if file.suffix not in _PICKLE_SUFFIXES:
        return f"{shorten_text(str(file))} is a file, and a variant is a folder with config.json and model.safetensors."
    return (
        "a file of this kind may run code when it is opened, so it is converted once, by you: "
        f"`model = SRCNN.from_state_dict(torch.load({shorten_text(str(file))!r}, weights_only=True), scale=3)`, then "
        f"`model.save_pretrained({shorten_text(file.stem)!r})`, which makes a folder that is loaded."
    )


def load(variant: str | Path, scale: int | None = None) -> Network:
    """A variant, found as by `load_any_scale`, for use at a scale; without one, at the only scale that it serves.

    Raises VariantError where it cannot be used.
    """
    return choose_scale(load_any_scale(variant), variant, scale)


def choose_scale(model: Network, variant: str | Path, scale: int | None) -> Network:
    """As `load`, of a variant that is loaded already. Raises VariantError, which names it."""
    if scale is None and model.scale is None:
        scales = ", ".join(f"x{each}" for each in model.config.scales)
        raise VariantError(f"The variant {variant} is for {scales}; say with --scale for which of them to use it.")
    try:
        return model.for_scale(scale or model.scale)
    except ValueError as error:
        raise VariantError(f"The variant {variant} cannot be used: {error}") from error


def check_variant_name(name: str, model: Network) -> Network:
    """Return a model that is what its name says. Raises ValueError for another."""
    config = model.config
    if config.name != name:
        scales = " and ".join(f"x{scale}" for scale in config.scales) or "no scale"
        raise ValueError(
            f"{name} holds {config.title} for {scales} with the loss {config.loss}, not what it is called."
        )
    return model


def first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def load_ensemble(variants: list[str], turns: bool, scale: int | None = None) -> AnyNetwork:
    """One variant, or the mean of several; with `turns`, of the eight turns of the picture, too.

    Raises VariantError where one cannot be used or their scales differ.
    """
    return average_networks([load(variant, scale) for variant in variants], turns)


def average_networks(members: list[AnyNetwork], turns: bool) -> AnyNetwork:
    """Raises VariantError where their scales differ."""
    if len(members) == 1 and not turns:
        return members[0]
    try:
        return Ensemble(members, turns).eval()
    except ValueError as error:
        raise VariantError(f"These variants cannot be averaged: {error}") from error
