import pytest
import torch
from safetensors.torch import load_file, save_file

from srcnn.networks.vgg19 import (
    DISTANCE_LAYERS,
    VGG_LAYERS,
    FeatureError,
    Features,
    feature_difference,
    measure_perceptual_distances,
    torchvision_index,
)
from tests.support.project import run_python

VGG19 = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)  # torchvision's vgg19().features: the convolutions


def test_layers_are_found_where_torchvision_has_them():
    assert [torchvision_index(layer) for layer in VGG_LAYERS] == list(VGG19)


def test_features_are_those_of_the_plain_sequence(vgg, vgg_file):
    weights = load_file(vgg_file)
    luma = torch.rand(1, 1, 16, 20)
    h = (luma.repeat(1, 3, 1, 1) - vgg.mean) / vgg.std
    expected = []
    for index in (0, 2, 5, 7, 10):
        if index in (5, 10):
            h = torch.nn.functional.max_pool2d(h, 2)
        h = torch.nn.functional.conv2d(
            h, weights[f"features.{index}.weight"], weights[f"features.{index}.bias"], padding=1
        )
        h = h.relu()
        expected.append(h)
    found = vgg(luma)
    assert len(found) == len(DISTANCE_LAYERS)
    for tensor, wanted in zip(found, (expected[1], expected[3], expected[4]), strict=True):
        assert torch.allclose(tensor, wanted, atol=1e-5)


def test_the_loss_moves_the_picture_and_not_the_features(vgg):
    output = torch.rand(1, 1, 16, 16, requires_grad=True)
    feature_difference(vgg, output, torch.rand(1, 1, 16, 16)).backward()
    assert output.grad.abs().max() > 0
    assert all(not weight.requires_grad for weight in vgg.parameters())


def test_the_distance_is_zero_for_the_same_picture_and_grows_with_blur(vgg, astronaut):
    truth = torch.from_numpy(astronaut.pixels[:128, :128, 1].copy()).double()

    def blurred(width: int) -> torch.Tensor:
        return torch.nn.functional.avg_pool2d(truth[None, None], width, stride=1, padding=width // 2)[0, 0]

    distances = measure_perceptual_distances(vgg, [truth, blurred(3), blurred(7)], truth)
    assert distances[0] == pytest.approx(0, abs=1e-6)
    assert 0.001 < distances[1] < distances[2]


def test_pretrained_features_prefer_a_sharp_guess_to_a_blur(shared, astronaut):
    features = Features(shared / "reference" / "vgg19-to-conv3_1.safetensors")
    truth = torch.from_numpy(astronaut.pixels[:, :, 1].copy()).double()
    shifted = truth.roll(1, dims=1)
    blurred = torch.nn.functional.avg_pool2d(truth[None, None], 5, stride=1, padding=2)[0, 0]
    assert (shifted - truth).square().mean() > 0.8 * (blurred - truth).square().mean()
    distances = measure_perceptual_distances(features, [shifted, blurred], truth)
    assert distances[0] < 0.8 * distances[1]


def test_weights_that_cannot_be_had_are_one_sentence(tmp_path, vgg_file):
    with pytest.raises(FeatureError, match="relu9_9"):
        Features(vgg_file, ["relu9_9"])
    with pytest.raises(FeatureError, match="up to relu3_2"):
        Features(vgg_file, ["relu3_2"])
    save_file({"features.0.weight": torch.zeros(1)}, tmp_path / "wrong.safetensors")
    with pytest.raises(FeatureError, match="wrong.safetensors"):
        Features(tmp_path / "wrong.safetensors")
    (tmp_path / "text.safetensors").write_text("no tensors")
    with pytest.raises(FeatureError, match="text.safetensors"):
        Features(tmp_path / "text.safetensors")
    with pytest.raises(FeatureError, match="--features"):
        Features("timm/vgg19.tv_in1k")


@pytest.mark.parametrize(
    "weight",
    [
        torch.tensor(1.0),
        torch.zeros(64, 3, 5, 5),
        torch.zeros(30_000, 30_000, 0, 0),
        torch.full((64, 3, 3, 3), torch.nan),
    ],
)
def test_weights_that_are_none_are_refused_before_anything_is_made_of_them(tmp_path, vgg_file, weight):
    save_file(load_file(vgg_file) | {"features.0.weight": weight}, tmp_path / "odd.safetensors")
    with pytest.raises(FeatureError, match="odd.safetensors .* no layer of 3x3 finite numbers"):
        Features(tmp_path / "odd.safetensors")


def test_evaluate_prints_the_distance_beside_psnr(photographs, vgg_file):
    done = run_python("-m", "srcnn", "evaluate", "srcnn-x3-mse", "--data", photographs, "--features", vgg_file)
    assert done.returncode == 0, done.stderr
    header, columns, *rows = done.stdout.splitlines()
    assert "perceptual distance" in header
    assert all(len(row.split()) == 8 for row in rows)
