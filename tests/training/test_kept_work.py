"""What a run must not lose, overwrite or mix up: states, variants, work until a signal, the weights it started from."""

import os
import shutil
import signal
from math import inf
from pathlib import Path

import pytest
import torch

from srcnn.data.degradation import make_pair, open_truth
from srcnn.data.picture_sets import list_pictures
from srcnn.imaging.reading import open_picture
from srcnn.training.interrupts import StoppedBySignal
from srcnn.training.log import read_log
from srcnn.training.loop import finish_run, pause_run, prepared_run, take_steps, train
from srcnn.training.options import DivergedError, TrainingError
from srcnn.training.trainer import Trainer, measure_validation_psnr
from srcnn.variants.card_training import training_command
from tests.support.project import same_weights
from tests.training.test_trainer import begin

SHORT = {"steps": 4, "validate_every": 2}


def test_a_state_is_overwritten_only_where_that_is_wanted(options):
    train(options(**SHORT))
    file = options().state_file
    before = file.read_bytes(), file.with_name("log.jsonl").read_bytes()
    with pytest.raises(TrainingError, match=r"is the state of an earlier run; .* --resume.* --overwrite\.$"):
        train(options(**SHORT, overwrite=False))
    assert before == (file.read_bytes(), file.with_name("log.jsonl").read_bytes())
    train(options(**SHORT, seed=1))
    assert before[0] != file.read_bytes()


def test_a_variant_is_overwritten_only_by_its_own_run(options, tmp_path):
    """Its own: called again with --resume, as a cluster's script is."""
    chosen = {**SHORT, "overwrite": False}
    first = train(options(**chosen))
    first.save_pretrained(options().output)
    assert same_weights(first, train(options(**chosen, resume=True)))
    for resume in (False, True):
        with pytest.raises(TrainingError, match=r"holds a variant that another run made; .* --overwrite\.$"):
            train(options(**chosen, resume=resume, state=tmp_path / "other"))
    assert not (tmp_path / "other" / "state.safetensors").exists()


def test_resuming_nothing_is_told(options, capsys):
    train(options(**SHORT, resume=True))
    printed = capsys.readouterr()
    assert f"There is no state {options().state_file} to go on from" in printed.out + printed.err


