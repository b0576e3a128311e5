"""What `srcnn evaluate` takes beside a variant and a set: own low-resolution pictures, 8 bits, others' results."""

import json
from pathlib import Path

import pytest

from srcnn.cli.parser import main
from srcnn.data.degradation import open_rounded_truth
from srcnn.data.own_pairs import Counterparts, pair_opener
from srcnn.evaluation.scores import evaluate, evaluate_results
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import downscale, upscale_bicubic
from srcnn.variants.loading import load


@pytest.fixture
def places(tmp_path, astronaut) -> dict[str, Path]:
    """A truth, its low-resolution picture of somewhere else, and what some program made of it."""
    found = {name: tmp_path / name for name in ("data", "low", "results")}
    for folder in found.values():
        folder.mkdir()
    astronaut.crop(50, 61).save(found["data"] / "a.png")
    low = downscale(open_picture(found["data"] / "a.png"), 3)
    low.save(found["low"] / "a_LR.jpg")
    upscale_bicubic(low, 3).save(found["results"] / "a_SR.png")
    return found


def printed(capsys, *arguments: object) -> str:
    assert main(["evaluate", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_own_low_resolution_pictures_are_measured_and_said_beside_the_figures(places, capsys):
    command = ["srcnn-x3-mse", "--data", places["data"], "--low", places["low"]]
    assert f"x3, from the pictures in {places['low']}: PSNR" in printed(capsys, *command)
    found = json.loads(printed(capsys, *command, "--json"))
    report = evaluate(load("srcnn-x3-mse"), [places["data"] / "a.png"], open_file=pair_opener([places["low"]], 3))
    assert found["low"] == [str(places["low"])]
    assert (found["bicubic"], found["srcnn"]) == (report.bicubic.round_figures(), report.srcnn.round_figures())


def test_pictures_of_eight_bits_are_measured_and_said_beside_the_figures(places, capsys):
    command = ["srcnn-x3-mse", "--data", places["data"]]
    exact = json.loads(printed(capsys, *command, "--json"))
    assert "low" not in exact
    assert "x3, low-resolution pictures rounded to 8 bits: PSNR" in printed(capsys, *command, "--round-low")
    found = json.loads(printed(capsys, *command, "--round-low", "--json"))
    rounded = evaluate(
        load("srcnn-x3-mse"), [places["data"] / "a.png"], open_file=lambda file: open_rounded_truth(file, 3)
    )
    assert found["low"] == "rounded to 8 bits"
    assert found["srcnn"] == rounded.srcnn.round_figures() != exact["srcnn"]


def test_pictures_of_another_program_are_measured(places, capsys):
    command = ["--results", places["results"], "--data", places["data"], "--scale", 3]
    assert printed(capsys, *command).startswith(f"{places['results']} on {places['data']}, x3: PSNR")
    found = json.loads(printed(capsys, *command, "--json"))
    report = evaluate_results([places["data"] / "a.png"], Counterparts([places["results"]]), 3)
    assert (found["results"], found["scale"], found["images"]) == (str(places["results"]), 3, 1)
    assert found["srcnn"] == report.srcnn.round_figures()
    assert found["srcnn"]["psnr"] == pytest.approx(found["bicubic"]["psnr"], abs=0.2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name a model, or with --results"),
        (["srcnn-x3-mse", "--results", "r"], "name a model, or with --results"),
        (["--results", "r"], "--results needs the --scale"),
        (["--results", "r", "--scale", 3, "--ensemble"], "leave out --ensemble"),
        (["--results", "r", "--scale", 3, "--round-low"], "leave out --ensemble"),
        (["srcnn-x3-mse", "--low", "l", "--round-low"], "not allowed with argument"),
    ],
)
def test_what_does_not_go_together_is_told(arguments, words, capsys):
    with pytest.raises(SystemExit):
        main(["evaluate", "--data", "d", *map(str, arguments)])
    assert words in capsys.readouterr().err
