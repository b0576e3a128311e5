import pytest
import skimage.data
import torch

from srcnn.data.degradation import make_pair, truth_of
from srcnn.evaluation.feature_maps import compute_feature_maps, find_dead_maps, measure_activity
from srcnn.imaging.picture import Picture
from srcnn.networks.srcnn import SRCNN
from srcnn.variants.loading import bundled_names, load

PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "coffee", "rocket")


@pytest.fixture(scope="module")
def enlarged() -> dict[int, list[torch.Tensor]]:
    """What the networks of each scale see of photographs that everybody has."""
    truths = [truth_of(Picture(getattr(skimage.data, name)())) for name in PHOTOGRAPHS]
    return {scale: [make_pair(truth, scale).input_of(SRCNN()) for truth in truths] for scale in (2, 3, 4)}


@pytest.mark.parametrize("name", [name for name in bundled_names() if name.startswith("srcnn")])
def test_a_variant_whose_maps_were_revived_has_no_dead_one(name, enlarged):
    model = load(name)
    if not any(run.get("revive") for run in [model.recipe, *model.recipe.get("before", [])]):
        pytest.skip("was trained without --revive")
    assert find_dead_maps(model, enlarged[model.scale]) == [[], []]


@pytest.fixture
def known() -> SRCNN:
    """The first layer gives the picture, and it less 0.5; the second gives the latter, and nothing."""
    model = SRCNN(filters=(2, 2), scale=2, padding="replicate").eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.conv1.weight[:, 0, 4, 4] = 1
        model.conv1.bias[1] = -0.5
        model.conv2.weight[0, 1] = 1
        model.conv2.weight[1, 0] = -1
    return model


def test_a_map_fires_where_it_is_above_zero(known):
    plane = torch.full((20, 30), 51.0)
    plane[:5] = 255
    first, second = compute_feature_maps(known, plane)
    assert torch.allclose(first[:, ::19, 0], torch.tensor([[1, 0.2], [0.5, 0]]))
    assert torch.allclose(second[:, ::19, 0], torch.tensor([[0.5, 0], [0, 0]]))
    activities = measure_activity(known, [plane, torch.zeros(10, 20)])  # of 800 pixels 150 are 1, and 450 are 0.2
    shares, strengths = (torch.stack([getattr(each, name) for each in activities]) for name in ("shares", "strengths"))
    assert torch.allclose(shares, torch.tensor([[0.75, 0.1875], [0.1875, 0]]))
    assert torch.allclose(strengths.square(), torch.tensor([[0.21, 0.046875], [0.046875, 0]]))


@pytest.mark.parametrize(("bright", "dead"), [(1, [[1], [0, 1]]), (3, [[], [1]])])
def test_a_map_that_fires_on_less_than_a_thousandth_is_dead(known, bright, dead):
    plane = torch.full((40, 50), 99.0)
    plane[0, :bright] = 255
    assert find_dead_maps(known, [plane]) == dead
