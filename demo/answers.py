"""What visitors have asked Compare for, and the last of the answers, which need not be computed again."""

import math
import threading
import time
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import spaces

from demo.choice import Choice
from demo.job import Job
from demo.training.trained import choose_variants
from demo.widgets.pictures import PictureFile, new_folder, write_for_page, write_small
from demo.widgets.settings import network_name
from srcnn.evaluation import comparison
from srcnn.evaluation.comparison import Comparison
from srcnn.imaging.picture import Picture
from srcnn.inference.device import name_device
from srcnn.inference.upscaling import downscale, upscale, upscale_bicubic
from srcnn.variants.catalogue import Variant
from srcnn.variants.loading import VariantError, average_networks
from srcnn.visuals.crops import most_improved_point

MAX_TRUTH_PIXELS = 16_000_000  # pixels of a ground truth
MAX_ENLARGED_PIXELS = 64_000_000  # pixels of an enlarged picture
_KEPT_BYTES = 200_000_000  # of pixels in memory: the examples by many networks, or one picture of the largest
_POINT_SIDE_PIXELS = 64
_RENEWED_SECONDS = 1800  # files for the page are written again after so long: the server deletes them after an hour


@dataclass(frozen=True, eq=False)
class _Made:
    """How an answer came about.

    members: the variants whose mean it shows. fell_back: computed on the CPU, because the GPU failed.
    """

    members: tuple[Variant, ...]
    seconds: float
    device: str
    fell_back: bool

    @property
    def kind(self) -> str:
        """What people call the network: "SRCNN 9-1-5", "VDSR"."""
        return network_name(self.members[0].model.config.title)

    @property
    def size(self) -> int:
        """Bytes of its pixels."""
        return sum(each.pixels.nbytes for each in self.pictures.values())


@dataclass(frozen=True, eq=False)
class Answer(_Made):
    """A comparison: the picture was the truth."""

    result: Comparison

    @cached_property
    def low(self) -> Picture:
        return downscale(self.result.truth, self.result.scale)

    @property
    def pictures(self) -> dict[str, Picture]:
        """All that a slider can show, by the names that the page has for them."""
        result = self.result
        return {"low": self.low, "bicubic": result.bicubic, "result": result.srcnn, "truth": result.truth}

    @cached_property
    def point(self) -> tuple[int, int]:
        """Where the network repairs most: the middle of a square."""
        return most_improved_point(self.result, _POINT_SIDE_PIXELS)


@dataclass(frozen=True, eq=False)
class Enlargement(_Made):
    """The picture itself, enlarged: there is no truth. pictures: as of `Answer`."""

    pictures: dict[str, Picture]


class KeptAnswers:
    """The last answers, as many as have `most` bytes together, and always the very last one."""

    def __init__(self, most: int) -> None:
        self.most, self._answers, self._lock = most, OrderedDict(), threading.Lock()

    def find(self, key: tuple) -> Answer | Enlargement | None:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def keep(self, key: tuple, answer: Answer | Enlargement) -> None:
        with self._lock:
            for path in {path for _, path, *_ in self._answers if path and not Path(path).exists()}:
                for gone in [each for each in self._answers if each[1] == path]:
                    del self._answers[gone]  # what is deleted from the disk is not kept in memory
            self._answers[key] = answer
            while len(self._answers) > 1 and sum(each.size for each in self._answers.values()) > self.most:
                self._answers.popitem(last=False)


_kept = KeptAnswers(_KEPT_BYTES)
_written: weakref.WeakKeyDictionary[_Made, tuple[float, dict[str, PictureFile]]] = weakref.WeakKeyDictionary()


def is_ready(choice: Choice) -> bool:
    """Whether the answer to a choice and its files are there, so that nothing need be computed."""
    try:
        found = _find(choice, _members_of(choice))
    except VariantError:
        return True
    return bool(found and _fresh_files(found))


def answer(choice: Choice) -> Answer | Enlargement:
    """Compare the chosen picture with what bicubic and the chosen network restore of it, or enlarge it as it is.

    Raises ImageError for a picture that cannot be used, VariantError where there is no such network, TimeUpError where
    it takes too long.
    """
    members = _members_of(choice)
    found = _find(choice, members)
    if not found:
        limit = MAX_ENLARGED_PIXELS // choice.scale**2 if choice.as_is else MAX_TRUTH_PIXELS
        compute = _enlarge if choice.as_is else _compare
        found = compute(choice.open(limit), members, choice.ensemble)
        _kept.keep(_key_of(choice, members), found)
    return found


def files_of(found: Answer | Enlargement, stay_in: Path | None = None) -> dict[str, PictureFile]:
    """Where the page finds its pictures. stay_in: a folder that is not swept."""
    files = _fresh_files(found)
    if not files:
        folder = stay_in or new_folder()
        write = write_small if stay_in else write_for_page
        files = {name: write(picture, name, folder) for name, picture in found.pictures.items()}
        _written[found] = math.inf if stay_in else time.monotonic(), files
    return files


def _fresh_files(found: _Made) -> dict[str, PictureFile] | None:
    when, files = _written.get(found, (-math.inf, {}))
    is_fresh = time.monotonic() - when < _RENEWED_SECONDS and all(each.file.exists() for each in files.values())
    return files if files and is_fresh else None


def _find(choice: Choice, members: tuple[Variant, ...]) -> Answer | Enlargement | None:
    return _kept.find(_key_of(choice, members)) if choice.is_there else None


def _members_of(choice: Choice) -> tuple[Variant, ...]:
    return tuple(choose_variants(choice.scale, choice.loss, choice.network))


def _key_of(choice: Choice, members: tuple[Variant, ...]) -> tuple:
    origins = ((member.name, member.commit, member.model.scale) for member in members)
    return choice.picture, choice.path, choice.ensemble, choice.as_is, *origins


@spaces.GPU
def _compare(picture: Picture, members: tuple[Variant, ...], ensemble: bool) -> Answer:
    begin, job = time.perf_counter(), Job([*members])
    result = job.run(lambda networks: comparison.compare(picture.flattened(), average_networks(networks, ensemble)))
    return Answer(members, time.perf_counter() - begin, name_device(job.device), job.fell_back, result)


@spaces.GPU
def _enlarge(picture: Picture, members: tuple[Variant, ...], ensemble: bool) -> Enlargement:
    begin, job, scale = time.perf_counter(), Job([*members]), members[0].model.scale
    result = job.run(lambda networks: upscale(picture, average_networks(networks, ensemble)))
    pictures = {"low": picture, "bicubic": upscale_bicubic(picture, scale), "result": result}
    return Enlargement(members, time.perf_counter() - begin, name_device(job.device), job.fell_back, pictures)
