"""The package as people call it who have pictures and weights of their own."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from PIL import Image
from torch import nn

from srcnn import EDSR, SRCNN, VDSR, ImageError, Picture, VariantError, compare, downscale, load, open_picture, upscale
from srcnn.inference.ensemble import Ensemble

SHAPES = [(12, 17), (12, 17, 3), (12, 17, 4)]


def as_array(picture: Picture) -> np.ndarray:
    return picture.pixels if picture.alpha is None else np.dstack([picture.pixels, picture.alpha])


@pytest.fixture
def pixels(astronaut) -> np.ndarray:
    """(12, 17, 4), with an alpha that is nowhere 0."""
    colours = astronaut.pixels[100:112, 200:217]
    return np.dstack([colours, colours[..., :1] // 2 + 100])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", SHAPES)
def test_an_array_gives_an_array_of_its_kind(network, pixels, shape, dtype):
    array = pixels[..., : shape[2]] if len(shape) == 3 else pixels[..., 0]
    array = array.astype(dtype) * (257 if dtype == np.uint16 else 1)
    alone = Picture(array) if shape != SHAPES[2] else Picture(array[..., :3], array[..., 3])
    before = array.copy()
    larger, smaller = upscale(array, network), downscale(array, 3)
    assert (larger.shape, larger.dtype) == ((36, 51, *shape[2:]), dtype)
    assert (smaller.shape, smaller.dtype) == ((4, 5, *shape[2:]), dtype)
    assert np.array_equal(larger, as_array(upscale(alone, network)))
    assert np.array_equal(smaller, as_array(downscale(alone, 3)))
    compared, expected = compare(array, network), compare(alone, network)
    assert compared.srcnn_score == expected.srcnn_score
    for name in ("truth", "bicubic", "srcnn"):
        assert np.array_equal(getattr(compared, name), getattr(expected, name).pixels)
    assert np.array_equal(array, before)


def test_an_array_may_be_a_view_that_runs_backwards_or_cannot_be_written(network, pixels):
    backwards = pixels[..., 2::-1]
    expected = upscale(backwards.copy(), network)
    frozen = backwards.copy()
    frozen.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(upscale(backwards, network), expected)
        assert np.array_equal(upscale(frozen, network), expected)
    swapped = (backwards.astype(">u2") * 257, backwards.astype(np.uint16) * 257)
    assert np.array_equal(*(upscale(each, network) for each in swapped))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "I;16"])
def test_a_pillow_image_gives_a_pillow_image(network, pixels, tmp_path, mode):
    sixteen = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
    image = sixteen if mode == "I;16" else Image.fromarray(pixels).convert(mode)
    image.save(tmp_path / "picture.png")
    read = open_picture(tmp_path / "picture.png")
    for result, expected in (
        (upscale(image, network), upscale(read, network)),
        (downscale(image, 3), downscale(read, 3)),
        (compare(image, network).srcnn, compare(read, network).srcnn),
    ):
        assert isinstance(result, Image.Image)
        assert np.array_equal(np.array(result), as_array(expected))


def test_a_pillow_image_is_turned_upright_and_stays_as_it_is(network, pixels, tmp_path):
    exif = Image.Exif()
    exif[274] = 6  # to be turned by 90 degrees
    Image.fromarray(pixels[..., :3]).save(tmp_path / "turned.png", exif=exif)
    with Image.open(tmp_path / "turned.png") as image:
        assert upscale(image, network).size == (36, 51)
        assert image.size == (17, 12)


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_a_path_gives_a_picture(network, pixels, tmp_path, kind):
    file = tmp_path / "picture.png"
    Image.fromarray(pixels).save(file)
    for call in (lambda each: upscale(each, network), lambda each: downscale(each, 3)):
        result = call(kind(file))
        assert isinstance(result, Picture)
        assert np.array_equal(as_array(result), as_array(call(open_picture(file))))
    assert compare(kind(file), network).srcnn_score == compare(open_picture(file), network).srcnn_score


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((12, 17, 3), np.float32),
        np.zeros((3, 12, 17), np.uint8),
        np.zeros((12, 17, 5), np.uint8),
        np.zeros((1, 12, 17, 3), np.uint8),
        np.zeros((0, 17), np.uint8),
        np.zeros(17, np.uint8),
    ],
)
def test_another_array_is_refused_by_a_sentence_that_says_what_is_taken(network, array):
    for call in (lambda: upscale(array, network), lambda: downscale(array, 3), lambda: compare(array, network)):
        with pytest.raises(ImageError, match=r"^An array of a picture is \(H, W\) or .*, not \(.*\) and \w+\.$"):
            call()


def test_what_is_no_picture_is_refused(network, tmp_path):
    with pytest.raises(TypeError, match="a Picture, a path, a Pillow image or a numpy array, not Tensor"):
        upscale(torch.zeros(12, 17), network)
    with pytest.raises(ImageError, match="There is no file none.png"):
        upscale(tmp_path / "none.png", network)


def test_a_network_without_a_scale_takes_one(pixels, network):
    own = SRCNN(num_channels=1, padding="replicate").eval()
    own.load_state_dict(network.state_dict())
    assert np.array_equal(upscale(pixels, own, scale=3), upscale(pixels, network))
    assert upscale(pixels, own, scale=2).shape == (24, 34, 4)
    assert compare(pixels, own, scale=3).srcnn_score == compare(pixels, network).srcnn_score
    assert own.scale is None
    for call in (upscale, compare):
        with pytest.raises(ValueError, match="does not say which scale it is for; say with scale="):
            call(pixels, own)
        for scale in (0, -2, 2.5, 17):
            with pytest.raises(ValueError, match="scale must be"):
                call(pixels, own, scale=scale)


def test_a_network_is_used_at_no_scale_that_it_does_not_serve(pixels, network):
    several = VDSR(depth=2, channels=3, scale=(2, 4)).eval()
    assert upscale(pixels, several, scale=4).shape == (48, 68, 4)
    assert upscale(pixels, network, scale=3).shape == (36, 51, 4)
    with pytest.raises(ValueError, match="is for x2 and x4; say with scale="):
        upscale(pixels, several)
    enlarging = EDSR(depth=1, channels=3, scale=2).eval()
    averaged = Ensemble([network], turns=True)
    for model in (several, network, enlarging, averaged):
        with pytest.raises(ValueError, match=r"for x.*, not for x5\.$"):
            upscale(pixels, model, scale=5)


@pytest.mark.parametrize("name", ["srcnn-x3-mse", "weights/srcnn-x3-mse"])
def test_a_bundled_variant_is_found_from_anywhere(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert load(name).config.name == "srcnn-x3-mse"


def test_a_folder_of_ones_own_comes_before_the_bundled_one_where_the_path_names_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    SRCNN(scale=2, loss="l1").save_pretrained("weights/srcnn-x3-mse")
    assert load("weights/srcnn-x3-mse").config.loss == "l1"


@pytest.mark.parametrize("name", ["srcnn-x9-mse", "no/such/folder", "weights/srcnn-x9-mse"])
def test_where_there_is_no_variant_it_says_what_was_tried(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(VariantError) as caught:
        load(name)
    assert all(word in str(caught.value) for word in (name, "bundled variant", "no such folder"))


class Tutorial(nn.Module):
    """SRCNN as the usual tutorial writes it."""

    def __init__(self, middle: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, 9, padding=4)
        self.conv2 = nn.Conv2d(64, 32, middle, padding=middle // 2)
        self.conv3 = nn.Conv2d(32, 1, 5, padding=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv3(torch.relu(self.conv2(torch.relu(self.conv1(x)))))


@pytest.mark.parametrize("middle", [1, 5])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_weights_of_a_tutorial_load_in_one_line(middle, prefix):
    tutorial, x = Tutorial(middle).eval(), torch.rand(1, 1, 20, 30)
    weights = (nn.DataParallel(tutorial) if prefix else tutorial).state_dict()
    assert all(name.startswith(prefix) for name in weights)
    model = SRCNN.from_state_dict(weights, scale=3)
    assert (model.config.kernel_sizes, model.config.filters, model.scale) == ((9, middle, 5), (64, 32), 3)
    assert torch.allclose(model(x), tutorial(x), atol=1e-6)
    assert not model.training


def test_weights_give_back_the_network_that_they_are_of():
    for choices in ({"filters": (8, 4)}, {"num_channels": 3}, {"batch_norm": True}, {"kernel_sizes": (5, 3, 7)}):
        model = SRCNN(**choices)
        assert SRCNN.from_state_dict(model.state_dict()).config == model.config
    assert SRCNN.from_state_dict(model.state_dict(), padding="replicate", loss="l1").config == replace(
        model.config, padding="replicate", loss="l1"
    )


def test_weights_of_something_else_are_refused_by_a_sentence():
    missing = SRCNN().state_dict()
    del missing["conv2.bias"]
    for weights, words in (
        ({"state_dict": SRCNN().state_dict()}, "these are: state_dict"),
        (VDSR(depth=2, channels=3).state_dict(), "conv1.weight"),
        ({}, "these are: none"),
        (missing, "conv2.bias"),
    ):
        with pytest.raises(ValueError, match=words) as caught:
            SRCNN.from_state_dict(weights)
        assert "\n" not in str(caught.value)


def test_a_pth_is_answered_with_the_lines_that_convert_it(tmp_path, monkeypatch):
    torch.save(nn.DataParallel(Tutorial(5)).state_dict(), tmp_path / "mine.pth")
    with pytest.raises(VariantError) as caught:
        load(tmp_path / "mine.pth")
    first, second = [code for code in str(caught.value).split("`") if code.startswith("model")]
    monkeypatch.chdir(tmp_path)
    done = {"torch": torch, "SRCNN": SRCNN}
    exec(f"{first}\n{second}", done)  # noqa: S102  what people are told to type
    assert load("mine").config.title == "9-5-5"
    assert torch.equal(load("mine").conv2.weight, done["model"].conv2.weight)
