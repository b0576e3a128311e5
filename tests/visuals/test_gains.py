import numpy as np
import pytest

from demo.tabs.models_gains import gains_over_bicubic
from srcnn.imaging.reading import open_picture
from srcnn.networks.vdsr import VDSR
from srcnn.variants.catalogue import Variant, load_catalogue
from srcnn.visuals.plots import draw_gains


@pytest.fixture(scope="module")
def members():
    """The bundled SRCNNs."""
    found = load_catalogue().members.values()
    return [member for member in found if member.model.config.architecture == "srcnn"]


def test_the_gains_are_those_of_the_cards_the_best_first(members):
    found = gains_over_bicubic(members, 3, "Set5")
    assert (found["MSE"], found["MSE 9-5-5"]) == (2.29, 2.63)  # as in their cards' tables
    assert found["Authors' 9-1-5"] == 2.0
    assert len(found) == 8
    assert list(found.values()) == sorted(found.values(), reverse=True)
    with pytest.raises(KeyError):
        gains_over_bicubic(members, 3, "Set0")


def test_another_network_stands_with_its_name_at_each_of_its_scales(members, tmp_path):
    results = {2: {"Set5": {"psnr": 37.53}}, 3: {"Set5": {"psnr": 33.66}}}
    other = Variant("vdsr-mse", VDSR(scale=(2, 3), loss="mse"), tmp_path, results=results)
    for scale, gain in ((2, 3.87), (3, 3.27)):
        assert gains_over_bicubic([*members, other], scale, "Set5") == {"MSE VDSR": gain} | gains_over_bicubic(
            members, scale, "Set5"
        )
    assert gains_over_bicubic([*members, other], 4, "Set5") == gains_over_bicubic(members, 4, "Set5")


def test_the_bars_are_as_long_as_the_gains(tmp_path):
    (tmp_path / "gains.png").write_bytes(draw_gains({"MSE": 2.0, "Authors' 9-1-5": 1.5, "L1": 1.0}, "x3", 2.0))
    pixels = open_picture(tmp_path / "gains.png").pixels.astype(int)
    blue = ((pixels[..., 2] > 150) & (pixels[..., 0] < 80)).sum(axis=1)
    grey = ((np.ptp(pixels, axis=2) == 0) & (pixels[..., 0] == 127)).sum(axis=1)
    short = blue[blue > 50].min()
    assert blue.max() == pytest.approx(2 * short, abs=4)
    assert grey.max() == pytest.approx(1.5 * short, abs=4)
