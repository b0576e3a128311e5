import re
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image

from srcnn.data.degradation import make_pair, open_rounded_truth, open_truth
from srcnn.data.own_pairs import Counterparts, pair_opener
from srcnn.evaluation.scores import evaluate, evaluate_results
from srcnn.imaging.color import luminance
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import downscale, upscale, upscale_bicubic
from srcnn.variants.loading import load


def save(file: Path, picture: Picture) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file)
    return file


def save_empty(*files: Path) -> None:
    for file in files:
        save(file, Picture(np.zeros((6, 6), dtype=np.uint8)))


@pytest.mark.parametrize(
    ("truth", "low"),
    [
        ("0001.png", "0001x3.png"),
        ("0001.png", "0001.jpg"),
        ("Canon_004_HR.png", "Canon_004_LR3.png"),
        ("baby.bmp", "baby_SR.png"),
        ("baby GT.png", "baby_x3_out.png"),
        ("box2.png", "box2.tif"),
        ("Lenna.v2.png", "Lenna.v2_lq.png"),
    ],
)
def test_pictures_of_one_name_belong_together(tmp_path, truth, low):
    save_empty(tmp_path / "low" / low, tmp_path / "low" / "box.png", tmp_path / "low" / "0002x3.png")
    assert Counterparts([tmp_path / "low"]).find(tmp_path / "high" / truth) == tmp_path / "low" / low


def test_of_several_pictures_of_one_name_that_of_the_like_named_folder_is_taken(tmp_path):
    save_empty(*(tmp_path / place / "low" / day / "1.png" for place in ("a", "b") for day in ("monday", "friday")))
    found = Counterparts([tmp_path / "a" / "low", tmp_path / "b" / "low"])
    with pytest.raises(ImageError, match=r"^Several pictures in .* can belong to 1\.png; give one its name\.$"):
        found.find(tmp_path / "high" / "friday" / "1.png")
    found = Counterparts([tmp_path / "a" / "low"])
    assert found.find(tmp_path / "high" / "friday" / "1.png") == tmp_path / "a" / "low" / "friday" / "1.png"
    with pytest.raises(ImageError, match=r"^No picture in .* can belong to 2\.png; give one its name\.$"):
        found.find(tmp_path / "2.png")


@pytest.mark.parametrize("kind", ["rgb", "grey"])
@pytest.mark.parametrize("scale", [1, 2, 4])
def test_an_own_pair_of_what_bicubic_makes_is_the_pair_that_bicubic_makes(tmp_path, astronaut, scale, kind):
    """Up to the rounding of the file; `--round-low` gives exactly this pair."""
    pixels = astronaut.pixels[:50, :61] if kind == "rgb" else astronaut.pixels[:50, :61, 1]
    file = save(tmp_path / "high" / "a.png", Picture(np.ascontiguousarray(pixels)))
    save(tmp_path / "low" / "a.png", downscale(open_picture(file), scale))
    own, rounded = pair_opener([tmp_path / "low"], scale)(file), open_rounded_truth(file, scale)
    assert torch.equal(own.low, rounded.low)
    assert torch.equal(own.levels, rounded.levels)
    exact, pair = make_pair(open_truth(file), scale), make_pair(own, scale)
    assert torch.equal(pair.truth, exact.truth)
    assert (pair.low - exact.low.clamp(0, 255)).abs().max() <= (0 if scale == 1 else 1.6)


def test_a_low_resolution_picture_is_taken_by_the_levels_of_its_truth(tmp_path):
    """A grey truth may have one that is stored as RGB, and the other way round."""
    grey = Picture(np.arange(16, 160, dtype=np.uint8).reshape(12, 12))
    rgb = Picture(np.repeat(grey.pixels[..., None], 3, axis=2))
    for name, picture in {"grey": grey, "rgb": rgb}.items():
        save(tmp_path / name / "a.png", picture)
    for truth, low in (("grey", "rgb"), ("rgb", "grey")):
        pair = pair_opener([tmp_path / low], 1)(tmp_path / truth / "a.png")
        assert (pair.low.int() - pair.levels.int()).abs().max() <= 1


