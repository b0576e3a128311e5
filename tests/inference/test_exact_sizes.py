"""Any size: the passes that are chosen, and the result, pixel for pixel."""

import numpy as np
import pytest
import torch

from srcnn.cli.parser import main
from srcnn.imaging.imresize import imresize
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.exact_sizes import TargetSize, choose_passes
from srcnn.inference.upscaling import upscale
from srcnn.variants.loading import load


@pytest.mark.parametrize(
    ("factor", "passes"),
    [(1, ()), (1.01, (2,)), (2, (2,)), (2.5, (3,)), (3.7, (4,)), (5, (2, 3)), (6, (2, 3)), (6.1, (2, 4)), (8, (2, 4))],
)
def test_the_passes_are_few_and_make_little_too_much(factor, passes):
    assert choose_passes((2, 3, 4), factor) == passes


def test_a_network_serves_its_own_scale_at_once_and_others_by_passes():
    assert choose_passes((1,), 1) == (1,)
    assert choose_passes((8,), 8) == (8,)
    assert choose_passes((3,), 2) == (3,)
    assert choose_passes((3,), 5) == (3, 3)
    assert choose_passes((2,), 7) == (2, 2, 2)
    with pytest.raises(ImageError, match="no network that enlarges by 2"):
        choose_passes((1,), 2)


@pytest.mark.parametrize(
    ("size", "result"),
    [
        (TargetSize(1.5), (32, 15)),
        (TargetSize(8), (168, 80)),
        (TargetSize(width=42), (42, 20)),
        (TargetSize(height=40), (84, 40)),
        (TargetSize(width=50, height=24), (50, 24)),
    ],
)
def test_sizes_are_exact(size, result):
    assert size.find(21, 10) == result


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (TargetSize(width=50, height=40), "another shape"),
        (TargetSize(width=20), "would become 0.95 times"),
        (TargetSize(height=81), "would become 8.10 times"),
    ],
)
def test_other_sizes_are_refused_in_a_sentence(size, words):
    with pytest.raises(ImageError, match=words):
        size.find(21, 10)


def reduced(channels: np.ndarray, height: int, width: int) -> np.ndarray:
    planes = torch.from_numpy(np.atleast_3d(channels).transpose(2, 0, 1).copy())
    made = imresize(planes, (height / planes.shape[1], width / planes.shape[2])).numpy().transpose(1, 2, 0)
    return made[..., 0] if channels.ndim == 2 else made


@pytest.mark.parametrize(
    ("options", "passes", "size"),
    [
        (["--scale", "1.5"], (2,), (32, 15)),
        (["--scale", "5"], (2, 3), (105, 50)),
        (["--width", "60"], (3,), (60, 29)),
        (["--height", "10"], (), (21, 10)),
    ],
)
def test_the_command_makes_what_passes_and_reduction_make(tmp_path, astronaut, options, passes, size):
    picture = Picture(np.ascontiguousarray(astronaut.pixels[100:110, 100:121]))
    picture.save(tmp_path / "a.png")
    assert main(["upscale", str(tmp_path / "a.png"), "-o", str(tmp_path / "b.png"), *options]) == 0
    for scale in passes:
        picture = upscale(picture, load(f"srcnn-x{scale}-mse"))
    width, height = size
    expected = picture.pixels if size == (picture.width, picture.height) else reduced(picture.pixels, height, width)
    assert np.array_equal(open_picture(tmp_path / "b.png").pixels, expected)


def test_a_model_of_another_scale_is_used_in_passes(tmp_path, astronaut):
    astronaut.crop(9, 12).save(tmp_path / "a.png")
    call = ["upscale", str(tmp_path / "a.png"), "--model", "srcnn-x3-mse"]
    assert main([*call, "-o", str(tmp_path / "b.png"), "--scale", "4"]) == 0
    assert open_picture(tmp_path / "b.png").pixels.shape == (36, 48, 3)


@pytest.mark.parametrize("text", ["0.9", "8.5", "nan", "inf", "three"])
def test_a_scale_is_a_number_from_1_to_8(text):
    with pytest.raises(SystemExit):
        main(["upscale", "a.png", "-o", "b.png", "--scale", text])


def test_two_sizes_are_refused(tmp_path, capsys):
    assert main(["upscale", "a.png", "-o", str(tmp_path / "b.png"), "--scale", "2", "--width", "90"]) == 1
    assert "two sizes" in capsys.readouterr().err
