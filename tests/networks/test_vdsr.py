import pytest
import torch

from srcnn import EDSR, SRCNN, VDSR
from srcnn.networks.base import count_parameters


def test_the_papers_network_has_665_921_parameters_in_twenty_layers():
    model = VDSR(scale=(2, 3, 4))
    assert count_parameters(model) == 665_921
    assert {name.split(".")[1] for name in model.state_dict()} == set(map(str, range(20)))
    assert model.halo == 20


def test_it_starts_as_nearly_the_bicubic_picture():
    torch.manual_seed(0)
    model = VDSR()
    model.initialise()
    x = torch.rand(1, 1, 50, 60)
    difference = (model(x) - x).abs().max()
    assert 0 < difference < 0.2


def test_it_learns_the_difference_to_the_bicubic_picture():
    model, x = VDSR(depth=3, channels=4), torch.rand(1, 1, 9, 9)
    for weights in model.layers[-1].parameters():
        torch.nn.init.zeros_(weights)
    assert torch.equal(model(x), x)


def test_a_patch_loses_nothing_at_its_border():
    model, x = VDSR(depth=3, channels=4), torch.rand(2, 1, 9, 7)
    assert torch.equal(model(x, valid=True), model(x))
    assert model.valid_border == 0


@pytest.mark.parametrize("size", [{"depth": 4}, {"channels": 12}, {"depth": 9, "channels": 12}, {}])
def test_a_smaller_networks_function_goes_on_inside_a_larger_one_which_learns_with_all_it_has(size):
    torch.manual_seed(0)
    small, large = VDSR(depth=3, channels=4), VDSR(**{"depth": 3, "channels": 4} | size)
    for parameter in small.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    large.initialise()
    large.load_smaller(small.state_dict())
    x = torch.rand(2, 1, 9, 11)
    assert torch.allclose(small(x), large(x), rtol=1e-5, atol=1e-5)

    for _ in range(3):  # what is silent at first gets a gradient once what follows it has a weight
        large.zero_grad()
        large(x).square().mean().backward()
        with torch.no_grad():
            for parameter in large.parameters():
                parameter -= 1e-2 * parameter.grad
    for name, parameter in large.named_parameters():
        assert (parameter.grad != 0).float().mean() > 0.3, name  # relu silences some


@pytest.mark.parametrize("other", [VDSR(depth=4, channels=4), VDSR(depth=3, channels=5), EDSR(channels=4), SRCNN()])
def test_weights_of_a_larger_or_another_network_are_not_taken_over(other):
    model = VDSR(depth=3, channels=4)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(RuntimeError):
        model.load_smaller(other.state_dict())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
