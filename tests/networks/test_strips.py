"""Networks in strips of rows: the numbers of `forward`, in bfloat16 nearly so."""

import pytest
import torch

from srcnn import EDSR, SRCNN, VDSR
from srcnn.networks import strips
from srcnn.networks.base import Network
from srcnn.networks.strips import STRIP_BYTES, StripNetwork
from srcnn.variants.loading import load

SIZES = ((1, 1), (1, 9), (9, 1), (2, 2), (3, 4), (33, 21))  # height, width


def drawn(kind: type[Network], **choices) -> Network:
    """Random weights that count as much in the last layer as in the first."""
    torch.manual_seed(4)
    model = kind(**choices).eval()
    for conv in (module for module in model.modules() if isinstance(module, torch.nn.Conv2d)):
        torch.nn.init.kaiming_normal_(conv.weight)
        torch.nn.init.uniform_(conv.bias, -0.2, 0.2)
    for norm in (module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)):
        for tensor, low, high in ((norm.weight, 0.5, 2), (norm.bias, -0.1, 0.1), (norm.running_mean, -0.1, 0.1)):
            torch.nn.init.uniform_(tensor, low, high)
        torch.nn.init.uniform_(norm.running_var, 0.5, 2)
    return model


def as_bfloat16(model: Network) -> StripNetwork:
    return StripNetwork(model, torch.bfloat16)


def compare(model: Network, x: torch.Tensor) -> None:
    own, result = model(x).detach(), model.for_device(exact=True)(x)
    assert result.shape == own.shape
    assert result.dtype == torch.float32
    assert torch.allclose(result, own, rtol=0, atol=1e-5 * max(1, own.abs().max().item()))


@pytest.mark.parametrize("strip", [1, 3000, STRIP_BYTES])
@pytest.mark.parametrize("padding", ["zeros", "replicate"])
@pytest.mark.parametrize(
    "choices",
    [
        *({"kernel_sizes": sizes} for sizes in [(9, 5, 5), (9, 3, 5), (1, 1, 1), (3, 1, 1), (1, 3, 7)]),
        *({name: value} for name, value in [("num_channels", 3), ("residual", True), ("batch_norm", True)]),
    ],
    ids=str,
)
def test_srcnn_in_strips_is_its_own_forward(monkeypatch, choices, padding, strip):
    monkeypatch.setattr(strips, "STRIP_BYTES", strip)
    model = drawn(SRCNN, padding=padding, filters=(12, 7), scale=3, **choices)
    for size in SIZES:
        x = torch.rand(2, model.config.num_channels, *size)
        compare(model, x)


@pytest.mark.parametrize("strip", [1, 3000, STRIP_BYTES])
@pytest.mark.parametrize(
    "model",
    [
        drawn(VDSR, depth=2, channels=3, scale=3),
        drawn(VDSR, depth=7, channels=5, scale=2),
        drawn(EDSR, depth=1, channels=4, scale=2),
        drawn(EDSR, depth=3, channels=4, scale=3),
        drawn(EDSR, depth=2, channels=4, scale=4, residual_scaling=0.3),
        drawn(SRCNN, kernel_sizes=(9, 5, 5), filters=(12, 7), scale=3),
    ],
    ids=lambda model: f"{model.config.title}-x{model.scale}",
)
def test_deep_and_wide_networks_in_strips_are_their_own_forward(monkeypatch, model, strip):
    monkeypatch.setattr(strips, "STRIP_BYTES", strip)
    for size in SIZES:
        x = torch.rand(2, 1, *size)
        compare(model, x)
        own, nearly = model(x), as_bfloat16(model)(x)
        assert nearly.dtype == torch.float32
        assert torch.allclose(nearly, own, rtol=0, atol=0.02 * max(1, own.abs().max().item()))
        assert not torch.equal(nearly, StripNetwork(model, torch.float32)(x))


@pytest.mark.parametrize("name", ["srcnn-x3-mse", "srcnn-x4-adversarial", "srcnn-955-x2-mse"])
def test_released_weights_on_more_than_one_strip(name):
    model = load(name)
    compare(model, torch.rand(1, 1, 300, 500))


def test_the_work_can_be_ended_before_each_strip(monkeypatch):
    monkeypatch.setattr(strips, "STRIP_BYTES", 20 * 3 * 4 * 10)  # ten rows of twenty pixels
    network, seen = StripNetwork(drawn(VDSR, depth=3, channels=3, scale=3), torch.float32), []

    def end_the_third() -> None:
        seen.append(len(seen))
        if len(seen) == 3:
            raise InterruptedError

    network.before_strip = end_the_third
    with pytest.raises(InterruptedError):
        network(torch.rand(1, 1, 50, 20))
    assert network(torch.rand(1, 1, 50, 20)).shape == (1, 1, 50, 20)  # nothing is left of the run before
    assert len(seen) == 3 + 5
