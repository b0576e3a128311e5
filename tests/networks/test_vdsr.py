import torch

from srcnn import VDSR
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
