"""The chunks of a PNG, of which any may be missing, cut off, or longer than the file."""

import io
import struct

import pytest

from srcnn.imaging.file_formats.png_chunks import PNG, list_chunks


def chunk(kind: bytes, content: bytes = b"", length: int | None = None) -> bytes:
    return struct.pack(">I", len(content) if length is None else length) + kind + content + b"\0\0\0\0"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (chunk(b"tEXt", b"abcdef") + chunk(b"IEND"), [(b"tEXt", b"abcd"), (b"IEND", b"")]),
        (chunk(b"IEND", b"abc") + chunk(b"tEXt"), [(b"IEND", b"abc")]),
        (chunk(b"tEXt", b"", 0xFFFFFFFF) + chunk(b"IEND"), [(b"tEXt", chunk(b"")[:4])]),
        (chunk(b"tEXt", b"ab") + b"\0\0\0\4IDA", [(b"tEXt", b"ab")]),
        (b"", []),
    ],
    ids=["usual", "behind the end", "longer than the file", "cut off", "empty"],
)
def test_chunks_are_listed_up_to_the_end(content, found):
    chunks = list_chunks(io.BytesIO(PNG + content))
    assert [(each.kind, each.read(4)) for each in chunks] == found
    again = list(list_chunks(io.BytesIO(PNG + content)))  # in any order, and not at all
    assert [(each.kind, each.read(4)) for each in reversed(again)] == found[::-1]
