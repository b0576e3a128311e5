"""Where sets of pictures come from: a folder, an archive, a dataset repository of the Hub.

Archives are unpacked once, below `CACHE` in a folder named by their checksum: what can be deleted at any time.
"""

import os
from pathlib import Path, PureWindowsPath

from huggingface_hub import parse_hf_uri
from huggingface_hub.errors import HfUriError

from srcnn.data.archives import ARCHIVES, is_archive, unpacked
from srcnn.hub.download import dataset
from srcnn.hub.errors import HubError
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import SUFFIXES, in_one_line

SCHEME, DATASETS = "hf://", "hf://datasets/"
SETS = f"a folder, a zip or tar archive, or {DATASETS}OWNER/NAME[@REVISION][/PART]"  # for help texts


def pictures(source: str | Path) -> list[Path]:
    """The picture files of a set, in an order that is the same on every machine.

    source: a folder, an archive, one picture, or hf://datasets/OWNER/NAME[@REVISION][/PART] with PART a folder, an
    archive or a picture. Of a repository's folder, its archives belong to the set, each in the place of its name.
    Raises ImageError.
    """
    place = fetched(str(source)) if is_on_hub(source) else Path(source)
    if place.is_dir():
        files = files_of(place, unpack=is_on_hub(source))
    elif place.is_file():
        files = files_of(unpacked(place)) if is_archive(place) else [place]
    else:
        raise ImageError(f"There is no folder or archive {place}.")
    if not files:
        raise ImageError(f"{source} holds no pictures ({', '.join(SUFFIXES)}).")
    return files


def name_of(source: str | Path) -> str:
    """What cards call a set: OWNER/NAME[@REVISION][/PART], or the name of the folder, or of the archive less suffix."""
    if is_on_hub(source):
        return str(source).removeprefix(DATASETS)
    name = Path(source).resolve().name
    suffix = next((suffix for suffix in ARCHIVES if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(suffix)]


def in_recipe(source: str | Path) -> str:
    """What a recipe keeps of a set, nothing of this machine: what others can fetch, or else the name."""
    return str(source) if is_on_hub(source) else name_of(source)


def is_on_hub(source: str | Path) -> bool:
    return str(source).startswith(SCHEME)


def fetched(source: str) -> Path:
    """The folder or file that an hf:// text means, in the Hub's cache. Raises ImageError."""
    try:
        place = parse_hf_uri(source)
        understood = place.type == "dataset" and ".." not in PureWindowsPath(place.path_in_repo).parts
    except HfUriError:
        understood = False
    if not understood:
        raise ImageError(f"{source} is no dataset of the Hub; write {DATASETS}OWNER/NAME[@REVISION][/PART].")
    try:
        return dataset(place.id, place.revision, place.path_in_repo)
    except HubError as error:
        raise ImageError(str(error)) from error  # whoever wants pictures has one kind of error to expect


def files_of(folder: Path, unpack: bool = False) -> list[Path]:
    """The pictures of a folder and its subfolders, by name; with `unpack`, those of its archives, too."""
    files = []
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() in SUFFIXES and file.is_file():
            files.append(file)
        elif unpack and is_archive(file) and file.is_file():
            files += files_of(unpacked(file))
    return files


def list_pictures(folder: str | os.PathLike) -> list[Path]:
    """The picture files of a folder and its subfolders, by name; no hidden ones. Raises ImageError for none."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ImageError(f"There is no folder {in_one_line(folder)}.")
    named = (file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES and not file.name.startswith("."))
    files = sorted(file for file in named if file.is_file())
    if not files:
        raise ImageError(f"The folder {in_one_line(folder)} holds no pictures ({', '.join(SUFFIXES)}).")
    return files
