"""The released variants: which there are, what they are called, where they lie."""

from collections.abc import Sequence
from pathlib import Path

from srcnn.ensemble import Ensemble, Network
from srcnn.losses import LOSSES, PIXEL_LOSSES
from srcnn.model import SRCNN

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"  # bundled, so that nothing needs a network

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


def losses() -> dict[str, str]:
    """What a person can choose from: the losses of the bundled variants by their titles, and an average of those that
    aim at PSNR, where there are several."""
    there = {name.split("-")[-1] for name in bundled() if name.startswith("srcnn-x")}
    found = {TITLES[loss]: loss for loss in LOSSES if loss in there}
    pixel = {title: loss for title, loss in found.items() if loss in PIXEL_LOSSES}
    if len(pixel) > 1:
        found["Average of " + ", ".join(pixel)] = "+".join(pixel.values())
    return found


def names_of(scale: int, loss: str) -> list[str]:
    """The variants of a choice of `losses`."""
    return [name_of(scale, part) for part in loss.split("+")]


def load(variant: str | Path) -> SRCNN:
    """A variant by its bundled name, its folder, or its Hub repository. Raises VariantError where it cannot be used."""
    place = WEIGHTS / variant if (WEIGHTS / variant / "config.json").is_file() else variant
    try:
        model = SRCNN.from_pretrained(place)
    except (ValueError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise VariantError(f"The variant {variant} cannot be used: {reason}") from error
    if model.config.scale is None:
        raise VariantError(f"The variant {variant} does not say in its config.json which scale it was trained for.")
    return model


def load_ensemble(variants: list[str], turns: bool) -> Network:
    """One variant, or the mean of several; with `turns`, of the eight turns of the picture, too.

    Raises VariantError where one cannot be used or their scales differ.
    """
    members = [load(variant) for variant in variants]
    if len(members) == 1 and not turns:
        return members[0]
    try:
        return Ensemble(members, turns).eval()
    except ValueError as error:
        raise VariantError(f"{', '.join(variants)} cannot be averaged: {error}") from error
