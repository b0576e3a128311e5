import math

import numpy as np
import pytest
import skimage.data
import torch

from srcnn.data.degradation import make_pair, truth_of
from srcnn.data.picture_sets import list_pictures
from srcnn.evaluation.comparison import compare
from srcnn.evaluation.metrics import psnr
from srcnn.evaluation.published_scores import AUTHORS_SCORES
from srcnn.evaluation.scores import Score, evaluate
from srcnn.imaging.imresize import to_uint8
from srcnn.imaging.picture import ImageError, Picture
from srcnn.inference.upscaling import downscale, upscale, upscale_bicubic
from srcnn.variants.loading import load
from tests.support.authors import load_authors

BICUBIC = {2: (33.66, 0.9299), 3: (30.39, 0.8682), 4: (28.42, 0.8104)}  # Set5, as the papers print it
AUTHORS = {
    "9-1-5, 91 images": {2: 36.34, 3: 32.39, 4: 30.08},
    "9-5-5, ImageNet": {2: 36.66, 3: 32.75, 4: 30.48},
}
LEAST_GAIN = {2: 2.3, 3: 1.8, 4: 1.5}


@pytest.mark.parametrize("scale", BICUBIC)
@pytest.mark.parametrize("release", AUTHORS)
def test_authors_weights_give_the_papers_figures(shared, release, scale):
    folder = release.lower().replace(", ", "_").replace(" ", "-")
    kernel_sizes = tuple(int(k) for k in release.split(",")[0].split("-"))
    model = load_authors(shared / f"reference/srcnn-official/{folder}/x{scale}.mat", kernel_sizes, scale)
    report = evaluate(model, list_pictures(shared / "data/test/Set5"))
    assert report.bicubic.psnr == pytest.approx(BICUBIC[scale][0], abs=0.01)
    assert report.bicubic.ssim == pytest.approx(BICUBIC[scale][1], abs=0.0001)
    assert report.srcnn.psnr == pytest.approx(AUTHORS[release][scale], abs=0.01)
    stated = AUTHORS_SCORES[release][scale]["Set5"]
    assert (round(report.srcnn.psnr, 2), round(report.srcnn.ssim, 4)) == (stated.psnr, stated.ssim)


@pytest.mark.parametrize("scale", LEAST_GAIN)
def test_bundled_variants_beat_bicubic_on_set5(shared, scale):
    report = evaluate(load(f"srcnn-x{scale}-mse"), list_pictures(shared / "data/test/Set5"))
    assert report.srcnn.psnr - report.bicubic.psnr >= LEAST_GAIN[scale]
    assert report.srcnn.ssim > report.bicubic.ssim


@pytest.mark.parametrize("scale", LEAST_GAIN)
def test_bundled_variants_beat_bicubic_on_a_photograph(astronaut, scale):
    result = compare(astronaut, load(f"srcnn-x{scale}-mse"))
    assert result.srcnn_score.psnr > result.bicubic_score.psnr + 0.5


def test_a_comparison_measures_what_evaluate_measures(tmp_path, astronaut, network):
    picture = astronaut.crop(100, 131)
    picture.save(tmp_path / "a.png")
    result, report = compare(picture, network), evaluate(network, [tmp_path / "a.png"])
    assert report.names == ["a.png"]
    assert report.bicubic == result.bicubic_score
    assert report.srcnn == result.srcnn_score


def test_the_three_pictures_of_a_comparison_have_the_mod_cropped_size(astronaut, network):
    result = compare(astronaut.crop(100, 131), network)
    for picture in (result.truth, result.bicubic, result.srcnn):
        assert picture.pixels.shape == (99, 129, 3)
    assert np.array_equal(result.truth.pixels, astronaut.pixels[:99, :129])


