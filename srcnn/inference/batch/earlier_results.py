"""What lies already where a result is to be written: the same result, an outdated one, or somebody's file.

Each result tells in its metadata of which picture, and by what, it was made (`Picture.origin`), so that no list has to
be kept beside the results. A format without EXIF cannot tell it: its files count as somebody's.
"""

import hashlib
import os
import unicodedata
from enum import Enum, auto
from pathlib import Path

from srcnn.data.folders import FileIdentity, identify_file
from srcnn.imaging.picture import ORIGIN_PREFIX
from srcnn.imaging.reading import find_origin, printable_name
from srcnn.inference.batch.choices import Choices
from srcnn.networks.base import AnyNetwork

_MADE_BY = "; made by "
_DIGITS = 16  # of a hash: enough that no two pictures of a person ever have the same


class State(Enum):
    """Of a result, before the work."""

    MISSING = auto()  # or outdated: to be made
    DONE = auto()


class ResultError(Exception):
    """A result that cannot be written; the message is one sentence."""


def find_state(picture: Path, result: Path, choices: Choices, inputs: set[FileIdentity]) -> State:
    """Whether a picture's result has to be made. inputs: the identities of all pictures of the run.

    Raises ResultError where something else lies there that is not to be replaced.
    """
    try:
        status = result.stat()
    except FileNotFoundError:
        return State.MISSING
    except OSError as error:
        raise ResultError(f"It cannot be written ({error.strerror}).") from error
    if result.is_dir():
        raise ResultError("There is a folder of this name; name another OUT.")
    if identify_file(result) in inputs:
        raise ResultError("This is one of the pictures themselves; name another OUT.")
    if choices.overwrite:
        return State.MISSING
    told = find_origin(result) or ""
    if not told.startswith(_begin_origin(picture)):
        name = printable_name(picture.name)
        raise ResultError(f"This file is there already and was not made of {name}; --overwrite replaces it.")
    try:
        is_outdated = status.st_mtime < picture.stat().st_mtime
        return State.MISSING if is_outdated or told != tell_origin(picture, choices) else State.DONE
    except OSError:
        return State.MISSING  # whoever opens the picture is told why it cannot be read


def find_results_of_others(files: list[Path], pictures: list[Path]) -> set[Path]:
    """Those of `files` that are results of other ones of `pictures`, as their metadata tell."""
    files_by_origin: dict[str, list[Path]] = {}
    for picture in pictures:
        files_by_origin.setdefault(_begin_origin(picture), []).append(picture)
    found = set()
    for file in files:
        begin, made_by, _ = (find_origin(file) or "").partition(_MADE_BY)
        if any(picture != file for picture in files_by_origin.get(begin + made_by, [])):
            found.add(file)
    return found


def identify_files(files: list[Path]) -> set[FileIdentity]:
    """The identities of those that are there."""
    return {identify_file(file) for file in files if file.exists()}


def tell_origin(picture: Path, choices: Choices) -> str:
    """`Picture.origin` of a result: hashes of the picture's name, and of its content with all choices.

    Nothing of the person's machine can be read from it. Raises OSError where the picture cannot be read.
    """
    with picture.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(f"{choices.recipe} {choices.quality}".encode())
    return f"{_begin_origin(picture)}{digest.hexdigest()[:_DIGITS]}"


def _begin_origin(picture: Path) -> str:
    name = unicodedata.normalize("NFC", picture.name)
    return f"{ORIGIN_PREFIX}picture {hashlib.sha256(os.fsencode(name)).hexdigest()[:_DIGITS]}{_MADE_BY}"


def hash_network(network: AnyNetwork) -> str:
    """What tells a network from all others: its kind, its config and its weights."""
    digest = hashlib.sha256(f"{type(network).__name__} {network.config} {getattr(network, 'turns', '')}".encode())
    for name, tensor in network.state_dict().items():
        digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
