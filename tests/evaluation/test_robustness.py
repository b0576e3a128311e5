import numpy as np
import pytest
import torch

from srcnn.evaluation.robustness import measure_flat_errors, measure_noise_gain
from srcnn.imaging.picture import Picture
from srcnn.inference.upscaling import upscale
from srcnn.naming import JUDGED_BY_EYE
from srcnn.networks.edsr import EDSR
from srcnn.networks.srcnn import SRCNN
from srcnn.variants.loading import bundled_names, load_any_scale

# By how many levels the worst pixel of a flat picture may be wrong where the processor computes in bfloat16: its eight
# bits are rounded alike in all of the picture.
LEVELS_OFF_IN_BFLOAT16 = {"edsr-baseline-x4-l1": 2, "edsr-baseline-x4-perceptual": 2}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("name", bundled_names())
def test_flat_pictures_keep_their_level(name, exact):
    """Black stays 0 or 1, white 254 or 255, and every grey within 1, of grey pictures and of those in colour."""
    variant = load_any_scale(name)
    most = 1 if exact else LEVELS_OFF_IN_BFLOAT16.get(name, 1)
    for model in map(variant.for_scale, variant.config.scales):
        for level in range(0, 256, 15):
            for shape in ((12, 12), (12, 12, 3)):
                result = upscale(Picture(np.full(shape, level, np.uint8)), model, exact=exact).pixels.astype(int)
                assert np.abs(result - level).max() <= most, level


@pytest.mark.parametrize("name", [name for name in bundled_names() if name.startswith("srcnn-")])
def test_flat_luminance_keeps_its_level_below_and_above_studio_swing(name):
    """SRCNN learns flat greys of all levels: used alone, it may get some darker than black, 16, or above white, 235."""
    model = load_any_scale(name)
    most = 3 if model.config.loss in JUDGED_BY_EYE else 1.5  # of luminance 0, which no picture has
    assert measure_flat_errors(model, torch.arange(0.0, 256, 5)).abs().max() < most


def brightened() -> SRCNN:
    """A network that gives twice its input less 5 levels."""
    model = SRCNN(scale=2).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        for conv in (model.conv1, model.conv2, model.conv3):
            middle = conv.kernel_size[0] // 2
            conv.weight[0, 0, middle, middle] = 1
        model.conv3.weight *= 2
        model.conv3.bias -= 5 / 255
    return model


def test_the_error_of_a_flat_level_is_what_is_added():
    levels = torch.tensor([0.0, 10, 100])
    assert torch.allclose(measure_flat_errors(brightened(), levels), levels - 5, atol=1e-4)


def test_a_network_that_enlarges_itself_is_measured_in_its_own_middle():
    torch.manual_seed(0)
    model = EDSR(depth=2, channels=4, scale=3).eval()
    model.initialise()
    wide = torch.full((60, 60), 99.0)
    expected = model(wide[None, None] / 255)[0, 0, 90, 90] * 255 - 99
    assert torch.allclose(measure_flat_errors(model, torch.tensor([99.0])), expected.detach(), atol=1e-3)


def test_noise_that_is_doubled_has_a_gain_of_two():
    assert measure_noise_gain(brightened(), torch.full((40, 50), 99.0)) == pytest.approx(2, rel=1e-3)
