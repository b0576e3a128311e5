"""What lies already where a result is to be written: the same result, an outdated one, or somebody's file.

Each result tells in its metadata of which picture, and by what, it was made (`Picture.origin`). A format without EXIF
cannot tell it: its files count as somebody's.
"""

import stat
from enum import Enum, auto
from pathlib import Path

from srcnn.atomic_files import is_pipe_or_device
from srcnn.data.folders import FileIdentity, try_identify_file
from srcnn.imaging.file_formats.formats import find_format
from srcnn.imaging.reading import find_origin, printable_name
from srcnn.inference.batch.choices import Choices
from srcnn.inference.batch.origins import Provenance, read_provenance, tell_provenance


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
        status, is_no_file = result.stat(), is_pipe_or_device(result)
    except FileNotFoundError:
        return State.MISSING
    except OSError as error:
        raise ResultError(f"It cannot be written ({error.strerror}).") from error
    if stat.S_ISDIR(status.st_mode):
        raise ResultError("There is a folder of this name; name another OUT.")
    if is_no_file:
        raise ResultError("This is a pipe or a device; name another OUT.")
    if try_identify_file(result) in inputs:
        raise ResultError("This is one of the pictures themselves; name another OUT.")
    if choices.overwrite:
        return State.MISSING
    told = find_origin(result)
    made = read_provenance(told)
    if made is None:
        raise ResultError(_tell_stranger(picture, result, is_of_older_form=told is not None))
    try:
        wanted = tell_provenance(picture, choices)
        is_older = status.st_mtime < picture.stat().st_mtime
    except OSError:
        return State.MISSING  # whoever opens the picture is told why it cannot be read
    return _compare(picture, made, wanted, is_older)


def _compare(picture: Path, made: Provenance, wanted: Provenance, is_older: bool) -> State:
    """Of a result that was `made` of some picture, and as it is `wanted`."""
    is_of_same_content, is_of_same_place = made.content == wanted.content, made.place == wanted.place
    if not is_of_same_content and not is_of_same_place:
        name = printable_name(picture.name)
        raise ResultError(f"This file is there already and was not made of {name}; --overwrite replaces it.")
    is_touched = is_older and is_of_same_place  # not one that was copied elsewhere
    is_done = is_of_same_content and made.choices == wanted.choices and not is_touched
    return State.DONE if is_done else State.MISSING


def _tell_stranger(picture: Path, result: Path, is_of_older_form: bool) -> str:
    if is_of_older_form:
        return "This result of an older version does not tell enough of its picture; --overwrite replaces it."
    if not find_format(result).exif:
        kind = printable_name(result.suffix)
        return f"This file is there already, and {kind} files do not tell what made them; --overwrite replaces it."
    name = printable_name(picture.name)
    return f"This file is there already and was not made of {name}; --overwrite replaces it."


def identify_files(files: list[Path]) -> set[FileIdentity]:
    """The identities of those that can be seen."""
    return {identity for file in files if (identity := try_identify_file(file))}
