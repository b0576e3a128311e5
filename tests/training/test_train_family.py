import re
from dataclasses import replace

import torch

import train_family
from srcnn import SRCNN
from srcnn.naming import LOSSES
from srcnn.training.warm_start import build_network
from tests.support.project import PROJECT, run_python
from train import parse
from train_family import Job, family, wanted


def test_the_family_is_every_scale_with_every_loss_the_wider_network_and_the_deep_ones(tmp_path):
    names = [job.output.name for job in family(tmp_path)]
    narrow = {f"srcnn-x{scale}-{loss}" for scale in (2, 3, 4) for loss in LOSSES}
    wide = {f"srcnn-955-x{scale}-mse" for scale in (2, 3, 4)}
    edsr = {f"edsr-{size}-x{scale}-l1" for size in ("reduced-8x48", "baseline") for scale in (2, 3, 4)}
    assert set(names) == narrow | wide | edsr | {"vdsr-reduced-10x48-mse", "vdsr-mse"}
    assert len(names) == 26


def test_what_a_job_trains_is_what_it_is_called(tmp_path, monkeypatch):
    commands = []
    monkeypatch.setattr(train_family.subprocess, "run", lambda command, check: commands.append(command[2:]))
    for job in family(tmp_path):
        job.run(["--data", "T91"])
        model, _ = build_network(replace(parse(commands[-1]), start=None))
        assert model.config.name == job.output.name


def test_a_deep_network_starts_anew_or_from_the_same_of_another_scale_or_size(tmp_path):
    jobs = {job.output.name: job for job in family(tmp_path)}
    starts = {name: job.start and job.start.output.name for name, job in jobs.items()}
    for scale, before in ((4, None), (3, 4), (2, 3)):
        reduced = f"edsr-reduced-8x48-x{scale}-l1"
        assert starts[reduced] == (before and f"edsr-reduced-8x48-x{before}-l1")
        assert starts[f"edsr-baseline-x{scale}-l1"] == (reduced if scale != 3 else "edsr-baseline-x2-l1")
    assert (starts["vdsr-reduced-10x48-mse"], starts["vdsr-mse"]) == ("vdsr-reduced-10x48-mse-1", None)


def test_what_takes_days_on_a_cpu_is_left_out_there_unless_it_is_named(monkeypatch):
    for device, there in (("cpu", False), ("cuda", True)):
        monkeypatch.setattr(train_family, "best_device", lambda device=device: torch.device(device))
        assert wanted("vdsr-mse", None) == there
        assert wanted("vdsr-mse", ["vdsr-mse"])
        assert not wanted("vdsr-mse", ["srcnn-x3-mse"])
        assert all(wanted(name, None) for name in ("srcnn-x3-mse", "vdsr-reduced-10x48-mse", "edsr-baseline-x2-l1"))


def test_every_other_loss_and_width_starts_from_mse_of_its_scale(tmp_path):
    for job in family(tmp_path):
        if "srcnn" in job.output.name and (job.loss != "mse" or "955" in job.output.name):
            start = job.start
            while start.output.name.startswith("srcnn-955-x4"):  # x4's wide one begins anew, then comes from x3's
                start = start.start
            wide_x4 = job.output.name == "srcnn-955-x4-mse"
            assert start.output.name == ("srcnn-955-x3-mse" if wide_x4 else f"srcnn-x{job.scale}-mse")


def test_a_job_does_what_it_starts_from_first_and_nothing_twice(photographs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where the states go
    small = ["--steps", 4, "--validate-every", 2, "--patch-size", 24]
    first = Job(tmp_path / "first", 2, "mse", small)
    second = Job(tmp_path / "second", 2, "l1", small, start=first)
    shared = ["--data", str(photographs), "--device", "cpu"]
    second.run(shared)
    written = {job.output.name: (job.output / "README.md").stat().st_mtime_ns for job in (first, second)}
    assert SRCNN.from_pretrained(second.output).recipe["before"][0]["name"] == "first"
    second.run(shared)
    assert written == {job.output.name: (job.output / "README.md").stat().st_mtime_ns for job in (first, second)}


def test_it_is_called_as_the_readme_says(tmp_path):
    calls = re.findall(r"^python train_family\.py (.*)$", (PROJECT / "README.md").read_text(), re.MULTILINE)
    assert len(calls) == 1
    done = run_python("train_family.py", *calls[0].split(), "--only", "no-such-variant", "--output", tmp_path)
    assert done.returncode == 0, done.stderr
