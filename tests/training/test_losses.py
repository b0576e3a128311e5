import pytest
import torch

from srcnn.training.losses import PIXEL_LOSS_FUNCTIONS, Discriminator, Objective

FLAT = torch.zeros(2, 1, 4, 4)


@pytest.mark.parametrize(("loss", "expected"), [("mse", 0.25), ("l1", 0.5), ("charbonnier", (0.25 + 1e-6) ** 0.5)])
def test_an_error_of_a_half(loss, expected):
    assert Objective(loss)(FLAT + 0.5, FLAT).item() == pytest.approx(expected)


@pytest.mark.parametrize("loss", PIXEL_LOSS_FUNCTIONS)
def test_no_error_is_the_minimum_and_has_no_gradient(loss):
    output = FLAT.clone().requires_grad_()
    value = Objective(loss)(output, FLAT)
    value.backward()
    assert value.item() == pytest.approx(0, abs=1.1e-3)
    assert output.grad.abs().max() == 0


def test_charbonnier_is_smooth_where_l1_is_not():
    tiny = (FLAT + 1e-5).requires_grad_()
    Objective("charbonnier")(tiny, FLAT).backward()
    assert tiny.grad.abs().max() * tiny.numel() < 0.02


def test_the_perceptual_loss_is_mse_and_the_features_each_with_its_weight(vgg):
    torch.manual_seed(0)
    output, truth = torch.rand(2, 2, 1, 16, 16)
    pixel = Objective("mse")(output, truth)
    features = [Objective("perceptual", vgg, weight)(output, truth) - pixel for weight in (1.0, 3.0)]
    assert features[0] > 0.01
    assert features[1].item() == pytest.approx(3 * features[0].item(), rel=1e-4)


def test_a_flat_grey_counts_by_the_root_of_its_error_too(vgg):
    """Its small errors would else cost next to nothing: a texture that is drawn on it pleases the features."""
    truth = torch.cat([FLAT, torch.rand_like(FLAT)])
    for error in (0.01, 0.1):
        output = truth + error
        assert Objective("perceptual", vgg, 0.0)(output, truth).item() == pytest.approx(error**2 + error / 2, rel=1e-3)
        assert Objective("mse")(output, truth).item() == pytest.approx(error**2, rel=1e-3)


def test_the_adversarial_loss_falls_where_the_discriminator_is_fooled(vgg):
    torch.manual_seed(0)
    judge = Discriminator()
    output, truth = torch.rand(2, 2, 1, 32, 32)
    perceptual = Objective("perceptual", vgg, 0.1)(output, truth)
    values = []
    for judgement in (-5.0, 5.0):
        torch.nn.init.zeros_(judge.judgement.weight)
        torch.nn.init.constant_(judge.judgement.bias, judgement)
        values.append((Objective("adversarial", vgg, 0.1, judge, 0.5)(output, truth) - perceptual).item())
    assert values == pytest.approx([0.5 * 5.0067, 0.5 * 0.0067], rel=1e-2)
