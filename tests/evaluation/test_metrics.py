import math

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from srcnn.evaluation.metrics import psnr, shave, ssim


@pytest.fixture
def pair(astronaut) -> tuple[torch.Tensor, torch.Tensor]:
    truth = astronaut.pixels[..., 1].astype(np.float64)
    noisy = np.clip(truth + np.random.default_rng(0).normal(0, 9, truth.shape), 0, 255).round()
    return torch.from_numpy(noisy), torch.from_numpy(truth)


def test_psnr_equals_scikit_image(pair):
    a, b = (x.numpy() for x in pair)
    assert psnr(*pair) == pytest.approx(peak_signal_noise_ratio(b, a, data_range=255), abs=1e-9)


def test_ssim_equals_scikit_image_with_the_papers_settings(pair):
    a, b = (x.numpy() for x in pair)
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    assert ssim(*pair) == pytest.approx(structural_similarity(a, b, **settings), abs=1e-9)


def test_one_grey_level_off_is_48_db():
    assert psnr(torch.zeros(4, 4), torch.ones(4, 4)) == pytest.approx(48.1308, abs=1e-4)


def test_equal_pictures(pair):
    assert psnr(pair[0], pair[0]) == math.inf
    assert ssim(pair[0], pair[0]) == pytest.approx(1)


def test_uint8_does_not_overflow():
    assert psnr(torch.tensor([[0]], dtype=torch.uint8), torch.tensor([[255]], dtype=torch.uint8)) == 0


def test_ssim_of_a_picture_smaller_than_its_window_is_unknown():
    assert math.isnan(ssim(torch.zeros(10, 40), torch.zeros(10, 40)))


def test_shave_leaves_out_the_border_on_every_side():
    assert shave(torch.arange(30).view(5, 6), 2).tolist() == [[14, 15]]


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_pictures_that_cannot_be_compared_are_refused(metric):
    with pytest.raises(ValueError, match="different sizes"):
        metric(torch.zeros(20, 20), torch.zeros(20, 21))
    with pytest.raises(ValueError, match="without pixels"):
        metric(torch.zeros(0, 20), torch.zeros(0, 20))
