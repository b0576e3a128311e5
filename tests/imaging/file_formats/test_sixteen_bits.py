"""Pictures of 16 bits a channel: every level is read, and every level is written."""

import numpy as np
import pytest
from PIL import Image

from srcnn.evaluation.comparison import compare
from srcnn.imaging.conversion import to_picture
from srcnn.imaging.picture import ImageError, Picture, find_white, round_to_eight_bits
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import list_losses
from srcnn.inference.upscaling import upscale
from tests.support.picture_files import chunk, list_remarks, png, tiff

RNG = np.random.default_rng(0)
LEVELS = RNG.integers(0, 65536, (7, 9, 4)).astype(np.uint16)
KINDS = {
    "grey": Picture(LEVELS[..., 0].copy()),
    "grey-alpha": Picture(LEVELS[..., 0].copy(), LEVELS[..., 3].copy()),
    "rgb": Picture(LEVELS[..., :3].copy()),
    "rgba": Picture(LEVELS[..., :3].copy(), LEVELS[..., 3].copy()),
}


def channels_of(picture: Picture) -> np.ndarray:
    pixels = picture.pixels.reshape(*picture.pixels.shape[:2], -1)
    return pixels if picture.alpha is None else np.dstack([pixels, picture.alpha])


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_is_read_with_all_levels(tmp_path, channels):
    levels = LEVELS[..., :channels]
    (tmp_path / "a.png").write_bytes(png(levels))
    assert np.array_equal(channels_of(open_picture(tmp_path / "a.png")), levels)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("deflate", [False, True])
def test_tiff_is_read_with_all_levels(tmp_path, channels, order, deflate):
    levels = LEVELS[..., :channels]
    (tmp_path / "a.tif").write_bytes(tiff(levels, order, deflate=deflate))
    assert np.array_equal(channels_of(open_picture(tmp_path / "a.tif")), levels)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize("extra", [0, 1])
def test_a_fourth_channel_of_a_tiff_may_be_nothing_or_multiplied_with(tmp_path, order, deflate, extra):
    levels = LEVELS.copy()
    levels[..., 3] |= 0x8000
    levels[0, 0, 3], levels[0, 1] = 0, 65535
    stored = levels.astype(np.float64)
    if extra == 1:
        stored[..., :3] *= stored[..., 3:] / 65535
    stored = np.floor(stored + 0.5).astype(np.uint16)
    (tmp_path / "a.tif").write_bytes(tiff(stored, order, deflate=deflate, tags={338: [extra]}))
    picture = open_picture(tmp_path / "a.tif")
    assert picture.pixels.dtype == np.uint16
    seen = stored[..., 3] > 0
    assert np.abs(picture.pixels[seen].astype(int) - levels[seen][:, :3]).max() <= 2 * extra  # of rounding
    assert picture.alpha is None if extra == 0 else np.array_equal(picture.alpha, stored[..., 3])
    told = "a channel beside its colours that is not marked as transparency was left out"
    assert list_remarks(picture) == [told] * (extra == 0)


@pytest.mark.parametrize("most", [65535, 1023, 4095, 256])
@pytest.mark.parametrize("plain", [False, True])
def test_ppm_is_read_with_all_levels(tmp_path, most, plain):
    levels = LEVELS[..., :3].astype(int) % (most + 1)
    content = " ".join(map(str, levels.ravel())).encode() if plain else levels.astype(">u2").tobytes()
    (tmp_path / "a.ppm").write_bytes(b"P%d\n9 7\n%d\n" % (3 if plain else 6, most) + content)
    expected = np.floor(levels * (65535 / most) + 0.5)
    assert np.abs(open_picture(tmp_path / "a.ppm").pixels - expected).max() <= (most != 65535)


@pytest.mark.parametrize("content", [b"P6\n9 7\n65535\n" + LEVELS[..., :3].tobytes()[:-1], b"P3\n9 7\n65535\n1 2 3"])
def test_a_ppm_that_is_cut_off_is_refused(tmp_path, content):
    (tmp_path / "a.ppm").write_bytes(content)
    with pytest.raises(ImageError, match="cut off"):
        open_picture(tmp_path / "a.ppm")


def test_a_colour_that_is_told_to_be_transparent_is(tmp_path):
    for count, name in ((3, "rgb.png"), (1, "grey.png")):
        levels = LEVELS[..., :count]
        (tmp_path / name).write_bytes(png(levels, chunk(b"tRNS", levels[2, 3].astype(">u2").tobytes())))
        alpha = open_picture(tmp_path / name).alpha
        assert alpha[2, 3] == 0
        assert (alpha == 65535).sum() == alpha.size - 1


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_level_is_written(tmp_path, name, kind):
    KINDS[kind].save(tmp_path / name)
    again = open_picture(tmp_path / name)
    assert again.pixels.dtype == np.uint16
    assert np.array_equal(channels_of(again), channels_of(KINDS[kind]))
    if (kind, name) == ("grey-alpha", "a.tif"):
        return  # Pillow does not know it
    with Image.open(tmp_path / name) as image:  # another reader finds the upper bytes at least
        image.load()


