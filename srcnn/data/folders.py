"""Look through folders: their files and those of their subfolders, linked ones included, each folder once."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from srcnn.imaging.reading import is_hidden

FileIdentity = tuple[int, int] | str  # what tells files and folders from each other, whatever their names


def walk_folder(folder: Path, on_error: Callable[[OSError], object], spare: Path | None = None) -> Iterator[Path]:
    """The files below a folder but hidden ones, and none of the folders of systems.

    on_error: is told which folder cannot be looked through, as the error's filename, and why. spare: a folder that is
    not looked through, wherever it lies.
    """
    visited = {try_identify_file(spare)} if spare else set()

    def is_new(place: Path) -> bool:
        try:
            identity = identify_file(place)
        except OSError as error:
            on_error(OSError(error.errno, error.strerror, str(place)))
            return False
        is_known = identity in visited
        visited.add(identity)
        return not is_known

    if not is_new(folder):
        return
    for place, folders, files in os.walk(folder, onerror=on_error, followlinks=True):
        folders[:] = [name for name in sorted(folders) if not is_hidden(name) and is_new(Path(place, name))]
        yield from (Path(place, name) for name in sorted(files) if not is_hidden(name))


def identify_file(path: Path) -> FileIdentity:
    """By the disk's number of it; by its path on disks of the network that number nothing, as Windows sees them."""
    status = os.stat(path)
    return (status.st_dev, status.st_ino) if status.st_ino else os.path.normcase(os.path.realpath(path))


def try_identify_file(path: Path) -> FileIdentity | None:
    """As `identify_file`; None for what is not there or cannot be seen."""
    try:
        return identify_file(path)
    except OSError:
        return None
