import pytest

from srcnn import SRCNN, variants
from srcnn.variants import VariantError


def test_the_bundled_variants_are_complete_and_named_after_what_they_hold():
    assert {"srcnn-x2-mse", "srcnn-x3-mse", "srcnn-x4-mse"} <= set(variants.bundled())
    for name in variants.bundled():
        model = variants.load(name)
        assert variants.name_of(model.config.scale, model.config.loss, model.config.kernel_sizes) == name
        assert model.recipe["loss"] == model.config.loss
        pictures = {file.name: file.stat().st_size for file in (variants.WEIGHTS / name).glob("*.png")}
        assert pictures.keys() == {"crops.png", "curves.png"}
        assert max(pictures.values()) < 150_000
        assert all(f"({picture})" in (variants.WEIGHTS / name / "README.md").read_text() for picture in pictures)


def test_a_variant_is_found_by_name_and_by_folder(tmp_path):
    SRCNN(scale=2).save_pretrained(tmp_path / "mine")
    assert variants.load(tmp_path / "mine").config.scale == 2
    assert variants.load(str(tmp_path / "mine")).config.scale == 2
    assert variants.load("srcnn-x4-mse").config.scale == 4


@pytest.mark.parametrize("name", ["srcnn-x9-mse", "nobody/srcnn-x3-mse", "../../etc", "a b", ""])
def test_what_is_not_there_is_refused_by_one_sentence(name):
    with pytest.raises(VariantError, match="cannot be used") as caught:
        variants.load(name)
    assert "\n" not in str(caught.value)


def test_a_variant_must_know_its_scale(tmp_path):
    SRCNN().save_pretrained(tmp_path)
    with pytest.raises(VariantError, match="which scale"):
        variants.load(tmp_path)


def test_a_person_chooses_a_loss_by_its_title_or_the_average_of_those_that_aim_at_psnr():
    names = ["srcnn-x3-perceptual", "srcnn-x3-mse", "srcnn-955-x3-l1"]
    assert variants.losses(names) == {"MSE": "mse", "Perceptual": "perceptual"}
    names.append("srcnn-x3-l1")
    assert [*variants.losses(names)] == ["MSE", "L1", "Perceptual", "Average of MSE, L1"]
    assert variants.names_of(3, variants.losses(names)["Average of MSE, L1"]) == ["srcnn-x3-mse", "srcnn-x3-l1"]
