import itertools
import json
import os
import signal
import subprocess
import sys
import time
from math import nan

import pytest
import torch
from conftest import PROJECT, run_python
from safetensors import safe_open

from srcnn import SRCNN, evaluate, images
from srcnn.data import PatchSampler, load_folders
from srcnn.losses import LOSSES
from srcnn.options import TrainingError, TrainingOptions
from srcnn.training import Run, clone, initialise, train

SMALL = {"scale": 2, "patch_size": 24, "batch_size": 4, "steps": 40, "validate_every": 10, "device": "cpu"}


@pytest.fixture
def options(photographs, tmp_path):
    def make(**choices) -> TrainingOptions:
        chosen = {"data": (photographs,), "output": tmp_path / "srcnn-x2-mse", "state": tmp_path / "state"}
        return TrainingOptions(**(chosen | SMALL | choices))

    return make


def same_weights(a: SRCNN, b: SRCNN) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


@pytest.mark.parametrize("residual", [False, True])
def test_a_short_run_beats_bicubic(options, photographs, residual):
    model = train(options(steps=500, validate_every=100, learning_rate=1e-3, residual=residual))
    report = evaluate.evaluate(model, images.listing(photographs))
    assert report.srcnn.psnr > report.bicubic.psnr + 0.3
    assert model.recipe["validation_psnr"] > 0
    assert model.recipe["data"] == [photographs.name]


def test_the_start_is_nearly_the_bicubic_picture():
    torch.manual_seed(0)
    x = torch.rand(1, 1, 40, 40)
    for residual in (False, True):
        model = SRCNN(residual=residual, padding="replicate")
        initialise(model)
        assert (model(x) - x).abs().max() < 0.2


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(options):
    first, second, other = train(options(seed=1)), train(options(seed=1)), train(options(seed=2))
    assert same_weights(first, second)
    assert not same_weights(first, other)


def test_batch_normalisation_and_other_kernels_train(options):
    model = train(options(batch_norm=True, kernel_sizes=(5, 3, 3)))
    assert model.config.kernel_sizes == (5, 3, 3)
    assert model.norm1.running_mean.abs().max() > 0


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_every_loss_and_optimiser_lowers_the_loss(options, loss, optimizer):
    rate = 0.1 if optimizer == "sgd" else 1e-3
    chosen = options(
        loss=loss, optimizer=optimizer, learning_rate=rate, steps=200, validate_every=100, weight_decay=1e-5
    )
    run = Run(chosen, torch.device("cpu"))
    pictures = load_folders(chosen.data, 2, run.input_size)
    sampler = PatchSampler(pictures.training, run.input_size, torch.device("cpu"))
    losses = [run.optimise(sampler, LOSSES[loss]).item() for _ in range(200)]
    assert sum(losses[-50:]) < 0.8 * sum(losses[:50])


