"""Pictures in formats that are not opened here are named as such, alone and in folders."""

import io

import pytest
from PIL import Image

from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import is_picture_content, open_picture
from srcnn.inference.batch.inputs import find_pictures

BEGINNINGS = {
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "heic of a camera": b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic",
    "jxl": b"\xff\n\xfa\x1f",
    "jxl in boxes": b"\0\0\0\x0cJXL \r\n\x87\n",
    "cr3": b"\0\0\0\x18ftypcrx ",
    "psd": b"8BPS\0\1",
    "qoi": b"qoif\0\0\0\x09",
}


def encoded(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9), (1, 2, 3)).save(buffer, kind)
    return buffer.getvalue()


def told(suffix: str) -> str:
    return f"Pictures of the format {suffix} are not supported; save it as PNG, JPEG or WebP."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.heic", BEGINNINGS["heic"]),
        ("a.HEIC", b"damaged"),
        ("a.jxl", BEGINNINGS["jxl"]),
        ("a.cr2", encoded("TIFF")),  # a preview, in truth
        ("a.ico", encoded("ICO")),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ],
)
def test_a_picture_of_another_format_is_named_by_its_suffix(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImageError) as caught:
        open_picture(tmp_path / name)
    assert str(caught.value) == told(name[1:].lower())


@pytest.mark.parametrize("kind", BEGINNINGS)
@pytest.mark.parametrize("name", ["a", "a.jpg", "a.bak"])
def test_a_picture_of_another_format_is_known_by_its_beginning(tmp_path, kind, name):
    (tmp_path / name).write_bytes(BEGINNINGS[kind] + bytes(99))
    with pytest.raises(ImageError) as caught:
        open_picture(tmp_path / name)
    assert str(caught.value) == told(f".{kind.split()[0]}")
    found = find_pictures([tmp_path], tmp_path / "out")
    if name == "a.jpg":
        assert list(found.names) == [tmp_path / name]  # what it is, is told when it is opened
    else:
        assert found.left_out == {tmp_path / name: told(f".{kind.split()[0]}")}


@pytest.mark.parametrize("name", ["a.heic", "a.dib", "a"])
@pytest.mark.parametrize("kind", ["BMP", "PPM", "JPEG"])
def test_a_picture_that_can_be_opened_is_opened_whatever_it_is_called(tmp_path, name, kind):
    (tmp_path / name).write_bytes(encoded(kind))
    assert open_picture(tmp_path / name).width == 9
    assert is_picture_content(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (b"BM, as letters of a text that is long enough for a head", False),
        (b"P6 and other letters", False),
        (b"P1 10 sorts", False),
        (b"P5\n# by a scanner\n9 9\n255\n", True),
        (b"P6 9 9 255 ", True),
        (encoded("BMP"), True),
    ],
)
def test_letters_of_a_text_are_not_taken_for_a_picture(tmp_path, content, is_one):
    (tmp_path / "a").write_bytes(content)
    assert is_picture_content(tmp_path / "a") == is_one
