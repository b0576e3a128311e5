"""What a file holds and a picture does not is told: further frames, further bits, HDR."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from srcnn.imaging.file_formats.reading_losses import count_bits
from srcnn.imaging.reading import open_picture
from tests.support.picture_files import tiff

RGB = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)


def told(path) -> list[str]:
    return [str(remark) for remark in open_picture(path).remarks]


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "a.apng", "a.tif", "a.avif", "a.mpo"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_further_frames_and_pages_are_told(tmp_path, name, count):
    frames = [Image.fromarray(np.roll(RGB, shift, 0)) for shift in range(count)]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    assert told(tmp_path / name) == [f"only the first of its {count} frames or pages was used"] * (count > 1)


def test_pages_without_an_end_are_counted_so_far(tmp_path):
    frames = [Image.fromarray(RGB[:1, :1])] * 1100
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    assert told(tmp_path / "a.tif") == ["only the first of its 1,000 or more frames or pages was used"]


@pytest.mark.parametrize("bits", [0x40, 0x60])
def test_an_avif_of_more_than_eight_bits_is_known(tmp_path, bits):
    """A file that only says so, because Pillow writes no other, and its decoder may refuse it."""
    Image.fromarray(RGB).save(tmp_path / "a.avif")
    with Image.open(tmp_path / "a.avif") as image:
        assert count_bits(image, tmp_path / "a.avif") == 8
        whole = bytearray((tmp_path / "a.avif").read_bytes())
        whole[whole.index(b"av1C") + 6] |= bits
        (tmp_path / "a.avif").write_bytes(whole)
        assert count_bits(image, tmp_path / "a.avif") == {0x40: 10, 0x60: 12}[bits]


@pytest.mark.parametrize("name", ["a.jp2", "a.j2k"])
@pytest.mark.parametrize("bits", [12, 16])
def test_a_jpeg_2000_of_more_than_eight_bits_says_that_they_were_reduced(tmp_path, name, bits):
    """A file that only says so in its head, because Pillow writes no other."""
    Image.fromarray(RGB).save(tmp_path / name)
    assert told(tmp_path / name) == []
    whole = bytearray((tmp_path / name).read_bytes())
    place = whole.index(b"\xff\x4f\xff\x51") + 42
    for channel in range(3):
        whole[place + 3 * channel] = bits - 1
    (tmp_path / name).write_bytes(whole)
    assert told(tmp_path / name) == [f"its {bits} bits a channel were reduced to 8"]


@pytest.mark.parametrize("depth", [8, 16])
def test_a_grey_jpeg_2000_keeps_its_bits(tmp_path, depth):
    levels = RGB[..., 0].astype(np.uint16) * 257 if depth == 16 else RGB[..., 0]
    Image.fromarray(levels).save(tmp_path / "a.jp2")
    assert told(tmp_path / "a.jp2") == []
    assert np.array_equal(open_picture(tmp_path / "a.jp2").pixels, levels)


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG"), (13, None)])
def test_hdr_is_told(tmp_path, transfer, name):
    Image.fromarray(RGB).save(tmp_path / "a.png")
    whole, content = (tmp_path / "a.png").read_bytes(), b"cICP" + bytes([9, transfer, 0, 1])
    chunk = struct.pack(">I", 4) + content + struct.pack(">I", zlib.crc32(content))
    (tmp_path / "a.png").write_bytes(whole[:33] + chunk + whole[33:])
    said = [f"of its HDR levels ({name}), all above white are shown as white"] if name else []
    assert told(tmp_path / "a.png") == said
    Image.fromarray(RGB).save(tmp_path / "a.avif")
    whole = (tmp_path / "a.avif").read_bytes()
    place = whole.index(b"colrnclx") + 10
    (tmp_path / "a.avif").write_bytes(whole[:place] + struct.pack(">H", transfer) + whole[place + 2 :])
    assert told(tmp_path / "a.avif") == said


def bmp(content: bytes) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 16, 16, 1, 32, 0, len(content), 0, 0, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(content), 0, 0, 54) + head + content


def tga(content: bytes) -> bytes:
    return struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 16, 16, 32, 0x20) + content


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.bmp", lambda levels: bmp(levels.tobytes())),
        ("a.tga", lambda levels: tga(levels.tobytes())),
        ("a.tif", lambda levels: tiff(levels, tags={338: [0]})),
        ("b.tif", lambda levels: tiff(np.dstack([levels, levels[..., 3]]), tags={338: [2, 0]})),
    ],
)
def test_a_channel_that_no_file_calls_transparency_is_told(tmp_path, name, make):
    (tmp_path / name).write_bytes(make(np.dstack([RGB, RGB[..., 0]])))
    assert told(tmp_path / name) == ["a channel beside its colours that is not marked as transparency was left out"]


@pytest.mark.parametrize(("name", "make"), [("a.bmp", bmp), ("a.tga", tga)])
@pytest.mark.parametrize("filling", [0, 255])
def test_bytes_that_only_fill_are_not_told(tmp_path, name, make, filling):
    (tmp_path / name).write_bytes(make(np.dstack([RGB, np.full_like(RGB[..., 0], filling)]).tobytes()))
    assert told(tmp_path / name) == []


def test_what_is_behind_the_first_frame_may_be_damaged(tmp_path):
    frames = [Image.fromarray(np.roll(RGB, shift, 0)) for shift in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    whole = (tmp_path / "a.gif").read_bytes()
    (tmp_path / "a.gif").write_bytes(whole[: len(whole) * 2 // 3])
    assert open_picture(tmp_path / "a.gif").width == 16
