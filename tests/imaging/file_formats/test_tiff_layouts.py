"""TIFFs of kinds that Pillow lacks are opened or refused in a sentence of their own, and Pillow stays as it is."""

import numpy as np
import pytest
from PIL import Image

from srcnn.imaging.conversion import to_picture
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import open_picture
from tests.support.picture_files import list_remarks, tiff

LEVELS = np.random.default_rng(0).integers(0, 65536, (7, 9, 4)).astype(np.uint16)
ONE_COUNT = {258: [16]}  # of bits, for all channels
SIGNED = {339: [2]}
OF_THIS_KIND = "TIFF pictures of this kind are not supported"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("deflate", [False, True])
def test_grey_with_alpha_may_tell_its_bits_once(tmp_path, order, deflate):
    (tmp_path / "a.tif").write_bytes(tiff(LEVELS[..., :2], order, deflate=deflate, tags=ONE_COUNT))
    picture = open_picture(tmp_path / "a.tif")
    assert np.array_equal(np.dstack([picture.pixels, picture.alpha]), LEVELS[..., :2])


@pytest.mark.parametrize("tags", [{}, ONE_COUNT])
def test_pillow_refuses_as_ever_what_it_does_not_know(tmp_path, tags):
    """It would be garbage of four channels for the user of Pillow and of this package."""
    (tmp_path / "a.tif").write_bytes(tiff(LEVELS[..., :2], tags=tags))
    open_picture(tmp_path / "a.tif")
    with pytest.raises(Image.UnidentifiedImageError):
        Image.open(tmp_path / "a.tif")


@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize("channels", [2, 3])
@pytest.mark.parametrize("tags", [{}, ONE_COUNT])
def test_channels_that_lie_apart_are_refused_in_a_sentence(tmp_path, deflate, channels, tags):
    """Pillow would make noise of them."""
    (tmp_path / "a.tif").write_bytes(tiff(LEVELS[..., :channels], planar=True, deflate=deflate, tags=tags))
    with pytest.raises(ImageError, match="lie apart"):
        open_picture(tmp_path / "a.tif")


@pytest.mark.parametrize("tags", [{}, {262: [3], 320: [0] * 768}], ids=["grey", "palette"])
def test_alpha_that_lies_apart_from_greys_is_refused_in_a_sentence(tmp_path, tags):
    """Pillow would make the greys their own alpha."""
    levels = LEVELS[..., :2].astype(np.uint8)
    (tmp_path / "a.tif").write_bytes(tiff(levels, planar=True, deflate=True, tags=tags))
    for make in (open_picture, lambda path: to_picture(Image.open(path))):
        with pytest.raises(ImageError, match="alpha lies apart"):
            make(tmp_path / "a.tif")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("channels", [1, 4])
def test_a_pillow_image_of_a_turned_tiff_is_upright(tmp_path, orientation, channels):
    """Pillow would map it into memory with its sides exchanged, as noise; its name stays."""
    levels = LEVELS[..., :channels].astype(np.uint8)
    (tmp_path / "a.tif").write_bytes(tiff(levels, tags={274: [orientation]}))
    with Image.open(tmp_path / "a.tif") as image:
        found = to_picture(image)
        assert image.filename == str(tmp_path / "a.tif")
    expected = open_picture(tmp_path / "a.tif")
    assert expected.pixels.shape[:2] == ((7, 9) if orientation < 5 else (9, 7))
    assert np.array_equal(found.pixels, expected.pixels)


@pytest.mark.parametrize("kind", ["i1", "i2"])
def test_signed_numbers_are_refused_in_a_sentence(tmp_path, kind):
    """Pillow would wrap those below zero around; of 32 bits, levels that fit are read."""
    (tmp_path / "a.tif").write_bytes(tiff(np.full((7, 9, 1), 5, kind), tags=SIGNED))
    for make in (open_picture, lambda path: to_picture(Image.open(path))):
        with pytest.raises(ImageError, match="signed numbers are not supported; save it with unsigned"):
            make(tmp_path / "a.tif")
    (tmp_path / "a.tif").write_bytes(tiff(np.full((7, 9, 1), 5, "i4"), tags=SIGNED))
    assert (open_picture(tmp_path / "a.tif").pixels == 5).all()


@pytest.mark.parametrize(
    ("channels", "kind", "tags"),
    [
        (1, "f2", {339: [3]}),
        (1, "f8", {339: [3]}),
        (3, "f4", {339: [3] * 3}),
        (3, "u4", {}),
        (3, "u2", {258: [12] * 3}),
        (1, "u2", {262: [3]}),
        (2, "u1", {338: [1]}),
        (2, "u2", {338: [0]}),
        (2, "u2", {262: [3]}),
        (4, "u1", {284: [2], 338: [0]}),
        (1, "u1", {259: [64_000]}),
    ],
    ids=[
        "float16",
        "float64",
        "rgb float",
        "rgb uint32",
        "rgb 12",
        "palette",
        "la 8",
        "la 16",
        "pa 16",
        "planes",
        "compression",
    ],
)
def test_a_sound_tiff_of_another_kind_is_called_one(tmp_path, channels, kind, tags):
    levels, planar = np.ones((7, 9, channels), kind), tags.get(284) == [2]
    (tmp_path / "a.tif").write_bytes(tiff(levels, planar=planar, tags=tags))
    with pytest.raises(ImageError, match=OF_THIS_KIND):
        open_picture(tmp_path / "a.tif")


def test_a_tiff_that_is_cut_off_is_called_damaged(tmp_path):
    whole = tiff(LEVELS[..., :2])
    for length in (12, 60, len(whole) - 1):
        (tmp_path / "a.tif").write_bytes(whole[:length])
        with pytest.raises(ImageError, match="damaged or cut off"):
            open_picture(tmp_path / "a.tif")


def test_pages_of_a_kind_that_pillow_lacks_are_counted(tmp_path):
    """The second directory of tags lies behind the first picture."""
    first, second = tiff(LEVELS[..., :3]), bytearray(tiff(LEVELS[..., :2]))
    place = 8 + 2 + 12 * int.from_bytes(first[8:10], "little")
    link = len(first).to_bytes(4, "little")
    (tmp_path / "a.tif").write_bytes(first[:place] + link + first[place + 4 :] + second[8:])
    picture = open_picture(tmp_path / "a.tif")
    assert list_remarks(picture) == ["only the first of its 2 frames or pages was used"]
