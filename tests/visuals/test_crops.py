import math

import numpy as np
import pytest
import torch

from srcnn import SRCNN
from srcnn.evaluation.comparison import Comparison, compare
from srcnn.evaluation.metrics import psnr
from srcnn.evaluation.scores import Score
from srcnn.imaging.color import luminance
from srcnn.imaging.picture import Picture
from srcnn.inference.upscaling import downscale
from srcnn.visuals.crops import crop_at, most_improved_point
from srcnn.visuals.rendering import MIN_TOP_LEVELS, draw_error_maps

SCORE = Score(30.0, 0.9)


def untrained(scale: int) -> SRCNN:
    torch.manual_seed(0)
    return SRCNN(scale=scale, padding="replicate").eval()


def made(truth: np.ndarray, bicubic: np.ndarray, srcnn: np.ndarray) -> Comparison:
    """A comparison at x2 of grey pictures of which only the pixels matter."""
    return Comparison(2, *(Picture(np.asarray(pixels, np.uint8)) for pixels in (truth, bicubic, srcnn)), SCORE, SCORE)


@pytest.fixture(scope="module")
def comparisons(astronaut) -> dict[int, Comparison]:
    """119 x 99 pixels before the crop to a multiple of the scale."""
    picture = Picture(astronaut.pixels[30:149, 180:279])
    return {scale: compare(picture, untrained(scale)) for scale in (2, 3, 4)}


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("point", [(50, 60), (0, 0), (98, 118), (0, 70), (37, 118), (-9, 1000)])
def test_all_four_show_one_place_pixel_for_pixel(comparisons, scale, point):
    comparison = comparisons[scale]
    detail = crop_at(comparison, *point, side=32)
    low_part = downscale(comparison.truth, scale).part(
        tuple(slice(one.start // scale, one.stop // scale) for one in detail.place)
    )
    assert np.array_equal(detail.low.pixels, low_part.pixels)
    for name in ("bicubic", "srcnn", "truth"):
        assert np.array_equal(getattr(detail, name).pixels, getattr(comparison, name).part(detail.place).pixels)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_the_region_lies_around_the_point_inside_the_picture_on_whole_low_resolution_pixels(comparisons, scale):
    truth = comparisons[scale].truth
    for side in (1, scale, 7, 32):
        size = max(side // scale, 1) * scale
        for x in range(truth.width):
            rows, columns = crop_at(comparisons[scale], x, x, side).place
            assert columns.stop - columns.start == rows.stop - rows.start == size
            assert columns.start % scale == rows.start % scale == 0
            assert 0 <= columns.start <= x < columns.stop <= truth.width
            at_border = columns.start == 0 or columns.stop == truth.width
            assert at_border or abs((columns.start + columns.stop) / 2 - x) <= scale / 2 + 1


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_psnr_is_that_of_the_luminance_of_this_part_alone(comparisons, scale):
    comparison = comparisons[scale]
    detail = crop_at(comparison, 20, 90, 24)
    planes = {name: luminance(getattr(comparison, name).pixels) for name in ("bicubic", "srcnn", "truth")}
    cut = {name: plane[detail.place] for name, plane in planes.items()}
    assert detail.bicubic_psnr == psnr(cut["bicubic"], cut["truth"])
    assert detail.srcnn_psnr == psnr(cut["srcnn"], cut["truth"])
    assert detail.bicubic_psnr != detail.srcnn_psnr


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_the_whole_picture_without_its_border_measures_what_compare_measured(astronaut, scale):
    """Up to the rounding of colours, which the comparison's figures do not have."""
    comparison = compare(Picture(astronaut.pixels[60:156, 180:276]), untrained(scale))
    inner = [picture.part(np.s_[scale:-scale, scale:-scale]) for picture in (comparison.truth, comparison.bicubic)]
    detail = crop_at(Comparison(scale, *inner, inner[1], SCORE, SCORE), 48, 48, 96)
    assert detail.bicubic_psnr == pytest.approx(comparison.bicubic_score.psnr, abs=0.05)


def test_a_grey_picture_stays_grey(astronaut):
    comparison = compare(Picture(astronaut.pixels[:60, :60, 0].copy()), untrained(3))
    detail = crop_at(comparison, 30, 30, 30)
    assert (detail.low.pixels.shape, detail.truth.pixels.shape) == ((10, 10), (30, 30))
    assert draw_error_maps(comparison).bicubic.pixels.shape == (60, 60, 3)


def test_of_a_tiny_or_narrow_picture_all_is_shown(astronaut):
    tiny = crop_at(compare(astronaut.crop(9, 9), untrained(3)), 4, 4, 64)
    assert tiny.place == np.s_[0:9, 0:9]
    assert tiny.low.pixels.shape[:2] == (3, 3)
    narrow = crop_at(compare(astronaut.crop(90, 12), untrained(3)), 4, 50, 64)
    assert narrow.place == np.s_[18:81, 0:12]


def test_the_most_telling_place_is_where_the_network_gains_most():
    truth = np.full((60, 90), 100)
    bicubic, srcnn = truth.copy(), truth.copy()
    bicubic[30:40, 50:60] = 120  # repaired by the network
    bicubic[5:25, 5:25] = srcnn[5:25, 5:25] = 140  # wrong in both
    srcnn[40:50, 10:20] = 130  # made worse
    x, y = most_improved_point(made(truth, bicubic, srcnn), 16)
    rows, columns = crop_at(made(truth, bicubic, srcnn), x, y, 16).place
    assert rows.start <= 30 < 40 <= rows.stop
    assert columns.start <= 50 < 60 <= columns.stop


def test_the_most_telling_place_of_a_picture_smaller_than_the_square_is_inside_it():
    truth = np.full((8, 12), 100)
    bicubic = truth.copy()
    bicubic[:, 11] = 110
    assert most_improved_point(made(truth, bicubic, truth), 64) == (8, 4)


def test_what_is_equal_has_infinite_psnr_and_a_black_map():
    truth = np.arange(36).reshape(6, 6)
    same = made(truth, truth, truth)
    assert crop_at(same, 3, 3, 6).srcnn_psnr == math.inf
    maps = draw_error_maps(same)
    assert maps.top == MIN_TOP_LEVELS
    assert len(np.unique(maps.srcnn.pixels.reshape(-1, 3), axis=0)) == 1


def brightness(picture: Picture) -> np.ndarray:
    return picture.pixels.astype(int).sum(axis=2)


def test_error_maps_grow_brighter_with_the_error_on_one_scale():
    truth = np.full((10, 40), 100)
    errors = np.tile(np.arange(40), (10, 1))
    maps = draw_error_maps(made(truth, truth + errors, truth - errors // 2))
    light = brightness(maps.bicubic)[0]
    assert (np.diff(light[: int(maps.top)]) > 0).all()
    assert np.array_equal(brightness(maps.srcnn)[0], light[np.arange(40) // 2])
    assert light[0] < 10
    assert maps.top == 39


def test_a_few_outliers_do_not_darken_the_maps():
    truth = np.full((100, 100), 100)
    bicubic = truth + 20
    bicubic[0, :5] = 250
    maps = draw_error_maps(made(truth, bicubic, truth))
    assert maps.top == 20
    assert np.array_equal(maps.bicubic.pixels[0, 0], maps.bicubic.pixels[50, 50])
    assert brightness(maps.bicubic).min() > 500


def test_errors_are_of_the_luminance_in_both_directions(comparisons):
    comparison = comparisons[3]
    wanted, got = (luminance(picture.pixels).int() for picture in (comparison.truth, comparison.bicubic))
    light = brightness(draw_error_maps(comparison).bicubic)
    assert (light[(got - wanted).numpy() == 6] == light[(got - wanted).numpy() == -6][0]).all()
    assert light[(got == wanted).numpy()].max() == light.min()