def test_outputs_of_the_same_name_have_states_of_their_own(options, tmp_path, monkeypatch):
    """In the folder where the runs are started, and elsewhere; called with --resume, as a cluster's script is."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    outputs = [Path("fold1/model"), Path("fold2/model"), tmp_path / "fold2/model"]
    networks = [train(options(**SHORT, output=each, state=None, resume=True, seed=n)) for n, each in enumerate(outputs)]
    assert not any(same_weights(networks[0], other) for other in networks[1:])
    assert len({options(output=each, state=None).state_file.resolve() for each in outputs}) == 3
    states = [options(output=each, state=None).state_file for each in outputs]
    assert len(set(states)) == 3
    assert all(state.exists() for state in states)
    assert states[0] == Path("runs/model/state.safetensors")


def test_a_second_run_keeps_off_the_state_of_one_that_goes_on(options, monkeypatch):
    whole, step = train(options(**SHORT)), Trainer.train_step

    def begin_another(run: Trainer, sampler) -> torch.Tensor:
        for resume in (False, True):
            with pytest.raises(TrainingError, match=r"^Another run is writing .*; wait for its end, or .* --state\.$"):
                train(options(**SHORT, resume=resume))
        return step(run, sampler)

    monkeypatch.setattr(Trainer, "train_step", begin_another)
    assert same_weights(whole, train(options(**SHORT)))
    assert sorted(file.name for file in options().state_file.parent.iterdir()) == ["log.jsonl", "state.safetensors"]


def test_a_state_of_other_pictures_of_the_same_name_is_refused(options, photographs, tmp_path):
    train(options(**SHORT))
    folder = tmp_path / "fold2" / photographs.name
    folder.mkdir(parents=True)
    for file in list_pictures(photographs):
        open_picture(file).crop(100, 100).save(folder / file.name)
    with pytest.raises(TrainingError, match="belongs to a run on other pictures; name another folder with --state"):
        train(options(**SHORT, resume=True, data=(folder,)))


def test_who_wants_more_steps_is_told_how(options):
    train(options(**SHORT))
    with pytest.raises(TrainingError, match=f"a run of 4 steps, .* --start {options().output} and another --output"):
        train(options(**(SHORT | {"steps": 8}), resume=True))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_the_state_and_nothing_is_lost(options, tmp_path, monkeypatch, number):
    """Before the first validation, and between two."""
    chosen = {"steps": 12, "validate_every": 4}
    whole = train(options(**chosen, state=tmp_path / "whole"))
    handlers, step = signal.getsignal(number), Trainer.train_step

    def struck(run: Trainer, sampler) -> torch.Tensor:
        loss = step(run, sampler)
        if run.step in (3, 6):
            os.kill(os.getpid(), number)
        return loss

    monkeypatch.setattr(Trainer, "train_step", struck)
    for stopped_at in (3, 6):
        with pytest.raises(StoppedBySignal) as caught:
            train(options(**chosen, resume=True))
        assert (caught.value.step, caught.value.number) == (stopped_at, number)
        assert signal.getsignal(number) == handlers
    resumed = train(options(**chosen, resume=True))
    assert same_weights(whole, resumed)
    assert resumed.recipe == whole.recipe
    assert [entry["step"] for entry in read_log(options().state_file.with_name("log.jsonl"))] == [4, 8, 12]


def test_fine_tuning_never_releases_worse_than_its_start(options, tmp_path, capsys):
    start = train(options(steps=100, validate_every=50, learning_rate=1e-3))
    start.save_pretrained(tmp_path / "start")
    harmful = {**SHORT, "start": tmp_path / "start", "learning_rate": 0.3, "clip": 0.0, "warmup": 0.0}
    tuned = train(options(**harmful))
    assert same_weights(start, tuned)
    assert tuned.recipe["best_step"] == 0
    assert tuned.recipe["validation_psnr"] == start.recipe["validation_psnr"]
    printed = capsys.readouterr()
    assert "No weights of this run validate better than those it started from" in printed.out + printed.err
    train(options(**harmful, loss="l1"))
    printed = capsys.readouterr()
    assert "dB below those that the run started from" in printed.out + printed.err
    for aim in ({"loss": "l1"}, {"flat": 0.5}):  # a start that knows no flat greys has not what the run is for
        assert train(options(**harmful, **aim, state=tmp_path / str(aim))).recipe["best_step"] > 0
    start.recipe["flat"] = 0.05  # as of the released variants: one that knows them has all that a run without asks for
    start.save_pretrained(tmp_path / "start")
    assert train(options(**harmful, state=tmp_path / "default")).recipe["best_step"] == 0


def test_maps_that_were_revived_stay_so_where_the_start_is_kept(options, tmp_path):
    start = train(options(steps=100, validate_every=50, learning_rate=1e-3))
    torch.nn.init.constant_(start.conv1.bias[5:9], -9.0)
    start.save_pretrained(tmp_path / "start")
    harmful = {**SHORT, "start": tmp_path / "start", "learning_rate": 0.3, "clip": 0.0, "warmup": 0.0}
    kept = train(options(**harmful, revive=True))
    assert kept.recipe["best_step"] == 0
    assert (kept.conv1.bias > -5).all()


def test_a_run_starts_from_a_variant_by_its_name(options):
    tuned = train(options(scale=4, start="srcnn-x4-mse", steps=1, learning_rate=1e-12))
    assert tuned.recipe["start"] == "srcnn-x4-mse"
    assert tuned.recipe["before"][-1]["name"] == "srcnn-x4-mse"
    with pytest.raises(TrainingError, match="^no/such/folder cannot be started from: "):
        train(options(start="no/such/folder"))


def test_own_pictures_to_validate_on(options, photographs, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(photographs / "camera.png", folder)
    model = train(options(**SHORT, validate=(folder,)))
    assert (model.recipe["images"], model.recipe["validation_images"]) == (4, 1)
    assert model.recipe["validate"] == ["mine"]
    assert "--validate mine" in training_command("out", model.recipe)


def test_a_result_without_an_error_counts_as_a_finite_figure(options, monkeypatch, photographs):
    run, _ = begin(options())
    monkeypatch.setattr("srcnn.training.trainer.psnr", lambda result, truth: inf)
    pair = make_pair(open_truth(list_pictures(photographs)[0]), 2)
    assert measure_validation_psnr(run.average.eval(), pair) == 100.0


def test_a_run_that_is_paused_between_two_steps_goes_on_as_one_that_was_not(options, tmp_path, capsys):
    """As the demo trains: a part of the steps now, in silence, the others later."""
    whole = train(options(steps=10, validate_every=4, state=tmp_path / "whole"))
    capsys.readouterr()
    chosen = {"steps": 10, "validate_every": 4, "resume": True, "overwrite": False}
    with prepared_run(options(**chosen), is_silent=True) as first:
        for _ in take_steps(first):
            if first.trainer.step == 6:
                break
        pause_run(first)
        paused = finish_run(first)
    assert [entry["step"] for entry in paused.recipe["history"]] == [4, 6]
    assert paused.recipe["validation_psnr"] == pytest.approx(max(e["psnr"] for e in first.trainer.history), abs=1e-4)
    with prepared_run(options(**chosen), is_silent=True) as second:
        assert len(list(take_steps(second))) == 4
        assert same_weights(finish_run(second), whole)
    assert [entry["step"] for entry in read_log(options().state_file.with_name("log.jsonl"))] == [4, 6, 8, 10]
    assert "".join(capsys.readouterr()) == ""


def test_a_run_whose_loss_becomes_infinite_says_so_by_an_error_of_its_own(options):
    chosen = options(optimizer="sgd", learning_rate=1e30, clip=0, warmup=0, steps=50)
    with pytest.raises(DivergedError, match="--learning-rate is too high"):
        train(chosen)
