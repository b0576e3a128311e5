"""The trainings of visitors as the server remembers them: which go on, and the variants that came of them."""

import re
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from demo.catalogue import current_catalogue
from demo.server.cleanup import TRAINING_PREFIX
from demo.training.details import Magnifier, Place
from demo.training.settings import SettingsError, TrainSettings
from demo.widgets.pictures import new_folder
from srcnn.variants.catalogue import Variant

_MAX_KEPT = 60  # trainings; their pictures and states lie on the disk, for an hour
_KEY_PATTERN = re.compile("[0-9a-f]{32}")
_NAME_PREFIX, _NAME_DIGITS = "trained-", 12


@dataclass
class Training:
    """A training of a visitor.

    key: drawn at random by the page that began it, which tells nobody. variants: what came of it each time it ended, by
    what Compare and Enlarge know it by; the last is of the most steps. begun: or gone on with, of time.monotonic().
    place: of the detail that its visitor looks at by the magnifier, which comes with the first step.
    """

    key: str
    settings: TrainSettings
    files: list[str]
    folder: Path = field(default_factory=lambda: new_folder(TRAINING_PREFIX))
    is_stopped: bool = False
    is_running: bool = False
    place: Place | None = None
    magnifier: Magnifier | None = None
    variants: dict[str, Variant] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)

    def keep(self, variant: Variant, step: int) -> None:
        name = f"{_NAME_PREFIX}{self.key[:_NAME_DIGITS]}-{step}"
        self.variants[name] = replace(variant, commit=name)


_trainings: OrderedDict[str, Training] = OrderedDict()
_stopped_early: deque[str] = deque(maxlen=_MAX_KEPT)  # keys of trainings that were stopped before their turn came


def is_key(text: object) -> bool:
    """Whether it is as the page makes keys: 32 hexadecimal digits."""
    return isinstance(text, str) and bool(_KEY_PATTERN.fullmatch(text))


def remember_training(training: Training) -> None:
    training.is_stopped = training.key in _stopped_early
    _trainings[training.key] = training
    while len(_trainings) > _MAX_KEPT:
        _trainings.popitem(last=False)


def find_training(key: object) -> Training | None:
    return _trainings.get(key) if is_key(key) else None


def report_gone() -> NoReturn:
    """Raises SettingsError, for a training that is not remembered, or whose files have been swept away."""
    raise SettingsError("This training is not on the server any more, as after an hour; train again.")


def stop_training(key: object) -> None:
    """End a training soon, or before its turn has come."""
    if training := find_training(key):
        training.is_stopped = True
    elif is_key(key):
        _stopped_early.append(key)


def choose_variants(scale: int, loss: str, network: str) -> list[Variant]:
    """The variants of a choice: of the catalogue, or one that was trained here. Raises VariantError for none."""
    for training in [*_trainings.values()]:
        found = training.variants.get(network)
        if found and (training.settings.scale, training.settings.loss) == (scale, loss):
            return [found]
    return current_catalogue().choose_variants(scale, loss, network)