def test_a_large_png_is_filtered_across_its_bands(tmp_path, monkeypatch):
    monkeypatch.setattr("srcnn.imaging.file_formats.sixteen_bits._BAND_BYTES", 100)
    KINDS["rgba"].save(tmp_path / "a.png")
    assert np.array_equal(channels_of(open_picture(tmp_path / "a.png")), LEVELS)


def test_ppm_holds_colours_of_sixteen_bits(tmp_path):
    KINDS["rgb"].save(tmp_path / "a.ppm")
    assert np.array_equal(open_picture(tmp_path / "a.ppm").pixels, LEVELS[..., :3])


@pytest.mark.parametrize("orientation", [3, 6])
def test_they_are_turned_upright(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = np.rot90(LEVELS, {3: 2, 6: -1}[orientation])
    for count, name in ((2, "la.png"), (3, "rgb.png")):
        (tmp_path / name).write_bytes(png(LEVELS[..., :count], chunk(b"eXIf", exif.tobytes()[6:])))
        assert np.array_equal(channels_of(open_picture(tmp_path / name)), turned[..., :count])


@pytest.mark.parametrize("name", ["a.webp", "a.avif", "a.gif", "a.jpg", "a.bmp", "a.jp2", "a.tga"])
@pytest.mark.parametrize("grey", [True, False])
def test_formats_of_eight_bits_get_them_rounded(tmp_path, name, grey):
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (24, 1))
    Picture(ramp if grey else np.dstack([ramp] * 3)).save(tmp_path / name)
    got = np.asarray(Image.open(tmp_path / name).convert("L")).astype(float)
    assert np.abs(got - ramp / 257).mean() < 2


def test_eight_bits_are_the_nearest_ones():
    levels = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(round_to_eight_bits(levels), np.floor(levels / 257 + 0.5))


@pytest.mark.parametrize(("bits", "suffix"), [(8, "png"), (10, "tif"), (12, "png"), (14, "png")])
@pytest.mark.parametrize("colour", [False, True])
def test_a_picture_of_fewer_bits_in_sixteen_keeps_its_levels(tmp_path, astronaut, network, bits, suffix, colour):
    """It is measured, compared and enlarged as the same picture of 8 bits; only the depth of the result differs."""
    eight = Picture(astronaut.pixels[:60, :66] if colour else astronaut.pixels[:60, :66, 0].copy())
    white = 2**bits - 1
    deep = (eight.pixels.astype(float) * white / 255 + 0.5).astype(np.uint16)
    Picture(deep).save(tmp_path / f"deep.{suffix}")
    opened = open_picture(tmp_path / f"deep.{suffix}")
    assert (opened.white, to_picture(deep).white) == (white, white)
    assert np.array_equal(opened.flattened().pixels, eight.pixels)
    assert opened.flattened().white is None
    enlarged = upscale(opened, network)
    expected = upscale(eight, network).pixels.astype(float) * white / 255
    assert enlarged.white == white
    assert enlarged.pixels.max() <= white
    assert np.abs(enlarged.pixels - expected).max() <= white / 255 + 1
    score = compare(opened, network).srcnn_score
    assert score.psnr == pytest.approx(compare(eight, network).srcnn_score.psnr, abs=1e-9)


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.bmp", "a.avif"])
@pytest.mark.parametrize("most", [255, 4000, 16383])
@pytest.mark.parametrize("colour", [False, True])
def test_a_dark_picture_is_as_dark_in_a_file_of_eight_bits_and_it_is_told(tmp_path, name, most, colour):
    ramp = np.linspace(0, most, 64 * 64).astype(np.uint16).reshape(64, 64)
    picture = to_picture(np.dstack([ramp] * 3) if colour else ramp)
    assert picture.white
    picture.save(tmp_path / name)
    got = np.asarray(Image.open(tmp_path / name).convert("L")).astype(float)
    assert np.abs(got - ramp / 257).max() < 2
    told = [str(loss) for loss in list_losses(picture, tmp_path / name)]
    bits = picture.white.bit_length()
    assert told[0].endswith(f"file holds the upper 8, and its levels use the lower {bits}")
    assert list_losses(picture, tmp_path / "a.png") == []


def test_a_dark_or_black_picture_of_sixteen_bits_is_not_taken_for_one_of_fewer():
    assert find_white(np.full((4, 4), 16384, np.uint16)) is None
    assert find_white(np.zeros((4, 4), np.uint16)) is None
