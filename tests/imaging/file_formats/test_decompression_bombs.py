"""Files that tell of huge sizes are refused before a decoder sets memory aside for them."""

import io

import pytest
from PIL import Image, WebPImagePlugin

from srcnn.imaging.file_formats.decompression_bombs import BombError, check_structure, declared_canvas
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import open_picture

ORIENTATION = Image.Exif()
ORIENTATION[0x0112] = 1


def webp(width: int, height: int, **settings) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "WEBP", **settings)
    return buffer.getvalue()


@pytest.mark.parametrize("size", [(1, 1), (37, 21), (257, 16_383)])
@pytest.mark.parametrize(
    ("settings", "kind"), [({}, b"VP8 "), ({"lossless": True}, b"VP8L"), ({"exif": ORIENTATION}, b"VP8X")]
)
def test_the_size_of_a_webp_is_known_before_it_is_opened(tmp_path, monkeypatch, size, settings, kind):
    path = tmp_path / "a.webp"
    path.write_bytes(webp(*size, **settings))
    assert path.read_bytes()[12:16] == kind
    assert [*declared_canvas(path)] == [size]
    check_structure(path)
    picture = open_picture(path)
    assert (picture.width, picture.height) == size
    monkeypatch.setattr(WebPImagePlugin, "_webp", None)  # which sets aside eight bytes a pixel when it opens a file
    with pytest.raises(ImageError, match="megapixels"):
        open_picture(path, max_pixels=size[0] * size[1] - 1)


def test_a_canvas_that_no_webp_has_is_no_picture(tmp_path):
    path, content = tmp_path / "a.webp", webp(9, 9, exif=ORIENTATION)
    path.write_bytes(content[:24] + b"\x24\0\0\x1c\x80\x80" + content[30:])  # 37 x 8421405
    with pytest.raises(BombError, match="canvas"):
        check_structure(path)
    with pytest.raises(ImageError, match=r"311\.6 megapixels"):
        open_picture(path)


@pytest.mark.parametrize("content", [b"", b"RIFF", webp(9, 9)[:29], b"\x89PNG" + bytes(99)])
def test_what_is_no_whole_head_of_a_webp_has_no_canvas(tmp_path, content):
    path = tmp_path / "a.webp"
    path.write_bytes(content)
    assert [*declared_canvas(path)] == []
