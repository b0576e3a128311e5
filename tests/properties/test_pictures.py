"""What holds for every picture: colour there and back, PNG files, PSNR and SSIM. How to search wider: properties.py."""

import math
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from srcnn.evaluation import metrics
from srcnn.evaluation.metrics import WINDOW_PIXELS, psnr, ssim
from srcnn.imaging import color
from srcnn.imaging.color import luminance, rgb_to_ycbcr, to_grey_levels, ycbcr_to_rgb
from srcnn.imaging.imresize import to_uint8
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.planes import from_planes, to_planes
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import encode_png
from tests.support.strategies import SEEDS, SIDES, another, assert_same, pictures, planes, random_levels

WINDOWS = st.integers(WINDOW_PIXELS, 40)  # sides of which SSIM can be told
TURNS = (lambda x: x.flip(0), lambda x: x.flip(1), lambda x: x.mT, lambda x: x.rot90(1))
SETTINGS = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}


def random_pixels(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


# Colour


@given(SEEDS, SIDES, SIDES, st.booleans())
def test_colours_come_back_from_ycbcr_which_stays_in_studio_swing(seed, height, width, full):
    rgb = random_levels(seed, 3, height, width)
    rgb = (rgb > 127).double() * 255 if full else rgb  # the corners of the colour cube, which reach the limits
    ycbcr, rounding = rgb_to_ycbcr(rgb), 1e-9
    assert torch.allclose(ycbcr_to_rgb(ycbcr), rgb, rtol=0, atol=rounding)
    assert ycbcr.min() >= 16 - rounding
    assert ycbcr[0].max() <= 235 + rounding
    assert ycbcr[1:].max() <= 240 + rounding


@given(SEEDS, SIDES, SIDES)
def test_integer_colours_come_back_exactly_in_single_precision(seed, height, width):
    rgb = to_grey_levels(random_pixels(seed, height, width, 3), torch.float32)
    assert torch.equal(ycbcr_to_rgb(rgb_to_ycbcr(rgb)).round(), rgb)


@given(SEEDS, SIDES, SIDES, st.integers(1, 50))
def test_luminance_is_the_rounded_y_however_it_is_cut_up(seed, height, width, chunk):
    pixels = random_pixels(seed, height, width, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(color, "CHUNK_PIXELS", chunk)
        assert torch.equal(luminance(pixels), to_uint8(rgb_to_ycbcr(to_grey_levels(pixels))[0]))


@given(pictures())
def test_a_picture_comes_back_from_its_planes(picture):
    assert_same(from_planes(to_planes(picture), like=picture), picture)


# Files


@given(pictures())
def test_a_picture_comes_back_from_its_png(picture):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "picture.png")
        picture.save(file)
        assert_same(open_picture(file), picture)
        assert_same(open_picture(file, keep_metadata=True), picture)
        file.write_bytes(encode_png(picture))
        assert_same(open_picture(file), picture)
        with Image.open(file) as image:
            assert image.size == (picture.width, picture.height)


@given(pictures(), st.sampled_from([".jpg", ".png", ".webp", ".bmp", ".tif", ".gif", ".xyz", ""]))
def test_a_picture_is_written_in_its_size_or_refused_by_one_sentence(picture, suffix):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"picture{suffix}")
        refusal = f"This picture cannot be written as {suffix or 'a file without suffix'}; use .png."
        if refused := refused_by(lambda: picture.save(file)):
            assert (refused, list(Path(folder).iterdir())) == (refusal, [])
        else:
            opened = open_picture(file)
            assert (opened.height, opened.width) == (picture.height, picture.width)


def refused_by(work: Callable[[], None]) -> str:
    """The sentence, or nothing where all is well."""
    try:
        work()
    except ImageError as error:
        return str(error)
    return ""


@given(pictures(), SIDES, SIDES)
def test_a_part_of_a_flattened_picture_is_the_flattened_part(picture, height, width):
    assert_same(picture.flattened().crop(height, width), picture.crop(height, width).flattened())
    assert_same(picture.flattened(), picture.flattened().flattened())


@given(pictures())
def test_where_it_is_opaque_flattening_keeps_8_bits_as_they_are(picture):
    flat = picture.flattened()
    assert (flat.pixels.dtype, flat.alpha) == (np.uint8, None)
    if picture.alpha is not None:
        opaque = picture.alpha == 255
        assert np.array_equal(flat.pixels[opaque], picture.pixels[opaque])
        assert (flat.pixels[picture.alpha == 0] == 255).all()
        whole = Picture(picture.pixels, np.full_like(picture.alpha, 255))
        assert np.array_equal(whole.flattened().pixels, picture.pixels)


# Measures


@given(planes(), SEEDS, st.integers(1, 200))
def test_psnr_is_symmetric_and_equals_scikit_image_however_it_is_cut_up(a, seed, chunk):
    b = another(a, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "CHUNK_ROWS", chunk)
        assert psnr(a, b) == psnr(b, a)
        assert psnr(a, b) == pytest.approx(peak_signal_noise_ratio(a.numpy(), b.numpy(), data_range=255), abs=1e-9)


@given(planes(), SEEDS, st.floats(0.01, 1))
def test_psnr_falls_with_the_noise_and_sees_neither_a_shift_nor_a_turn(a, seed, share):
    noise = another(a, seed) + 1
    assert psnr(a, a) == math.inf
    assert psnr(a, a + share * noise) == pytest.approx(psnr(a, a + noise) - 20 * math.log10(share), abs=1e-6)
    assert psnr(a + 9, a + noise + 9) == pytest.approx(psnr(a, a + noise), abs=1e-9)
    for turned in TURNS:
        assert psnr(turned(a), turned(a + noise)) == pytest.approx(psnr(a, a + noise), abs=1e-9)


@given(planes(WINDOWS), SEEDS, st.integers(1, 400))
def test_ssim_equals_scikit_image_however_it_is_cut_up(a, seed, chunk):
    b = another(a, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "CHUNK_ROWS", chunk)
        assert ssim(a, b) == pytest.approx(structural_similarity(a.numpy(), b.numpy(), **SETTINGS), abs=1e-9)


@given(planes(WINDOWS), SEEDS)
def test_ssim_is_symmetric_bounded_one_only_for_itself_and_sees_no_turn(a, seed):
    b = another(a, seed)
    assert ssim(a, b) == pytest.approx(ssim(b, a), abs=1e-12)
    assert -1 <= ssim(a, b) < 0.999
    assert ssim(a, a) == pytest.approx(1, abs=1e-9)
    for turned in TURNS:
        assert ssim(turned(a), turned(b)) == pytest.approx(ssim(a, b), abs=1e-9)


@given(planes(WINDOWS), SEEDS)
def test_ssim_falls_from_no_noise_to_some_to_all(a, seed):
    noise = another(a, seed) - 127.5
    assert 1 > ssim(a, a + 0.02 * noise) > ssim(a, a + 0.2 * noise) > ssim(a, a + 2 * noise)
