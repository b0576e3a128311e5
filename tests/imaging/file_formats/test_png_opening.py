"""A PNG that Pillow gives up for what is long in it is opened, within limits, by this package alone."""

import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from srcnn.imaging.colors.color_profiles import ADOBE_RGB, build_profile
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import list_losses
from tests.support.picture_files import write_png_with

RGB = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)


def long_profile() -> bytes:
    content = build_profile(ADOBE_RGB)
    return struct.pack(">I", len(content) + 1_300_000) + content[4:] + bytes(1_300_000)


def test_a_long_profile_is_read(tmp_path):
    path = write_png_with(tmp_path / "a.png", RGB, [(b"iCCP", b"a\0\0" + zlib.compress(long_profile()))])
    assert open_picture(path, keep_metadata=True).profile == long_profile()
    short = write_png_with(tmp_path / "b.png", RGB, [(b"iCCP", b"a\0\0" + zlib.compress(build_profile(ADOBE_RGB)))])
    assert np.array_equal(open_picture(path).pixels, open_picture(short).pixels)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_no_png_is_written_that_pillow_does_not_open(tmp_path, depth):
    colour = Picture(RGB.astype(depth) * (257 if depth == np.uint16 else 1), profile=long_profile())
    colour.save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert "icc_profile" not in image.info
    short = Picture(colour.pixels, profile=build_profile(ADOBE_RGB))
    short.save(tmp_path / "b.png")
    assert np.array_equal(open_picture(tmp_path / "a.png").pixels, open_picture(tmp_path / "b.png").pixels)
    assert list_losses(colour, tmp_path / "a.png") == []
    grey = Picture(colour.pixels[..., 0], profile=long_profile())
    grey.save(tmp_path / "c.png")
    expected = Picture(grey.pixels, profile=short.profile)
    expected.save(tmp_path / "d.bmp")
    assert (
        np.abs(
            open_picture(tmp_path / "c.png").flattened().pixels - open_picture(tmp_path / "d.bmp").pixels.astype(int)
        ).max()
        <= 1
    )
    assert list_losses(grey, tmp_path / "c.png") == []


@pytest.mark.parametrize(
    "chunk",
    [
        (b"zTXt", b"a\0\0" + zlib.compress(bytes(20_000_000))),
        (b"zTXt", b"\0\0" + zlib.compress(bytes(1_000_000))),
        (b"iCCP", b"a\0\0" + zlib.compress(bytes(1_000_000))),
        (b"iCCP", b"a\0\0" + zlib.compress(bytes(20_000_000))),
    ],
    ids=["texts", "texts without key", "profiles", "long profiles"],
)
def test_a_bomb_of_packed_chunks_is_refused_at_once(tmp_path, chunk):
    path, start = write_png_with(tmp_path / "a.png", RGB, [chunk] * 250), time.perf_counter()
    with pytest.raises(ImageError, match="damaged"):
        open_picture(path, keep_metadata=True)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "chunk",
    [
        (b"zTXt", b"a\0\0" + zlib.compress(bytes(1_300_000))),
        (b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(1_300_000))),
        (b"iCCP", b"a\0\0" + zlib.compress(long_profile())),
    ],
    ids=["text", "iTXt", "profile"],
)
def test_pillow_stays_as_it_is_for_others(tmp_path, chunk):
    path = write_png_with(tmp_path / "a.png", RGB, [chunk])
    assert open_picture(path, keep_metadata=True).width == 16
    with pytest.raises(ValueError, match="Decompressed data too large"):
        Image.open(path)
    assert open_picture(path).width == 16
