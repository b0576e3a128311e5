"""Picture files that are small to send but take gigabytes or minutes to open: found before Pillow decodes them."""

import math
import mmap
import os
import re
import struct
from collections.abc import Iterator
from typing import IO

from PIL import Image, TiffImagePlugin

_MAX_TAG_BYTES = 5_000_000  # of a directory of tags: the largest ICC profiles, and room for the rest
_MOST_SEGMENTS = 1_000  # of a JPEG: ten scans, and metadata in pieces of 64 kB
_MOST_BLOCKS = 10_000  # of a GIF before its first frame, 255 bytes each
_MOST_TILES = 20_000  # of a JPEG 2000, times its channels
JPEG, GIF = b"\xff\xd8\xff", b"GIF8"
JP2, _J2K = b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51"
_WEBP_HEAD_BYTES = 30  # of a WebP: they tell its size
_WEBP_SIDE = 0x3FFF  # a mask, and the longest side that is encoded
_MAX_CANVAS_PIXELS = _WEBP_SIDE**2
_SIZE_MARKERS = struct.Struct(
    ">8x8LH"
)  # x and y of the end, the beginning, a tile, the first tile; the number of channels
# The next marker of a JPEG: 00 escapes a byte of the picture, D0 to D7 restart the decoder, FF is filling.
_MARKER_PATTERN = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)
# In an ICC profile: so many texts; a table of colours with inputs, outputs and grid, or where its grid is told.
_TEXT_CHUNKS = re.compile(rb"(?=mluc.{4}(.{4}))", re.DOTALL)
_PROFILE_TABLE = re.compile(rb"(?=mft[12].{4}(.)(.)(.))", re.DOTALL)
_PROFILE_TABLE_ELSEWHERE = re.compile(rb"(?=m(?:AB|BA) .{4}(.)(.).{14}(.{4}))", re.DOTALL)
_WITHOUT_LENGTH = b"\x01\xd8"


class BombError(ValueError):
    """A file that no honest program writes."""


class _RationedFile:
    """A file of which only so much can be read: each of the 65,535 entries of a directory may point to all of it."""

    def __init__(self, file: IO[bytes], ration: int):
        self.file, self.ration = file, ration
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        self.ration -= size
        return self.file.read(size) if self.ration >= 0 else b""


def _load_rationed(directory: TiffImagePlugin.ImageFileDirectory_v2, file: IO[bytes]) -> None:
    _load_directory(directory, _RationedFile(file, _MAX_TAG_BYTES))


# Pillow reads directories (TIFF, EXIF, MPF) of every format by this method, some as soon as a file is opened.
_load_directory = TiffImagePlugin.ImageFileDirectory_v2.load
TiffImagePlugin.ImageFileDirectory_v2.load = _load_rationed


def check_structure(path: str | os.PathLike) -> None:
    """Raises BombError for a file of more parts than any picture has; reads no pixel of it."""
    with open(path, "rb") as file:
        head = file.read(_WEBP_HEAD_BYTES)
        if math.prod(_find_canvas(head) or ()) > _MAX_CANVAS_PIXELS:
            raise BombError("a canvas that is larger than any picture of its format")
        if not head.startswith((JPEG, GIF, JP2, _J2K)):
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if head.startswith(JPEG):
                _check_number(jpeg_segments(content), _MOST_SEGMENTS)
            elif head.startswith(GIF):
                _check_number(gif_blocks(content), _MOST_BLOCKS)
            elif _count_tiles(content, find_codestream(content)) > _MOST_TILES:
                raise BombError("too many tiles")


def declared_canvas(path: str | os.PathLike) -> Iterator[tuple[int, int]]:
    """Width and height of a WebP that was not opened: its decoder sets aside memory for them as it opens the file."""
    with open(path, "rb") as file:
        canvas = _find_canvas(file.read(_WEBP_HEAD_BYTES))
    if canvas:
        yield canvas


