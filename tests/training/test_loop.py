import itertools
import json
import shutil
from math import nan

import pytest
import torch
from accelerate.state import AcceleratorState
from safetensors import safe_open

from srcnn.data.picture_sets import list_pictures
from srcnn.evaluation.scores import evaluate
from srcnn.imaging.reading import open_picture
from srcnn.inference.engine import super_resolve
from srcnn.networks.architectures import NETWORKS
from srcnn.training.log import read_log
from srcnn.training.loop import train
from srcnn.training.losses import PIXEL_LOSS_FUNCTIONS
from srcnn.training.options import TrainingError
from srcnn.training.trainer import Trainer
from tests.support.project import same_weights


@pytest.mark.parametrize("residual", [False, True])
def test_a_short_run_beats_bicubic(options, photographs, residual):
    model = train(options(steps=250, validate_every=50, learning_rate=1e-3, residual=residual))
    report = evaluate(model, list_pictures(photographs))
    assert report.srcnn.psnr > report.bicubic.psnr + 0.3
    assert model.recipe["validation_psnr"] > 0
    assert model.recipe["data"] == [photographs.name]


VDSR = {"network": "vdsr", "scale": (2, 3, 4), "depth": 4, "channels": 8}
EDSR = {"network": "edsr", "scale": 2, "depth": 1, "channels": 8, "residual_scaling": 0.5}


@pytest.mark.parametrize(("choices", "gain"), [(VDSR, 0.15), (EDSR, 0.6)])
def test_a_short_run_of_a_deep_network_beats_bicubic_at_every_scale(options, photographs, choices, gain):
    model = train(options(steps=200, validate_every=200, learning_rate=3e-3, seed=2, **choices))
    for scale in model.config.scales:
        report = evaluate(model.for_scale(scale), list_pictures(photographs))
        assert report.srcnn.psnr > report.bicubic.psnr + gain
    assert {key: model.recipe[key] for key in choices} == choices
    assert model.recipe["images"] == 3
    assert "kernel_sizes" not in model.recipe


@pytest.mark.parametrize("choices", [VDSR, EDSR])
def test_a_deep_run_that_was_interrupted_ends_as_one_that_was_not(options, tmp_path, monkeypatch, choices):
    """It ends when its state is saved and the line of its log is not yet written."""
    chosen = {"steps": 12, "validate_every": 3, "shrink": (0.7,), **choices}
    whole = train(options(state=tmp_path / "whole", **chosen))
    saved, save = [], Trainer.save

    def interrupted(run: Trainer) -> None:
        save(run)
        saved.append(run.step)
        if run.step == 6:
            raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(options(**chosen))
    resumed = train(options(resume=True, **chosen))
    assert saved == [3, 6, 9, 12]
    assert same_weights(whole, resumed)
    assert resumed.recipe == whole.recipe
    assert resumed.recipe["history"][0].keys() == {"step", "loss", "psnr"}
    assert read_log(tmp_path / "whole" / "log.jsonl")[1]["step"] == 6
    logs = [read_log(folder / "log.jsonl") for folder in (options(**chosen).state_file.parent, tmp_path / "whole")]
    assert all(entry.pop("images_per_second") > 0 for log in logs for entry in log)
    assert logs[0] == logs[1]


def test_a_run_learns_from_a_teacher_and_says_so(options, tmp_path):
    """A teacher that knows but one grey, with all the say."""
    teacher = NETWORKS["edsr"](depth=1, channels=2)
    for weights in teacher.parameters():
        torch.nn.init.zeros_(weights)
    torch.nn.init.constant_(teacher.last.bias, 0.25)
    teacher.save_pretrained(tmp_path / "flat")
    chosen = {"learning_rate": 3e-3, "steps": 100, **EDSR}
    model = train(options(teacher=str(tmp_path / "flat"), teacher_weight=1.0, **chosen))
    plain, plane = train(options(**chosen)), torch.rand(40, 40) * 255
    assert super_resolve(model, plane).std() < 0.9 * super_resolve(plain, plane).std()
    assert (model.recipe["teacher"], model.recipe["teacher_weight"]) == ("flat", 1.0)
    with pytest.raises(TrainingError, match="another .*teacher_weight"):
        train(options(teacher=str(tmp_path / "flat"), resume=True, **chosen))


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(options):
    first, second, other = train(options(seed=1)), train(options(seed=1)), train(options(seed=2))
    assert same_weights(first, second)
    assert not same_weights(first, other)


