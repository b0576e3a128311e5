import pytest
import torch

from srcnn.losses import LOSSES

FLAT = torch.zeros(2, 1, 4, 4)


@pytest.mark.parametrize(("loss", "expected"), [("mse", 0.25), ("l1", 0.5), ("charbonnier", (0.25 + 1e-6) ** 0.5)])
def test_an_error_of_a_half(loss, expected):
    assert LOSSES[loss](FLAT + 0.5, FLAT).item() == pytest.approx(expected)


@pytest.mark.parametrize("loss", LOSSES)
def test_no_error_is_the_minimum_and_has_no_gradient(loss):
    output = FLAT.clone().requires_grad_()
    value = LOSSES[loss](output, FLAT)
    value.backward()
    assert value.item() == pytest.approx(0, abs=1.1e-3)
    assert output.grad.abs().max() == 0


def test_charbonnier_is_smooth_where_l1_is_not():
    tiny = (FLAT + 1e-5).requires_grad_()
    LOSSES["charbonnier"](tiny, FLAT).backward()
    assert tiny.grad.abs().max() * tiny.numel() < 0.02
