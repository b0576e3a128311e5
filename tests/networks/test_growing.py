"""VDSR and EDSR go on from the weights of a smaller network of their kind, which has fewer layers or feature maps."""

import pytest
import torch

from srcnn import EDSR, SRCNN, VDSR

GROWTHS = [  # network, the smaller one's fields, what the larger one has more of
    *(
        (VDSR, {"depth": 3, "channels": 4}, more)
        for more in ({"depth": 4}, {"channels": 12}, {"depth": 9, "channels": 12}, {})
    ),
    *(
        (EDSR, {"depth": 1, "channels": 4, "scale": scale}, more)
        for scale in (2, 3, 4)
        for more in ({"depth": 2}, {"channels": 12}, {"depth": 4, "channels": 12})
    ),
]
UNFIT = {
    VDSR(depth=3, channels=4): [VDSR(depth=4, channels=4), VDSR(depth=3, channels=5), EDSR(channels=4), SRCNN()],
    EDSR(depth=2, channels=4): [
        EDSR(depth=3, channels=4),
        EDSR(depth=2, channels=5),
        EDSR(depth=1, channels=5, scale=3),
        VDSR(),
        SRCNN(),
    ],
}


@pytest.mark.parametrize(("network", "fields", "more"), GROWTHS)
def test_a_smaller_networks_function_goes_on_inside_a_larger_one_which_learns_with_all_it_has(network, fields, more):
    torch.manual_seed(0)
    small, large = network(**fields), network(**fields | more)
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


@pytest.mark.parametrize(("model", "other"), [(model, other) for model, others in UNFIT.items() for other in others])
def test_weights_of_a_larger_or_another_network_are_not_taken_over(model, other):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(RuntimeError):
        model.load_smaller(other.state_dict())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
