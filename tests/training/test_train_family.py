import re
from pathlib import Path

import torch

import train_family
from srcnn import SRCNN
from srcnn.training.family.family_job import FamilyJob
from tests.support.project import PROJECT, run_python
from train_family import choose_variants, pending_jobs, run_job


def test_what_takes_days_on_a_cpu_is_left_out_there_unless_it_is_named(monkeypatch):
    for device, there in (("cpu", False), ("cuda", True)):
        monkeypatch.setattr(train_family, "best_device", lambda device=device: torch.device(device))
        chosen = choose_variants(None)
        assert ({"vdsr-mse", "edsr-baseline-x2-l1"} <= {*chosen}) == there
        assert {"srcnn-x3-mse", "srcnn-x2-perceptual"} <= {*chosen}
        assert choose_variants(["vdsr-mse"]) == ["vdsr-mse"]


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
    first = FamilyJob("first-mse", 2, "mse", small, sets=("photographs",))
    second = FamilyJob("second-l1", 2, "l1", small, start="first-mse", sets=("photographs",))
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
