"""What a visitor chooses of a training, the lessons that choose for him, and the options of train.py for both."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from demo.catalogue import current_catalogue
from demo.widgets.examples import EXAMPLE_NAMES
from srcnn.errors import SentenceError
from srcnn.training.options import TrainingOptions
from srcnn.variants.catalogue import Variant

_PATCHES_A_MEASUREMENT = 100  # trained on between two measurements, so that there are several a second on two cores
_LEAST_STEPS_A_MEASUREMENT = 5
_RATE_CHANGES = 4  # how often the schedules "step" and "exponential" halve the rate


class SettingsError(SentenceError, ValueError):
    """Choices that do not go together; the message is one sentence for the visitor."""


def refuse_request() -> NoReturn:
    """Raises SettingsError, for what the page as it is now does not send."""
    raise SettingsError("This page does not offer these settings; reload it and choose again.")


@dataclass(frozen=True)
class TrainSettings:
    """The choices that the page offers; the defaults are what it begins with.

    start: "bicubic": weights that give the bicubic picture; "random"; "released". pictures: "photographs"; "piece", a
    small piece of one; "own". measured: the photograph that is not trained on.
    """

    loss: str = "mse"
    scale: int = 3
    optimizer: str = "soap"
    learning_rate: float = 0.003
    schedule: str = "cosine"
    steps: int = 1000
    batch_size: int = 4
    kernel_sizes: str = "9-1-5"
    batch_norm: bool = False
    residual: bool = False
    start: str = "bicubic"
    turns: bool = True
    pictures: str = "photographs"
    measured: str = "astronaut"


DEFAULTS = TrainSettings()
CHOICES: dict[str, tuple] = {
    "loss": ("mse", "l1", "charbonnier"),
    "scale": (2, 3, 4),
    "optimizer": ("sgd", "adam", "soap"),
    "learning_rate": (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1),
    "schedule": ("cosine", "step", "exponential", "constant"),
    "steps": (200, 500, 1000, 2000, 4000),
    "batch_size": (1, 4, 16, 64),
    "kernel_sizes": ("9-1-5", "9-3-5", "9-5-5"),
    "batch_norm": (False, True),
    "residual": (False, True),
    "start": ("bicubic", "random", "released"),
    "turns": (False, True),
    "pictures": ("photographs", "piece", "own"),
    "measured": EXAMPLE_NAMES,
}
# Beside SOAP, which needs a hundred steps to make up for it, nobody would see what the residual is good for.
_PLAIN_START = {"steps": 500, "start": "random", "optimizer": "sgd", "learning_rate": 0.1}
# Runs that are compared, each by what it chooses other than the defaults.
LESSONS: dict[str, tuple[dict, ...]] = {
    "rate": ({"steps": 500}, {"steps": 500, "learning_rate": 0.1}),
    "norm": ({"steps": 500}, {"steps": 500, "batch_norm": True}),
    "optimizer": (
        {"steps": 500, "optimizer": "sgd", "learning_rate": 0.1},
        {"steps": 500, "optimizer": "adam", "learning_rate": 0.001},
        {"steps": 500},
    ),
    "residual": (_PLAIN_START | {"residual": True}, _PLAIN_START),
    "piece": ({"steps": 500}, {"steps": 500, "pictures": "piece", "turns": False}),
}


def read_settings(chosen: Mapping[str, object]) -> TrainSettings:
    """What the page has sent. Raises SettingsError for what it does not offer, or what does not go together."""
    values = {name: chosen.get(name, getattr(DEFAULTS, name)) for name in CHOICES}
    if not all(any(value == each for each in CHOICES[name]) for name, value in values.items()):
        refuse_request()
    settings = TrainSettings(**{name: type(getattr(DEFAULTS, name))(value) for name, value in values.items()})
    if settings.start == "released":
        if settings.batch_norm or settings.residual:
            raise SettingsError(
                "The released weights know neither batch normalisation nor the global residual; switch both off, or "
                "start from nothing."
            )
        released_variant(settings)
    return settings


def released_variant(settings: TrainSettings) -> Variant:
    """The variant that this app runs for the same scale: of the same network and loss where there is one, else the
    closest to it. Raises SettingsError where there is none."""
    family = current_catalogue()
    for network in (settings.kernel_sizes, "9-1-5"):
        for loss in (settings.loss, "mse"):
            if found := family.find(settings.scale, loss, network):
                return found
    raise SettingsError("There are no released weights for x{scale} here; choose another scale.", scale=settings.scale)


def options_for(
    settings: TrainSettings, data: Path, validate: Path, folder: Path, resume: bool = False
) -> TrainingOptions:
    """What train.py calls the same. data, validate: sets of pictures; folder: for the variant and the state."""
    kernel_sizes = tuple(int(side) for side in settings.kernel_sizes.split("-"))
    released = released_variant(settings) if settings.start == "released" else None
    return TrainingOptions(
        scale=settings.scale,
        loss=settings.loss,
        data=(data,),
        validate=(validate,),
        output=folder / f"srcnn-x{settings.scale}-{settings.loss}",
        state=folder / "state",
        resume=resume,
        overwrite=True,
        kernel_sizes=kernel_sizes,
        residual=settings.residual,
        batch_norm=settings.batch_norm,
        plain_start=settings.start == "random",
        start=_place_of(released) if released else "",
        steps=settings.steps,
        batch_size=settings.batch_size,
        turns=settings.turns,
        optimizer=settings.optimizer,
        learning_rate=settings.learning_rate,
        schedule=settings.schedule,
        decay_every=max(settings.steps // _RATE_CHANGES, 1),
        validate_every=max(_PATCHES_A_MEASUREMENT // settings.batch_size, _LEAST_STEPS_A_MEASUREMENT),
        device="cpu",  # so small a network in so small steps is no faster on a GPU, whose visitors would wait for it
    )


def _place_of(variant: Variant) -> str:
    """What train.py loads a variant by."""
    return f"{variant.repository}@{variant.commit}" if variant.repository else variant.name


def changes(settings: TrainSettings) -> dict[str, object]:
    """What is not as the page begins with."""
    return {name: value for name, value in dataclasses.asdict(settings).items() if value != getattr(DEFAULTS, name)}
