import torch

from srcnn import SRCNN
from srcnn.start import initialise


def test_the_start_is_nearly_the_bicubic_picture():
    torch.manual_seed(0)
    x = torch.rand(1, 1, 40, 40)
    for residual in (False, True):
        model = SRCNN(residual=residual, padding="replicate")
        initialise(model)
        assert (model(x) - x).abs().max() < 0.2
