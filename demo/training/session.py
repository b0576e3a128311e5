"""A visitor's press on Train, from what the page asks for to the variant that comes of it."""

import json
import time
from collections.abc import Iterator, Mapping

from demo.job import TimeUpError
from demo.server.fair_queue import is_abandoned
from demo.server.shutdown import Traffic
from demo.training.details import CloserLook, read_place
from demo.training.live import LiveTraining, Look, watch
from demo.training.pictures import count_written
from demo.training.settings import read_settings, refuse_request
from demo.training.trained import Training, find_training, is_key, remember_training, report_gone
from srcnn.inference.device import best_device
from srcnn.networks.base import Network
from srcnn.variants.catalogue import Variant

PRESS_SECONDS = 60  # of training for one press


def read_training_request(text: str) -> dict:
    """What the page asks `train_watched` for, JSON. Raises SettingsError for anything else."""
    asked = _read_json(text)
    begins = isinstance(asked.get("settings"), dict) and isinstance(asked.get("files"), list)
    if not (is_key(asked.get("key")) and (asked.get("more") or begins)):
        refuse_request()
    return asked


def _read_json(text: str) -> dict:
    try:
        asked = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        refuse_request()
    return asked


def train_watched(asked: Mapping) -> Iterator[tuple[Training, Look, dict[str, Exception]]]:
    """Train as the page asks: from the beginning, or from where a training of its own was stopped.

    asked: {"key": ..., "settings": {...}, "files": [...]}, or {"key": ..., "more": true}; in both the "place" of the
    detail to look at. Yields the training, a look
    at it, and why some of the visitor's pictures are not trained on. Raises SettingsError or ImageError for what cannot
    be trained so.
    """
    resume = bool(asked.get("more"))
    training = _find_again(asked["key"]) if resume else _begin(asked)
    training.place = read_place(asked.get("place"))
    made: list[LiveTraining] = []

    def make() -> LiveTraining:
        made.append(LiveTraining(training.settings, training.files, training.folder, resume, lambda: training.place))
        training.magnifier = made[0].magnifier
        return made[0]

    def is_wanted() -> bool:
        if is_abandoned():
            raise TimeUpError("Nobody waits for this any more.")
        is_over = time.monotonic() - training.begun > PRESS_SECONDS
        return not (training.is_stopped or is_over or Traffic.closing)

    training.is_running = True
    try:
        for look in watch(make, is_wanted, lambda live, look, model: _keep_variant(training, live, look.step, model)):
            yield training, look, made[0].reasons
    finally:
        training.is_running = False


def look_elsewhere(text: str) -> tuple[Training, CloserLook | None]:
    """Look at another detail of a training: at once where it has ended, else from its next look on, and None is given.

    text: {"key": ..., "place": ...}, JSON. Raises SettingsError for anything else, and for a training that is gone.
    """
    asked = _read_json(text)
    training = find_training(asked.get("key"))
    if not training:
        report_gone()
    training.place = read_place(asked.get("place"))
    if training.is_running or not training.magnifier or not training.variants:
        return training, None
    model = list(training.variants.values())[-1].model
    return training, training.magnifier.look(model, training.place)


def _begin(asked: Mapping) -> Training:
    if not is_key(asked["key"]) or find_training(asked["key"]):
        refuse_request()
    training = Training(asked["key"], read_settings(asked["settings"]), [str(file) for file in asked["files"]])
    remember_training(training)
    return training


def _find_again(key: object) -> Training:
    training = find_training(key)
    if not training or not (training.folder / "state" / "state.safetensors").exists():
        report_gone()
    training.is_stopped, training.begun = False, time.monotonic()
    return training


def _keep_variant(training: Training, live: LiveTraining, step: int, model: Network) -> None:
    """Write the variant's folder, and let it be used. A training that diverged at once keeps its start."""
    folder = live.run.trainer.options.output
    model.save_pretrained(folder)
    count_written(training.folder)
    training.keep(Variant(folder.name, model.to(best_device()), folder), step)
