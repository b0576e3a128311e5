"""The benchmarks run; what they measure is for people to read, not for a test to judge."""

import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from benchmarks.load import (
    ANSWERED,
    FAILED,
    FOREIGN,
    REFUSED,
    TAKEN,
    RequestOutcome,
    ServerSample,
    describe_load,
    paint_mark,
    read_mark,
    take_sample,
)
from srcnn.evaluation.comparison import compare
from srcnn.inference.upscaling import upscale
from srcnn.variants.loading import load
from tests.support.project import run_python


def test_training_speed_compares_the_two_loops():
    done = run_python("-m", "benchmarks.training_speed", "--seconds", 0.2)
    assert done.returncode == 0, done.stderr
    setting, tutorial, ours, sampling = done.stdout.splitlines()
    assert "16 patches of 60x60, fp32" in setting
    assert float(tutorial.split()[2]) > 0
    assert float(ours.split()[2]) > 0
    assert ours.endswith("times")
    assert 0 < float(sampling.split()[1].rstrip("%")) < 100


def test_the_load_is_answered_each_visitor_with_the_own_picture():
    """How memory and disk fare, minutes have to show."""
    done = run_python("-m", "benchmarks.load", "--clients", 3, "--minutes", 0.1)
    assert done.stdout, done.stderr
    rows = dict(re.findall(r"^ *(.+?) {2,}(\S+)", done.stdout, re.MULTILINE))
    assert int(rows["good requests"]) >= 2, done.stdout
    assert int(rows["bad requests"]) >= 1, done.stdout
    assert rows[ANSWERED] == rows["good requests"], done.stdout
    assert rows[REFUSED] == rows["bad requests"], done.stdout
    assert "grew" in done.stdout or done.returncode == 0, done.stdout


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("size", [(64, 64), (67, 400), (399, 101)])
def test_the_mark_of_a_picture_is_in_what_becomes_of_it(scale, size):
    model = load(f"srcnn-x{scale}-mse")
    for mark in (0, 1, 0x8000, 0xA5C3, 0xFFFF):
        picture = paint_mark(mark, *size)
        compared = compare(picture, model)
        results = compared.bicubic, compared.srcnn, compared.truth, upscale(picture, model)
        assert {read_mark(result) for result in results} == {mark}


def test_files_that_go_while_they_are_counted_end_no_measurement(tmp_path):
    (tmp_path / "kept.png").write_bytes(bytes(100))
    end = threading.Event()

    def come_and_go() -> None:
        while not end.is_set():
            (folder := tmp_path / "job" / "part").mkdir(parents=True)
            (folder / "result.png").write_bytes(bytes(10))
            shutil.rmtree(folder.parent)

    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(come_and_go)
        try:
            samples = [take_sample(psutil.Process(), tmp_path) for _ in range(200)]
        finally:
            end.set()
        busy.result()
    assert {sample.disk for sample in samples} <= {100, 110}


def test_visitors_who_are_answered_amiss_are_counted():
    outcomes = [RequestOutcome(ANSWERED, 1.0), RequestOutcome(REFUSED, 1.0)]
    level = [ServerSample(100, 1)] * 9
    assert describe_load(outcomes, level, 1.0) == []
    for verdict in (FOREIGN, FAILED, TAKEN):
        assert describe_load([*outcomes, RequestOutcome(verdict, 1.0)], level, 1.0) == [f"1 {verdict}"]
    assert describe_load(outcomes, level * 2 + [ServerSample(111, 1)] * 5, 1.0) == ["the memory grew"]
    assert len(describe_load(outcomes, [ServerSample(100, int(1e12))], 1.0)) == 1