def _find_canvas(head: bytes) -> tuple[int, int] | None:
    """By the first chunk of a WebP (RFC 9649, sections 2.5 to 2.7 and 3.4; RFC 6386, section 9.1); None for others."""
    if len(head) < _WEBP_HEAD_BYTES or (head[:4], head[8:12]) != (b"RIFF", b"WEBP"):
        return None
    if head[12:16] == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if head[12:16] == b"VP8L":
        sides = int.from_bytes(head[21:25], "little")
        return 1 + (sides & _WEBP_SIDE), 1 + (sides >> 14 & _WEBP_SIDE)
    return int.from_bytes(head[26:28], "little") & _WEBP_SIDE, int.from_bytes(head[28:30], "little") & _WEBP_SIDE


def _check_number(parts: Iterator[int], most: int) -> None:
    for number, _ in enumerate(parts):
        if number >= most:
            raise BombError("too many parts")


def jpeg_segments(content: mmap.mmap) -> Iterator[int]:
    """Where the segments of a JPEG begin, up to its end: metadata, tables and scans."""
    position = 0
    while found := _MARKER_PATTERN.search(content, position):
        yield found.start()
        position = found.end()
        if found[1] == b"\xd9":
            return
        if found[1] not in _WITHOUT_LENGTH:
            position += int.from_bytes(content[position : position + 2], "big")


def gif_blocks(content: mmap.mmap) -> Iterator[int]:
    """Where the blocks of a GIF's extensions begin, up to the first frame."""
    palette = 3 * 2 ** ((content[10] & 7) + 1) if content[10] & 0x80 else 0
    position = 13 + palette
    while content[position : position + 1] == b"!":
        position += 2
        while size := int.from_bytes(content[position : position + 1], "big"):
            yield position
            position += size + 1
        yield position
        position += 1


def find_codestream(content: mmap.mmap) -> int:
    """Where the compressed picture of a JPEG 2000 begins: a box among others, or the file itself."""
    position = 0
    while content[position : position + 4] != _J2K:
        length, kind = struct.unpack_from(">L4s", content, position)
        header = 8
        if length == 1:
            length, header = struct.unpack_from(">Q", content, position + 8)[0], 16
        if kind != b"jp2c" and length < header:
            raise BombError("a box without an end")
        position += header if kind == b"jp2c" else length
    return position


def _count_tiles(content: mmap.mmap, position: int) -> int:
    """How many tiles a JPEG 2000 has in all of its channels: memory is set aside for each, empty or not."""
    width, height, _, _, across, down, left, top, channels = _SIZE_MARKERS.unpack_from(content, position)
    return -(-(width - left) // across) * -(-(height - top) // down) * channels


def declared_sizes(image: Image.Image) -> Iterator[tuple[int, int]]:
    """Width and height of an opened picture, and of the tiles it is decoded from, which may be far larger."""
    yield image.size
    if image.format == "TIFF" and TiffImagePlugin.TILEWIDTH in image.tag_v2:
        yield image.tag_v2[TiffImagePlugin.TILEWIDTH], image.tag_v2[TiffImagePlugin.TILELENGTH]


def is_sound_profile(profile: bytes) -> bool:
    """Whether an ICC profile is as long as it says of itself: lcms sets memory aside before it looks."""
    return all(values <= len(profile) for values in _promised_bytes(profile))


def _promised_bytes(profile: bytes) -> Iterator[int]:
    for found in _TEXT_CHUNKS.finditer(profile):
        yield int.from_bytes(found[1], "big")
    for found in _PROFILE_TABLE.finditer(profile):
        inputs, outputs, grid = (part[0] for part in found.groups())
        yield grid**inputs * outputs
    for found in _PROFILE_TABLE_ELSEWHERE.finditer(profile):
        inputs, outputs, place = found[1][0], found[2][0], int.from_bytes(found[3], "big")
        if place:  # else it has no grid
            yield math.prod(profile[found.start() + place :][:inputs]) * outputs