def test_the_options_of_a_schedule_reach_the_optimiser(options):
    run = Run(options(schedule="step", decay=0.1, decay_every=2, warmup=0.0), torch.device("cpu"))
    pictures = load_folders(run.options.data, 2, run.input_size)
    sampler = PatchSampler(pictures.training, run.input_size, torch.device("cpu"))
    rates = []
    for _ in range(4):
        run.optimise(sampler, LOSSES["mse"])
        rates.append(run.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([1.5e-3, 1.5e-3, 1.5e-4, 1.5e-4])


def test_gradients_are_clipped_where_wanted(options):
    steps = {}
    for clip in (1e-4, 0):
        run = Run(options(clip=clip, optimizer="sgd", momentum=0.0, warmup=0.0, learning_rate=1.0), torch.device("cpu"))
        before = clone(run.model.state_dict())
        sampler = PatchSampler(load_folders(run.options.data, 2, run.input_size).training, run.input_size, "cpu")
        run.optimise(sampler, LOSSES["mse"])
        change = [value - before[key] for key, value in run.model.state_dict().items()]
        steps[clip] = torch.cat([part.flatten() for part in change]).norm().item()
    assert steps[1e-4] == pytest.approx(1e-4, rel=0.01)
    assert steps[0] > 1e-3


def test_without_a_moving_average_the_last_weights_are_released(options):
    run = Run(options(ema=0.0), torch.device("cpu"))
    sampler = PatchSampler(load_folders(run.options.data, 2, run.input_size).training, run.input_size, "cpu")
    for _ in range(3):
        run.optimise(sampler, LOSSES["mse"])
    assert same_weights(run.model, run.average)


def test_early_stopping_ends_a_run_that_does_not_improve(options):
    model = train(options(learning_rate=1e-12, steps=400, validate_every=10, stop_after=3))
    assert model.recipe["best_step"] < 400
    with safe_open(options().state_file, "pt") as state:
        assert json.loads(state.metadata()["state"])["step"] < 400


def test_fine_tuning_starts_from_another_variant(options, tmp_path):
    first = train(options())
    first.save_pretrained(tmp_path / "srcnn-x2-mse")
    second = train(options(start=tmp_path / "srcnn-x2-mse", learning_rate=1e-12, loss="l1", steps=1))
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert (second.config.loss, second.recipe["start"]) == ("l1", "srcnn-x2-mse")
    with pytest.raises(TrainingError, match="cannot be started from"):
        train(options(start=tmp_path / "srcnn-x2-mse", kernel_sizes=(9, 5, 5)))


def test_the_best_checkpoint_is_kept_not_the_last(options, monkeypatch):
    run = Run(options(), torch.device("cpu"))
    figures = iter([20.0, 30.0, 25.0])
    run.best_psnr = -1
    for figure in figures:
        torch.nn.init.constant_(run.average.conv3.bias, figure)
        monkeypatch.setattr("srcnn.training.validation_psnr", lambda model, pair, figure=figure: figure)
        run.step += 1
        run.validate([[None]])
    assert run.best_step == 2
    assert run.best["conv3.bias"].item() == 30


def test_a_killed_run_resumes_to_the_same_weights_bit_for_bit(options, photographs, tmp_path):
    whole = train(options(steps=120, state=tmp_path / "undisturbed"))
    command = [sys.executable, "train.py", "--data", photographs, "--output", tmp_path / "srcnn-x2-mse"]
    command += ["--state", tmp_path / "state", "--scale", 2, "--patch-size", 24, "--batch-size", 4, "--steps", 120]
    command += ["--validate-every", 10, "--device", "cpu"]
    process = subprocess.Popen([*map(str, command)], cwd=PROJECT, stderr=subprocess.DEVNULL)
    state = tmp_path / "state" / "state.safetensors"
    deadline = time.monotonic() + 120
    while not state.exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "srcnn-x2-mse").exists(), "the run had ended before it was killed"

    resumed = run_python(*command[1:], "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert same_weights(whole, SRCNN.from_pretrained(tmp_path / "srcnn-x2-mse"))


def test_a_state_of_another_run_is_refused(options):
    train(options())
    with pytest.raises(TrainingError, match="another steps, learning_rate"):
        train(options(resume=True, steps=50, learning_rate=1e-4))


def test_the_state_names_no_folder_of_the_machine(options, photographs):
    chosen = options()
    train(chosen)
    assert str(photographs.parent).encode() not in chosen.state_file.read_bytes()


def test_a_learning_rate_that_is_too_high_stops_the_run(options):
    chosen = options(learning_rate=1e12, clip=1e12)
    with pytest.raises(TrainingError, match=r"step \d+.*--learning-rate"):
        train(chosen)
    assert not chosen.state_file.exists()


def test_the_last_good_state_survives_a_loss_of_nan(options, monkeypatch):
    calls = itertools.count(1)
    monkeypatch.setitem(LOSSES, "mse", lambda output, truth: (output - truth).mean() * (1 if next(calls) < 25 else nan))
    chosen = options()
    with pytest.raises(TrainingError, match="by step 30"):
        train(chosen)
    with safe_open(chosen.state_file, "pt") as state:
        assert json.loads(state.metadata()["state"])["step"] == 20
        names = state.keys()
        assert all(torch.isfinite(state.get_tensor(name)).all() for name in names)


@pytest.mark.parametrize(
    "choices", [{"steps": 0}, {"batch_size": -1}, {"data": ()}, {"output": None}, {"shrink": (2.0,)}]
)
def test_impossible_options_are_refused(options, choices):
    with pytest.raises(TrainingError, match=r"--\w+"):
        options(**choices)


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
    assert f"| {photographs.name} | 4 |" in (folder / "README.md").read_text()
    assert json.loads((folder / "config.json").read_text())["kernel_sizes"] == [9, 1, 5]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "{empty}"], "holds no pictures"),
        (["--data", "{missing}"], "no folder"),
        ([], "--data"),
        (["--data", "{empty}", "--loss", "huber"], "huber"),
        (["--data", "{empty}", "--scale", "5"], "5"),
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
