"""The texts of a PNG are read whole, within limits, and what is not read is told."""

import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from tests.support.picture_files import list_remarks, write_png_with

RGB = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
TOLD = ["of its metadata (text), what is damaged or too large was left out"]
LONG = b"workflow " * 200_000  # 1.8 MB: Pillow unpacks 1 MB
IPTC = b"\x1c\x02\x78\x00\x07Harbour"
BLOCKS = b"8BIM" + struct.pack(">HHI", 0x03ED, 0, 3) + b"abc\0" + b"8BIM" + struct.pack(">H", 0x0404) + b"\3abc"
BLOCKS += struct.pack(">I", len(IPTC)) + IPTC
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Harbour</x:xmpmeta>"


def png_with(path, *chunks: tuple[bytes, bytes], behind: tuple[tuple[bytes, bytes], ...] = ()):
    return write_png_with(path, RGB, chunks, behind)


def plain(key: str, text: bytes) -> tuple[bytes, bytes]:
    return b"tEXt", key.encode() + b"\0" + text


def packed(key: str, text: bytes) -> tuple[bytes, bytes]:
    return b"zTXt", key.encode() + b"\0\0" + zlib.compress(text)


def packed_unicode(key: str, text: bytes) -> tuple[bytes, bytes]:
    return b"iTXt", key.encode() + b"\0\1\0\0\0" + zlib.compress(text)


def raw_profile(kind: str, content: bytes) -> tuple[bytes, bytes]:
    """As ImageMagick writes it."""
    digits = content.hex()
    lines = "\n".join(digits[place : place + 72] for place in range(0, len(digits), 72))
    return packed(f"Raw profile type {kind}", f"\n{kind}\n{len(content):8d}\n{lines}\n".encode())


@pytest.mark.parametrize(
    ("chunks", "kept", "said"),
    [
        ([plain("Comment", b"one"), plain("Comment", b"two")], ["one", "two"], []),
        ([packed("a", LONG), packed_unicode("b", LONG)], [LONG.decode()] * 2, []),
        ([plain("a", LONG), packed("b", LONG * 2), plain("c", b"short")], [LONG.decode(), "short"], TOLD),
        ([plain("a", LONG * 3), plain("c", b"short")], ["short"], TOLD),
        ([(b"iTXt", b"a\0\0\0\0\0" + LONG * 3), plain("c", b"short")], ["short"], TOLD),
        ([(b"zTXt", b"a\0\0garbage"), plain("c", b"short")], ["short"], TOLD),
        ([(b"iTXt", b"a\0\0"), (b"iTXt", b"a\0\0\0\0\0\xff"), plain("c", b"short")], ["short"], TOLD),
        ([plain("Latin", b"\xe9t\xe9"), (b"tEXt", b"\0no key"), (b"iTXt", b"a\0\0\0\0\0")], ["\xe9t\xe9", ""], []),
        ([plain("a", b"b")] * 1001, ["b"] * 1000, TOLD),
    ],
    ids=["same key", "long", "two too long", "huge", "huge iTXt", "bad zTXt", "bad iTXt", "odd", "many"],
)
def test_texts_are_kept_as_far_as_they_fit(tmp_path, chunks, kept, said):
    picture = open_picture(png_with(tmp_path / "a.png", *chunks), keep_metadata=True)
    assert [text for _, text in picture.text] == kept
    assert list_remarks(picture) == said
    picture.save(tmp_path / "b.png")
    with Image.open(tmp_path / "b.png") as image:
        assert dict(picture.text) == image.text
    assert open_picture(tmp_path / "b.png", keep_metadata=True).text == picture.text


def test_texts_behind_the_pixels_are_read(tmp_path):
    path = png_with(tmp_path / "a.png", behind=(packed("a", LONG), plain("b", b"late")))
    assert open_picture(path, keep_metadata=True).text == (("a", LONG.decode()), ("b", "late"))


def test_xmp_that_is_too_long_is_told_as_such(tmp_path):
    path = png_with(tmp_path / "a.png", packed_unicode("XML:com.adobe.xmp", LONG), plain("a", b"b"))
    picture = open_picture(path, keep_metadata=True)
    assert (picture.xmp, picture.text) == (None, (("a", "b"),))
    assert list_remarks(picture) == ["of its metadata (XMP), what is damaged or too large was left out"]


@pytest.mark.parametrize("kind", ["exif", "APP1"])
def test_a_raw_profile_does_not_turn_the_result_again(tmp_path, kind):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.Make] = 6, "Maker"
    path = png_with(tmp_path / "a.png", raw_profile(kind, exif.tobytes()), plain("a", b"b"))
    picture = open_picture(path, keep_metadata=True)
    assert b"Maker" in picture.exif
    assert picture.text == (("a", "b"),)
    Picture(picture.pixels, text=picture.text).save(tmp_path / "b.png")
    with Image.open(tmp_path / "b.png") as image:
        assert ImageOps.exif_transpose(image).size == (picture.width, picture.height)


@pytest.mark.parametrize(
    ("profile", "name", "content"),
    [
        (("iptc", IPTC), "iptc", IPTC),
        (("iptc", BLOCKS), "iptc", IPTC),
        (("8bim", BLOCKS), "iptc", IPTC),
        (("xmp", XMP), "xmp", XMP),
        (("APP1", b"http://ns.adobe.com/xap/1.0/\0" + XMP), "xmp", XMP),
    ],
)
def test_what_raw_profiles_hold_is_read(tmp_path, profile, name, content):
    picture = open_picture(png_with(tmp_path / "a.png", raw_profile(*profile)), keep_metadata=True)
    assert (getattr(picture, name), picture.text, picture.remarks) == (content, (), ())


def test_a_damaged_raw_profile_is_told(tmp_path):
    path = png_with(tmp_path / "a.png", packed("Raw profile type iptc", b"\niptc\n 3\nxyz"), plain("a", b"b"))
    picture = open_picture(path, keep_metadata=True)
    assert (picture.text, list_remarks(picture)) == ((("a", "b"),), TOLD)