def test_batch_normalisation_and_other_kernels_train(options):
    model = train(options(batch_norm=True, kernel_sizes=(5, 3, 3)))
    assert model.config.kernel_sizes == (5, 3, 3)
    assert model.norm1.running_mean.abs().max() > 0


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
    earlier = second.recipe["before"]
    assert [(recipe["name"], recipe["loss"], recipe["steps"]) for recipe in earlier] == [("srcnn-x2-mse", "mse", 40)]
    with pytest.raises(TrainingError, match="cannot be started from"):
        train(options(start=tmp_path / "srcnn-x2-mse", kernel_sizes=(5, 1, 5)))


def test_a_state_of_another_run_is_refused(options):
    train(options())
    with pytest.raises(TrainingError, match="another steps, learning_rate"):
        train(options(resume=True, steps=50, learning_rate=1e-4))
    train(options(resume=True, license="mit"))  # which may be thought of late


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
    factors = (1 if call < 25 else nan for call in itertools.count(1))
    monkeypatch.setitem(PIXEL_LOSS_FUNCTIONS, "mse", lambda output, truth: (output - truth).mean() * next(factors))
    chosen = options()
    with pytest.raises(TrainingError, match="by step 30"):
        train(chosen)
    with safe_open(chosen.state_file, "pt") as state:
        assert json.loads(state.metadata()["state"])["step"] == 20
        names = state.keys()
        assert all(torch.isfinite(state.get_tensor(name)).all() for name in names)


@pytest.mark.parametrize("loss", ["perceptual", "adversarial"])
def test_a_loss_that_is_judged_by_eye_releases_its_last_weights(options, vgg_file, loss):
    first = train(options(learning_rate=1e-3, steps=60, validate_every=20))
    first.save_pretrained(options().output)
    chosen = options(loss=loss, features=str(vgg_file), start=options().output, learning_rate=1e-3, steps=30)
    model = train(chosen)
    assert model.recipe["best_step"] == 30
    assert model.recipe["features"] == "vgg19.safetensors"
    assert ("adversarial_weight" in model.recipe) == (loss == "adversarial")
    psnr = [entry["psnr"] for entry in model.recipe["history"]]
    assert model.recipe["validation_psnr"] == pytest.approx(psnr[-1], abs=1e-3)
    with safe_open(chosen.state_file, "pt") as state:
        assert any(name.startswith("discriminator.") for name in state.keys()) == (loss == "adversarial")  # noqa: SIM118
    assert {name.split(".")[0] for name in model.state_dict()} == {"conv1", "conv2", "conv3"}


def test_feature_weights_that_cannot_be_had_end_the_run(options, tmp_path):
    with pytest.raises(TrainingError, match="VGG-19"):
        train(options(loss="perceptual", features=str(tmp_path / "missing.safetensors")))


def test_bfloat16_computes_otherwise_and_learns_as_well(options):
    plain, mixed = train(options(steps=200, validate_every=50)), train_again(options, "bf16")
    assert not same_weights(plain, mixed)
    assert mixed.recipe["validation_psnr"] == pytest.approx(plain.recipe["validation_psnr"], abs=0.3)


def train_again(options, precision: str):
    AcceleratorState._reset_state()  # a process has one precision; a person has one run a process
    try:
        return train(options(steps=200, validate_every=50, precision=precision))
    finally:
        AcceleratorState._reset_state()


def test_the_log_has_a_line_for_each_validation_and_a_tracker_hears_of_it(options):
    chosen = options(tracker="tensorboard")
    train(chosen)
    entries = read_log(chosen.state_file.with_name("log.jsonl"))
    assert [entry["step"] for entry in entries] == [10, 20, 30, 40]
    assert entries[0].keys() == {"step", "loss", "psnr", "learning_rate", "images_per_second"}
    assert list(chosen.state_file.parent.rglob("events.out.tfevents.*"))


@pytest.mark.parametrize("tracker", ["no-such-tracker", "wandb"])
def test_a_tracker_that_is_not_there_is_refused(options, tracker):
    with pytest.raises(TrainingError, match=tracker):
        train(options(tracker=tracker))


def test_a_picture_that_cannot_be_used_is_named_skipped_and_counted(options, photographs, tmp_path, capsys):
    folder = tmp_path / "mixed"
    shutil.copytree(photographs, folder)
    (folder / "text.png").write_text("no picture")
    open_picture(photographs / "camera.png").crop(20, 20).save(folder / "tiny.png")
    train(options(data=(folder,), steps=1))
    printed = capsys.readouterr()
    text = printed.out + printed.err
    assert "3 pictures to train on, 1 to validate on, 2 skipped" in text
    assert f"skipped {folder / 'text.png'}: " in text
    assert f"skipped {folder / 'tiny.png'}: " in text
