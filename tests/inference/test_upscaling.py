from dataclasses import replace

import numpy as np
import pytest
import skimage.data
import torch

from srcnn import SRCNN
from srcnn.data.picture_sets import list_pictures
from srcnn.imaging.colors.color_profiles import ADOBE_RGB, build_profile
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference import engine
from srcnn.inference.device import best_device
from srcnn.inference.upscaling import downscale, upscale, upscale_bicubic, upscale_in_bands
from srcnn.networks.edsr import EDSR
from srcnn.networks.vdsr import VDSR
from srcnn.variants.loading import load
from tests.support.bands import BandNetwork, upscale_both

PICTURES = {
    "rgb": Picture(np.random.default_rng(0).integers(0, 256, (20, 31, 3), dtype=np.uint8)),
    "grey": Picture(np.random.default_rng(0).integers(0, 256, (20, 31), dtype=np.uint8)),
    "16-bit": Picture(np.random.default_rng(0).integers(0, 65536, (20, 31), dtype=np.uint16)),
    "rgba": Picture(*(np.random.default_rng(0).integers(0, 256, (20, 31, *c), dtype=np.uint8) for c in ((3,), ()))),
    "one pixel": Picture(np.full((1, 1, 3), 99, dtype=np.uint8)),
}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_kind_of_picture_is_kept(network, picture):
    for result in (upscale(picture, network), upscale_bicubic(picture, 3)):
        assert result.pixels.shape == (3 * picture.height, 3 * picture.width, *picture.pixels.shape[2:])
        assert result.pixels.dtype == picture.pixels.dtype
        assert (result.alpha is None) == (picture.alpha is None)
    if picture.alpha is not None:
        assert result.alpha.shape == result.pixels.shape[:2]


def test_both_at_once_equal_each_alone(network):
    picture = PICTURES["rgba"]
    for together, alone in zip(
        upscale_both(picture, network), (upscale_bicubic(picture, 3), upscale(picture, network)), strict=True
    ):
        assert np.array_equal(together.pixels, alone.pixels)
        assert np.array_equal(together.alpha, alone.alpha)


def test_bands_change_nothing(network, monkeypatch):
    whole = upscale_both(PICTURES["rgba"], network)
    monkeypatch.setattr(engine, "BAND_PIXELS", 93 * 30)
    banded = BandNetwork(network)
    bands = [rows for (rows, _), *_ in upscale_in_bands(PICTURES["rgba"], banded)]
    assert bands == [slice(0, 30), slice(30, 60)]
    in_bands = upscale_both(PICTURES["rgba"], banded)
    for one, other in zip(in_bands, whole, strict=True):
        assert np.abs(one.pixels.astype(int) - other.pixels).max() <= 1  # halves may round up or down
        assert np.mean(one.pixels != other.pixels) < 0.001
        assert np.array_equal(one.alpha, other.alpha)


@pytest.mark.parametrize("make", [SRCNN, VDSR, EDSR])
def test_a_wide_picture_is_enlarged_piece_by_piece_and_no_piece_is_seen(monkeypatch, make):
    model = make(scale=2).eval()
    pixels = np.random.default_rng(3).integers(0, 256, (5, 900, 4), dtype=np.uint8)
    picture = Picture(pixels[..., :3], pixels[..., 3] | 128)
    whole = upscale_both(picture, model, exact=True)
    monkeypatch.setattr(engine, "BAND_PIXELS", 1)
    shares = [share for *_, share in upscale_in_bands(picture, model, exact=True)]
    assert len(shares) > 1
    assert shares == sorted(shares)
    assert shares[-1] == 1
    for one, other in zip(upscale_both(picture, model, exact=True), whole, strict=True):
        assert np.abs(one.pixels.astype(int) - other.pixels).max() <= 1  # halves may round up or down
        assert np.mean(one.pixels != other.pixels) < 0.001
        assert np.array_equal(one.alpha, other.alpha)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_grey_is_enlarged_as_the_same_picture_stored_as_rgb(scale):
    model = load(f"srcnn-x{scale}-mse")
    levels = skimage.data.camera()[100:180, 150:250]
    for enlarged in (lambda picture: upscale(picture, model), lambda picture: upscale_bicubic(picture, scale)):
        grey = enlarged(Picture(levels)).pixels.astype(int)
        colour = enlarged(Picture(np.dstack([levels] * 3))).pixels
        assert np.abs(colour - grey[..., None]).max() <= 1  # the detour through colours rounds
        assert np.mean(colour != grey[..., None]) < 0.001


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_black_stays_black_and_white_stays_white(scale):
    """Within what the networks miss of colours, too; levels of 0..255 sent to them come back 17 levels too bright."""
    model = load(f"srcnn-x{scale}-mse")
    for depth, near in ((np.uint8, 4), (np.uint16, 4 * 257)):
        full = np.iinfo(depth).max
        for level in (0, full):
            flat = upscale(Picture(np.full((12, 12), level, dtype=depth)), model)
            assert np.abs(flat.pixels.astype(int) - level).max() <= near


