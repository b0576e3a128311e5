"""ICC profiles in files whose profiles Pillow does not read: BMP, GIF and JPEG 2000."""

import mmap
import os
import struct
from collections.abc import Iterator

from srcnn.imaging.file_formats.decompression_bombs import JP2, gif_blocks
from srcnn.imaging.picture import ImageError

MAX_PROFILE_BYTES = 4_000_000  # those of printers, the largest, have one or two million
_MOST_BOXES = 1_000  # of a JPEG 2000, before its pixels
# By the numbers of JPEG 2000 (ISO/IEC 15444-2, table M.25): colours that Pillow turns into RGB, and others of RGB.
_DECODED_SPACES = (0, 12, 15, 16, 17, 18)  # black and white, CMYK, sRGB, grey, sYCC
_OTHER_RGB_SPACES = (20, 21)  # e-sRGB, ROMM-RGB


def read_embedded_profile(path: str | os.PathLike, kind: str | None) -> bytes | None:
    """The profile in a file of a format that Pillow names so; None where there is none.

    Raises ValueError for what a file tells of its colours in a way that is not known, ImageError where its pixels are
    no colours that are decoded.
    """
    if kind not in _READERS:
        return None
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        profile = _READERS[kind](content)
    if profile is not None and len(profile) > MAX_PROFILE_BYTES:
        raise ValueError("A profile that is longer than any is.")
    return profile


def _read_from_bmp(content: mmap.mmap) -> bytes | None:
    """Of the header BITMAPV5HEADER, whose fields are in the order of Windows."""
    if int.from_bytes(content[14:18], "little") < 124 or content[70:74] not in (b"MBED"[::-1], b"LINK"[::-1]):
        return None
    if content[70:74] == b"LINK"[::-1]:
        raise ValueError("A profile in another file.")
    place, length = struct.unpack_from("<II", content, 126)
    return content[14 + place : 14 + place + min(length, MAX_PROFILE_BYTES + 1)]


def _read_from_gif(content: mmap.mmap) -> bytes | None:
    """Of an extension of programs, in blocks (ICC.1, B.6)."""
    parts = None
    for place in gif_blocks(content):
        block = content[place + 1 : place + 1 + content[place]]
        if parts is None:
            parts = [] if block == b"ICCRGBG1012" and content[place - 2 : place] == b"!\xff" else None
        elif block:
            parts.append(block)
        else:
            return b"".join(parts)
    return None


def _read_from_jpeg2000(content: mmap.mmap) -> bytes | None:
    """Of the first box that tells the colours (ISO/IEC 15444-1, I.5.3.3): those behind it do not count."""
    if content[: len(JP2)] != JP2:
        return None
    heads = [box for box in _list_boxes(content, 0, len(content)) if box[0] == b"jp2h"]
    found = [box for head in heads[:1] for box in _list_boxes(content, *head[1:]) if box[0] == b"colr"]
    if not found:
        return None
    _, start, end = found[0]
    if content[start] in (2, 3):
        return content[start + 3 : min(end, start + 3 + MAX_PROFILE_BYTES + 1)]
    space = int.from_bytes(content[start + 3 : start + 7], "big")
    if space in _OTHER_RGB_SPACES:
        raise ValueError(f"RGB of the number {space}.")
    if content[start] == 1 and space not in _DECODED_SPACES:
        raise ImageError(
            "JPEG 2000 pictures of the colour space {number} are not supported; save it as PNG.", number=space
        )
    return None


def _list_boxes(content: mmap.mmap, place: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The name of each box up to the pixels, and where its content begins and ends."""
    for _ in range(_MOST_BOXES):
        if place + 8 > end:
            return
        length, kind = struct.unpack_from(">I4s", content, place)
        if kind == b"jp2c" or length < 8:
            return
        yield kind, place + 8, min(place + length, end)
        place += length


_READERS = {"BMP": _read_from_bmp, "GIF": _read_from_gif, "JPEG2000": _read_from_jpeg2000}
