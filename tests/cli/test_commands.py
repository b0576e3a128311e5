import json
import os
from shutil import copytree

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image

from srcnn import EDSR, SRCNN, VDSR
from srcnn.cli.parser import main
from srcnn.data.picture_sets import list_pictures
from srcnn.evaluation.scores import evaluate
from srcnn.imaging.colors.color_profiles import ADOBE_RGB, build_profile
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import downscale, upscale
from srcnn.variants import loading
from srcnn.variants.card_metadata import build_metadata
from srcnn.variants.loading import load, load_any_scale, load_ensemble
from tests.support.project import run_python


@pytest.fixture
def folder(tmp_path, astronaut):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    astronaut.crop(40, 50).save(tmp_path / "in" / "a.png")
    astronaut.crop(31, 30).save(tmp_path / "in" / "sub" / "b.jpg")
    return tmp_path / "in"


def test_the_package_works_without_gradio():
    code = "import sys; sys.modules.update(gradio=None); import srcnn.__main__, srcnn.training.loop"
    assert run_python("-c", code).returncode == 0


@pytest.mark.parametrize(
    ("started", "name"),
    [("/usr/bin/srcnn", "srcnn"), (r"C:/Scripts/srcnn.exe", "srcnn"), ("/site/srcnn/__main__.py", "python -m srcnn")],
)
def test_the_help_names_the_command_as_it_was_called(started, name, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", [started])
    with pytest.raises(SystemExit):
        main(["upscale", "--help"])
    assert capsys.readouterr().out.startswith(f"usage: {name} upscale ")


def test_upscale_a_file(folder, tmp_path):
    done = run_python("-m", "srcnn", "upscale", folder / "a.png", "-o", tmp_path / "out" / "big.png", "--scale", 2)
    assert done.returncode == 0, done.stderr
    expected = upscale(open_picture(folder / "a.png"), load("srcnn-x2-mse"))
    assert np.array_equal(open_picture(tmp_path / "out" / "big.png").pixels, expected.pixels)


@pytest.mark.parametrize("command", ["upscale", "downscale"])
def test_profile_exif_and_resolution_are_kept(tmp_path, astronaut, command):
    profile, exif = build_profile(ADOBE_RGB), Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    (tmp_path / "in").mkdir()
    Picture(astronaut.pixels[:20, :20], None, profile, exif.tobytes(), dpi=(300, 300)).save(tmp_path / "in" / "a.jpg")
    for source, target in (("in/a.jpg", "big.jpg"), ("in/a.jpg", "big.png"), ("in", "out")):
        assert main([command, str(tmp_path / source), "-o", str(tmp_path / target)]) == 0
    for result in ("big.jpg", "big.png", "out/a.png"):
        with Image.open(tmp_path / result) as image:
            assert image.info["icc_profile"] == profile
            assert image.getexif()[ExifTags.Base.Make] == "Maker"
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_line_break_in_the_name_of_a_result_breaks_no_line(folder, tmp_path, capsys):
    call = ["upscale", str(folder / "a.png"), "-o", str(tmp_path / "big\nname.png"), "--scale", "2"]
    for words in ("big?name.png: 100 x 80 pixels.", "big?name.png is there already"):
        assert main(call) == 0
        told = capsys.readouterr().err
        assert words in told
        assert told.count("\n") == 1


def test_a_model_brings_its_own_scale(folder, tmp_path):
    assert main(["upscale", str(folder / "a.png"), "-o", str(tmp_path / "big.png"), "--model", "srcnn-x4-mse"]) == 0
    assert open_picture(tmp_path / "big.png").pixels.shape == (160, 200, 3)


def test_several_models_and_eight_turns_are_averaged(folder, tmp_path, capsys):
    load("srcnn-x3-mse").save_pretrained(tmp_path / "mine")
    models = ["srcnn-x3-mse", str(tmp_path / "mine")]
    call = ["upscale", str(folder / "a.png"), "-o", str(tmp_path / "big.png"), "--ensemble"]
    assert main([*call, "--model", models[0], "--model", models[1]]) == 0
    ensemble = load_ensemble(models, turns=True)
    expected = upscale(open_picture(folder / "a.png"), ensemble)
    assert np.array_equal(open_picture(tmp_path / "big.png").pixels, expected.pixels)

    assert main(["evaluate", *models, "--ensemble", "--data", str(folder), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["model"] == f"srcnn-x3-mse + {models[1]} on eight turns"
    assert result["srcnn"] == evaluate(ensemble, list_pictures(folder)).srcnn.round_figures()


def test_a_folder_is_done_picture_by_picture(folder, tmp_path):
    assert main(["downscale", str(folder), "-o", str(tmp_path / "out"), "--scale", "3"]) == 0
    for name in ("a.png", "sub/b.jpg"):
        expected = downscale(open_picture(folder / name), 3).pixels
        result = (tmp_path / "out" / name).with_suffix(".png")
        assert np.array_equal(open_picture(result).pixels, expected)


def test_bad_files_of_a_folder_are_named_and_the_rest_is_done(folder, tmp_path, capsys):
    (folder / "broken.png").write_text("no picture")
    call = ["upscale", str(folder), "-o", str(tmp_path / "out")]
    assert main(call) == 1
    told = capsys.readouterr()
    assert "broken.png: This file is not a picture" in told.err
    assert told.out == "2 written, 1 could not be used\n"
    assert (tmp_path / "out" / "sub" / "b.png").exists()
    assert main(call) == 1
    assert capsys.readouterr().out.startswith("0 written, 2 were there already")


def test_evaluate_prints_the_contracts_json(folder, capsys):
    assert main(["evaluate", "srcnn-x3-mse", "--data", str(folder), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    report = evaluate(load("srcnn-x3-mse"), list_pictures(folder))
    assert (result["model"], result["data"], result["scale"], result["images"]) == ("srcnn-x3-mse", str(folder), 3, 2)
    assert result["bicubic"] == report.bicubic.round_figures()
    assert result["srcnn"] == report.srcnn.round_figures()
    assert [entry["name"] for entry in result["per_image"]] == ["a.png", "b.jpg"]
    assert result["per_image"][1]["srcnn"] == report.srcnn_scores[1].round_figures()


def test_evaluate_prints_a_table_for_people(folder, capsys):
    assert main(["evaluate", "srcnn-x3-mse", "--data", str(folder / "a.png")]) == 0
    report = evaluate(load("srcnn-x3-mse"), [folder / "a.png"])
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last[:2] == ["mean", f"{report.bicubic.psnr:.2f}"]
    assert last[-1] == f"{report.srcnn.psnr - report.bicubic.psnr:+.2f}"


def test_card_measures_a_folder_anew(folder, tmp_path):
    load("srcnn-x3-mse").save_pretrained(tmp_path / "mine")
    assert main(["card", str(tmp_path / "mine"), "--test", str(folder)]) == 0
    assert "| in (2) |" in (tmp_path / "mine" / "README.md").read_text()


def test_a_card_that_cannot_be_written_is_told_before_the_measuring(folder, tmp_path, monkeypatch, capsys):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    load("srcnn-x3-mse").save_pretrained(tmp_path / "mine")
    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    monkeypatch.setattr("srcnn.variants.card.evaluate", lambda *_: pytest.fail("It was measured."))
    assert main(["card", str(tmp_path / "mine"), "--test", str(folder)]) == 1
    assert "mine (Permission denied); change its permissions." in capsys.readouterr().err


@pytest.fixture(scope="module")
def deep(tmp_path_factory):
    """The folder of a network for two scales that shows when it is used."""
    model = VDSR(depth=2, channels=3, scale=(2, 4), loss="mse").eval()
    torch.nn.init.constant_(model.layers[-1].bias, 0.1)
    folder = tmp_path_factory.mktemp("deep")
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("scale", [2, 4])
def test_a_network_for_several_scales_is_told_which(folder, tmp_path, deep, capsys, scale):
    call, model = ["--scale", str(scale)], load(deep, scale)
    assert main(["upscale", str(folder / "a.png"), "-o", str(tmp_path / "big.png"), "--model", str(deep), *call]) == 0
    expected = upscale(open_picture(folder / "a.png"), model)
    assert np.array_equal(open_picture(tmp_path / "big.png").pixels, expected.pixels)
    assert main(["evaluate", str(deep), "--data", str(folder), "--json", *call]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result.keys() == {"model", "data", "scale", "images", "bicubic", "srcnn", "per_image"}
    assert (result["scale"], result["srcnn"]) == (scale, evaluate(model, list_pictures(folder)).srcnn.round_figures())


def test_srcnn_and_a_network_for_several_scales_are_averaged(folder, tmp_path, deep):
    call = ["--model", "srcnn-x2-mse", "--model", str(deep), "--scale", "2", "--ensemble"]
    assert main(["upscale", str(folder / "a.png"), "-o", str(tmp_path / "big.png"), *call]) == 0
    expected = upscale(open_picture(folder / "a.png"), load_ensemble(["srcnn-x2-mse", deep], True, 2))
    assert np.array_equal(open_picture(tmp_path / "big.png").pixels, expected.pixels)


def test_the_list_has_a_row_for_each_scale_of_a_variant(tmp_path, deep, monkeypatch, capsys, photographs):
    copytree(deep, tmp_path / "vdsr-mse")
    monkeypatch.setattr(loading, "BUNDLED_FOLDER", tmp_path)
    model = load_any_scale("vdsr-mse")
    reports = {scale: {"mine": evaluate(model.for_scale(scale), list_pictures(photographs))} for scale in (2, 4)}
    card = build_metadata("vdsr-mse", model, reports)
    (tmp_path / "vdsr-mse" / "README.md").write_text(f"---\n{card}\n---\n")
    assert main(["list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["scale"], row["loss"]) for row in rows] == [("vdsr-mse", x, "mse") for x in (2, 4)]
    psnr = [by_test["mine"].srcnn.psnr for by_test in reports.values()]
    assert [row["psnr"]["mine"] for row in rows] == pytest.approx(psnr, abs=0.005)
    assert main(["list"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert lines == [
        ["vdsr-mse", f"x{scale}", "mse", "bundled", "no", "mine", f"{db:.2f}"]
        for scale, db in zip((2, 4), psnr, strict=True)
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["upscale", "missing.png", "-o", "{out}"], "no file missing.png"),
        (["upscale", "{text}", "-o", "{out}"], "not a picture"),
        (["upscale", "{picture}", "-o", "{out}", "--loss", "none"], "srcnn-x3-none cannot be used"),
        (["upscale", "{picture}", "-o", "{out}.xyz"], "cannot be written as .xyz"),
        (["downscale", "{tiny}", "-o", "{out}"], "too small for x3"),
        (["evaluate", "srcnn-x3-mse", "--data", "missing"], "no folder"),
        (["evaluate", "srcnn-x3-mse", "srcnn-x2-mse", "--data", "{picture}"], "cannot be averaged"),
        (["evaluate", "nowhere", "--data", "{picture}"], "nowhere cannot be used"),
        (["evaluate", "srcnn-x3-mse", "--data", "{tiny}"], "tiny.png: This picture is too small"),
        (["upscale", "{picture}", "-o", "{out}", "--model", "{deep}"], "is for x2, x4; say with --scale for which"),
        (["evaluate", "{deep}", "--data", "{picture}"], "is for x2, x4; say with --scale for which"),
        (["evaluate", "{deep}", "--data", "{picture}", "--scale", "3"], "trained for x2 and x4, not for x3"),
        (["evaluate", "srcnn-x3-mse", "{edsr}", "--data", "{picture}"], "cannot be averaged: An ensemble needs"),
        (["evaluate", "{colour}", "--data", "{picture}"], "cannot be used: It takes 3 channels"),
    ],
)
def test_mistakes_get_one_sentence(folder, tmp_path, astronaut, capsys, deep, arguments, words):
    EDSR(depth=1, channels=2, scale=3).save_pretrained(tmp_path / "edsr")
    SRCNN(num_channels=3, scale=3).save_pretrained(tmp_path / "colour")
    (tmp_path / "text.png").write_text("no picture")
    astronaut.crop(2, 2).save(tmp_path / "tiny.png")
    names = {"out": "out.png", "text": "text.png", "picture": "in/a.png", "tiny": "tiny.png"}
    places = {key: tmp_path / name for key, name in names.items()} | {"deep": deep}
    places |= {name: tmp_path / name for name in ("edsr", "colour")}
    assert main([argument.format(**places) for argument in arguments]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert not list(tmp_path.glob("out*"))
