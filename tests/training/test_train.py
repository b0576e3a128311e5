"""train.py from outside: runs that are killed, refused, and finished."""

import json
import os
import shutil
import signal
import sys

import numpy as np
import pytest
import torch

from srcnn import SRCNN
from srcnn.data.picture_sets import list_pictures
from srcnn.evaluation.scores import evaluate
from srcnn.imaging.picture import Picture
from srcnn.networks.architectures import load_network
from srcnn.training.log import read_log
from srcnn.training.loop import train
from srcnn.variants.loading import BUNDLED_FOLDER
from tests.support.forks import EVERYTHING, run_forked
from tests.support.project import run_python, same_weights
from train import main

# train.py, killed when something happens to a file for the given time.
KILLED = """
import os, runpy, signal, sys
_, event, ending, number, *arguments = sys.argv
seen = []
def count(happened, values):
    if happened == event and any(str(value).endswith(ending) for value in values):
        seen.append(values)
        if len(seen) == int(number):
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
sys.argv = arguments
runpy.run_path(arguments[0], run_name="__main__")
"""


def test_a_killed_run_with_two_networks_resumes_to_the_same_weights_bit_for_bit(
    options, photographs, vgg_file, tmp_path
):
    """Killed before there is a state, amid the writing of another, and between a state and the line of its log.

    With one network, and at any moment: test_train_kills.py.
    """
    loss, steps, state = "adversarial", 16, tmp_path / "state"
    command = ["train.py", "--data", photographs, "--output", tmp_path / "srcnn-x2", "--loss", loss]
    command += ["--state", state, "--scale", 2, "--patch-size", 24, "--steps", steps, "--resume"]
    command += ["--validate-every", 2, "--device", "cpu", "--features", vgg_file]
    file = state / "state.safetensors"
    for event, ending, number, left in (
        ("os.rename", "state.safetensors", 1, [False, 1]),
        ("os.rename", "state.safetensors", 2, [True, 1]),
        ("open", "log.jsonl", 3, [True, 0]),
    ):
        killed = run_forked(["-c", KILLED, event, ending, number, *command], dict(os.environ), EVERYTHING)
        assert killed.status == -signal.SIGKILL, killed.errors
        assert [file.exists(), len([*state.glob(".*")])] == left
    assert [entry["step"] for entry in read_log(state / "log.jsonl")] == [2, 4]
    assert not (tmp_path / "srcnn-x2").exists()
    resumed = run_python(*command)
    assert resumed.returncode == 0, resumed.stderr

    whole = train(options(loss=loss, steps=steps, validate_every=2, features=str(vgg_file), state=tmp_path / "whole"))
    assert same_weights(whole, SRCNN.from_pretrained(tmp_path / "srcnn-x2"))
    logs = [read_log(folder / "log.jsonl") for folder in (state, tmp_path / "whole")]
    assert all(entry.pop("images_per_second") > 0 for log in logs for entry in log)
    assert logs[0] == logs[1]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("loss", ["mse", "adversarial"])
