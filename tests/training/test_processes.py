"""Trainings that several processes share."""

import signal

import pytest
import torch

from srcnn.training.log import read_log
from tests.support.forks import run_launched
from tests.support.project import run_python

# train.py, which fails where processes part while something still averages their gradients: that hangs now and then.
PARTED = """
import gc, runpy, sys
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

def part(group=None, destroy=distributed.destroy_process_group):
    assert not any(isinstance(each, DistributedDataParallel) for each in gc.get_objects())
    destroy(group)
distributed.destroy_process_group = part
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("settings", [["--optimizer", "adam"], ["--optimizer", "soap"], ["--loss", "adversarial"]])
def test_two_processes_follow_the_loss_curve_of_one(photographs, vgg_file, tmp_path, settings):
    curves = []
    for processes in (1, 2):
        state = tmp_path / f"state{processes}"
        command = ["train.py", "--data", photographs, "--scale", 2, "--patch-size", 24, "--steps", 20]
        command += ["--validate-every", 5, "--learning-rate", 1e-3, "--warmup", 0.5, "--device", "cpu"]
        command += ["--features", vgg_file, "--state", state, "--output", tmp_path / f"out{processes}", *settings]
        for done in run_launched(processes, ["-c", PARTED, *command]):
            assert done.status == 0, done.errors
        curves.append(read_log(state / "log.jsonl"))
    assert [entry["step"] for entry in curves[0]] == [5, 10, 15, 20]
    for name, tolerance in (("loss", {"rel": 3e-4}), ("psnr", {"abs": 0.01})):
        one, two = ([entry[name] for entry in curve] for curve in curves)
        assert two == pytest.approx(one, **tolerance)
    assert len({entry["loss"] for entry in curves[0]}) > 1


# The third step of the second process is the last before somebody ends it.
ENDED = """
import os, signal
from srcnn.training.trainer import Trainer

def take_step(run, sampler, step=Trainer.train_step):
    loss = step(run, sampler)
    if run.step == 3 and run.accelerator.process_index == 1:
        os.kill(os.getpid(), signal.SIGTERM)
    return loss
Trainer.train_step = take_step
"""


def test_where_one_process_is_told_to_end_all_end_at_one_step(photographs, tmp_path):
    """They agree on it when they look at the loss, here at a validation."""
    command = ["train.py", "--data", photographs, "--scale", 2, "--patch-size", 24, "--steps", 8, "--device", "cpu"]
    command += ["--validate-every", 4, "--state", tmp_path / "state", "--output", tmp_path / "out"]
    for done in run_launched(2, ["-c", ENDED + PARTED, *command]):
        assert done.status == 128 + signal.SIGTERM
        assert "goes on from step 4" in done.errors
    for done in run_launched(2, ["-c", PARTED, *command, "--resume"]):
        assert done.status == 0, done.errors
    assert [entry["step"] for entry in read_log(tmp_path / "state" / "log.jsonl")] == [4, 8]


def test_a_batch_that_the_processes_cannot_share_is_refused(photographs, tmp_path):
    """The -- keeps torchrun from taking --start for one of its own options."""
    command = ["-m", "torch.distributed.run", "--nproc_per_node", 2, "--", "train.py", "--data", photographs]
    command += ["--start", "srcnn-x3-mse"]
    if torch.cuda.is_available():
        command += ["--device", "cpu"]  # without a GPU nobody has to say so
    done = run_python(*command, "--batch-size", 3, "--output", tmp_path / "out")
    assert done.returncode != 0
    assert "--batch-size 3 cannot be shared by 2 processes" in done.stderr
