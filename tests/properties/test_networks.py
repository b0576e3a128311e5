"""What holds for every network: bands and strips are its own forward, folders give it back.

How to search wider: properties.py.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from srcnn.imaging.imresize import imresize
from srcnn.imaging.picture import Picture
from srcnn.imaging.planes import from_planes, to_planes
from srcnn.imaging.transparency import fill_transparent
from srcnn.inference import engine
from srcnn.inference.engine import TILE_FLOATS, super_resolve
from srcnn.inference.ensemble import Ensemble
from srcnn.inference.upscaling import upscale, upscale_bicubic
from srcnn.networks import strips
from srcnn.networks.base import Network
from srcnn.networks.strips import STRIP_BYTES
from srcnn.training.checkpoint import read_state, write_state
from tests.support.bands import upscale_both
from tests.support.project import same_weights
from tests.support.strategies import SEEDS, SIDES, deep_networks, networks, pictures, planes, random_levels

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
STRIPS = st.sampled_from([1, 10_000, STRIP_BYTES])


@contextmanager
def in_bands(pixels: int, least_rows: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "BAND_PIXELS", pixels)
        patch.setattr(engine, "MIN_BAND_ROWS", least_rows)
        yield


@contextmanager
def in_tiles(data: st.DataObject) -> Iterator[None]:
    """In small bands, these in small tiles, and those in strips of a few rows."""
    with (
        in_bands(data.draw(st.integers(1, 4000)), data.draw(st.integers(1, 16))),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(engine, "MIN_TILE_HALOS", data.draw(st.integers(1, 4)))
        patch.setitem(TILE_FLOATS, "cpu", data.draw(st.integers(1, 50_000)))
        patch.setattr(engine, "STREAM_PIXELS", data.draw(st.integers(1, 4000)))
        patch.setattr(strips, "STRIP_BYTES", data.draw(st.integers(1, 40_000)))
        yield


def at_once(model: Network, plane: torch.Tensor) -> torch.Tensor:
    """The network's own `forward` of a plane in grey levels, as in training."""
    return model(plane[None, None].float() / 255)[0, 0].detach() * 255


@given(networks(), STRIPS, SEEDS, st.integers(1, 2), SIDES, SIDES)
def test_strips_are_the_networks_own_forward(model, strip, seed, count, height, width):
    x = (random_levels(seed, count, model.config.num_channels, height, width) / 255).float()
    with pytest.MonkeyPatch.context() as patch, torch.inference_mode():
        patch.setattr(strips, "STRIP_BYTES", strip)
        near = 1e-5 * max(1, model(x).abs().max().item())
        assert torch.allclose(model.for_device(exact=True)(x), model(x), rtol=0, atol=near)


@given(networks(channels=1, scale=2), networks(channels=1, scale=2), st.data())
def test_bands_are_the_whole_for_networks_and_ensembles(one, other, data):
    network = data.draw(st.sampled_from([one, Ensemble([one, other]), Ensemble([one, other], turns=True)]))
    plane = data.draw(planes()).float()
    with torch.inference_mode():
        whole = network(plane[None, None] / 255)[0, 0] * 255
    with in_bands(data.draw(st.integers(1, 400)), data.draw(st.integers(1, 16))):
        result = super_resolve(network, plane)
    assert torch.allclose(result, whole, rtol=0, atol=1e-5 * max(255, whole.abs().max().item()))


@given(networks(channels=1, scale=3), pictures(st.integers(1, 20)), st.integers(1, 400), st.integers(1, 16))
def test_a_picture_enlarged_in_bands_is_the_picture_enlarged_at_once(model, picture, band, least_rows):
    at_once = upscale(picture, model, exact=True)
    with in_bands(band, least_rows):
        bicubic, result = upscale_both(picture, model, exact=True)
        alone = upscale(picture, model, exact=True)
    assert_nearly_same(alone, at_once)
    assert_nearly_same(result, at_once)
    assert_nearly_same(bicubic, upscale_bicubic(picture, 3))


