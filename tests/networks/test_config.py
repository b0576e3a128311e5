import dataclasses

import pytest

from srcnn import EDSRConfig, SRCNNConfig, VDSRConfig
from srcnn.networks.architectures import NETWORKS
from srcnn.networks.config import MAX_WEIGHTS

CONFIGS = (SRCNNConfig, VDSRConfig, EDSRConfig)
ODD = (-1, 0, 10**9, 10**400, True, 3.0, float("nan"), float("inf"), "3", [3], [[3]], {"3": 3}, {3})


@pytest.mark.parametrize("value", ODD, ids=lambda value: str(value)[:20])
def test_what_is_no_size_is_refused_by_its_name(value):
    for kind in (VDSRConfig, EDSRConfig):
        for name in ("depth", "channels"):
            with pytest.raises(ValueError, match=rf"^{name} must be a whole number from \d+ to \d+, not .*\.$"):
                kind(**{name: value})


@pytest.mark.parametrize("value", [*(value for value in ODD if value not in (True, 3)), None, (), (2, 3), 5, 16])
def test_edsr_is_for_one_scale_that_pixel_shuffle_reaches(value):
    with pytest.raises(ValueError, match=r"^scale must be one of 1, 2, 3, 4, 8, not .*\.$"):
        EDSRConfig(scale=value)


@pytest.mark.parametrize(
    "value", [-1, 0, 17, True, 3.0, "3", {2, 3}, {"2": 3}, [], [2], [3, 2], [2, 2], [2, True], [2, [3]], [2, 17]]
)
def test_vdsr_is_for_scales_from_the_smallest_to_the_largest(value):
    with pytest.raises(ValueError, match=r"^scale must be a whole number from 1 to 16, or several .*\.$"):
        VDSRConfig(scale=value)


@pytest.mark.parametrize("value", [-0.1, 0, 1.01, True, float("nan"), float("inf"), 10**400, "1", [1], None])
def test_what_is_no_share_is_no_residual_scaling(value):
    with pytest.raises(ValueError, match="^residual_scaling must be a number above 0, at most 1, not "):
        EDSRConfig(residual_scaling=value)


def test_no_network_has_too_many_weights():
    for kind, most in ((VDSRConfig, 133), (EDSRConfig, 91)):
        assert 0.98 * MAX_WEIGHTS < kind(depth=64, channels=most).weights <= MAX_WEIGHTS
        for channels in (most + 1, 512):
            with pytest.raises(ValueError, match=r"^A network of \d{2,3},\d{3},\d{3} weights is too large; 10,"):
                kind(depth=64, channels=channels)


@pytest.mark.parametrize("kind", CONFIGS)
@pytest.mark.parametrize("value", ["x", None, 1, ["vdsr"], {}])
def test_a_config_is_of_its_own_architecture(kind, value):
    with pytest.raises(ValueError, match=f'^architecture must be "{kind.architecture}"'):
        kind(architecture=value)


def test_a_config_is_fixed_and_what_networks_are_chosen_by():
    assert [kind.architecture for kind in CONFIGS] == list(NETWORKS)
    for kind in CONFIGS:
        with pytest.raises(dataclasses.FrozenInstanceError):
            kind().loss = "l1"


@pytest.mark.parametrize(
    ("config", "name", "title", "scales"),
    [
        (SRCNNConfig(scale=3, loss="mse"), "srcnn-x3-mse", "9-1-5", (3,)),
        (SRCNNConfig(scale=3, loss="mse", kernel_sizes=[9, 5, 5]), "srcnn-955-x3-mse", "9-5-5", (3,)),
        (SRCNNConfig(loss="mse"), None, "9-1-5", ()),
        (VDSRConfig(scale=[2, 3, 4], loss="mse"), "vdsr-mse", "VDSR", (2, 3, 4)),
        (VDSRConfig(scale=4, loss="mse"), "vdsr-x4-mse", "VDSR", (4,)),
        (VDSRConfig(scale=(2, 3)), None, "VDSR", (2, 3)),
        (VDSRConfig(depth=10, channels=48, scale=2, loss="l1"), "vdsr-reduced-10x48-x2-l1", "VDSR-reduced-10x48", (2,)),
        (EDSRConfig(scale=4, loss="l1"), "edsr-baseline-x4-l1", "EDSR-baseline", (4,)),
        (EDSRConfig(depth=8, channels=48, loss="l1"), "edsr-reduced-8x48-x2-l1", "EDSR-reduced-8x48", (2,)),
    ],
)
def test_names_tell_network_scale_and_loss(config, name, title, scales):
    assert (config.name, config.title, config.scales) == (name, title, scales)
