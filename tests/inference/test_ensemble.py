import pytest
import torch

from srcnn import EDSR, SRCNN, VDSR
from srcnn.inference.ensemble import Ensemble


def networks(count: int, **choices) -> list[SRCNN]:
    torch.manual_seed(0)
    return [SRCNN(scale=3, padding="replicate", **choices).eval() for _ in range(count)]


def test_the_mean_of_several_networks():
    first, second = networks(2)
    x = torch.rand(1, 1, 20, 31)
    assert torch.allclose(Ensemble([first, second])(x), (first(x) + second(x)) / 2, atol=1e-6)


def test_turning_the_picture_turns_the_self_ensembles_result():
    (model,) = networks(1)
    x = torch.rand(1, 1, 20, 31)
    both = Ensemble([model], turns=True)
    for turn in (lambda t: t.rot90(1, (2, 3)), lambda t: t.flip(3), lambda t: t.mT):
        assert torch.allclose(both(turn(x)), turn(both(x)), atol=1e-6)
        assert not torch.allclose(model(turn(x)), turn(model(x)), atol=1e-3)


def test_a_network_that_does_not_care_about_turns_gains_nothing():
    (model,) = networks(1)
    for conv in (model.conv1, model.conv2, model.conv3):
        torch.nn.init.constant_(conv.weight, 0.01)
    x = torch.rand(1, 1, 20, 31)
    assert torch.allclose(Ensemble([model], turns=True)(x), model(x), atol=1e-5)


def test_the_halo_is_that_of_the_widest_member():
    assert Ensemble([*networks(1), *networks(1, kernel_sizes=(9, 5, 5))]).halo == 8


def test_members_must_have_one_scale():
    with pytest.raises(ValueError, match="same scale"):
        Ensemble([SRCNN(scale=2), SRCNN(scale=3)])
    with pytest.raises(ValueError, match="same scale"):
        Ensemble([])


def test_srcnn_and_vdsr_are_averaged_and_need_the_reach_and_memory_of_the_larger():
    (first,), second = networks(1), VDSR(depth=10, channels=5, scale=(2, 3)).for_scale(3).eval()
    both, x = Ensemble([first, second]), torch.rand(1, 1, 20, 31)
    assert torch.allclose(both(x), (first(x) + second(x)) / 2, atol=1e-6)
    assert (both.scale, both.halo, both.floats_per_pixel) == (3, 10, first.floats_per_pixel)


def test_a_network_of_the_low_resolution_picture_has_no_part_in_one_of_the_enlarged():
    with pytest.raises(ValueError, match="all take the low-resolution or all the enlarged picture"):
        Ensemble([*networks(1), EDSR(scale=3)])
    both = Ensemble([EDSR(depth=1, channels=2, scale=3) for _ in range(2)])
    assert both(torch.rand(1, 1, 5, 7)).shape == (1, 1, 15, 21)
