import numpy as np
import pytest
import torch

from srcnn.imaging.color import luminance, rgb_to_ycbcr, to_grey_levels, ycbcr_to_rgb

# MATLAB's documented corners of rgb2ycbcr
CORNERS = {(0, 0, 0): (16, 128, 128), (255, 255, 255): (235, 128, 128), (255, 0, 0): (81.481, 90.203, 240)}


@pytest.mark.parametrize(("rgb", "ycbcr"), CORNERS.items())
def test_corners_of_the_colour_cube(rgb, ycbcr):
    colour = torch.tensor(rgb, dtype=torch.float64).view(3, 1, 1)
    assert rgb_to_ycbcr(colour).flatten().tolist() == pytest.approx(ycbcr, abs=1e-3)


def test_there_and_back_keeps_every_grey_level():
    colours = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (3, 50, 50))).double()
    assert torch.allclose(ycbcr_to_rgb(rgb_to_ycbcr(colours)), colours, atol=1e-9)
    assert torch.equal(ycbcr_to_rgb(rgb_to_ycbcr(colours.float())).round().double(), colours)


def test_grey_has_no_colour():
    grey = torch.arange(256.0, dtype=torch.float64).expand(3, 1, 256)
    assert torch.allclose(rgb_to_ycbcr(grey)[1:], torch.tensor(128.0).double())


def test_luminance_is_rounded_and_in_studio_swing():
    pixels = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0]]], dtype=np.uint8)
    assert luminance(pixels).tolist() == [[16, 235, 81]]


def test_a_grey_picture_is_its_own_luminance():
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(luminance(pixels).numpy(), pixels)


def test_sixteen_bits_become_fractions_of_grey_levels():
    assert to_grey_levels(np.array([[0, 257, 65535]], dtype=np.uint16)).tolist() == [[[0.0, 1.0, 255.0]]]
