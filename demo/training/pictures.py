"""The pictures of a visitor's training: scikit-image's photographs or his own, and the one that is measured on."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from demo.server.cleanup import note_written
from demo.training.settings import SettingsError, TrainSettings
from demo.widgets.examples import EXAMPLE_NAMES, examples_folder, open_example, write_example
from demo.widgets.pictures import open_upload, save_counted, was_sent
from srcnn.imaging.picture import ImageError, Picture

MAX_OWN_PICTURES = 20
_MAX_OWN_PIXELS = 64_000_000  # pixels of a picture of the visitor's
_OWN_SIDE_PIXELS = 1020  # of which the middle is trained on: 20 of them take 20 MB then
_LEAST_SIDE_PIXELS = 72  # a patch of the widest network, 64, and what cutting to a multiple of the scale takes
_MEASURED_SIDE_PIXELS = 300  # of the photograph that is measured on, the middle: several times a second
_PIECE_SIDE_PIXELS = 72
_PIECES_OF = "coffee", "camera"  # the first that is not measured on


def measured_picture(name: str) -> Picture:
    return open_example(name).centre(_MEASURED_SIDE_PIXELS)


def measured_set(name: str) -> Path:
    """A folder with the picture that is measured on."""
    return _write_once(f"middle-of-{name}", name, measured_picture(name))


def training_set(settings: TrainSettings, files: Sequence[str], folder: Path) -> tuple[Path, dict[str, Exception]]:
    """A folder with the pictures to train on, and why some of the visitor's are not among them, by name.

    files: the visitor's, where he wants to train on his own; `folder`: where they are kept. Raises SettingsError where
    none of them can be used, or there are too many.
    """
    if settings.pictures == "own":
        return _write_own(files, settings.measured, folder / "own-pictures")
    if settings.pictures == "piece":
        name = next(name for name in _PIECES_OF if name != settings.measured)
        return _write_once(f"piece-of-{name}", name, open_example(name).centre(_PIECE_SIDE_PIXELS)), {}
    place = _shared_folder(f"photographs-without-{settings.measured}")
    for name in EXAMPLE_NAMES:
        if name != settings.measured and not (place / f"{name}.png").exists():
            shutil.copyfile(write_example(name), place / f"{name}.png")
    return place, {}


def _shared_folder(name: str) -> Path:
    """All visitors train on the same files, which are written when the first one asks."""
    place = examples_folder() / "training" / name
    place.mkdir(parents=True, exist_ok=True)
    return place


def _write_once(folder: str, name: str, picture: Picture) -> Path:
    place = _shared_folder(folder)
    if not (place / f"{name}.png").exists():
        picture.save(place / f"{name}.png")
    return place


def _write_own(files: Sequence[str], measured: str, folder: Path) -> tuple[Path, dict[str, Exception]]:
    if len(files) > MAX_OWN_PICTURES:
        raise SettingsError(
            "These are {n} pictures, the limit here is {limit} at once; remove some of them.",
            n=len(files),
            limit=MAX_OWN_PICTURES,
        )
    if not files:
        raise SettingsError("There is no picture yet: upload one or choose the photographs.")
    folder.mkdir(parents=True, exist_ok=True)
    reasons: dict[str, Exception] = {}
    for number, (name, found) in enumerate(_open_own(files, measured)):
        if isinstance(found, Picture):
            save_counted(found, folder / f"{number:02}.png")
        else:
            reasons[name] = found
    if reasons and len(reasons) == len(files):
        raise next(iter(reasons.values()))
    return folder, reasons


def _open_own(files: Sequence[str], measured: str) -> Iterator[tuple[str, Picture | Exception]]:
    """The middle of each picture, or why it is not trained on."""
    for file in files:
        try:
            picture = open_upload(file if was_sent(file) else None, _MAX_OWN_PIXELS).flattened()
            _check_own(picture, measured)
            yield Path(file).name, picture.centre(_OWN_SIDE_PIXELS)
        except (ImageError, SettingsError, OSError) as error:
            yield Path(file).name, error


def _check_own(picture: Picture, measured: str) -> None:
    """Raises SettingsError for a picture that is not trained on."""
    if np.array_equal(picture.pixels, open_example(measured).pixels):
        raise SettingsError("This is the picture that is measured on, which is never trained on.")
    if min(picture.width, picture.height) < _LEAST_SIDE_PIXELS:
        raise SettingsError("This picture is smaller than {least} pixels a side.", least=_LEAST_SIDE_PIXELS)


def count_written(folder: Path) -> None:
    """What a training has written is of the visitors' files, whose bytes are limited."""
    note_written(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()))