def assert_nearly_same(picture: Picture, other: Picture) -> None:
    """But for what rounds up in one and down in the other."""
    near = 1 if picture.pixels.dtype == np.uint8 else 3
    assert np.abs(picture.pixels.astype(int) - other.pixels).max() <= near
    assert (picture.alpha is None) == (other.alpha is None)
    assert picture.alpha is None or np.abs(picture.alpha.astype(int) - other.alpha).max() <= 1


@given(deep_networks(), planes(), st.data())
def test_tiles_are_the_whole_for_deep_networks_and_their_turns(model, plane, data):
    if data.draw(st.booleans()):
        model = Ensemble([model], turns=True)
    whole = at_once(model, plane)
    with in_tiles(data):
        result = super_resolve(model, plane)
    assert result.shape == tuple(model.upsampling * side for side in plane.shape)
    assert torch.allclose(result, whole, rtol=0, atol=1e-5 * max(255, whole.abs().max().item()))


@given(deep_networks(), pictures(st.integers(1, 20)), st.data())
def test_a_picture_enlarged_in_tiles_is_what_the_network_and_bicubic_make_of_the_whole(model, picture, data):
    low = to_planes(fill_transparent(picture))
    planes = imresize(low, model.scale)
    planes[0] = at_once(model, planes[0] if model.upsampling == 1 else low[0])
    with in_tiles(data):
        bicubic, result = upscale_both(picture, model, exact=True)
        alone = upscale(picture, model, exact=True)
    for each in (result, alone):
        assert_nearly_same(each, from_planes(planes, like=picture))
    assert_nearly_same(bicubic, upscale_bicubic(picture, model.scale))


@given(networks(), SEEDS, SIDES, SIDES)
def test_valid_is_the_inside_of_the_padded_result(model, seed, height, width):
    shape = model.config.num_channels, height + 2 * model.halo, width + 2 * model.halo
    x = (random_levels(seed, 1, *shape) / 255).float()
    with torch.inference_mode():
        inside = torch.nn.functional.pad(model(x), [-model.halo] * 4)
        assert torch.allclose(model(x, valid=True), inside, rtol=0, atol=1e-5 * max(1, inside.abs().max().item()))


# Folders and files


@given(networks() | deep_networks(), st.dictionaries(st.text(), JSON, max_size=4))
def test_a_variant_folder_gives_back_the_config_the_recipe_and_every_bit(model, recipe):
    model.recipe = recipe
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        again = type(model).from_pretrained(folder)
    assert (again.config, again.recipe) == (model.config, recipe)
    assert same_weights(again, model)
    x = torch.rand(1, getattr(model.config, "num_channels", 1), 9, 9)
    with torch.inference_mode():
        assert torch.equal(again(x), model(x))


PARTS = st.text().filter(lambda text: "." not in text)
TENSORS = st.builds(
    lambda seed, shape, dtype: random_levels(seed, *shape).to(dtype),
    SEEDS,
    st.lists(st.integers(0, 4), max_size=3),
    st.sampled_from([torch.float64, torch.float32, torch.bfloat16, torch.int64, torch.uint8]),
)


@given(
    st.dictionaries(PARTS, st.dictionaries(st.text(), TENSORS, min_size=1, max_size=3), max_size=3),
    st.dictionaries(st.text(), JSON, max_size=4),
)
def test_a_runs_state_comes_back_as_it_was(parts, numbers):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "state.safetensors")
        write_state(file, parts, numbers)
        again, numbers_again = read_state(file)
    assert numbers_again == numbers
    assert again.keys() == parts.keys()
    for part, tensors in parts.items():
        assert again[part].keys() == tensors.keys()
        for name, tensor in tensors.items():
            assert again[part][name].dtype == tensor.dtype
            assert torch.equal(again[part][name], tensor)
