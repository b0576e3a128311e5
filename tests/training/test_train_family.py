import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import train_family
from srcnn import SRCNN
from srcnn.naming import LOSSES
from srcnn.training.warm_start import build_network
from srcnn.variants.loading import bundled_names, load_any_scale
from tests.support.project import PROJECT, run_python
from train import parse
from train_family import JOBS, Job, choose_variants, pending_jobs, run_job


def test_the_family_is_every_scale_with_every_loss_the_wider_network_and_the_deep_ones():
    names = [job.name for job in JOBS.values() if job.released]
    narrow = {f"srcnn-x{scale}-{loss}" for scale in (2, 3, 4) for loss in LOSSES}
    wide = {f"srcnn-955-x{scale}-mse" for scale in (2, 3, 4)}
    edsr = {f"edsr-baseline-x{scale}-l1" for scale in (2, 3, 4)}
    edsr |= {f"edsr-baseline-x4-{loss}" for loss in ("perceptual", "adversarial")}
    assert set(names) == narrow | wide | edsr | {"vdsr-mse"} == {*bundled_names()}
    assert len(names) == 24


def test_every_job_comes_after_the_one_that_it_starts_from():
    order = [*JOBS]
    assert [name for name, job in JOBS.items() if job.start and order.index(job.start) > order.index(name)] == []


def test_what_a_job_trains_is_what_it_is_called(tmp_path):
    for job in JOBS.values():
        if job.released:
            model, _ = build_network(replace(parse([*job.command(tmp_path), "--data", "T91"]), start=None))
            assert model.config.name == job.name


def test_a_deep_network_starts_anew_or_from_the_same_of_another_scale_or_size():
    for scale, before in ((4, None), (3, 4), (2, 3)):
        reduced = f"edsr-reduced-8x48-x{scale}-l1"
        assert JOBS[reduced].start == (before and f"edsr-reduced-8x48-x{before}-l1")
        begun = f"edsr-baseline-x{scale}-l1-begun"
        assert JOBS[begun].start == (reduced if scale != 3 else "edsr-baseline-x2-l1-begun")
        assert JOBS[f"edsr-baseline-x{scale}-l1"].start == begun
    assert JOBS["vdsr-mse"].start == "vdsr-reduced-10x48-mse"


def test_what_takes_days_on_a_cpu_is_left_out_there_unless_it_is_named(monkeypatch):
    for device, there in (("cpu", False), ("cuda", True)):
        monkeypatch.setattr(train_family, "best_device", lambda device=device: torch.device(device))
        chosen = choose_variants(None)
        assert ({"vdsr-mse", "edsr-baseline-x2-l1"} <= {*chosen}) == there
        assert {"srcnn-x3-mse", "srcnn-x2-perceptual"} <= {*chosen}
        assert choose_variants(["vdsr-mse"]) == ["vdsr-mse"]


def test_every_other_loss_and_width_starts_from_another_of_its_scale():
    for name, job in JOBS.items():
        if name.startswith("srcnn") and job.released and (job.loss != "mse" or "955" in name):
            start = job.start
            while start.startswith("srcnn-955"):  # the wide one begins anew some times; x4's comes from x3's
                start = JOBS[start].start
            wide = "srcnn-x3-mse-polished" if job.scale == 4 else f"srcnn-x{job.scale}-mse-polished"
            with_mse = "mse" if job.scale == 4 else "mse-last"
            before = "perceptual" if job.loss == "adversarial" else with_mse
            assert start == (wide if "955" in name else f"srcnn-x{job.scale}-{before}")


def runs_up_to(job: Job) -> list[Job]:
    return [*(runs_up_to(JOBS[job.start]) if job.start else []), job]


@pytest.mark.parametrize("name", bundled_names())
def test_the_jobs_are_those_that_the_released_weights_were_trained_by(name):
    recipe = load_any_scale(name).recipe
    runs, jobs = [*recipe.get("before", []), recipe], runs_up_to(JOBS[name])
    assert len(runs) == len(jobs)
    for run, job in zip(runs, jobs, strict=True):
        options = vars(parse([*job.command(Path()), *(word for name in job.sets for word in ("--data", name))]))
        for chosen in (run.keys() & options.keys()) - {"start", "features", "scale"}:
            told = run[chosen]
            assert (tuple(told) if isinstance(told, list) else told) == options[chosen], (job.name, chosen)


def test_what_is_done_is_not_trained_again_nor_what_only_it_starts_from(tmp_path):
    def pending(*variants: str) -> list[str]:
        return [job.name for job in pending_jobs([*variants], tmp_path)]

    before = [f"srcnn-x2-mse-{run}" for run in ("long", "polished", "revived", "last")]
    assert pending("srcnn-x2-mse") == ["srcnn-x3-mse-long", *before, "srcnn-x2-mse"]
    begun = ["srcnn-x3-mse-long", *before, "srcnn-x2-perceptual"]
    assert pending("srcnn-x2-adversarial") == [*begun, "srcnn-x2-adversarial"]
    (tmp_path / "srcnn-x2-perceptual").mkdir()
    (tmp_path / "srcnn-x2-perceptual" / "README.md").write_text("a card")
    assert pending("srcnn-x2-adversarial") == ["srcnn-x2-adversarial"]
    assert pending("srcnn-x2-perceptual") == []
    assert pending("no-such-variant") == []


def run_fork(command: list[object], check: bool) -> None:
    done = run_python(*command[1:], cwd=Path.cwd())
    assert check
    assert done.returncode == 0, done.stderr


def test_the_jobs_are_run_one_after_the_other_each_from_the_weights_before(photographs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where the states go
    monkeypatch.setattr("train_family.subprocess.run", run_fork)
    small = ["--steps", 4, "--validate-every", 2, "--patch-size", 24]
    first = Job("first-mse", 2, "mse", small, sets=("photographs",))
    second = Job("second-l1", 2, "l1", small, start="first-mse", sets=("photographs",))
    monkeypatch.setattr(train_family, "JOBS", {job.name: job for job in (first, second)})
    for job in pending_jobs(["second-l1"], tmp_path):
        run_job(job, tmp_path, {"photographs": str(photographs), "T91": "/nowhere"}, ["--device", "cpu"])
    assert SRCNN.from_pretrained(tmp_path / "second-l1").recipe["before"][0]["name"] == "first-mse"
    assert pending_jobs(["second-l1"], tmp_path) == []


def test_a_set_that_a_job_needs_is_asked_for_before_anything_is_trained(tmp_path):
    call = ["train_family.py", "--data", "T91", "--features", "none", "--output", tmp_path, "--only", "srcnn-x3-mse"]
    done = run_python(*call)
    assert done.returncode == 1
    assert done.stderr == "These variants are also trained on BSDS400; name it with --data.\n"
    assert [*tmp_path.iterdir()] == []


def test_it_is_called_as_the_documents_say(tmp_path):
    calls = re.findall(r"^python train_family\.py (.*)$", (PROJECT / "docs/training.md").read_text(), re.MULTILINE)
    assert len(calls) == 1
    done = run_python("train_family.py", *calls[0].split(), "--only", "no-such-variant", "--output", tmp_path)
    assert done.returncode == 0, done.stderr
