import numpy as np
import pytest
import torch

from srcnn import SRCNN
from srcnn.evaluation.comparison import compare
from srcnn.imaging.picture import Picture
from srcnn.networks.base import count_layers, receptive_field_pixels
from srcnn.networks.edsr import EDSR
from srcnn.networks.vdsr import VDSR
from srcnn.variants.loading import load
from srcnn.visuals.crops import compare_detail, crop_at
from srcnn.visuals.rendering import FRAME_MAGNIFICATION, frame_details

PICTURES = ("low", "bicubic", "srcnn", "truth")


@pytest.fixture(scope="module")
def model():
    return load("srcnn-x4-mse")


@pytest.fixture(scope="module")
def detail(model, astronaut):
    return compare_detail(astronaut, model, 222, 60, 96)


@pytest.mark.parametrize("place", [(222, 108), (0, 511), (505, 3)])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_detail_is_that_of_the_whole_picture(astronaut, scale, place):
    model = load(f"srcnn-x{scale}-mse")
    found, expected = compare_detail(astronaut, model, *place, 96), crop_at(compare(astronaut, model), *place, 96)
    assert found.place == expected.place
    assert found.srcnn_psnr == pytest.approx(expected.srcnn_psnr, abs=1e-3)
    for name in PICTURES:
        difference = getattr(found, name).pixels.astype(int) - getattr(expected, name).pixels
        assert abs(difference).max() <= 1  # float sums in another order, rounded
        assert np.count_nonzero(difference) < difference.size / 1000


def test_the_receptive_field_is_that_of_the_article(model):
    assert receptive_field_pixels(model) == 13
    assert receptive_field_pixels(load("srcnn-955-x4-mse")) == 17


VDSR_X3 = VDSR(depth=4, channels=8, scale=(2, 3), loss="mse").for_scale(3)
EDSR_X4 = EDSR(depth=2, channels=8, scale=4, loss="l1")


@pytest.mark.parametrize("place", [(222, 108), (505, 3)])
@pytest.mark.parametrize("model", [VDSR_X3, EDSR_X4], ids=["VDSR", "EDSR"])
def test_a_detail_of_the_networks_that_followed_is_that_of_the_whole_picture(astronaut, model, place):
    torch.manual_seed(0)
    for parameter in model.parameters():  # so large that every pixel of its reach matters
        torch.nn.init.normal_(parameter, std=0.1)
    found, expected = compare_detail(astronaut, model, *place, 48), crop_at(compare(astronaut, model), *place, 48)
    assert found.place == expected.place
    difference = found.srcnn.pixels.astype(int) - expected.srcnn.pixels
    assert abs(difference).max() <= 1
    assert np.count_nonzero(difference) < difference.size / 1000


@pytest.mark.parametrize(
    ("model", "field", "count"),
    [(SRCNN(scale=4), 13, 3), (VDSR(scale=(2, 4)), 41, 20), (EDSR(scale=4), 292, 37), (EDSR(scale=2), 144, 36)],
)
def test_what_a_network_sees_and_how_many_layers_it_has(model, field, count):
    assert (receptive_field_pixels(model), count_layers(model)) == (field, count)


def test_the_frame_surrounds_the_receptive_field_and_hides_nothing_of_it(detail):
    """Rows and columns 41 to 53 of 96 are 13 in the middle, 47 is the pixel that depends on them."""
    drawn = frame_details(detail, 13)
    begin, end = 41 * FRAME_MAGNIFICATION, 54 * FRAME_MAGNIFICATION
    for name in PICTURES:
        before, after = getattr(detail, name).pixels, getattr(drawn, name).pixels
        assert after.shape == (96 * FRAME_MAGNIFICATION, 96 * FRAME_MAGNIFICATION, 3)
        magnified = np.kron(before, np.ones((len(after) // len(before),) * 2 + (1,), np.uint8))
        pixel = np.s_[
            47 * FRAME_MAGNIFICATION : 48 * FRAME_MAGNIFICATION, 47 * FRAME_MAGNIFICATION : 48 * FRAME_MAGNIFICATION
        ]
        assert (after[pixel] == 255).all()
        magnified[pixel] = 255
        assert np.array_equal(after[begin:end, begin:end], magnified[begin:end, begin:end])
        for edge in (begin - 1, begin - 2, end, end + 1):
            assert (after[edge, begin:end] == 255).all()
            assert (after[begin:end, edge] == 255).all()
        for edge in (begin - 3, end + 2):
            assert (after[edge, begin:end] == 0).all()
        assert np.array_equal(after[: begin - 3], magnified[: begin - 3])
        assert np.array_equal(after[:, end + 3 :], magnified[:, end + 3 :])
    assert (drawn.bicubic_psnr, drawn.srcnn_psnr) == (detail.bicubic_psnr, detail.srcnn_psnr)


def test_a_grey_detail_smaller_than_the_frame(model, astronaut):
    grey = Picture(astronaut.pixels[:12, :12, 0])
    drawn = frame_details(compare_detail(grey, model, 6, 6, 12), 13)
    assert drawn.low.pixels.shape == drawn.truth.pixels.shape == (12 * FRAME_MAGNIFICATION, 12 * FRAME_MAGNIFICATION)
