"""Programs that read only the beginning of what a command prints, as `head` does, and disks that are full."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from srcnn.imaging.picture import Picture
from tests.support.project import PROJECT


@pytest.mark.parametrize(("unbuffered", "is_broken"), [("", False), ("", True), ("1", True)])
def test_a_reader_that_has_left_is_no_fault(tmp_path, astronaut, unbuffered, is_broken):
    (tmp_path / "in").mkdir()
    Picture(astronaut.pixels[:8, :8]).save(tmp_path / "in" / "a.png")
    if is_broken:
        (tmp_path / "in" / "b.png").write_bytes(b"This is no picture.")
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "srcnn", "downscale", "in", "-o", "out", "--scale", "2"]
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(command, cwd=tmp_path, env=environment, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert done.returncode == int(is_broken)
    assert "Broken pipe" not in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "out" / "a.png").is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux' disk that is always full")
def test_a_full_disk_behind_the_output_is_told_as_such():
    command = [sys.executable, "-m", "srcnn", "list"]
    environment = os.environ | {"PYTHONUNBUFFERED": ""}
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, cwd=PROJECT, env=environment, stdout=full, stderr=subprocess.PIPE, text=True)
    told = "What is printed cannot be written (No space left on device); files that were made stay.\n"
    assert (done.returncode, done.stderr) == (1, told)
