import pytest
import torch

from srcnn.data.degradation import make_pair, truth_of
from srcnn.evaluation.feature_maps import find_dead_maps
from srcnn.networks.srcnn import SRCNN
from srcnn.training.revival import revive_dead_maps

DEAD = [[3, 40, 41], [7]]


@pytest.fixture
def planes(astronaut) -> list[torch.Tensor]:
    return [make_pair(truth_of(astronaut.crop(60, 90)), 3).bicubic, torch.rand(30, 40) * 255]


@pytest.fixture(params=[(9, 1, 5), (9, 5, 5)])
def half_dead(request, planes) -> SRCNN:
    torch.manual_seed(0)
    model = SRCNN(kernel_sizes=request.param, scale=3, padding="replicate").eval()
    with torch.no_grad():
        model.conv1.bias += 0.5
        model.conv2.bias += 0.5
        for conv, numbers in zip((model.conv1, model.conv2), DEAD, strict=True):
            conv.bias[numbers] = -99.0
    assert find_dead_maps(model, planes) == DEAD
    return model


def test_no_map_is_dead_afterwards_and_the_network_computes_nearly_the_same(half_dead, planes):
    x = planes[0][None, None].float() / 255
    before = half_dead(x).detach()
    assert revive_dead_maps(half_dead, planes) == [3, 1]
    assert find_dead_maps(half_dead, planes) == [[], []]
    assert (half_dead(x) - before).abs().max() < 0.02 * before.abs().max()


def test_a_map_that_hardly_ever_fires_is_revived_too(network):
    """Other pictures may show it more rarely."""
    plane = torch.full((40, 50), 99.0)
    plane.view(-1)[:6] = 255  # of 2000 pixels
    with torch.no_grad():
        for conv in (network.conv1, network.conv2):
            conv.weight.zero_()
            conv.bias += 0.5
        network.conv1.weight[5, 0, 4, 4] = 1
        network.conv1.bias[5] = -0.5
    assert find_dead_maps(network, [plane]) == [[], []]
    assert revive_dead_maps(network, [plane]) == [1, 0]
    assert network.conv1.bias[5] > 0


def test_the_halves_of_a_map_learn_and_drift_apart(half_dead, planes):
    revive_dead_maps(half_dead, planes)
    half_dead(planes[0][None, None].float() / 255).square().mean().backward()
    for conv, numbers in zip((half_dead.conv1, half_dead.conv2), DEAD, strict=True):
        gradients = conv.weight.grad[numbers].flatten(1)
        assert (gradients.norm(dim=1) > 0).all()
        kernels = {tuple(kernel.tolist()) for kernel in conv.weight.detach().flatten(1)}
        assert len(kernels) == len(conv.weight)  # those with the same one would learn the same


def test_a_network_without_dead_maps_stays_as_it_is(network, planes):
    with torch.no_grad():
        network.conv1.bias += 0.5
        network.conv2.bias += 0.5
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    assert revive_dead_maps(network, planes) == [0, 0]
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
