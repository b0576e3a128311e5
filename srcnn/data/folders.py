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
    visited = {identify_file(folder)}
    if spare is not None and spare.exists():
        visited.add(identify_file(spare))
    for place, folders, files in os.walk(folder, onerror=on_error, followlinks=True):
        taken = []
        for name in sorted(folders):
            identity = identify_file(Path(place, name))
            if not is_hidden(name) and identity not in visited:
                visited.add(identity)
                taken.append(name)
        folders[:] = taken
        yield from (Path(place, name) for name in sorted(files) if not is_hidden(name))


def identify_file(path: Path) -> FileIdentity:
    """By the disk's number of it; by its path on disks of the network that number nothing, as Windows sees them."""
    status = os.stat(path)
    return (status.st_dev, status.st_ino) if status.st_ino else os.path.normcase(os.path.realpath(path))
