"""Parts of the demo from inside: how long networks take, what replaces a lost GPU, which networks Learn shows."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from demo import catalogue
from demo.catalogue import current_catalogue
from demo.job import Job
from demo.tabs import models_speed
from demo.tabs.learn_lessons import best_variant, compute_succession
from demo.tabs.models_speed import known_seconds, measure_next
from demo.tabs.models_table import time_cell
from demo.tabs.models_variant import code_samples
from demo.widgets.pictures import WHOLE_SIDE_PIXELS, PictureFile, reduction_texts, tile_sides, write_for_page
from demo.widgets.settings import network_name
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.networks.base import Network
from srcnn.networks.edsr import EDSR
from srcnn.networks.vdsr import VDSR
from srcnn.variants.catalogue import Catalogue, Variant
from srcnn.variants.loading import BUNDLED_FOLDER

VDSR_TITLE, EDSR_TITLE = "VDSR-reduced-4x8", "EDSR-reduced-2x8"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("9-1-5", "SRCNN 9-1-5"),
        ("VDSR", "VDSR"),
        ("EDSR-baseline", "EDSR"),
        (VDSR_TITLE, "VDSR 4x8"),
        ("EDSR-larger-32x256", "EDSR 32x256"),
    ],
)
def test_the_page_calls_a_network_as_people_do(title, name):
    assert network_name(title) == name


@pytest.mark.parametrize(
    ("space", "namespace", "package"),
    [
        ("", "", ".  # in the project's folder"),
        ("", "me", "git+https://huggingface.co/spaces/me/srcnn"),
        ("you/copy", "me", "git+https://huggingface.co/spaces/you/copy"),
    ],
)
def test_the_code_says_how_to_install_the_package(monkeypatch, family, space, namespace, package):
    monkeypatch.setenv("SPACE_ID", space)
    monkeypatch.setattr(catalogue, "_namespace", namespace)
    assert code_samples("vdsr-reduced-4x8-mse")[0].startswith(f"# pip install {package}\nfrom srcnn import")


@pytest.fixture
def family(monkeypatch, tmp_path) -> Catalogue:
    """A VDSR for three scales and an EDSR for one, in place of the bundled variants."""
    found = {}
    for model in (
        VDSR(depth=4, channels=8, scale=(2, 3, 4), loss="mse"),
        EDSR(depth=2, channels=8, scale=4, loss="l1"),
    ):
        name = model.config.name
        model.save_pretrained(tmp_path / name)
        found[name] = Variant(name, model, tmp_path / name)
    monkeypatch.setattr(catalogue, "_family", Catalogue(found))
    return current_catalogue()


def test_each_network_is_timed_once_for_all_scales_at_which_it_does_the_same(family, monkeypatch):
    def measure(model: Network) -> float:
        timed.append((model.config.title, model.upsampling))
        return len(timed)

    timed = []
    monkeypatch.setattr(models_speed, "_known", {})
    monkeypatch.setattr(models_speed, "measure_seconds_per_megapixel", measure)
    others = [EDSR(depth=2, channels=8, scale=2, loss="l1"), EDSR(depth=2, channels=8, scale=4, loss="mse")]
    for each in others:
        family.members[each.config.name] = Variant(each.config.name, each, BUNDLED_FOLDER)
    assert [measure_next() for _ in range(5)] == [2, 1, 0, 0, 0]
    assert timed == [(VDSR_TITLE, 1), (EDSR_TITLE, 4), (EDSR_TITLE, 2)]
    assert [known_seconds(member) for member in family.members.values()] == [1, 2, 3, 2]


def test_a_time_that_a_gpu_does_not_give_is_a_dash(family, monkeypatch):
    def lost(model: Network) -> float:
        raise torch.AcceleratorError("CUDA error: unspecified launch failure")

    monkeypatch.setattr(models_speed, "_known", {})
    monkeypatch.setattr(models_speed, "measure_seconds_per_megapixel", lost)
    vdsr = family.members["vdsr-reduced-4x8-mse"]
    assert measure_next() == 1
    assert math.isnan(known_seconds(vdsr))
    assert time_cell(known_seconds(vdsr)) == time_cell(None) == "<td class='figure'>–</td>"
    assert time_cell(0.0123456).endswith(">12.3 ms</td>")
    assert time_cell(0.99951).endswith(">1.0 s</td>")


def test_what_replaces_a_lost_gpus_networks_is_for_the_same_scale(family):
    members = family.choose_variants(3, "mse", VDSR_TITLE)
    used = []

    def work(models: list) -> int:
        used.append(models[0])
        if len(used) == 1:
            raise torch.AcceleratorError("CUDA error: unspecified launch failure")
        return models[0].scale

    job = Job(members)
    assert job.run(work) == 3
    assert job.fell_back
    first, second = (limited.model for limited in used)
    assert second is not first
    assert all(
        torch.equal(x, y) for x, y in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


def test_the_networks_that_followed_are_the_papers_where_they_are_there(family, monkeypatch, tmp_path):
    paper = VDSR(scale=(2, 3, 4), loss="mse")
    assert best_variant("vdsr", 4).name == "vdsr-reduced-4x8-mse"
    members = family.members | {"vdsr-mse": Variant("vdsr-mse", paper, tmp_path)}
    monkeypatch.setattr(catalogue, "_family", Catalogue(members))
    assert best_variant("vdsr", 4).name == "vdsr-mse"
    assert best_variant("vdsr", 4).model.scale == 4
    assert best_variant("edsr", 2) is None
    assert compute_succession() == [], "without the article's network there is nothing to be beside"


def test_who_sees_a_large_picture_reduced_is_told():
    large = PictureFile(Path("a.png"), 4000, 3000, WHOLE_SIDE_PIXELS, Path("a-tiles"))
    small = PictureFile(Path("a.png"), 512, 512, 512)
    (told,) = reduction_texts([small, large], "en")
    assert told.startswith("Sides of more than 2040 pixels are seen reduced; zoom in")
    assert "2040" in reduction_texts([large], "zh")[0]
    assert reduction_texts([small], "en") == []


@pytest.mark.parametrize("shape", [(2050, 2050), (2, 200_000), (200_000, 2), (500, 3000), (3000, 1)])
def test_a_thin_picture_comes_to_the_page_in_no_more_tiles_than_a_square_one(tmp_path, shape):
    pixels = (np.arange(math.prod(shape)) % 251).astype(np.uint8).reshape(shape)
    written = write_for_page(Picture(pixels), "result", tmp_path)
    across, down = tile_sides(written.width, written.height)
    assert len(list(written.tiles.iterdir())) <= 13
    for file in written.tiles.iterdir():
        row, column = map(int, file.stem.split("-"))
        tile = open_picture(file).pixels
        assert max(tile.shape) <= 16_000
        assert np.array_equal(tile, pixels[row * down : (row + 1) * down, column * across : (column + 1) * across])
    assert sum(open_picture(file).pixels.size for file in written.tiles.iterdir()) == pixels.size
    assert written.for_page()["tiles"] | {"base": ""} == {"width": across, "height": down, "base": ""}
