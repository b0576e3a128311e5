"""Profiles in files whose profiles Pillow does not read are found; what is damaged is told."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from srcnn.imaging.colors import embedded_profiles
from srcnn.imaging.conversion import to_picture
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import open_picture
from tests.support.colors import P3, P3_RED, UNUSABLE
from tests.support.embedded import embed_profile, replace_colour_box
from tests.support.picture_files import list_remarks


def encoded(suffix: str, colour: tuple[int, int, int] = P3_RED) -> bytes:
    buffer = io.BytesIO()
    image = Image.new("RGB", (16, 16), colour)
    image.save(buffer, Image.registered_extensions()[f".{suffix}"])
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", ["bmp", "gif", "jp2"])
def test_a_profile_is_found(tmp_path, suffix):
    file = tmp_path / f"a.{suffix}"
    file.write_bytes(embed_profile(suffix, encoded(suffix), P3))
    picture = open_picture(file, keep_metadata=True)
    assert (picture.profile, picture.remarks) == (P3, ())
    assert picture.pixels[8, 8].tolist() == pytest.approx(P3_RED, abs=1)
    expected = open_picture(file).pixels
    assert expected[8, 8].tolist() == pytest.approx((255, 0, 0), abs=3)
    with Image.open(file) as image:
        assert np.array_equal(to_picture(image).pixels, expected)


@pytest.mark.parametrize("suffix", ["bmp", "gif", "jp2"])
@pytest.mark.parametrize("most", [40, 4_000_000], ids=["too long", "cut off"])
def test_a_profile_that_cannot_be_used_is_told(tmp_path, monkeypatch, suffix, most):
    monkeypatch.setattr(embedded_profiles, "MAX_PROFILE_BYTES", most)
    file = tmp_path / f"a.{suffix}"
    file.write_bytes(embed_profile(suffix, encoded(suffix), P3[:100]))
    picture = open_picture(file)
    assert list_remarks(picture) == [UNUSABLE]
    assert picture.pixels[8, 8].tolist() == pytest.approx(P3_RED, abs=1)


def test_a_profile_in_another_file_is_told(tmp_path):
    (tmp_path / "a.bmp").write_bytes(embed_profile("bmp", encoded("bmp"), P3).replace(b"DEBM", b"KNIL"))
    assert list_remarks(open_picture(tmp_path / "a.bmp")) == [UNUSABLE]


@pytest.mark.parametrize("number", [14, 1, 19])
def test_a_jpeg_2000_whose_levels_are_no_rgb_is_refused(tmp_path, number):
    (tmp_path / "a.jp2").write_bytes(replace_colour_box(encoded("jp2"), b"\1\0\0" + struct.pack(">I", number)))
    with pytest.raises(ImageError, match=f"the colour space {number} are not supported; save it as PNG"):
        open_picture(tmp_path / "a.jp2")


@pytest.mark.parametrize(("number", "is_told"), [(16, False), (21, True)])
def test_a_jpeg_2000_of_another_rgb_is_told(tmp_path, number, is_told):
    (tmp_path / "a.jp2").write_bytes(replace_colour_box(encoded("jp2"), b"\1\0\0" + struct.pack(">I", number)))
    assert list_remarks(open_picture(tmp_path / "a.jp2")) == [UNUSABLE] * is_told