def test_every_precision_trains_on_a_gpu(photographs, vgg_file, tmp_path, precision, loss):
    command = ["train.py", "--data", photographs, "--scale", 2, "--patch-size", 24, "--steps", 200, "--loss", loss]
    command += ["--validate-every", 50, "--precision", precision, "--features", vgg_file, "--state", tmp_path]
    done = run_python(*command, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    losses = [entry["loss"] for entry in read_log(tmp_path / "log.jsonl")]
    assert losses[-1] < losses[0]


def test_a_full_disk_ends_the_run_with_one_sentence_and_nothing_half_written(photographs, tmp_path):
    """A limit on the size of a file stands for the full disk: the state does not fit."""
    command = ["train.py", "--data", photographs, "--output", tmp_path / "out", "--state", tmp_path / "state"]
    command += ["--scale", 2, "--patch-size", 24, "--steps", 10, "--validate-every", 5, "--device", "cpu"]
    done = run_python(*command, largest=50_000)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "make room" in done.stderr.splitlines()[-1]
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["log.jsonl"]
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_refused_before_the_training(photographs, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = run_python("train.py", "--data", photographs, "--output", tmp_path / "file" / "out", "--device", "cpu")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{tmp_path / 'file' / 'out'} cannot be written, because {tmp_path / 'file'} is not a folder that you may "
        "write to."
    ]


def test_a_state_that_cannot_be_written_is_no_full_disk(called, tmp_path):
    (tmp_path / "file").write_text("in the way")
    status, lines = called("--state", tmp_path / "file" / "state")
    place = os.path.join(tmp_path, "file", "state")
    assert (status, lines[-1].startswith(f"{place} could not be written: ")) == (1, True)
    end = "change its permissions, or name another place with --state or --output, and call again with --resume."
    assert lines[-1].endswith(end)


def test_train_writes_a_variant_folder_with_a_card(photographs, tmp_path):
    folder = tmp_path / "srcnn-x3-mse"
    command = ["train.py", "--scale", 3, "--data", photographs, "--test", photographs, "--output", folder]
    done = run_python(
        *command, "--steps", 20, "--validate-every", 10, "--patch-size", 24, "--state", tmp_path / "state"
    )
    assert done.returncode == 0, done.stderr
    assert "3 pictures to train on, 1 to validate on, 0 skipped" in done.stderr + done.stdout
    assert "images/s" in done.stderr
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.md",
        "config.json",
        "crops.png",
        "curves.png",
        "model.safetensors",
    ]
    model = SRCNN.from_pretrained(folder)
    assert (model.config.scale, model.config.loss) == (3, "mse")
    assert model.recipe["steps"] == 20
    assert f"| {photographs.name} (4) |" in (folder / "README.md").read_text()
    assert json.loads((folder / "config.json").read_text())["kernel_sizes"] == [9, 1, 5]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "{empty}"], "holds no pictures"),
        (["--data", "{missing}"], "no folder"),
        ([], "--data"),
        (["--data", "{empty}", "--loss", "huber"], "huber"),
        (["--data", "{empty}", "--scale", "5"], "5"),
        (["--data", "{empty}", "--precision", "fp16", "--device", "cpu"], "needs a GPU"),
        (["--data", "{empty}", "--loss", "perceptual", "--features", "nobody/nothing"], "--features"),
    ],
)
def test_bad_calls_end_with_one_message_and_write_nothing(tmp_path, arguments, words):
    (tmp_path / "empty").mkdir()
    places = {"empty": tmp_path / "empty", "missing": tmp_path / "missing"}
    done = run_python("train.py", *(a.format(**places) for a in arguments), "--output", tmp_path / "out")
    assert done.returncode != 0
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_test_picture_that_cannot_be_measured_is_named_before_the_training(called, photographs, tmp_path):
    shutil.copytree(photographs, tmp_path / "test")
    Picture(np.zeros((8, 80), dtype=np.uint8)).save(tmp_path / "test" / "z.png")
    status, lines = called("--test", tmp_path / "test", "--scale", 3)
    assert (status, len(lines)) == (1, 1), lines
    assert lines[0].startswith(f"The test picture {tmp_path / 'test' / 'z.png'} cannot be used: ")
    assert not (tmp_path / "state" / "state.safetensors").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="names are text on other systems")
def test_names_that_are_no_text_end_no_training_and_no_table(photographs, tmp_path):
    """The set, a picture of it, and one that cannot be used; as a desktop's locale has it."""
    strict = {"env": os.environ | {"PYTHONIOENCODING": "utf-8:strict"}}
    data = os.fsencode(tmp_path) + b"/\xb2\xe2"
    name = os.fsdecode(data)
    shutil.copytree(photographs, name)
    os.rename(data + b"/camera.png", data + b"/\xca\xd4.png")
    with open(data + b"/\xcb.png", "wb") as file:
        file.write(b"no picture")
    small = ["--patch-size", 24, "--steps", 2, "--validate-every", 2, "--device", "cpu", "--state", tmp_path / "state"]
    done = run_python("train.py", "--data", name, *small, "--output", tmp_path / "out", **strict)
    assert done.returncode == 0, done.stderr
    assert "skipped" in done.stdout
    os.remove(data + b"/\xcb.png")
    done = run_python("-m", "srcnn", "evaluate", tmp_path / "out", "--data", name, **strict)
    assert done.returncode == 0, done.stderr
    assert "?.png" in done.stdout
    done = run_python("train.py", "--data", name, *small, "--output", f"{name}/out", **strict)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


