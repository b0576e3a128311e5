import sys

import numpy as np
import onnxruntime
import pytest

from srcnn import load, upscale
from srcnn.cli.parser import main


def test_export_writes_the_network_and_the_whole_way_of_a_picture(tmp_path, astronaut, capsys):
    plane = np.random.default_rng(0).random((1, 1, 9, 7), dtype=np.float32)
    assert main(["export", "srcnn-x2-l1", "-o", str(tmp_path / "new" / "model.onnx")]) == 0
    assert capsys.readouterr().out.startswith(f"{tmp_path / 'new' / 'model.onnx'}: the network alone, ")
    (result,) = onnxruntime.InferenceSession(tmp_path / "new" / "model.onnx").run(None, {"input": plane})
    assert result.shape == plane.shape

    name = "vdsr-mse"
    assert main(["export", name, "-o", str(tmp_path / "picture.onnx"), "--picture", "--scale", "4"]) == 0
    session = onnxruntime.InferenceSession(tmp_path / "picture.onnx")
    (larger,) = session.run(None, {"input": np.ascontiguousarray(astronaut.pixels[:11, :14])})
    expected = upscale(np.ascontiguousarray(astronaut.pixels[:11, :14]), load(name, 4), exact=True)
    assert np.abs(larger.astype(int) - expected).max() <= 1
    assert session.get_modelmeta().custom_metadata_map["variant"] == name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["vdsr-mse", "--picture"], "say with --scale for which of them to use it."),
        (["srcnn-x3-mse", "--scale", "2"], "It was trained for x3, not for x2."),
        (["no-such-variant"], "no-such-variant cannot be used"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_sentence(arguments, message, tmp_path, capsys):
    assert main(["export", *arguments, "-o", str(tmp_path / "model.onnx")]) == 1
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("there.onnx", [], "there.onnx is there already; --overwrite replaces it."),
        ("there.onnx/model.onnx", ["--overwrite"], "Nothing can be written into"),
        ("folder.onnx", ["--overwrite"], "folder.onnx is no file and cannot be replaced"),
    ],
)
def test_a_place_that_takes_no_file_is_told_before_the_export(tmp_path, monkeypatch, capsys, name, options, message):
    (tmp_path / "there.onnx").write_text("old")
    (tmp_path / "folder.onnx").mkdir()
    monkeypatch.setattr("srcnn.cli.export.export_network", lambda *_: pytest.fail("It was exported."))
    assert main(["export", "srcnn-x3-mse", "-o", str(tmp_path / name), *options]) == 1
    told = capsys.readouterr().err
    assert (message in told, told.count("\n")) == (True, 1)
    assert (tmp_path / "there.onnx").read_text() == "old"


def test_a_file_that_is_there_is_replaced_on_demand(tmp_path):
    (tmp_path / "model.onnx").write_text("old")
    assert main(["export", "srcnn-x3-mse", "-o", str(tmp_path / "model.onnx"), "--overwrite"]) == 0
    assert (tmp_path / "model.onnx").stat().st_size > 10_000


def test_without_the_package_onnx_its_name_is_said(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert main(["export", "srcnn-x3-mse", "-o", str(tmp_path / "model.onnx")]) == 1
    assert (
        capsys.readouterr().err == "ONNX files are written with the package onnx; install it by `pip install onnx`.\n"
    )
    assert list(tmp_path.iterdir()) == []
