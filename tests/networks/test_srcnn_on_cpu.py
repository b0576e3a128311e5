import pytest
import torch

from srcnn import SRCNN
from srcnn.networks import srcnn_on_cpu
from srcnn.networks.srcnn_on_cpu import STRIP_FLOATS, MatrixProductSRCNN
from srcnn.variants.loading import load


def disturbed(norm: torch.nn.Module) -> None:
    """Batch normalisation that does something."""
    for tensor, low, high in (
        (norm.weight, 0.5, 2),
        (norm.bias, -0.1, 0.1),
        (norm.running_mean, -0.1, 0.1),
        (norm.running_var, 0.5, 2),
    ):
        torch.nn.init.uniform_(tensor, low, high)


@pytest.mark.parametrize("strip", [1, 50_000, STRIP_FLOATS])
@pytest.mark.parametrize("padding", ["zeros", "replicate"])
@pytest.mark.parametrize("kernel_sizes", [(9, 1, 5), (9, 5, 5), (9, 3, 5), (1, 1, 1), (3, 1, 1), (1, 3, 7)])
def test_it_equals_the_networks_own_forward(monkeypatch, kernel_sizes, padding, strip):
    monkeypatch.setattr(srcnn_on_cpu, "STRIP_FLOATS", strip)
    torch.manual_seed(2)
    model = SRCNN(kernel_sizes=kernel_sizes, padding=padding, filters=(12, 7)).eval()
    for shape in ((1, 1, 45, 37), (2, 1, 1, 1), (1, 1, 30, 1), (1, 1, 1, 30), (1, 1, 3, 4)):
        x = torch.rand(shape)
        assert torch.allclose(MatrixProductSRCNN(model)(x), model(x), rtol=0, atol=1e-5)


@pytest.mark.parametrize("choices", [{"num_channels": 3}, {"residual": True}, {"batch_norm": True}])
@pytest.mark.parametrize("padding", ["zeros", "replicate"])
def test_every_kind_of_network(choices, padding):
    torch.manual_seed(3)
    model = SRCNN(padding=padding, **choices).eval()
    if model.config.batch_norm:
        disturbed(model.norm1)
        disturbed(model.norm2)
    x = torch.rand(1, model.config.num_channels, 40, 50)
    assert torch.allclose(MatrixProductSRCNN(model)(x), model(x), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["srcnn-x3-mse", "srcnn-x4-adversarial", "srcnn-955-x2-mse"])
def test_released_weights_on_more_than_one_strip(name):
    model = load(name)
    x = torch.rand(1, 1, 300, 500)
    with torch.inference_mode():
        assert torch.allclose(MatrixProductSRCNN(model)(x), model(x), rtol=0, atol=1e-5)
