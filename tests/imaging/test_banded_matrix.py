import pytest
import torch

from srcnn.imaging.banded_matrix import BLOCK_ROWS, BandedMatrix


@pytest.fixture(params=[3, BLOCK_ROWS, 2 * BLOCK_ROWS + 5])
def banded(request) -> BandedMatrix:
    """Outputs of four neighbouring inputs, one of which is used twice, as at a mirrored border."""
    torch.manual_seed(0)
    index = torch.arange(request.param)[:, None] + torch.tensor([0, 1, 3, 1])
    return BandedMatrix(index, torch.rand(request.param, 4, dtype=torch.float64))


def dense(banded: BandedMatrix) -> torch.Tensor:
    matrix = torch.zeros(len(banded.index), banded.reach()[1], dtype=torch.float64)
    for row, (index, weight) in enumerate(zip(banded.index.tolist(), banded.weight.tolist(), strict=True)):
        for i, w in zip(index, weight, strict=True):
            matrix[row, i] += w
    return matrix


@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_it_is_the_product_with_the_dense_matrix(banded, leading):
    inputs = banded.reach()[1]
    x = torch.rand(*leading, inputs, inputs, dtype=torch.float64)
    assert torch.allclose(banded.down(x), dense(banded) @ x)
    assert torch.allclose(banded.along(x), x @ dense(banded).T)
    assert torch.allclose(banded.along(x.float()), (x @ dense(banded).T).float())


def test_a_part_needs_only_its_own_inputs(banded):
    x = torch.rand(banded.reach()[1], 7, dtype=torch.float64)
    for first, last in ((0, 1), (1, 3), (0, len(banded.index))):
        part, low, high = banded.part(first, last)
        assert torch.allclose(part.down(x[low:high]), banded.down(x)[first:last])
