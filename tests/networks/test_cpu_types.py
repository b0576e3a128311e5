"""Where a CPU computes in bfloat16, and what that costs the released networks."""

import numpy as np
import pytest
import skimage.data
import torch

from srcnn import EDSR, SRCNN, VDSR
from srcnn.cli.parser import main
from srcnn.data.degradation import make_pair, truth_of
from srcnn.evaluation.metrics import psnr, shave
from srcnn.evaluation.scores import round_and_shave
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.engine import restore
from srcnn.inference.upscaling import upscale
from srcnn.networks.cpu_types import choose_cpu_type
from srcnn.variants.loading import BUNDLED_FOLDER, load, load_any_scale

MOST_LOST_DB = 0.01
IN_BFLOAT16 = sorted(
    each.name for each in BUNDLED_FOLDER.iterdir() if each.name.startswith(("vdsr", "edsr", "srcnn-955"))
)


@pytest.fixture
def fast_bfloat16(monkeypatch):
    """A processor with instructions for it; without them torch computes the same, slowly."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        ({"avx2": True, "avx512_f": True, "avx512_bf16": False}, torch.float32),
        ({"avx512_bf16": True, "amx_bf16": False}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"architecture": "aarch64", "neon": True, "bf16": True}, torch.bfloat16),
        ({"architecture": "aarch64", "neon": True}, torch.float32),
    ],
)
def test_bfloat16_is_for_processors_that_multiply_in_it(monkeypatch, known, kind):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known)
    assert choose_cpu_type(exact=False) == kind
    assert choose_cpu_type(exact=True) == torch.float32
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert choose_cpu_type(exact=False) == torch.float32


def test_networks_take_it_unless_they_are_to_be_exact(fast_bfloat16):
    x = torch.rand(1, 1, 40, 30)
    wide = SRCNN(kernel_sizes=(9, 5, 5), scale=3).eval()
    for model in (wide, VDSR(depth=4, channels=8, scale=3).eval(), EDSR(depth=2, channels=8, scale=2).eval()):
        own = model(x)
        assert torch.allclose(model.for_device(exact=True)(x), own, rtol=0, atol=1e-5)
        assert 1e-5 < (model.for_device()(x) - own).abs().max() < 0.02


def test_the_articles_network_is_always_exact(fast_bfloat16):
    model, x = load("srcnn-x3-mse"), torch.rand(1, 1, 40, 30)
    assert torch.equal(model.for_device()(x), model.for_device(exact=True)(x))


@pytest.mark.parametrize("name", IN_BFLOAT16)
def test_it_costs_a_released_network_less_than_a_hundredth_of_a_decibel(fast_bfloat16, name):
    model = load_any_scale(BUNDLED_FOLDER / name)
    for scale in model.config.scales:
        network, lost = model.for_scale(scale), []
        for pixels in (skimage.data.chelsea()[:160, 100:300], skimage.data.astronaut()[:200, 150:310]):
            pair = make_pair(truth_of(Picture(pixels)), scale)
            exact, fast = (round_and_shave(restore(network, pair, exact), scale) for exact in (True, False))
            truth = shave(pair.truth, scale)
            assert not torch.equal(exact, fast)
            lost.append(float(psnr(exact, truth) - psnr(fast, truth)))
        assert np.mean(lost) < MOST_LOST_DB, (scale, lost)


def test_fp32_on_the_command_line_is_exact(fast_bfloat16, tmp_path, astronaut):
    small = Picture(np.ascontiguousarray(astronaut.pixels[:40, :60]))
    small.save(tmp_path / "a.png")
    call, results = ["upscale", str(tmp_path / "a.png"), "--model", "edsr-baseline-x2-l1", "-o"], {}
    for name, flags in (("fast", []), ("exact", ["--fp32"])):
        assert main([*call, str(tmp_path / f"{name}.png"), *flags]) == 0
        results[name] = open_picture(tmp_path / f"{name}.png").pixels
    model = load("edsr-baseline-x2-l1")
    assert np.array_equal(results["exact"], upscale(small, model, exact=True).pixels)
    assert np.array_equal(results["fast"], upscale(small, model).pixels)
    assert not np.array_equal(results["fast"], results["exact"])
