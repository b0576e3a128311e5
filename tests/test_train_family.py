import re

from conftest import PROJECT, run_python

from srcnn import SRCNN
from srcnn.losses import LOSSES
from train_family import Job, family


def test_the_family_is_every_scale_with_every_loss_and_the_wider_network(tmp_path):
    names = [job.output.name for job in family(tmp_path)]
    narrow = {f"srcnn-x{scale}-{loss}" for scale in (2, 3, 4) for loss in LOSSES}
    assert set(names) == narrow | {f"srcnn-955-x{scale}-mse" for scale in (2, 3, 4)}
    assert len(names) == 18


def test_every_other_loss_and_width_starts_from_mse_of_its_scale(tmp_path):
    for job in family(tmp_path):
        if job.loss != "mse" or "955" in job.output.name:
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
