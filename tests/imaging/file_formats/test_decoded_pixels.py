"""What Pillow decodes otherwise than the file means it is put right, in files and in Pillow's images of them."""

import struct

import numpy as np
import pytest
from PIL import Image

from srcnn.imaging.conversion import to_picture
from srcnn.imaging.reading import open_picture
from tests.support.picture_files import chunk, png, png_of_rows, tiff, tiff_of_strips

RNG = np.random.default_rng(0)
COLOURS = RNG.integers(0, 256, (6, 8, 3), dtype=np.uint8)
ZEROS, VARIED = np.zeros((6, 8, 1), np.uint8), RNG.integers(0, 256, (6, 8, 1), dtype=np.uint8)


def opened_both_ways(path):
    """By its path, and as a Pillow image of the file."""
    with Image.open(path) as image:
        return open_picture(path), to_picture(image)


def test_grey_of_twelve_bits_is_as_bright_as_its_file_says(tmp_path):
    levels = np.linspace(0, 4095, 96).astype(int).reshape(6, 16)
    first, second = levels.reshape(-1, 2).T
    packed = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], 1).astype(np.uint8)
    tags = {256: [16], 257: [6], 258: [12], 259: [1], 262: [1], 277: [1], 278: [6]}
    (tmp_path / "a.tif").write_bytes(tiff_of_strips([packed.tobytes()], tags))
    for picture in opened_both_ways(tmp_path / "a.tif"):
        assert np.abs(picture.pixels - np.floor(levels * (65535 / 4095) + 0.5)).max() <= 1
        assert (picture.pixels.min(), picture.pixels.max(), picture.white) == (0, 65535, None)


def test_a_negative_is_read_as_its_viewers_show_it(tmp_path):
    """Grey of 16 bits in which zero is white, as scanners write it."""
    levels = RNG.integers(0, 65536, (6, 8, 1)).astype(np.uint16)
    (tmp_path / "a.tif").write_bytes(tiff(levels, photometric=0))
    for picture in opened_both_ways(tmp_path / "a.tif"):
        assert np.array_equal(picture.pixels, 65535 - levels[..., 0])


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_grey_level_that_is_told_to_be_transparent_is(tmp_path, bits):
    most = 2**bits - 1
    levels = (np.indices((6, 8)).sum(0) % (most + 1)).astype(np.uint8)
    levels[2:4] = most
    rows = [np.packbits(np.unpackbits(row[:, None], axis=1)[:, 8 - bits :]).tobytes() for row in levels]
    (tmp_path / "a.png").write_bytes(png_of_rows(rows, 8, bits, 0, chunk(b"tRNS", struct.pack(">H", most))))
    for picture in opened_both_ways(tmp_path / "a.png"):
        assert np.array_equal(picture.pixels, levels * (255 // most))
        assert np.array_equal(picture.alpha == 0, levels == most)


@pytest.mark.parametrize("is_decoded", [False, True])
def test_a_colour_of_sixteen_bits_that_is_told_to_be_transparent_is_in_a_pillow_image(tmp_path, is_decoded):
    """Of which Pillow has the upper 8 bits: it would look for the lower 8 of the colour among them."""
    levels = np.full((6, 8, 3), 0x1234, np.uint16)
    levels[2:4] = 0x5678, 0x9ABC, 0xDEF0
    (tmp_path / "a.png").write_bytes(png(levels, chunk(b"tRNS", struct.pack(">3H", *levels[2, 0].tolist()))))
    with Image.open(tmp_path / "a.png") as image:
        if is_decoded:
            image.load()
        found = to_picture(image)
    assert np.array_equal(found.alpha == 0, (levels == levels[2, 0]).all(axis=2))
    assert np.array_equal(found.alpha == 0, open_picture(tmp_path / "a.png").alpha == 0)


def tga(kind: int, bits: int, attribute_bits: int, content: bytes) -> bytes:
    return struct.pack("<BBBHHBHHHHBB", 0, 0, kind, 0, 0, 0, 0, 0, 8, 6, bits, 0x20 | attribute_bits) + content


SIXTEEN = RNG.integers(0, 65536, (6, 8)).astype("<u2")


@pytest.mark.parametrize(
    ("kind", "bits", "content", "attribute_bits"),
    [
        (2, 32, np.dstack([COLOURS, ZEROS]), 8),
        (2, 32, np.dstack([COLOURS, VARIED]), 8),
        (2, 16, SIXTEEN, 1),
        (3, 16, np.dstack([COLOURS[..., :1], VARIED]), 8),
    ],
    ids=["zeros", "32 bits", "16 bits", "grey"],
)
def test_a_tga_is_transparent_only_where_it_says_that_it_has_bits_for_it(tmp_path, kind, bits, content, attribute_bits):
    (tmp_path / "marked.tga").write_bytes(tga(kind, bits, attribute_bits, content.tobytes()))
    (tmp_path / "a.tga").write_bytes(tga(kind, bits, 0, content.tobytes()))
    marked = open_picture(tmp_path / "marked.tga")
    assert marked.alpha is not None
    for picture in opened_both_ways(tmp_path / "a.tga"):
        assert np.array_equal(picture.pixels, marked.pixels)
        assert picture.alpha is None
