import torch

from srcnn import SRCNN
from srcnn.start import initialise, make_model


def test_the_start_is_nearly_the_bicubic_picture():
    torch.manual_seed(0)
    x = torch.rand(1, 1, 40, 40)
    for residual in (False, True):
        model = SRCNN(residual=residual, padding="replicate")
        initialise(model)
        assert (model(x) - x).abs().max() < 0.2


def test_a_wider_network_starts_as_the_narrower_one(options, network, tmp_path):
    network.save_pretrained(tmp_path / "srcnn-x3-mse")
    wider, _ = make_model(options(scale=3, kernel_sizes=(9, 5, 5), start=tmp_path / "srcnn-x3-mse"))
    x = torch.rand(1, 1, 40, 40)
    assert torch.allclose(wider(x, valid=True), network(x, valid=True)[:, :, 2:-2, 2:-2], atol=1e-6)
