"""Which pictures a run takes, of the files and folders that a person names, and which files it leaves out."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from srcnn.atomic_files import is_pipe_or_device
from srcnn.data.folders import try_identify_file, walk_folder
from srcnn.imaging.file_formats.other_formats import check_other_format
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import SUFFIXES, is_picture_content, printable_name


@dataclass
class FoundPictures:
    """names: each picture with its path below the folder of the results. left_out: the other files that may be
    pictures, and what could not be looked through, each with the reason. spared: the folder of the results, where that
    was named among the pictures. others: how many files are no pictures."""

    names: dict[Path, Path] = field(default_factory=dict)
    left_out: dict[Path, str] = field(default_factory=dict)
    spared: Path | None = None
    others: int = 0


def find_pictures(places: Iterable[Path], results: Path) -> FoundPictures:
    """The pictures that are named one by one and those of folders, in an order that is the same on every machine.

    results: the folder of the results, which is not looked through, wherever it lies. Of one folder, the paths are
    those below it; of several places, a folder's own name comes before them. Hidden files and the folders of systems
    are no part of it, nor is the folder of the results, which `*` names as well. Raises ImageError where that is the
    only place, or where nothing was found at all.
    """
    places, found = _spare_results(list(places), results)
    seen: set[str] = set()
    for place in places:
        if not os.path.isdir(place):
            _add(found, place, Path(place.name), seen)
            continue
        below = Path() if len(places) == 1 else Path(os.path.basename(os.path.realpath(place)))
        for file in _walk(place, results, found):
            name = below / file.relative_to(place)
            if reason := _reason_to_leave_out(file):
                found.left_out[file] = reason
            elif not _is_picture(file):
                found.others += 1
            else:
                _add(found, file, name, seen)
    if not found.names and not found.left_out:
        raise ImageError(f"The folder {printable_name(places[0])} holds no pictures ({', '.join(SUFFIXES)}).")
    return found


def _spare_results(places: list[Path], results: Path) -> tuple[list[Path], FoundPictures]:
    """The places without the folder of the results. Raises ImageError where nothing else was named."""
    identity = try_identify_file(results) if os.path.isdir(results) else None
    others = [place for place in places if not identity or try_identify_file(place) != identity]
    if not others:
        raise ImageError(f"The results would lie among the pictures of {printable_name(places[0])}; name another OUT.")
    return others, FoundPictures(spared=results if len(others) < len(places) else None)


def _add(found: FoundPictures, file: Path, name: Path, seen: set[str]) -> None:
    if (place := os.path.abspath(file)) not in seen:
        seen.add(place)
        found.names[file] = name


def _walk(folder: Path, results: Path, found: FoundPictures) -> Iterator[Path]:
    def leave_out(error: OSError) -> None:
        found.left_out[Path(error.filename)] = f"This folder cannot be looked through ({error.strerror})."

    return walk_folder(folder, leave_out, spare=results)


def _is_picture(file: Path) -> bool:
    suffix = file.suffix.lower()
    return suffix in SUFFIXES or (not suffix and is_picture_content(file))


def _reason_to_leave_out(file: Path) -> str | None:
    """Why a file that may be a picture is not taken, as a sentence; None for all others."""
    suffix = file.suffix.lower()
    is_accepted = suffix in SUFFIXES
    if is_accepted and os.path.exists(file) and is_pipe_or_device(file):  # what cannot be seen is told in opening
        return "This is no file; it was left alone."
    if not is_accepted:
        try:
            check_other_format(file)
        except ImageError as error:
            return str(error)
    if suffix and not is_accepted and is_picture_content(file):
        return f"This is a picture, but {printable_name(suffix)} is no suffix of one; give it the right suffix."
    return None