def test_colour_comes_from_the_reduced_picture_not_from_the_truth(network):
    """A checkerboard of colours of equal luminance: its colour is lost by reducing it, and must not come back."""
    pixels = np.zeros((60, 60, 3), dtype=np.uint8)
    pixels[::2, ::2] = pixels[1::2, 1::2] = (130, 0, 0)
    pixels[1::2, ::2] = pixels[::2, 1::2] = (0, 66, 0)
    result = compare(Picture(pixels), network)
    red = result.bicubic.pixels[10:-10, 10:-10, 0]
    assert red.std() < 10 < pixels[..., 0].std()


def test_grey_alpha_and_sixteen_bits_can_be_compared(network, astronaut):
    grey = compare(Picture(astronaut.pixels[:60, :60, 0]), network)
    assert grey.srcnn.pixels.shape == (60, 60)
    deep = compare(Picture(astronaut.pixels[:60, :60, 0].astype(np.uint16) * 257), network)
    assert deep.bicubic_score == grey.bicubic_score
    clear = compare(Picture(astronaut.pixels[:60, :60], np.zeros((60, 60), dtype=np.uint8)), network)
    assert (clear.truth.pixels == 255).all()
    assert clear.bicubic_score.psnr == math.inf


@pytest.mark.parametrize(("height", "width"), [(1, 1), (8, 40), (40, 8)])
def test_pictures_too_small_to_measure_are_refused(network, height, width):
    with pytest.raises(ImageError, match="each side needs at least 9"):
        compare(Picture(np.zeros((height, width, 3), dtype=np.uint8)), network)


def test_the_smallest_measurable_picture(network):
    score = compare(Picture(np.random.default_rng(0).integers(0, 256, (9, 9), dtype=np.uint8)), network).srcnn_score
    assert math.isfinite(score.psnr)
    assert math.isnan(score.ssim)


def test_evaluate_names_the_file_that_cannot_be_used(tmp_path, network):
    (tmp_path / "broken.png").write_text("no picture")
    with pytest.raises(ImageError, match=r"broken\.png: This file is not a picture"):
        evaluate(network, [tmp_path / "broken.png"])


def test_scores_without_a_number_are_null_in_json():
    assert Score(math.inf, math.nan).round_figures() == {"psnr": None, "ssim": None}
    assert Score(30.12345678, 0.8765432109).round_figures() == {"psnr": 30.123457, "ssim": 0.87654321}


def test_a_grey_picture_is_shown_as_it_was_measured():
    """By its own levels, as in the papers."""
    grey = Picture(np.tile(np.arange(0, 240, 4, dtype=np.uint8), (30, 1)))
    result, pair = compare(grey, load("srcnn-x3-mse")), make_pair(truth_of(grey), 3)
    assert np.array_equal(result.bicubic.pixels, to_uint8(pair.bicubic).numpy())


@pytest.mark.parametrize("levels", ["disc", "camera", "dark camera"])
def test_a_grey_picture_scores_what_enlarging_its_reduced_picture_gives(levels):
    """Networks get its luminance from 16 to 235, whoever calls them: black stays black."""
    rows, columns = np.indices((108, 117)) - 55
    disc = (255 * ((40 - np.hypot(rows, columns)) / 6).clip(0, 1)).astype(np.uint8)
    camera = skimage.data.camera()[100:208, 200:317]
    grey = Picture({"disc": disc, "camera": camera, "dark camera": camera // 4}[levels].copy())
    model = load("srcnn-x3-mse")
    result, low = compare(grey, model), downscale(grey, 3)
    for score, made in ((result.srcnn_score, upscale(low, model)), (result.bicubic_score, upscale_bicubic(low, 3))):
        delivered = psnr(*(torch.from_numpy(each.pixels[3:-3, 3:-3].copy()) for each in (made, grey)))
        assert score.psnr > delivered - 0.3
    stored_as_rgb = compare(Picture(np.repeat(grey.pixels[..., None], 3, axis=2)), model)
    own = stored_as_rgb.srcnn_score.psnr + 20 * math.log10(219 / 255)  # luminance has a smaller range
    assert result.srcnn_score.psnr == pytest.approx(own, abs=0.3)  # and is rounded there
