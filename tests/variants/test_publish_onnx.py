"""ONNX files on their way to the Hub, and from there into programs without this package."""

import json
import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
from PIL import Image

from srcnn import SRCNN, load, upscale
from srcnn.inference.export.onnx_files import Origin, export_all
from srcnn.variants.card import write_card
from srcnn.variants.loading import BUNDLED_FOLDER, load_any_scale
from tests.support.hub_commands import Commands, files_of, pushed, sent

NAMES = ["onnx/model.onnx", "onnx/picture.onnx"]
ALONE = "import sys; sys.modules.update(srcnn=None, torch=None)\n"  # what is not there on a machine without them


@pytest.fixture
def variant(tmp_path) -> Path:
    """A released one, with a card for the namespace that it is pushed to."""
    folder = shutil.copytree(BUNDLED_FOLDER / "srcnn-x3-mse", tmp_path / "srcnn-x3-mse")
    write_card(folder, (), namespace="me")
    return folder


def samples(card: str) -> list[str]:
    """The examples in Python that a card has for programs without PyTorch."""
    section = card.partition("## Use without PyTorch\n")[2].partition("\n## ")[0]
    return re.findall("```python\n(.*?)```", section, re.DOTALL)


def test_the_lines_of_the_card_run_what_was_pushed_without_this_package(hub, person, variant, tmp_path, astronaut):
    person.works("push", variant, "--to", "me")
    made = export_all(load_any_scale(variant), Origin(variant.name, variant / "model.safetensors"))
    assert pushed(hub, "me/srcnn-x3-mse") == files_of(variant) | made

    with_runtime, with_opencv = samples(pushed(hub, "me/srcnn-x3-mse")["README.md"].decode())
    assert len(with_runtime.splitlines()) <= 10
    small = np.ascontiguousarray(astronaut.pixels[50:79, 60:101])
    Image.fromarray(small).save(tmp_path / "photo.png")
    there = f"import os; os.chdir({str(tmp_path)!r})\n"
    code = ALONE + there + with_runtime.replace("photo.jpg", "photo.png")
    done = Commands(hub, tmp_path / "empty", token="")("-c", code)
    assert (done.status, done.errors) == (0, "")
    result = np.array(Image.open(tmp_path / "photo-x3.png")).astype(int)
    difference = np.abs(result - upscale(small, load("srcnn-x3-mse")))
    assert difference.max() <= 1
    assert np.mean(difference == 0) >= 0.999

    stranger = Commands(hub, tmp_path / "other", token="")
    stranger.works("pull", "me/srcnn-x3-mse", "-o", tmp_path / "pulled")
    model = tmp_path / "pulled" / "srcnn-x3-mse" / "onnx" / "model.onnx"
    known = {"cv2": cv2, "luminance": np.random.default_rng(0).random((1, 1, 12, 15), dtype=np.float32)}
    exec(with_opencv.replace("model.onnx", str(model)), known)  # noqa: S102
    (expected,) = onnxruntime.InferenceSession(model).run(None, {"input": known["luminance"]})
    assert np.abs(known["result"] - expected).max() < 1e-5


def test_they_are_not_sent_twice_and_a_list_knows_them(hub, person, variant):
    person.works("push", variant, "--to", "me")
    hub.requests.clear()
    assert person.works("push", variant, "--to", "me", "--no-collection") == "me/srcnn-x3-mse: up to date\n"
    assert sent(hub) == []
    (row,) = json.loads(person.works("list", "me", "--json"))
    assert row["onnx"] == NAMES


def test_no_onnx_leaves_them_out_even_where_the_folder_has_some(hub, person, variant):
    own = files_of(variant)
    (variant / "onnx").mkdir()
    (variant / "onnx" / "model.onnx").write_bytes(b"of other weights")
    person.works("push", variant, "--to", "me", "--no-onnx")
    assert pushed(hub, "me/srcnn-x3-mse") == own
    assert json.loads(person.works("list", "me", "--json"))[0]["onnx"] == []
    assert f"sent {', '.join(NAMES)} (" in person.works("push", variant, "--to", "me")
    assert pushed(hub, "me/srcnn-x3-mse")["onnx/model.onnx"] != b"of other weights"


def test_other_weights_make_other_files(hub, person, variant):
    person.works("push", variant, "--to", "me")
    SRCNN(scale=3, loss="mse").save_pretrained(variant)
    assert f"sent config.json, model.safetensors, {', '.join(NAMES)} (" in person.works("push", variant, "--to", "me")


def test_a_network_for_several_scales_has_a_picture_file_for_each(hub, person):
    name = "vdsr-mse"
    person.works("push", BUNDLED_FOLDER / name, "--to", "me")
    pictures = [f"onnx/picture-x{scale}.onnx" for scale in (2, 3, 4)]
    assert [path for path in pushed(hub, f"me/{name}") if path.startswith("onnx/")] == ["onnx/model.onnx", *pictures]
    card = (BUNDLED_FOLDER / name / "README.md").read_text("utf-8")
    assert all(f"`{path}`" in card for path in pictures)


def test_without_the_package_onnx_a_push_says_so_and_sends_nothing(hub, person, variant):
    code = "import sys; sys.modules['onnx'] = None; from srcnn.cli.parser import main; sys.exit(main(sys.argv[1:]))"
    done = person("-c", code, "push", variant, "--to", "me")
    assert done.status == 1
    assert "install it by `pip install onnx`" in done.errors
    assert sent(hub) == []
