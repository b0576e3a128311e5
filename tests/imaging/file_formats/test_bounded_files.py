"""No length that a file tells makes a reader set aside as much memory."""

import contextlib
import io
import struct
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from srcnn.imaging.file_formats.bounded_files import open_bounded
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import open_picture

RGB = np.random.default_rng(0).integers(0, 256, (7, 9, 3), dtype=np.uint8)
MOST_BYTES = 5_000_000  # of memory, where the files tell of hundreds of millions


def png_of_long_pixels() -> bytes:
    """Its last chunk of pixels says that it has 2 GB."""
    buffer = io.BytesIO()
    Image.fromarray(RGB).save(buffer, "PNG")
    content = buffer.getvalue()
    place = content.index(b"IDAT") - 4
    return content[:place] + struct.pack(">I", 0x7FFFFFFF) + content[place + 4 :]


def ppm_of_many_pixels() -> bytes:
    return b"P6\n9000 9000\n65535\n" + bytes(100)


@pytest.mark.parametrize("keep_metadata", [False, True])
@pytest.mark.parametrize("content", [png_of_long_pixels, ppm_of_many_pixels])
def test_a_length_that_a_file_tells_takes_no_memory(tmp_path, content, keep_metadata):
    path = tmp_path / "picture.png"
    path.write_bytes(content())
    tracemalloc.start()
    try:
        with contextlib.suppress(ImageError):
            assert np.array_equal(open_picture(path, keep_metadata=keep_metadata).pixels, RGB)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


def test_a_bounded_file_is_read_as_any_other(tmp_path):
    content = RGB.tobytes() * 1000
    (tmp_path / "a").write_bytes(content)
    with open_bounded(tmp_path / "a") as bounded, open(tmp_path / "a", "rb") as usual:
        for size in (0, 5, 70_000, 100_000, 1 << 20, 1 << 20):
            assert bounded.read(size) == usual.read(size)
            assert bounded.tell() == usual.tell()
        for place, size in ((3, -1), (7, None), (len(content) + 9, 1 << 20)):
            assert bounded.seek(place) == usual.seek(place)
            assert bounded.read(size) == usual.read(size)
