import pytest
import torch

from srcnn import EDSR, SRCNN, VDSR
from srcnn.training.options import TrainingError
from srcnn.training.warm_start import build_network


def test_the_start_is_nearly_the_bicubic_picture():
    torch.manual_seed(0)
    x = torch.rand(1, 1, 40, 40)
    for residual in (False, True):
        model = SRCNN(residual=residual, padding="replicate")
        model.initialise()
        assert (model(x) - x).abs().max() < 0.2


def test_a_plain_start_gives_black_or_with_the_residual_the_bicubic_picture(options):
    x = torch.rand(1, 1, 40, 40)
    black, _ = build_network(options(plain_start=True))
    bicubic, _ = build_network(options(plain_start=True, residual=True))
    assert black(x).abs().max() < 0.2
    assert (bicubic(x) - x).abs().max() < 0.2
    assert "plain_start" in options(plain_start=True).recipe()
    for choices in ({"start": "srcnn-x2-mse"}, {"network": "vdsr"}):
        with pytest.raises(TrainingError, match="--plain-start is for srcnn without --start; drop it"):
            build_network(options(plain_start=True, **choices))


def test_a_wider_network_starts_as_the_narrower_one(options, network, tmp_path):
    network.save_pretrained(tmp_path / "srcnn-x3-mse")
    wider, _ = build_network(options(scale=3, kernel_sizes=(9, 5, 5), start=tmp_path / "srcnn-x3-mse"))
    x = torch.rand(1, 1, 40, 40)
    assert torch.allclose(wider(x, valid=True), network(x, valid=True)[:, :, 2:-2, 2:-2], atol=1e-6)


def test_the_options_make_the_network(options):
    deep = {"depth": 3, "channels": 5}
    vdsr, _ = build_network(options(network="vdsr", scale=(4, 2), **deep))
    edsr, _ = build_network(options(network="edsr", scale=3, residual_scaling=0.1, loss="l1", **deep))
    assert vdsr.config == VDSR(**deep, scale=(2, 4), loss="mse").config
    assert edsr.config == EDSR(**deep, scale=3, residual_scaling=0.1, loss="l1").config
    for network, papers in (("vdsr", VDSR(scale=2, loss="mse")), ("edsr", EDSR(scale=2, loss="mse"))):
        assert build_network(options(network=network))[0].config == papers.config


def test_edsr_starts_from_another_scales_and_draws_what_enlarges(options, tmp_path):
    before = EDSR(depth=2, channels=4, scale=2, loss="l1")
    before.recipe = {"steps": 9}
    before.save_pretrained(tmp_path / "edsr-x2")
    model, earlier = build_network(options(network="edsr", scale=3, depth=2, channels=4, start=tmp_path / "edsr-x2"))
    assert torch.equal(model.blocks[1].conv2.weight, before.blocks[1].conv2.weight)
    assert torch.equal(model.shuffles[0].weight[0, 0], torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]))
    assert earlier == [{"name": "edsr-x2", "steps": 9}]


@pytest.mark.parametrize("network", ["srcnn", "vdsr", "edsr"])
def test_a_start_of_another_network_or_size_is_refused_in_one_sentence(options, tmp_path, network):
    others = {"a": SRCNN(kernel_sizes=(11, 1, 5)), "b": VDSR(depth=5, channels=4), "c": EDSR(depth=5, channels=4)}
    for name, other in others.items():
        other.save_pretrained(tmp_path / name)
        with pytest.raises(TrainingError, match=r"cannot be started from; name a variant of the same network.*\.$"):
            build_network(options(network=network, scale=2, depth=2, channels=4, start=tmp_path / name))


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"scale": (2, 3)}, "srcnn cannot be trained so: scale must be"),
        ({"network": "edsr", "scale": (2, 3)}, "edsr cannot be trained so: scale must be one of"),
        ({"network": "vdsr", "scale": (2, 2)}, "vdsr cannot be trained so: scale must be"),
        ({"network": "vdsr", "depth": 65}, "vdsr cannot be trained so: depth must be"),
        ({"network": "edsr", "channels": -1}, "edsr cannot be trained so: channels must be"),
        ({"network": "edsr", "residual_scaling": 2.0}, "edsr cannot be trained so: residual_scaling must be"),
        ({"network": "edsr", "depth": 64, "channels": 512}, "weights is too large"),
        ({"network": "edsr", "scale": 3, "patch_size": 25}, "--patch-size must be a multiple of 3 here, not 25."),
    ],
)
def test_options_of_no_network_are_refused_in_one_sentence(options, choices, words):
    with pytest.raises(TrainingError) as caught:
        build_network(options(**choices))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
