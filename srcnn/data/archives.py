"""Pictures in archives, which are unpacked once into a cache, safely, whatever their headers say."""

import bz2
import gzip
import hashlib
import lzma
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from typing import BinaryIO

from huggingface_hub import constants
from huggingface_hub.utils import WeakFileLock

from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import SUFFIXES, is_hidden

_TAR_OPENERS = {".tar": open, ".tar.gz": gzip.open, ".tgz": gzip.open, ".tar.bz2": bz2.open, ".tar.xz": lzma.open}
ARCHIVE_SUFFIXES = (".zip", *_TAR_OPENERS)
UNPACKED_FOLDER = Path(constants.HF_ASSETS_CACHE, "srcnn")  # by default ~/.cache/huggingface/assets/srcnn

MAX_MEMBERS = 200_000
MAX_PICTURE_BYTES = 1_000_000_000  # `imaging.reading.MAX_PIXELS` of 16-bit RGBA are 0.8e9
_MAX_SET_BYTES = 100_000_000_000  # bytes
ALWAYS_ALLOWED_BYTES = 100_000_000  # bytes that an archive of any size may make
_MAX_GROWTH = 100  # times its own size that it may make beyond that: pictures hardly shrink in an archive
_SPARED_DISK_SHARE = 0.1  # share of the free disk that is left to others
_BLOCK_BYTES = 1 << 20
_MAX_HEADER_BYTES = 1 << 24


def is_archive(path: Path) -> bool:
    return path.name.lower().endswith(ARCHIVE_SUFFIXES)


def unpack_once(archive: Path) -> Path:
    """The folder with the pictures of an archive, which appears whole or not at all. Raises ImageError."""
    with _explain_archive_errors(archive):
        folder = UNPACKED_FOLDER / _archive_checksum(archive)
        if not folder.is_dir():
            UNPACKED_FOLDER.mkdir(parents=True, exist_ok=True)
            with WeakFileLock(folder.with_suffix(".lock")):  # the processes of a run come here at the same time
                if not folder.is_dir():
                    _unpack_atomically(archive, folder)
        return folder


def _unpack_atomically(archive: Path, folder: Path) -> None:
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)  # a run was killed
    try:
        unpack_pictures(archive, part)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _archive_checksum(archive: Path) -> str:
    """Of the content, and of what is taken from it."""
    taken = " ".join(SUFFIXES).encode()
    with archive.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.sha256(taken)).hexdigest()


@contextmanager
def _explain_archive_errors(archive: Path) -> Iterator[None]:
    """Turn whatever a bad archive or a full disk raises into an ImageError."""
    try:
        yield
    except ImageError:
        raise
    except Exception as error:  # damaged archives raise anything from struct.error to RecursionError
        if isinstance(error, OSError) and error.errno:
            raise ImageError(
                f"{archive.name} could not be unpacked into {UNPACKED_FOLDER}: {error.strerror}; make room, or choose "
                "another cache with HF_HOME."
            ) from error
        raise ImageError(
            f"{archive.name} is damaged, cut off, or of a kind that cannot be read here; get it again, or unpack it "
            "yourself and name the folder."
        ) from error


def unpack_pictures(archive: Path, folder: Path) -> None:
    """Write the pictures of an archive, counting what is written: its headers may say anything. Raises ImageError."""
    folder.mkdir()
    free = shutil.disk_usage(folder).free * (1 - _SPARED_DISK_SHARE)
    left = most = int(min(max(ALWAYS_ALLOWED_BYTES, _MAX_GROWTH * archive.stat().st_size), _MAX_SET_BYTES, free))
    for name, stream in _zip_pictures(archive) if archive.name.lower().endswith(".zip") else _tar_pictures(archive):
        target = folder.joinpath(*PureWindowsPath(name).parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            while block := stream.read(_BLOCK_BYTES):
                left -= len(block)
                if left < 0 or file.tell() + len(block) > MAX_PICTURE_BYTES:
                    raise ImageError(
                        f"{archive.name} holds more than pictures or this disk allow "
                        f"({MAX_PICTURE_BYTES / 1e6:,.0f} MB in one, {most / 1e6:,.0f} MB in all); if you trust "
                        "it, unpack it yourself and name the folder."
                    )
                file.write(block)


def _is_picture_inside(name: str) -> bool:
    """Whether a member is a picture whose place is inside of the folder, and not hidden, as macOS's notes on one."""
    path = PureWindowsPath(name)  # knows drives, and both kinds of slashes
    inside = not path.anchor and ".." not in path.parts
    return inside and not any(map(is_hidden, path.parts)) and path.suffix.lower() in SUFFIXES


def _zip_pictures(archive: Path) -> Iterator[tuple[str, BinaryIO]]:
    """The names and contents of the pictures."""
    with zipfile.ZipFile(archive) as opened:
        for member in _limit_members(opened.infolist(), archive):
            kind = stat.S_IFMT(member.external_attr >> 16)  # 0 from systems that know no kinds
            if member.is_dir() or kind not in (0, stat.S_IFREG) or not _is_picture_inside(member.filename):
                continue
            if member.flag_bits & 1:
                raise ImageError(f"{archive.name} is encrypted; unpack it yourself and name the folder.")
            with opened.open(member) as stream:
                yield member.filename, stream


def _tar_pictures(archive: Path) -> Iterator[tuple[str, BinaryIO]]:
    """The names and contents of the pictures."""
    open_stream = next(opener for suffix, opener in _TAR_OPENERS.items() if archive.name.lower().endswith(suffix))
    with open_stream(archive, "rb") as stream:
        blocks = _LimitedReader(stream)
        with tarfile.open(fileobj=blocks, mode="r:") as opened:
            for member in _limit_members(opened, archive):
                if member.isreg() and _is_picture_inside(member.name):
                    yield member.name, opened.extractfile(member)
        if blocks.last != tarfile.NUL * tarfile.BLOCKSIZE:
            raise EOFError("no end")  # tarfile takes a header that it cannot read for the end
        while stream.read(_BLOCK_BYTES):
            pass  # the checksum comes last


class _LimitedReader:
    """A stream for tarfile, which reads headers into memory whatever length they claim."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.seek, self.tell = stream.seek, stream.tell
        self.last = b""

    def read(self, size: int) -> bytes:
        if size > _MAX_HEADER_BYTES:
            raise ValueError("a header that fills the memory")
        self.last = self.stream.read(size)
        return self.last


def _limit_members(members: Iterable, archive: Path) -> Iterator:
    """The members, up to a number that fits into memory."""
    for number, member in enumerate(members):
        if number == MAX_MEMBERS:
            raise ImageError(f"{archive.name} holds more than {MAX_MEMBERS:,} files; unpack it and name the folder.")
        yield member
