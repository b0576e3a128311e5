"""What a result tells of the picture that it was made of, and how.

It stands in the metadata (`Picture.origin`), so that no list has to be kept beside the results. It consists of hashes:
nothing of the person's machine can be read from it.
"""

import hashlib
import os
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from srcnn.atomic_files import is_pipe_or_device
from srcnn.imaging.picture import ORIGIN_PREFIX
from srcnn.imaging.reading import find_origin
from srcnn.inference.batch.choices import Choices
from srcnn.networks.base import AnyNetwork

_DIGITS = 16  # of a hash: enough that no two pictures of a person ever have the same
_HASH = f"([0-9a-f]{{{_DIGITS}}})"
_FORM = re.compile(f"{re.escape(ORIGIN_PREFIX)}picture {_HASH} {_HASH}; made by {_HASH}")


class Provenance(NamedTuple):
    """Of a result: hashes. place: where its picture lay. content: of the picture's file. choices: how it was made."""

    place: str
    content: str
    choices: str

    def __str__(self) -> str:
        return f"{ORIGIN_PREFIX}picture {self.place} {self.content}; made by {self.choices}"


def tell_provenance(picture: Path, choices: Choices) -> Provenance:
    """That of the result that a picture gets in this run. Raises OSError where the picture cannot be read."""
    return Provenance(_hash_place(picture), _hash_content(picture), _hash(f"{choices.recipe} {choices.quality}"))


def read_provenance(origin: str | None) -> Provenance | None:
    """What `Picture.origin` tells; None where that is None, or of an older form, which told too little."""
    found = _FORM.fullmatch(origin or "")
    return Provenance(*found.groups()) if found else None


def find_results_of_others(files: list[Path], pictures: list[Path]) -> set[Path]:
    """Those of `files` that are results of other ones of `pictures`, as their metadata tell."""
    told = {file: made for file in files if (made := read_provenance(find_origin(file)))}
    places = {_hash_place(picture) for picture in pictures} if told else set()
    found = {file for file, made in told.items() if made.place in places - {_hash_place(file)}}
    rest = told.keys() - found  # only for them all pictures are read: they may lie elsewhere than they did
    contents = {_try_hash_content(picture) for picture in pictures} if rest else set()
    return found | {file for file in rest if told[file].content in contents}


def hash_network(network: AnyNetwork) -> str:
    """What tells a network from all others: its kind, its config and its weights."""
    digest = hashlib.sha256(f"{type(network).__name__} {network.config} {getattr(network, 'turns', '')}".encode())
    for name, tensor in network.state_dict().items():
        digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _hash_place(file: Path) -> str:
    """Of the path, in one of the forms that disks give to the same letters."""
    return _hash(unicodedata.normalize("NFC", os.path.normcase(os.path.realpath(file))))


def _hash(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:_DIGITS]


def _hash_content(file: Path) -> str:
    if is_pipe_or_device(file):
        raise OSError(f"{file} is no file.")
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()[:_DIGITS]


def _try_hash_content(file: Path) -> str | None:
    try:
        return _hash_content(file)
    except OSError:
        return None  # whoever opens the picture is told why it cannot be read
