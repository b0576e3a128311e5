"""The chunks of a PNG, whose content is read only where it is asked for."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

PNG = b"\x89PNG\r\n\x1a\n"
_HEAD = struct.Struct(">I4s")  # the length of the content, and the kind
_CHECKSUM_BYTES = 4
_MOST_CHUNKS = 1_000_000


@dataclass(frozen=True)
class PngChunk:
    """length: in bytes, as the file tells it; there may be fewer. place: where the content begins."""

    kind: bytes
    length: int
    place: int
    file: IO[bytes]

    def read(self, most: int) -> bytes:
        """The content, or its first `most` bytes."""
        self.file.seek(self.place)
        return self.file.read(min(self.length, most))


def list_chunks(file: IO[bytes]) -> Iterator[PngChunk]:
    """The chunks of a PNG, up to its end or that of the file."""
    place = len(PNG)
    for _ in range(_MOST_CHUNKS):
        file.seek(place)
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return
        length, kind = _HEAD.unpack(head)
        chunk = PngChunk(kind, length, place + _HEAD.size, file)
        yield chunk
        if kind == b"IEND":
            return
        place = chunk.place + length + _CHECKSUM_BYTES


def unpack(content: bytes, most: int) -> bytes:
    """The content of a packed chunk. Raises ValueError where it has more bytes than `most`, or no end."""
    unpacker = zlib.decompressobj()
    unpacked = unpacker.decompress(content, most + 1)
    if len(unpacked) > most or not unpacker.eof:
        raise ValueError(f"Longer than {most} bytes, or cut off.")
    return unpacked
