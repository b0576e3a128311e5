from dataclasses import replace
from pathlib import Path

import pytest

from srcnn.naming import LOSSES
from srcnn.training.family.family_job import FamilyJob
from srcnn.training.family.jobs import JOBS
from srcnn.training.warm_start import build_network
from srcnn.variants.loading import bundled_names, load_any_scale
from train import parse


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
        first = reduced if scale != 3 else "edsr-baseline-x2-l1-begun"
        runs = [job.name for job in runs_up_to(JOBS[f"edsr-baseline-x{scale}-l1"])]
        own = [name for name in runs if name.startswith(f"edsr-baseline-x{scale}")]
        endings = ("-begun", "-again", "") if scale == 2 else ("-begun", "-again", "-large", "")
        assert own == [f"edsr-baseline-x{scale}-l1{ending}" for ending in endings]
        assert runs[runs.index(own[0]) - 1] == first
    assert JOBS["vdsr-mse"].start == "vdsr-mse-begun"
    assert JOBS["vdsr-mse-begun"].start == "vdsr-reduced-10x48-mse"


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


def runs_up_to(job: FamilyJob) -> list[FamilyJob]:
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
