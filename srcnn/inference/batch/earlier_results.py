"""What lies already where a result is to be written: the same result, an outdated one, or somebody's file.

Each result tells in its metadata of which picture, and by what, it was made (`Picture.origin`). A format without EXIF
cannot tell it: its files count as somebody's.
"""

import stat
from enum import Enum, auto
from pathlib import Path

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


def find_state(
    picture: Path, result: Path, choices: Choices, inputs: set[FileIdentity], renews_outdated: bool = True
) -> State:
    """Whether a picture's result has to be made. inputs: the identities of all pictures of the run.

    renews_outdated: whether results of this picture that were made by other choices, or before it was changed, are
    made again, as those in a folder are; one that a person names is not.
    Raises ResultError where something else lies there that is not to be replaced.
    """
    try:
        status = result.stat()
    except FileNotFoundError:
        return State.MISSING
    except OSError as error:
        raise ResultError(f"It cannot be written ({error.strerror}).") from error
    if stat.S_ISDIR(status.st_mode):
        raise ResultError("There is a folder of this name; name another OUT.")
    if not stat.S_ISREG(status.st_mode):
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
    return _compare(picture, made, wanted, is_older, renews_outdated)


def _compare(picture: Path, made: Provenance, wanted: Provenance, is_older: bool, renews_outdated: bool) -> State:
    name, is_of_same_content = printable_name(picture.name), made.content == wanted.content
    if not is_of_same_content and made.place != wanted.place:
        raise ResultError(f"This file is there already and was not made of {name}; --overwrite replaces it.")
    if is_of_same_content and made.choices == wanted.choices:
        is_touched = is_older and made.place == wanted.place  # not one that was copied elsewhere
        return State.MISSING if is_touched and renews_outdated else State.DONE
    if renews_outdated:
        return State.MISSING
    how = f"of {name} by other choices" if is_of_same_content else f"before {name} was changed"
    raise ResultError(f"This file is there already, made {how}; --overwrite replaces it.")


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
