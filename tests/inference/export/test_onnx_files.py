"""Every released variant as ONNX files, run by the runtimes that people have, at sizes that the exporter never saw."""

import functools

import cv2
import numpy as np
import onnxruntime
import openvino
import pytest
import skimage.data
import torch

from srcnn import EDSR, SRCNN, VDSR, load, upscale
from srcnn.inference.export.onnx_files import Origin, export_all, export_network, export_picture, picture_halo
from srcnn.networks.base import Network
from srcnn.variants.loading import BUNDLED_FOLDER, bundled_names, load_any_scale

VARIANTS = [(name, scale) for name in bundled_names() for scale in load_any_scale(name).config.scales]
ONE_OF_EACH = ["srcnn-x3-mse", "srcnn-955-x2-mse", "vdsr-mse", "edsr-baseline-x4-l1"]
SIZES = [(1, 1), (5, 3), (19, 26)]
NETWORK_ERROR = 1e-5


def origin_of(name: str) -> Origin:
    return Origin(name, BUNDLED_FOLDER / name / "model.safetensors")


loaded = functools.cache(load_any_scale)


@functools.cache
def network_file(name: str) -> bytes:
    return export_network(loaded(name), origin_of(name))


def run_network(content: bytes, plane: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(content).run(None, {"input": plane})[0]


def planes(seed: int = 0) -> list[np.ndarray]:
    generator = np.random.default_rng(seed)
    return [generator.random((1, 1, *size), dtype=np.float32) for size in SIZES]


@torch.inference_mode()
def forward(model: Network, plane: np.ndarray) -> np.ndarray:
    return model(torch.from_numpy(plane)).numpy()


def pictures() -> list[np.ndarray]:
    """Twelve: odd sizes, a single pixel, a single row and column, extreme colours, noise, photographs."""
    generator, photograph = np.random.default_rng(0), skimage.data.astronaut()
    stripes = np.zeros((9, 14, 3), np.uint8)
    stripes[:, ::2] = (255, 0, 0)
    stripes[:, 1::2] = (0, 255, 255)
    checks = np.indices((10, 11)).sum(0)[..., None] % 2 * np.array([255, 0, 255], np.uint8)
    sizes = (1, 1), (1, 7), (6, 1), (2, 3), (17, 13)
    noise = [generator.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]
    flat = [np.full((5, 8, 3), level, np.uint8) for level in (0, 255)]
    grey = np.repeat(photograph[200:215, 200:223, :1], 3, axis=2)
    blue = np.full((7, 7, 3), (0, 0, 255), np.uint8)
    return [*noise, *flat, stripes, checks.astype(np.uint8), grey, blue, photograph[100:131, 180:203]]


@pytest.mark.parametrize("name", bundled_names())
def test_the_network_computes_what_forward_does(name):
    for plane in planes():
        result = run_network(network_file(name), plane)
        assert np.abs(result - forward(loaded(name), plane)).max() < NETWORK_ERROR


def test_the_network_takes_several_pictures_at_once():
    several = np.random.default_rng(0).random((3, 1, 8, 9), dtype=np.float32)
    result = run_network(network_file("srcnn-x3-mse"), several)
    assert np.abs(result - forward(load("srcnn-x3-mse"), several)).max() < NETWORK_ERROR


@pytest.mark.parametrize(("name", "scale"), VARIANTS)
def test_the_picture_comes_out_as_from_upscale(name, scale):
    model = loaded(name).for_scale(scale)
    session = onnxruntime.InferenceSession(export_picture(model, origin_of(name)))
    compare_with_upscale(lambda picture: session.run(None, {"input": picture})[0], model)


def compare_with_upscale(run, model: Network) -> None:
    found = pictures()
    assert len(found) == 12
    differences = []
    for picture in found:
        result, expected = run(picture), upscale(np.ascontiguousarray(picture), model, exact=True)
        assert (result.shape, result.dtype) == (expected.shape, np.uint8)
        differences.append(np.abs(result.astype(int) - expected).ravel())
    differences = np.concatenate(differences)
    assert differences.max() <= 1
    assert np.mean(differences == 0) >= 0.999


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_openvino_computes_the_same(name, tmp_path):
    core, settings = openvino.Core(), {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    network = core.compile_model(core.read_model(network_file(name)), "CPU", settings)
    for plane in planes():
        assert np.abs(network(plane)[0] - forward(loaded(name), plane)).max() < NETWORK_ERROR
    model = loaded(name).for_scale(max(loaded(name).config.scales))
    picture = core.compile_model(core.read_model(export_picture(model, origin_of(name))), "CPU", settings)
    compare_with_upscale(lambda array: picture(np.ascontiguousarray(array))[0], model)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_opencv_computes_the_same(name):
    network = cv2.dnn.readNetFromONNX(np.frombuffer(network_file(name), np.uint8))
    for plane in planes():
        network.setInput(plane)
        assert np.abs(network.forward() - forward(loaded(name), plane)).max() < NETWORK_ERROR


@pytest.mark.parametrize(
    "model",
    [
        SRCNN(scale=3, residual=True, batch_norm=True, kernel_sizes=(5, 3, 3), filters=(6, 5)),
        SRCNN(scale=1, padding="replicate", filters=(6, 5)),
        VDSR(scale=8, depth=3, channels=4),
        EDSR(scale=4, depth=2, channels=5, residual_scaling=0.1),
    ],
    ids=lambda model: model.config.title,
)
def test_networks_that_were_not_released_can_be_exported_too(model):
    torch.manual_seed(0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    for module in model.eval().modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    made = export_network(model, origin_of("srcnn-x3-mse"))
    for plane in planes():
        expected = forward(model, plane)
        assert np.abs(run_network(made, plane) - expected).max() < NETWORK_ERROR * max(1, np.abs(expected).max())
    session = onnxruntime.InferenceSession(export_picture(model, origin_of("srcnn-x3-mse")))
    compare_with_upscale(lambda picture: session.run(None, {"input": picture})[0], model)


@pytest.mark.parametrize("name", ["srcnn-x2-mse", "srcnn-955-x3-mse", "edsr-baseline-x3-l1"])
def test_a_piece_with_its_halo_comes_out_as_within_the_whole(name):
    model = load(name)
    halo, scale = picture_halo(model), model.scale
    session = onnxruntime.InferenceSession(export_picture(model, origin_of(name)))
    assert session.get_modelmeta().custom_metadata_map["halo"] == str(halo)
    picture = np.random.default_rng(0).integers(0, 256, (2 * halo, 2 * halo + 6, 3), dtype=np.uint8)
    whole, first = session.run(None, {"input": picture})[0].astype(int), halo + 2
    for around, same in ((halo, True), (1, False)):
        (piece,) = session.run(None, {"input": np.ascontiguousarray(picture[:, first - around :])})
        difference = np.abs(piece[:, around * scale :] - whole[:, first * scale :]).max()
        assert (difference <= 1) == same


def test_a_file_says_what_it_is_and_how_it_is_called():
    name = "vdsr-mse"
    files = export_all(load_any_scale(name), Origin("me/vdsr", origin_of(name).weights, "c" * 40))
    assert list(files) == ["onnx/model.onnx", *(f"onnx/picture-x{scale}.onnx" for scale in (2, 3, 4))]
    facts = [onnxruntime.InferenceSession(content).get_modelmeta() for content in files.values()]
    for each, scale in zip(facts, ["2 or 3 or 4", "2", "3", "4"], strict=True):
        known = each.custom_metadata_map
        assert (each.producer_name, known["variant"], known["scale"]) == ("srcnn", "me/vdsr", scale)
        assert (known["architecture"], known["network"], known["loss"]) == ("vdsr", "VDSR", "mse")
        assert (known["licence"], known["source_commit"], len(known["weights_sha256"])) == ("MIT", "c" * 40, 64)
        assert known["usage"] == each.description
    assert "float32 (N, 1, H, W)" in facts[0].description
    assert "uint8 (3H, 3W, 3)" in facts[2].description


def test_the_same_weights_give_the_same_bytes_and_nothing_of_this_machine():
    name = "edsr-baseline-x2-l1"
    made = network_file(name)
    assert export_network(load_any_scale(name), origin_of(name)) == made
    assert str(BUNDLED_FOLDER.parent).encode() not in made
    assert len(made) < 1.02 * origin_of(name).weights.stat().st_size
