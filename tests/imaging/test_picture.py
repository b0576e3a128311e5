"""The picture in memory: what it gives of itself, and what comes back of what it writes."""

import numpy as np
import pytest

from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture

RGB = np.random.default_rng(0).integers(0, 256, (7, 9, 3), dtype=np.uint8)
GREY = RGB[..., 0].copy()
ALPHA = RGB[..., 1].copy()


@pytest.mark.parametrize(
    "picture",
    [Picture(RGB), Picture(GREY), Picture(RGB, ALPHA), Picture(GREY, ALPHA), Picture(GREY.astype(np.uint16) * 257)],
    ids=["rgb", "grey", "rgba", "grey-alpha", "16-bit"],
)
def test_png_round_trip(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    again = open_picture(tmp_path / "a.png")
    assert np.array_equal(again.pixels, picture.pixels)
    assert again.pixels.dtype == picture.pixels.dtype
    assert (again.alpha is None) == (picture.alpha is None)
    assert picture.alpha is None or np.array_equal(again.alpha, picture.alpha)


@pytest.mark.parametrize(
    ("picture", "name"), [(Picture(RGB, ALPHA), "a.jpg"), (Picture(RGB), "a.xyz"), (Picture(RGB), "a")]
)
def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, picture, name):
    with pytest.raises(ImageError, match=r"use \.png"):
        picture.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_flattened_lays_transparency_on_white():
    alpha = np.array([[0, 255, 51]], dtype=np.uint8)
    colour = Picture(np.full((1, 3, 3), 100, dtype=np.uint8), alpha).flattened()
    assert colour.pixels[0, :, 0].tolist() == [255, 100, 224]
    assert colour.alpha is None
    grey = Picture(np.full((1, 3), 25700, dtype=np.uint16)).flattened()
    assert grey.pixels.tolist() == [[100, 100, 100]]
    assert grey.pixels.dtype == np.uint8


def test_centre_takes_the_middle():
    picture = Picture(np.arange(35, dtype=np.uint8).reshape(5, 7))
    assert picture.centre(3).pixels.tolist() == [[9, 10, 11], [16, 17, 18], [23, 24, 25]]
    assert picture.centre(50).pixels.shape == (5, 7)
