"""The released variants: which there are, what they are called, where they lie."""

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from huggingface_hub import ModelCard

from srcnn.ensemble import Ensemble, Network
from srcnn.losses import LOSSES, PIXEL_LOSSES
from srcnn.model import SRCNN, shortened

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"  # bundled, so that nothing needs a network

SCALES = (2, 3, 4)
COMMON_MULTIPLE = math.lcm(*SCALES)  # a part of a picture that begins there has the low-resolution pixels of the whole
# what `name_of` gives
RELEASED = re.compile(rf"srcnn(?:-(\d{{3}}))?-x[{''.join(map(str, SCALES))}]-({'|'.join(LOSSES)})")
ARTICLE = (9, 1, 5)  # the kernel sizes of the article's network
TITLES = {
    "mse": "MSE",
    "l1": "L1",
    "charbonnier": "Charbonnier",
    "perceptual": "Perceptual",
    "adversarial": "Adversarial",
}


class VariantError(ValueError):
    """A variant that is not there or not usable; the message is one sentence for the person who asked for it."""


def name_of(scale: int, loss: str, kernel_sizes: Sequence[int] = ARTICLE) -> str:
    """srcnn-x3-mse; a network of other kernel sizes says so: srcnn-955-x3-mse."""
    width = "" if tuple(kernel_sizes) == ARTICLE else "-" + "".join(map(str, kernel_sizes))
    return f"srcnn{width}-x{scale}-{loss}"


def bundled() -> list[str]:
    """Names of the variants in `weights/`."""
    return sorted(config.parent.name for config in WEIGHTS.glob("*/config.json"))


def metadata(name: str) -> dict:
    """What stands at the head of a bundled variant's card."""
    return ModelCard.load(WEIGHTS / name / "README.md").data.to_dict()


def networks(names: Iterable[str]) -> list[str]:
    """The networks of these variants by their kernel sizes, the article's first: ["9-1-5", "9-5-5"]."""
    widths = {match[1] or "" for name in names if (match := RELEASED.fullmatch(name))}
    return [network_name(width or ARTICLE) for width in sorted(widths)]


def network_name(kernel_sizes: Iterable[int | str]) -> str:
    """(9, 1, 5) -> "9-1-5"."""
    return "-".join(map(str, kernel_sizes))


def losses(names: Iterable[str], network: str = network_name(ARTICLE)) -> dict[str, str]:
    """What a person can choose from: the losses of these variants of a network by their titles, and an average of those
    that aim at PSNR, where there are several."""
    names = list(names)
    there = {loss for loss in LOSSES for scale in SCALES if name_of(scale, loss, sizes_of(network)) in names}
    found = {TITLES[loss]: loss for loss in LOSSES if loss in there}
    pixel = {title: loss for title, loss in found.items() if loss in PIXEL_LOSSES}
    if len(pixel) > 1:
        found["Average of " + ", ".join(pixel)] = "+".join(pixel.values())
    return found


def names_of(scale: int, loss: str, network: str = network_name(ARTICLE)) -> list[str]:
    """The variants of a choice of `networks` and `losses`."""
    return [name_of(scale, part, sizes_of(network)) for part in loss.split("+")]


def sizes_of(network: str) -> tuple[int, ...]:
    """ "9-1-5" -> (9, 1, 5). Raises VariantError for what is no such name."""
    if not re.fullmatch(r"\d(-\d)*", network):
        raise VariantError(f"There is no network {network!r} here; choose another one.")
    return tuple(map(int, network.split("-")))


def load(variant: str | Path) -> SRCNN:
    """A variant by its bundled name, its folder, or its Hub repository: NAMESPACE/NAME or NAMESPACE/NAME@REVISION.

    Raises VariantError where it cannot be used.
    """
    bundle = WEIGHTS / variant
    try:
        place, _, revision = (str(variant), "", "") if Path(variant).is_dir() else str(variant).partition("@")
        if (bundle / "config.json").is_file():
            model = SRCNN.from_pretrained(bundle)
        else:
            model = SRCNN.from_pretrained(place, revision=revision or "main")
    except (ValueError, OSError) as error:
        raise VariantError(f"The variant {shortened(str(variant))} cannot be used: {first_line(error)}") from error
    if model.config.scale is None:
        raise VariantError(f"The variant {variant} does not say in its config.json which scale it was trained for.")
    return model


def check_name(name: str, model: SRCNN) -> SRCNN:
    """Return a model that is what its name says. Raises ValueError for another."""
    config = model.config
    if config.scale is None or config.loss is None or name_of(config.scale, config.loss, config.kernel_sizes) != name:
        raise ValueError(
            f"{name} holds a network for x{config.scale} with the loss {config.loss}, not what it is called."
        )
    return model


def first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def load_ensemble(variants: list[str], turns: bool) -> Network:
    """One variant, or the mean of several; with `turns`, of the eight turns of the picture, too.

    Raises VariantError where one cannot be used or their scales differ.
    """
    return average([load(variant) for variant in variants], turns)


def average(members: list[SRCNN], turns: bool) -> Network:
    """Raises VariantError where their scales differ."""
    if len(members) == 1 and not turns:
        return members[0]
    try:
        return Ensemble(members, turns).eval()
    except ValueError as error:
        raise VariantError(f"These variants cannot be averaged: {error}") from error
