import io
import os

import pytest

from srcnn import EDSR, SRCNN, VDSR, EDSRConfig, SRCNNConfig, VDSRConfig
from srcnn.naming import RELEASED_NAME
from srcnn.variants.loading import (
    BUNDLED_FOLDER,
    VariantError,
    bundled_names,
    check_variant_name,
    load,
    load_any_scale,
    load_ensemble,
)


def test_the_bundled_variants_are_complete_and_named_after_what_they_hold():
    assert {"srcnn-x2-mse", "srcnn-x3-mse", "srcnn-x4-mse"} <= set(bundled_names())
    for name in bundled_names():
        model = load_any_scale(name)
        assert model.config.name == name
        assert model.recipe["loss"] == model.config.loss
        pictures = {file.name: file.stat().st_size for file in (BUNDLED_FOLDER / name).glob("*.png")}
        assert pictures.keys() == {"crops.png", "curves.png"}
        assert max(pictures.values()) < 150_000
        assert all(f"({picture})" in (BUNDLED_FOLDER / name / "README.md").read_text() for picture in pictures)


def test_a_variant_is_found_by_name_and_by_folder(tmp_path):
    SRCNN(scale=2).save_pretrained(tmp_path / "mine")
    assert load(tmp_path / "mine").config.scale == 2
    assert load(str(tmp_path / "mine")).config.scale == 2
    assert load("srcnn-x4-mse").config.scale == 4


@pytest.mark.parametrize("name", ["srcnn-x9-mse", "nobody/srcnn-x3-mse", "../../etc", "a b", ""])
def test_what_is_not_there_is_refused_by_one_sentence(name):
    with pytest.raises(VariantError, match="cannot be used") as caught:
        load(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("closed", ["mine/model.safetensors", "mine/config.json", "mine"])
def test_what_may_not_be_read_is_not_taken_for_missing_or_damaged(tmp_path, monkeypatch, closed):
    """As the system has it for everybody but root."""
    SRCNN(scale=2).save_pretrained(tmp_path / "mine")
    place, opened, status = tmp_path / closed, io.open, os.stat

    def refuse(name):
        if (
            isinstance(name, str | os.PathLike)
            and str(name).startswith(str(place))
            and str(name) != str(tmp_path / "mine")
        ):
            raise PermissionError(13, "Permission denied", str(name))

    monkeypatch.setattr(io, "open", lambda name, *a, **k: (refuse(name), opened(name, *a, **k))[1])
    if closed == "mine":
        monkeypatch.setattr(os, "stat", lambda name, *a, **k: (refuse(name), status(name, *a, **k))[1])
    for name in ("mine", "mine/sub") if closed == "mine" else ("mine",):
        with pytest.raises(VariantError, match=r"you have no permission for .*mine.*; change its permissions\.$"):
            load(tmp_path / name)


def test_a_variant_must_know_its_scale(tmp_path):
    SRCNN().save_pretrained(tmp_path)
    with pytest.raises(VariantError, match="which scale"):
        load(tmp_path)


@pytest.fixture
def deep(tmp_path):
    """The folder of a network for two scales."""
    VDSR(depth=2, channels=3, scale=(2, 4), loss="mse").save_pretrained(tmp_path / "deep")
    return tmp_path / "deep"


def test_a_network_for_several_scales_is_used_at_the_one_that_is_asked_for(deep):
    assert load(deep, 4).scale == 4
    assert load("srcnn-x3-mse", 3).scale == 3
    with pytest.raises(VariantError, match=r"is for x2, x4; say with --scale for which of them to use it\.$"):
        load(deep)
    for variant, scales in ((deep, "x2 and x4"), ("srcnn-x2-mse", "x2")):
        with pytest.raises(VariantError, match=f"cannot be used: It was trained for {scales}, not for x3.$"):
            load(variant, 3)


def test_networks_that_take_the_same_picture_are_averaged_and_others_refused(deep, tmp_path):
    EDSR(depth=1, channels=3, scale=2).save_pretrained(tmp_path / "edsr")
    both = load_ensemble(["srcnn-x2-mse", str(deep)], turns=False, scale=2)
    assert (both.scale, both.halo) == (2, 6)
    with pytest.raises(VariantError, match="^These variants cannot be averaged: An ensemble needs networks that all"):
        load_ensemble(["srcnn-x2-mse", str(tmp_path / "edsr")], turns=True)


def test_a_variant_is_what_it_is_called():
    deep = VDSR(depth=2, channels=3, scale=(2, 4), loss="mse")
    assert check_variant_name("vdsr-reduced-2x3-mse", deep) is deep
    for name in ("vdsr-mse", "vdsr-reduced-2x3-x2-mse", "srcnn-x2-mse"):
        with pytest.raises(ValueError, match=f"^{name} holds VDSR-reduced-2x3 for x2 and x4 with the loss mse, not"):
            check_variant_name(name, deep)


@pytest.mark.parametrize(
    "config",
    [
        SRCNNConfig(scale=3, loss="l1", kernel_sizes=(9, 5, 5)),
        VDSRConfig(scale=(2, 3, 4), loss="mse"),
        VDSRConfig(depth=10, channels=48, scale=(2, 3, 4), loss="mse"),
        VDSRConfig(scale=2, loss="charbonnier"),
        EDSRConfig(scale=4, loss="l1"),
        EDSRConfig(depth=8, channels=48, scale=2, loss="perceptual"),
    ],
)
def test_what_the_family_is_found_by_on_the_hub_fits_every_name(config):
    assert RELEASED_NAME.fullmatch(config.name)
    for other in (f"my-{config.name}", f"{config.name}-2", config.name.replace(config.loss, "huber")):
        assert not RELEASED_NAME.fullmatch(other)