def test_metadata_and_alpha_stay_with_the_enlarged_picture(network):
    picture = replace(PICTURES["rgba"], profile=b"profile", exif=b"exif")
    for result in (*upscale_both(picture, network), upscale_bicubic(picture, 2), downscale(picture, 2)):
        assert (result.profile, result.exif) == (b"profile", b"exif")
        assert result.alpha is not None


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (12, 200, 99)])
def test_bicubic_keeps_a_flat_colour(colour):
    flat = Picture(np.full((8, 8, 3), colour, dtype=np.uint8), np.full((8, 8), 128, dtype=np.uint8))
    result = upscale_bicubic(flat, 3)
    assert (result.pixels == colour).all()
    assert (result.alpha == 128).all()


def test_only_luminance_goes_through_the_network(astronaut):
    """A network that inverts luminance leaves Cb and Cr as bicubic makes them."""
    model = SRCNN(padding="replicate", scale=2, residual=True)
    torch.nn.init.zeros_(model.conv3.weight)
    torch.nn.init.constant_(model.conv3.bias, 20 / 255)
    picture = Picture(astronaut.pixels[100:140, 100:140] // 2 + 40)
    brighter, plain = upscale(picture, model.eval()), upscale_bicubic(picture, 2)
    difference = brighter.pixels.astype(int) - plain.pixels
    # 20 levels of luminance in studio swing are 20 * 255 / 219 of every channel
    assert np.abs(difference - 20 * 255 / 219).max() <= 1


def test_sixteen_bits_are_finer_than_eight(network):
    ramp = np.linspace(20000, 21000, 64).astype(np.uint16)
    result = upscale_bicubic(Picture(np.tile(ramp, (16, 1))), 2)
    assert len(np.unique(result.pixels)) > 60
    flat = upscale_bicubic(Picture(np.full((8, 8), 21000, dtype=np.uint16)), 2)
    assert (flat.pixels == 21000).all()


def test_downscale_crops_to_a_multiple_of_the_scale():
    picture = Picture(np.zeros((20, 31, 3), dtype=np.uint8), np.full((20, 31), 255, dtype=np.uint8))
    result = downscale(picture, 3)
    assert result.pixels.shape == (6, 10, 3)
    assert (result.alpha == 255).all()


def test_downscale_needs_a_picture_of_at_least_the_scale():
    with pytest.raises(ImageError, match="2x9 pixels, each side needs at least 3"):
        downscale(Picture(np.zeros((9, 2), dtype=np.uint8)), 3)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_downscale_equals_matlab(shared, scale):
    for file in list_pictures(shared / f"data/matlab/Set5/x{scale}"):
        result = downscale(open_picture(shared / "data/test/Set5" / file.name), scale)
        assert np.array_equal(result.pixels, open_picture(file).pixels)


@pytest.mark.skipif(best_device().type == "cpu", reason="needs a GPU")
def test_gpu_equals_cpu(network, astronaut):
    on_cpu = upscale(astronaut, network).pixels
    on_gpu = upscale(astronaut, network.to(best_device())).pixels
    assert np.abs(on_cpu.astype(int) - on_gpu).max() <= 1


def test_of_a_path_the_metadata_are_kept(tmp_path):
    """And of the same colours as `open_picture` with metadata gives them."""
    given = Picture(
        np.full((8, 9, 3), 99, np.uint8), profile=build_profile(ADOBE_RGB), text=(("a", "b"),), dpi=(300, 150)
    )
    given.save(tmp_path / "a.png")
    result = upscale(tmp_path / "a.png", load("srcnn-x2-mse"))
    assert (result.profile, result.text) == (given.profile, given.text)
    assert result.dpi == pytest.approx(given.dpi, abs=0.5)
    assert np.array_equal(result.pixels, upscale(given, load("srcnn-x2-mse")).pixels)
    assert downscale(tmp_path / "a.png", 2).profile is None
