"""Where sets of pictures come from: a folder, an archive, a dataset repository of the Hub.

Archives are unpacked once, below `UNPACKED_FOLDER`, each in a folder named by its checksum. That folder can be deleted
at any time.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PureWindowsPath
from typing import NoReturn

from huggingface_hub import parse_hf_uri
from huggingface_hub.errors import HfUriError

from srcnn.atomic_files import is_pipe_or_device
from srcnn.data.archives import ARCHIVE_SUFFIXES, is_archive, unpack_once
from srcnn.data.folders import walk_folder
from srcnn.hub.download import download_dataset
from srcnn.hub.errors import HubError
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import SUFFIXES, printable_name

_HUB_SCHEME, DATASET_PREFIX = "hf://", "hf://datasets/"
_DATASET_PATTERN = re.compile(f"{DATASET_PREFIX}([^/@]+/[^/@]+)")
SETS_HELP = f"a folder, a zip or tar archive, or {DATASET_PREFIX}OWNER/NAME[@REVISION][/PART]"  # for help texts


def picture_files(source: str | Path) -> list[Path]:
    """The picture files of a set, in an order that is the same on every machine.

    source: a folder, an archive, one picture, or hf://datasets/OWNER/NAME[@REVISION][/PART] with PART a folder, an
    archive or a picture. Of a repository's folder, its archives belong to the set, each in the place of its name.
    Raises ImageError.
    """
    place = _download_set(str(source)) if _is_hub_set(source) else Path(source)
    if place.is_dir():
        files = _files_below_folder(place, unpack=_is_hub_set(source))
    elif place.is_file():
        files = _files_below_folder(unpack_once(place)) if is_archive(place) else [place]
    else:
        raise ImageError(f"There is no folder or archive {place}.")
    if not files:
        raise ImageError(f"{source} holds no pictures ({', '.join(SUFFIXES)}).")
    return files


def set_name(source: str | Path) -> str:
    """What cards call a set: OWNER/NAME[@REVISION][/PART], or the name of the folder, or of the archive less suffix."""
    if _is_hub_set(source):
        return str(source).removeprefix(DATASET_PREFIX)
    name = Path(source).resolve().name
    suffix = next((suffix for suffix in ARCHIVE_SUFFIXES if name.lower().endswith(suffix)), "")
    return printable_name(name[: len(name) - len(suffix)])


def name_sets(sources: Iterable[str | Path]) -> dict[str, str | Path]:
    """What people are shown of sets: each once, by the name that cards give it.

    Of sets that are called alike, the name has as much of the path as tells them apart: Set5/HR and Set14/HR.
    """
    distinct: dict[str | Path, str | Path] = {}
    for source in sources:
        distinct.setdefault(str(source) if _is_hub_set(source) else Path(source).resolve(), source)
    names = [set_name(source) for source in distinct.values()]
    alike = [index for index, name in enumerate(names) if names.count(name) > 1]
    told = name_apart([Path(list(distinct)[index]) for index in alike])
    for index, name in zip(alike, told, strict=True):
        names[index] = name
    return dict(zip(names, distinct.values(), strict=True))


def dataset_repository(source: str | Path) -> str | None:
    """OWNER/NAME of a set on the Hub, None for all others."""
    match = _DATASET_PATTERN.match(str(source))
    return match[1] if match else None


def name_apart(paths: Sequence[Path]) -> list[str]:
    """The name of each path, with as many of the folders around it as tell it from the others, for people to read."""
    parts, depth = [path.parts for path in paths], [1] * len(paths)

    def names() -> list[str]:
        return [printable_name("/".join(each[-count:])) for each, count in zip(parts, depth, strict=True)]

    while True:
        counts = Counter(names())
        longer = [index for index, name in enumerate(names()) if counts[name] > 1 and depth[index] < len(parts[index])]
        if not longer:
            return names()
        for index in longer:
            depth[index] += 1


def sets_for_recipe(sources: Iterable[str | Path]) -> list[str]:
    """What a recipe keeps of sets, nothing of this machine: what others can fetch, or else the name."""
    return [str(source) if _is_hub_set(source) else name for name, source in name_sets(sources).items()]


def _is_hub_set(source: str | Path) -> bool:
    return str(source).startswith(_HUB_SCHEME)


def _download_set(source: str) -> Path:
    """The folder or file that an hf:// text means, in the Hub's cache. Raises ImageError."""
    try:
        place = parse_hf_uri(source)
        understood = place.type == "dataset" and ".." not in PureWindowsPath(place.path_in_repo).parts
    except HfUriError:
        understood = False
    if not understood:
        raise ImageError(f"{source} is no dataset of the Hub; write {DATASET_PREFIX}OWNER/NAME[@REVISION][/PART].")
    try:
        return download_dataset(place.id, place.revision, place.path_in_repo)
    except HubError as error:
        raise ImageError(str(error)) from error  # whoever wants pictures has one kind of error to expect


def _files_below_folder(folder: Path, unpack: bool = False) -> list[Path]:
    """The pictures of a folder and its subfolders, linked ones too, by name; with `unpack`, those of its archives.

    Hidden files are left out, and what lies in hidden folders: macOS leaves ._NAME beside NAME, Jupyter a copy of a
    picture in .ipynb_checkpoints, a disk station its thumbnails in @eaDir.
    """

    def refuse(error: OSError) -> NoReturn:
        name = printable_name(Path(error.filename).name)
        raise ImageError(f"The folder {name} cannot be looked through ({error.strerror}); change its permissions.")

    files = []
    for file in sorted(walk_folder(folder, refuse)):
        if file.exists() and is_pipe_or_device(file):
            continue  # a link to nothing is named where the file is opened
        if file.suffix.lower() in SUFFIXES:
            files.append(file)
        elif unpack and is_archive(file):
            files += _files_below_folder(unpack_once(file))
    return files


def list_pictures(folder: str | os.PathLike) -> list[Path]:
    """The picture files of a folder and its subfolders, by name; no hidden ones. Raises ImageError for none."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ImageError(f"There is no folder {printable_name(folder)}.")
    files = _files_below_folder(folder)
    if not files:
        raise ImageError(f"The folder {printable_name(folder)} holds no pictures ({', '.join(SUFFIXES)}).")
    return files