@pytest.mark.parametrize("size", [(15, 20), (16, 21), (17, 20), (8, 10)])
def test_sizes_that_do_not_belong_together_are_told(tmp_path, size):
    save(tmp_path / "high" / "a.png", Picture(np.zeros((50, 60), dtype=np.uint8)))
    save(tmp_path / "low" / "a.png", Picture(np.zeros(size, dtype=np.uint8)))
    words = f"It has 60x50 pixels, and a.png with {size[1]}x{size[0]} is not its low-resolution picture at x3"
    with pytest.raises(ImageError, match=words):
        pair_opener([tmp_path / "low"], 3)(tmp_path / "high" / "a.png")


def test_a_twelve_bit_pair_is_seen_in_one_light(tmp_path):
    """The low-resolution picture happens to have no level beyond ten bits."""
    truth = np.full((8, 8), 1000, dtype=np.uint16)
    truth[0, 0] = 4095
    save(tmp_path / "high" / "a.png", Picture(truth))
    save(tmp_path / "low" / "a.png", Picture(np.full((4, 4), 1000, dtype=np.uint16)))
    pair = pair_opener([tmp_path / "low"], 2)(tmp_path / "high" / "a.png")
    assert (int(pair.levels[5, 5]), int(pair.low[2, 2])) == (62, 62)


def test_a_network_is_measured_on_own_pairs(tmp_path, astronaut, network):
    """The blurred picture is the network's input, and bicubic's, whatever the truth would give."""
    file = save(tmp_path / "high" / "a.png", astronaut.crop(60, 66))
    blurred = Image.fromarray(downscale(open_picture(file), network.scale).pixels).reduce(2).resize((22, 20))
    save(tmp_path / "low" / "a.png", Picture(np.array(blurred)))
    own = evaluate(network, [file], open_file=pair_opener([tmp_path / "low"], network.scale))
    assert own.bicubic.psnr < evaluate(network, [file]).bicubic.psnr - 1


# Results of other programs


@pytest.fixture
def truths(tmp_path) -> Path:
    """A colour and a grey picture whose sides are no multiples of 3, and one with a name of its own."""
    save(tmp_path / "truth" / "cat.png", Picture(skimage.data.chelsea()[:100, :121]))
    save(tmp_path / "truth" / "man.png", Picture(skimage.data.camera()[100:200, 100:221]))
    return tmp_path / "truth"


@pytest.mark.parametrize("form", ["as it is", "rgb", "luminance", "whole size"])
def test_results_of_upscale_score_what_evaluate_says_of_the_variant(tmp_path, truths, form):
    model, files = load("srcnn-x3-mse"), sorted(truths.iterdir())
    for file in files:
        made = upscale(downscale(open_picture(file), 3), model)
        grey = made.pixels.ndim == 2
        if form == "rgb" and grey:
            made = Picture(np.repeat(made.pixels[..., None], 3, axis=2))
        elif form == "luminance" and not grey:  # as the programs of papers write it
            made = Picture(luminance(made.pixels).numpy())
        elif form == "whole size":
            made = Picture(np.pad(made.pixels, [(0, 1), (0, 1), (0, 0)][: made.pixels.ndim], mode="edge"))
        save(tmp_path / "results" / f"{file.stem}_x3_SR.png", made)
    results = evaluate_results(files, Counterparts([tmp_path / "results"]), 3)
    direct = evaluate(model, files, open_file=lambda file: open_rounded_truth(file, 3))
    for ours, theirs in zip(direct.srcnn_scores, results.srcnn_scores, strict=True):
        assert theirs.psnr == pytest.approx(ours.psnr, abs=0.15)
        assert theirs.ssim == pytest.approx(ours.ssim, abs=0.003)
    assert results.bicubic_scores == evaluate(model, files).bicubic_scores


def test_a_result_that_is_missing_or_of_another_size_is_named(tmp_path, truths):
    files = sorted(truths.iterdir())
    save(tmp_path / "results" / "cat.png", upscale_bicubic(open_picture(files[0]).crop(33, 40), 3).crop(93, 114))
    results = Counterparts([tmp_path / "results"])
    with pytest.raises(ImageError, match=re.escape("cat.png: cat.png has 114x93 pixels in place of 120x99;")):
        evaluate_results(files, results, 3)
    with pytest.raises(ImageError, match=r"^man\.png: No picture in .*results can belong to man\.png"):
        evaluate_results(files[1:], results, 3)