# Deep networks, in this process: the start of another one takes longer than the training


@pytest.fixture
def called(monkeypatch, capsys, photographs, tmp_path):
    """Train with these arguments, a little; the status, and the lines of stderr."""

    def call(*arguments: object) -> tuple[int, list[str]]:
        small = ["--patch-size", 24, "--steps", 4, "--validate-every", 2, "--device", "cpu"]
        places = ["--data", photographs, "--output", tmp_path / "out", "--state", tmp_path / "state"]
        command = ["train.py", *places, *small, *arguments]
        monkeypatch.setattr(sys, "argv", [str(word) for word in command])
        capsys.readouterr()
        return main(), capsys.readouterr().err.splitlines()

    return call


@pytest.mark.parametrize(
    "arguments",
    [
        "--network vdsr --scale 2 3 4 --depth 3 --channels 4",
        "--network edsr --scale 3 --depth 2 --channels 4 --residual-scaling 0.1 --loss l1",
    ],
)
def test_a_deep_network_is_trained_from_options_to_a_folder_with_a_card(called, photographs, tmp_path, arguments):
    status, lines = called(*arguments.split(), "--test", photographs)
    assert status == 0, lines
    model = load_network(tmp_path / "out")
    chosen = dict(word.split(maxsplit=1) for word in arguments.removeprefix("--").split(" --"))
    assert model.config.architecture == chosen["network"]
    assert model.config.scales == tuple(map(int, chosen["scale"].split()))
    assert (model.config.depth, model.config.channels) == (int(chosen["depth"]), 4)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "README.md",
        "config.json",
        "crops.png",
        "curves.png",
        "model.safetensors",
    ]
    card = (tmp_path / "out" / "README.md").read_text()
    assert all(f"\n    --{option} {value} \\\n" in card for option, value in chosen.items())
    for scale in model.config.scales:
        report = evaluate(model.for_scale(scale), list_pictures(photographs))
        assert f"{report.srcnn.psnr:.2f}" in card


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--network srcnn --scale 2 3", "srcnn cannot be trained so: scale must be a whole number from 1 to 16"),
        ("--network edsr --scale 2 3", "edsr cannot be trained so: scale must be one of 1, 2, 3, 4, 8, not (2, 3)."),
        ("--network vdsr --scale 3 3", "vdsr cannot be trained so: scale must be"),
        ("--network edsr --scale 3 --patch-size 25", "--patch-size must be a multiple of 3 here, not 25."),
        ("--teacher nowhere", "nowhere cannot be the teacher"),
        ("--teacher srcnn-x4-mse --scale 3", "srcnn-x4-mse cannot be the teacher: It was trained for x4, not for x3."),
        ("--teacher srcnn-x3-mse --network vdsr --scale 2 3", "No --teacher was trained for x2; name a variant"),
        ("--teacher srcnn-x3-mse srcnn-x3-l1", "srcnn-x3-l1 has nothing to teach that those before it do not; leave"),
        ("--teacher srcnn-x3-mse --teacher-weight 2", "--teacher-weight must be from 0 to 1, not 2.0."),
        ("--network edsr --start {weights}/srcnn-x3-mse", "cannot be started from"),
    ],
)
def test_what_no_network_can_learn_is_refused_in_one_sentence(called, tmp_path, arguments, words):
    status, lines = called(*arguments.format(weights=BUNDLED_FOLDER).split())
    assert (status, len(lines)) == (1, 1), lines
    assert words in lines[0]
    assert lines[0].endswith(".")
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "state" / "state.safetensors").exists()
