"""What holds for every network: how far it sees, what it costs, how it is used at a scale, saved and read."""

import sys

import pytest
import torch
from torch import nn

from srcnn import EDSR, SRCNN, VDSR
from srcnn.inference.engine import super_resolve
from srcnn.inference.ensemble import Ensemble
from srcnn.networks.architectures import NETWORKS, load_network
from srcnn.networks.base import Network
from tests.support.project import run_python, same_weights

SMALL = {
    "srcnn": SRCNN(filters=(4, 3), scale=3, loss="mse"),
    "vdsr": VDSR(depth=4, channels=3, scale=(2, 3, 4), loss="mse"),
    "edsr": EDSR(depth=2, channels=3, scale=3, residual_scaling=0.5, loss="l1"),
}
SEEN = [
    *(SRCNN(filters=(2, 2), kernel_sizes=sizes) for sizes in ((9, 1, 5), (9, 5, 5), (3, 1, 1))),
    *(VDSR(depth=depth, channels=2) for depth in (2, 3, 20)),
    *(EDSR(depth=depth, channels=2, scale=scale) for depth in (1, 16) for scale in (2, 3, 4)),
]


def named(model: Network) -> str:
    return f"{model.config.title} x{model.config.scale}"


def make_all_pixels_count(model: Network) -> Network:
    """Weights above 0: whatever a pixel reaches becomes more than 0. Biases of 0."""
    for name, weights in model.named_parameters():
        nn.init.constant_(weights, 0.0 if name.endswith("bias") else 0.1)
    return model.double()


@pytest.mark.parametrize("model", SEEN, ids=named)
def test_one_pixel_reaches_as_far_as_the_halo_and_no_further(model):
    model = make_all_pixels_count(model)
    side, middle = 2 * model.halo + 7, model.halo + 3
    x = torch.zeros(1, 1, side, side, dtype=torch.float64)
    x[0, 0, middle, middle] = 1
    with torch.no_grad():
        reached = model(x)[0, 0] != 0
    for axis in (0, 1):
        lines = torch.nonzero(reached.any(dim=axis)).flatten() // model.upsampling
        assert (lines.min(), lines.max()) == (middle - model.halo, middle + model.halo)


@pytest.mark.parametrize("model", SEEN, ids=named)
def test_an_output_pixel_depends_on_as_many_pixels_as_the_network_says(model):
    model = make_all_pixels_count(model)
    side, middle, depended = 2 * model.halo + 3, model.halo + 1, []
    x = torch.ones(1, 1, side, side, dtype=torch.float64, requires_grad=True)
    diagonal = model(x)[0, 0].diagonal()
    for output in diagonal[middle * model.upsampling : (middle + 1) * model.upsampling]:
        (gradient,) = torch.autograd.grad(output, x, retain_graph=True)
        depended += [(gradient[0, 0] != 0).any(dim=axis).sum() for axis in (0, 1)]
    assert max(depended) == model.field


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize(
    "model",
    [
        lambda scale: SRCNN(scale=scale),
        lambda scale: SRCNN(filters=(5, 3), kernel_sizes=(5, 3, 7), scale=scale),
        lambda scale: VDSR(scale=(2, 3, 4)).for_scale(scale),
        lambda scale: VDSR(depth=5, channels=7, scale=scale),
        lambda scale: EDSR(scale=scale),
        lambda scale: EDSR(depth=3, channels=7, scale=scale),
    ],
)
def test_multiplications_are_those_that_the_layers_make(model, scale):
    model, made = model(scale), []

    def count(conv: nn.Conv2d, _: object, output: torch.Tensor) -> None:
        made.append(output.numel() * conv.weight[0].numel())

    for conv in (module for module in model.modules() if isinstance(module, nn.Conv2d)):
        conv.register_forward_hook(count)
    side = 12 // model.upsampling
    output = model(torch.rand(1, 1, side, side))
    assert model.config.multiply_adds(scale) == pytest.approx(sum(made) / output.numel())
    assert model.config.weights == sum(weight.numel() for weight in model.parameters() if weight.dim() == 4)


@pytest.mark.parametrize("model", SMALL.values(), ids=SMALL)
def test_a_folder_gives_back_the_network_that_was_saved(model, tmp_path):
    model.recipe = {"steps": 7}
    model.save_pretrained(tmp_path)
    for again in (load_network(tmp_path), type(model).from_pretrained(tmp_path)):
        assert type(again) is type(model)
        assert (again.config, again.recipe, again.scale) == (model.config, {"steps": 7}, model.scale)
        assert again.state_dict().keys() == model.state_dict().keys()
        assert same_weights(again, model)
        assert not again.training


@pytest.mark.parametrize("model", SMALL.values(), ids=SMALL)
def test_a_folder_of_one_network_is_refused_by_the_others(model, tmp_path):
    model.save_pretrained(tmp_path)
    own = model.config.architecture
    for other in NETWORKS.keys() - {own}:
        with pytest.raises(ValueError, match=f"^This is a network of the kind {own}, not {other}.$"):
            NETWORKS[other].from_pretrained(tmp_path)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_the_same_weights_serve_every_scale(scale):
    model = SMALL["vdsr"]
    assert model.scale is None
    one = model.for_scale(scale)
    assert (one.scale, model.scale, type(one)) == (scale, None, VDSR)
    assert one.for_scale(scale) is one
    assert one.for_scale(2).scale == 2
    own = [weights.data_ptr() for weights in model.parameters()]
    assert [weights.data_ptr() for weights in one.parameters()] == own


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (SMALL["srcnn"], "for x3, not for x5"),
        (SMALL["vdsr"], "for x2 and x3 and x4, not for x5"),
        (SMALL["edsr"], "for x3, not for x5"),
    ],
)
def test_a_scale_that_it_was_not_trained_for_is_refused(model, words):
    with pytest.raises(ValueError, match=f"^It was trained {words}.$"):
        model.for_scale(5)


def test_a_network_that_names_no_scale_is_used_at_any_that_is_said():
    model = SRCNN()
    assert (model.for_scale(5).scale, model.for_scale(5).for_scale(2).scale, model.scale) == (5, 2, None)
    for each in (model, Ensemble([model])):
        with pytest.raises(ValueError, match=r"which scale .* for; .*scale"):
            each.for_scale()


@pytest.mark.parametrize("model", SMALL.values(), ids=SMALL)
def test_turning_the_picture_turns_the_self_ensembles_result(model):
    both, plane = Ensemble([model], turns=True), torch.rand(9, 14) * 255
    turned = super_resolve(both, plane.rot90())
    assert turned.shape == (14 * model.upsampling, 9 * model.upsampling)
    assert torch.allclose(turned, super_resolve(both, plane).rot90(), rtol=0, atol=1e-3)


PEAK = """
import torch
from srcnn import EDSR, VDSR
from srcnn.inference.engine import super_resolve
from tests.support.hostile_run import peak
models = [VDSR(depth=3, channels=32, scale=4).eval(), EDSR(depth=1, channels=32, scale=4).eval()]
planes = [torch.rand(1024 // model.upsampling, 2048 // model.upsampling) * 255 for model in models]
before = peak()
for model, plane in zip(models, planes):
    assert super_resolve(model, plane).shape == (1024, 2048)
    print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures a process as Linux does")
def test_memory_does_not_grow_with_the_picture():
    """At once, two megapixels take more than 500 MB."""
    done = run_python("-c", PEAK)
    assert done.returncode == 0, done.stderr
    assert max(map(float, done.stdout.split())) < 280
