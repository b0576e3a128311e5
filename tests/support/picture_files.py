"""Picture files of kinds that Pillow does not write, made of their bytes, and what is there of a picture in a file."""

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture

Chunks = Sequence[tuple[bytes, bytes]]

PNG_COLOUR_TYPES = {1: 0, 3: 2, 2: 4, 4: 6}  # by the number of channels
LONG_TAGS = (256, 257, 273, 278, 279)
STRIP_OFFSETS, STRIP_BYTE_COUNTS = 273, 279


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def insert_chunk(path: Path, kind: bytes, content: bytes) -> None:
    """Into a PNG, behind its head."""
    whole = path.read_bytes()
    path.write_bytes(whole[:33] + chunk(kind, content) + whole[33:])


def write_png_with(path: Path, pixels: np.ndarray, chunks: Chunks, behind: Chunks = ()) -> Path:
    """A PNG of Pillow's with these chunks, each a kind and its content, before its pixels, and others behind them."""
    Image.fromarray(pixels).save(path)
    whole = path.read_bytes()
    before, after = (b"".join(chunk(*each) for each in some) for some in (chunks, behind))
    path.write_bytes(whole[:33] + before + whole[33:-12] + after + whole[-12:])
    return path


def save_and_open(picture: Picture, path: Path) -> Picture:
    """What is there after writing and reading."""
    picture.save(path)
    return open_picture(path, keep_metadata=True)


def list_remarks(picture: Picture) -> list[str]:
    return [str(remark) for remark in picture.remarks]


def png(levels: np.ndarray, *more: bytes) -> bytes:
    """(H, W, channels) uint16 as PNG, without a filter."""
    rows = [row.astype(">u2").tobytes() for row in levels]
    return png_of_rows(rows, levels.shape[1], 16, PNG_COLOUR_TYPES[levels.shape[2]], *more)


def png_of_rows(rows: list[bytes], width: int, bits: int, colour_type: int, *more: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, len(rows), bits, colour_type, 0, 0, 0)
    content = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks = chunk(b"IHDR", head), *more, chunk(b"IDAT", content), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def tiff(
    levels: np.ndarray,
    order: str = "<",
    photometric: int | None = None,
    planar: bool = False,
    deflate: bool = False,
    tags: dict[int, list[int]] | None = None,
) -> bytes:
    """(H, W, channels) of any type of numbers as TIFF of one strip, or of one a channel. tags: those that differ."""
    height, width, channels = levels.shape
    planes = [levels[..., each] for each in range(channels)] if planar else [levels]
    strips = [plane.astype(levels.dtype.newbyteorder(order)).tobytes() for plane in planes]
    strips = [zlib.compress(strip) for strip in strips] if deflate else strips
    if photometric is None:
        photometric = 2 if channels > 2 else 1
    usual = {256: [width], 257: [height], 258: [levels.dtype.itemsize * 8] * channels, 259: [8 if deflate else 1]}
    usual |= {262: [photometric], 277: [channels], 278: [height], 284: [2 if planar else 1]}
    usual |= {338: [2]} if channels in (2, 4) else {}
    return tiff_of_strips(strips, usual | (tags or {}), order)


def tiff_of_strips(strips: list[bytes], tags: dict[int, list[int]], order: str = "<") -> bytes:
    """tags: by their numbers, without those of the strips."""
    tags = tags | {STRIP_OFFSETS: [0] * len(strips), STRIP_BYTE_COUNTS: [len(strip) for strip in strips]}
    place = 8 + 2 + 12 * len(tags) + 4
    sizes = {tag: (4 if tag in LONG_TAGS else 2) * len(values) for tag, values in tags.items()}
    data = place + sum(size for size in sizes.values() if size > 4)
    tags[STRIP_OFFSETS] = [data + sum(map(len, strips[:each])) for each in range(len(strips))]
    table, far = struct.pack(f"{order}H", len(tags)), b""
    for tag, values in sorted(tags.items()):
        content = struct.pack(f"{order}{len(values)}{'I' if tag in LONG_TAGS else 'H'}", *values)
        if len(content) > 4:
            content, far = struct.pack(f"{order}I", place + len(far)), far + content
        table += struct.pack(f"{order}HHI", tag, 4 if tag in LONG_TAGS else 3, len(values)) + content.ljust(4, b"\0")
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    return head + table + bytes(4) + far + b"".join(strips)
