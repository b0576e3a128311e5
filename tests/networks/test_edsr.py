import pytest
import torch
import torch.nn.functional as F

from srcnn import EDSR
from srcnn.networks import edsr
from srcnn.networks.base import count_parameters

SCALES = (2, 3, 4)


def drawn(**choices) -> EDSR:
    torch.manual_seed(0)
    model = EDSR(**choices)
    model.initialise()
    return model


def test_the_papers_baseline_has_its_parameters():
    """The paper's table 1 has 1.5 million for x2, x3 and x4 with their own ends, and its RGB has a little more."""
    counts = {scale: count_parameters(EDSR(scale=scale)) for scale in SCALES}
    assert counts == {2: 1_367_553, 3: 1_552_193, 4: 1_515_265}


@pytest.mark.parametrize("scale", SCALES)
def test_it_starts_as_nearly_the_picture_with_its_pixels_repeated(scale):
    x = torch.rand(1, 1, 20, 31)
    difference = (drawn(scale=scale)(x) - F.interpolate(x, scale_factor=scale, mode="nearest")).abs().max()
    assert 0 < difference < 0.2


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("strip", [1, 2000, 10**9])
def test_what_is_computed_in_strips_is_what_training_computes_at_once(monkeypatch, scale, strip):
    monkeypatch.setattr(edsr, "STRIP_NUMBERS", strip)
    model = EDSR(depth=2, channels=5, scale=scale)
    for shape in ((1, 1, 1, 1), (2, 1, 7, 3), (1, 1, 3, 17)):
        x = torch.rand(shape)
        with torch.inference_mode():
            in_strips = model(x)
        assert torch.allclose(in_strips, model(x), rtol=0, atol=1e-5)


def test_blocks_add_what_residual_scaling_lets_them():
    x, results = torch.rand(1, 1, 9, 9), {}
    one = EDSR(depth=1, channels=4)
    for scaling in (1, 0.5, 0.001):
        model = EDSR(depth=1, channels=4, residual_scaling=scaling)
        model.load_state_dict(one.state_dict())
        results[scaling] = model(x)
    torch.nn.init.zeros_(one.blocks[0].conv2.weight)
    torch.nn.init.zeros_(one.blocks[0].conv2.bias)
    without = one(x)
    assert torch.allclose(results[0.5], (results[1] + without) / 2, atol=1e-6)
    assert torch.allclose(results[0.001], without, atol=1e-3)


@pytest.mark.parametrize("before", SCALES)
@pytest.mark.parametrize("scale", SCALES)
def test_another_scales_weights_are_taken_over_but_for_the_enlarging_layers(before, scale):
    first, second = (EDSR(depth=2, channels=4, scale=each) for each in (before, scale))
    fresh = {name: value.clone() for name, value in second.state_dict().items()}
    second.load_smaller(first.state_dict())
    for name, value in second.state_dict().items():
        if not name.startswith("shuffles."):
            assert torch.equal(value, first.state_dict()[name]), name
    if scale == 3 != before:
        assert torch.equal(second.shuffles[0].weight, fresh["shuffles.0.weight"])


@pytest.mark.parametrize(("before", "scale"), [(2, 4), (3, 2), (2, 3), (4, 3)])
def test_a_smaller_network_of_another_scale_gives_all_but_the_enlarging_layers(before, scale):
    small, large = EDSR(depth=1, channels=4, scale=before), EDSR(depth=2, channels=16, scale=scale)
    fresh = {name: value.clone() for name, value in large.state_dict().items()}
    large.load_smaller(small.state_dict())
    for name, value in small.state_dict().items():
        taken = large.state_dict()[name][tuple(map(slice, value.shape))] if name in fresh else None
        if not name.startswith("shuffles."):
            assert torch.equal(taken, value), name
    if 3 in (before, scale):
        assert torch.equal(large.shuffles[0].weight, fresh["shuffles.0.weight"])
        assert torch.equal(large.shuffles[0].bias, fresh["shuffles.0.bias"])
