import math

import pytest
import torch

from srcnn.networks.padded_conv import PaddedConv2d
from srcnn.training.kernel_span import find_kernel_span, project_kernels


@pytest.fixture
def stripes() -> torch.Tensor:
    """Grey with vertical stripes, a wave every six pixels: sines, cosines and constants of the column span it."""
    columns = torch.arange(60.0)
    return (127.5 + 50 * torch.sin(columns * math.pi / 3)).expand(40, 60)


def test_only_what_the_pictures_hold_remains_of_a_kernel_and_its_answers_stay(stripes):
    torch.manual_seed(0)
    conv = PaddedConv2d(1, 4, 5, "replicate")
    held = torch.cos(torch.arange(5.0) * math.pi / 3).expand(5, 5) + 2
    with torch.no_grad():
        conv.weight[0, 0], conv.weight[1, 0] = held, held.T
        before = conv(stripes[None, None] / 255, valid=True)
        span = find_kernel_span([stripes, stripes[:20, :30]], 5, 1e-6)
        assert torch.linalg.matrix_rank(span) == 3
        project_kernels(conv, span)
        assert torch.allclose(conv(stripes[None, None] / 255, valid=True), before, atol=1e-4)
    assert torch.allclose(conv.weight[0, 0], held, atol=1e-4)
    for number in range(1, 4):  # nothing changes along the stripes
        assert torch.allclose(conv.weight[number, 0], conv.weight[number, 0, :1].expand(5, 5), atol=1e-4)


def test_a_pattern_is_held_from_its_mean_square_on(stripes):
    """A constant has by far the most; the wave of 50 levels has 25 pixels times half of its square, in two patterns."""
    wave = 25 * (50 / 255) ** 2 / 4
    for least, rank in ((wave / 2, 3), (wave * 2, 1), (1000, 0)):
        assert torch.linalg.matrix_rank(find_kernel_span([stripes], 5, least)) == rank


def test_of_a_large_picture_the_middle_counts(stripes):
    plane = torch.rand(400, 400) * 255
    plane[100:300, 100:300] = 99
    assert torch.linalg.matrix_rank(find_kernel_span([plane], 5, 1e-6)) == 1
