"""What a format cannot hold is refused or told, before it is written."""

import numpy as np
import pytest

from srcnn.cli.parser import main
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import list_losses

RGB = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
DEEP = RGB.astype(np.uint16) * 257


@pytest.mark.parametrize("name", ["a.ico", "a.icns", "a.pdf", "a.eps", "a.xyz", "a", "a.pgm", "a.pbm", "a.PFM"])
def test_other_formats_are_refused_in_a_sentence(tmp_path, name):
    with pytest.raises(ImageError, match=r"use \.png"):
        Picture(RGB).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.jpg", "a.bmp", "a.ppm", "a.gif"])
def test_alpha_is_never_dropped(tmp_path, name):
    with pytest.raises(ImageError, match="transparency"):
        Picture(RGB, np.full((24, 24), 100, np.uint8)).save(tmp_path / name)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", ["a.jpg", "a.bmp", "a.ppm"])
def test_an_opaque_alpha_channel_is_no_transparency(tmp_path, name, depth):
    pixels = (DEEP if depth == np.uint16 else RGB)[:24, :24]
    Picture(pixels, np.full((24, 24), np.iinfo(depth).max, depth)).save(tmp_path / name)
    assert open_picture(tmp_path / name).alpha is None


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_sprite_enlarged_into_a_gif_keeps_its_shape_and_it_is_told(tmp_path, depth):
    alpha = np.zeros((24, 24), depth)
    alpha[6:18, 6:18] = np.iinfo(depth).max
    alpha[6:18, 5] = np.iinfo(depth).max // 3  # as between the two in an enlarged picture
    picture = Picture(np.full((24, 24), 200, depth), alpha)
    assert "half transparent" in " ".join(map(str, list_losses(picture, tmp_path / "a.gif")))
    picture.save(tmp_path / "a.gif")
    assert np.array_equal(open_picture(tmp_path / "a.gif").alpha == 255, alpha == alpha.max())


def test_a_format_that_cannot_hold_alpha_is_refused_before_the_network_runs(tmp_path, monkeypatch, capsys):
    Picture(RGB, np.full((24, 24), 100, np.uint8)).save(tmp_path / "a.png")
    monkeypatch.setattr("srcnn.cli.upscale.upscale_to", lambda *_, **__: pytest.fail("The network ran."))
    assert main(["upscale", str(tmp_path / "a.png"), "-o", str(tmp_path / "a.jpg")]) == 1
    assert "transparency" in capsys.readouterr().err
