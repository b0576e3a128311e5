"""Hidden colours of transparent pixels: they may not show when a picture is enlarged or reduced."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.imaging.transparency import fill_transparent
from srcnn.inference.upscaling import downscale, upscale, upscale_bicubic
from srcnn.networks.edsr import EDSR
from srcnn.networks.srcnn import SRCNN
from srcnn.networks.vdsr import VDSR

SIDE = 40
Y, X = np.mgrid[:SIDE, :SIDE]
COVER = np.clip(14.5 - np.hypot(Y - 19.5, X - 19.5), 0, 1)


def disc(levels: list[int], hidden: int, depth: type = np.uint8) -> Picture:
    """An opaque disc of one colour with a smooth edge, on transparent pixels of a hidden grey level."""
    full = np.iinfo(depth).max // 255
    colour = np.full((SIDE, SIDE, len(levels)), levels)
    colour[COVER == 0] = hidden
    pixels = (colour * full).astype(depth)
    return Picture(pixels[..., 0] if len(levels) == 1 else pixels, (COVER * 255 * full).round().astype(depth))


def rim(picture: Picture, levels: list[int]) -> float:
    """How far the picture, laid on a ground of the given colour, is from that colour: grey levels."""
    full = np.iinfo(picture.pixels.dtype).max
    pixels, share = np.atleast_3d(picture.pixels) * (255 / full), picture.alpha[..., None] / full
    return float((np.abs(pixels - levels) * share).max())


CHANGES = {
    "bicubic": lambda picture: upscale_bicubic(picture, 3),
    "half": lambda picture: downscale(picture, 2),
    "third": lambda picture: downscale(picture, 3),
}


@pytest.mark.parametrize("change", ["bicubic", "half", "third"])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    ("levels", "hidden"), [([255, 255, 255], 0), ([0, 0, 0], 255), ([250, 20, 20], 0), ([255], 0), ([0], 255)]
)
def test_a_disc_on_its_own_colour_cannot_be_seen(change, depth, levels, hidden):
    assert rim(CHANGES[change](disc(levels, hidden, depth)), levels) <= 1


@pytest.mark.parametrize("network", [SRCNN, VDSR, EDSR])
def test_no_network_sees_hidden_colours(network):
    """Whatever a network makes of the picture: it does not depend on what is hidden."""
    model = network(scale=2).eval()
    dark, light = (upscale(disc([200, 100, 50], hidden), model) for hidden in (0, 255))
    assert np.array_equal(dark.pixels[dark.alpha > 0], light.pixels[light.alpha > 0])


@pytest.mark.parametrize("name", ["palette.png", "a.gif"])
def test_transparent_colours_of_a_palette_are_hidden_too(tmp_path, name):
    image = Image.fromarray(np.where(COVER > 0.5, 1, 0).astype(np.uint8), "P")
    image.putpalette([0, 0, 0, 255, 255, 255])
    image.save(tmp_path / name, transparency=0)
    assert rim(upscale_bicubic(open_picture(tmp_path / name), 3), [255, 255, 255]) <= 1


def test_each_pixel_gets_the_colour_of_its_nearest_neighbours_and_visible_ones_stay():
    pixels = np.zeros((9, 40, 3), np.uint8)
    pixels[:, 0], pixels[:, -1] = (200, 0, 0), (0, 0, 200)
    alpha = np.zeros((9, 40), np.uint8)
    alpha[:, 0], alpha[:, -1] = 255, 32
    filled = fill_transparent(Picture(pixels, alpha))
    assert (filled.pixels[:, :20] == (200, 0, 0)).all()
    assert (filled.pixels[:, 20:] == (0, 0, 200)).all()
    assert np.array_equal(filled.alpha, alpha)
    assert not pixels[:, 1:-1].any()  # the picture itself is as it was


@pytest.mark.parametrize("change", ["bicubic", "third"])
@pytest.mark.parametrize(("depth", "faint"), [(np.uint8, 1), (np.uint8, 4), (np.uint16, 0.2), (np.uint16, 4)])
@pytest.mark.parametrize(("level", "around"), [(255, 0), (0, 255)])
def test_faint_surroundings_make_no_rim_either(change, depth, faint, level, around):
    """Of an alpha of `faint` of 255. Their own colour shows as much as it does in the picture itself, and no more."""
    full = np.iinfo(depth).max // 255
    before = disc([level], around, depth)
    before = replace(before, alpha=np.maximum(before.alpha, np.array(faint * full, depth)))
    assert rim(CHANGES[change](before), [level]) <= max(rim(before, [level]), 8)


def test_what_is_faint_changes_little_as_it_is_seen():
    alpha = np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    before = Picture(np.where(alpha < 128, 0, 255).astype(np.uint8), alpha)
    change = fill_transparent(before).pixels.astype(float) - before.pixels
    assert (change[alpha >= 31] == 0).all()
    assert (np.abs(change) * alpha / 255).max() <= 8
    assert change[:, 1].min() == 0  # among their like they stay


@pytest.mark.parametrize("alpha", [None, np.full((4, 5), 7, np.uint8), np.zeros((4, 5), np.uint8)])
def test_without_a_border_between_visible_and_hidden_nothing_changes(alpha):
    pixels = np.arange(20, dtype=np.uint8).reshape(4, 5)
    assert np.array_equal(fill_transparent(Picture(pixels, alpha)).pixels, pixels)
