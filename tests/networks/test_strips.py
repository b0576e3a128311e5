"""VDSR and EDSR in strips of rows: the numbers of `forward`, in bfloat16 nearly so."""

import pytest
import torch

from srcnn import EDSR, VDSR
from srcnn.networks import strips
from srcnn.networks.base import Network
from srcnn.networks.strips import STRIP_BYTES, StripNetwork

SHAPES = ((1, 1, 1, 1), (2, 1, 1, 9), (1, 1, 9, 1), (1, 1, 2, 2), (1, 1, 33, 21))


def drawn(kind: type[Network], **choices) -> Network:
    """Random weights that count as much in the last layer as in the first."""
    torch.manual_seed(4)
    model = kind(**choices).eval()
    for conv in (module for module in model.modules() if isinstance(module, torch.nn.Conv2d)):
        torch.nn.init.kaiming_normal_(conv.weight)
        torch.nn.init.uniform_(conv.bias, -0.2, 0.2)
    return model


@pytest.mark.parametrize("strip", [1, 3000, STRIP_BYTES])
@pytest.mark.parametrize(
    "model",
    [
        drawn(VDSR, depth=2, channels=3, scale=3),
        drawn(VDSR, depth=7, channels=5, scale=2),
        drawn(EDSR, depth=1, channels=4, scale=2),
        drawn(EDSR, depth=3, channels=4, scale=3),
        drawn(EDSR, depth=2, channels=4, scale=4, residual_scaling=0.3),
    ],
    ids=lambda model: f"{model.config.title}-x{model.scale}",
)
def test_strips_are_the_networks_own_forward(monkeypatch, model, strip):
    monkeypatch.setattr(strips, "STRIP_BYTES", strip)
    for shape in SHAPES:
        x = torch.rand(shape)
        own, exact, nearly = (run(x) for run in (model, StripNetwork(model, torch.float32), as_bfloat16(model)))
        assert exact.shape == nearly.shape == own.shape
        assert exact.dtype == nearly.dtype == torch.float32
        largest = max(1, own.abs().max().item())
        assert torch.allclose(exact, own, rtol=0, atol=1e-5 * largest)
        assert torch.allclose(nearly, own, rtol=0, atol=0.02 * largest)
        assert not torch.equal(nearly, exact)


def as_bfloat16(model: Network) -> StripNetwork:
    return StripNetwork(model, torch.bfloat16)


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
