"""How pictures are written: what a suffix means, and with which quality."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from srcnn.imaging.picture import Picture
from tests.support.project import PROJECT

STRIPES = np.full((32, 32, 3), 255, np.uint8)
STRIPES[::2] = (255, 0, 0)  # red writing on white, which colour at half the resolution makes pink


@pytest.mark.parametrize("name", ["a.jpg", "a.jpeg", "a.jfif", "a.avif"])
def test_colours_are_written_at_full_resolution(tmp_path, name):
    Picture(STRIPES).save(tmp_path / name)
    got = np.asarray(Image.open(tmp_path / name).convert("RGB")).astype(int)
    assert np.abs(got - STRIPES).mean() < 4  # 4:2:0 is 40 to 60 levels off


FULL_DISK = """
import resource, sys
import numpy as np
from srcnn.imaging.picture import Picture
from tests.support.project import PROJECT
resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))  # beyond it, a write is cut off as on a full disk
try:
    Picture(np.random.default_rng(0).integers(0, 256, (120, 120, 3), dtype=np.uint8)).save(sys.argv[1])
except OSError as error:
    print(error.errno in (27, 28), error.filename or sys.argv[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize("name", ["a.jpg", "a.bmp", "a.tif", "a.ppm", "a.png", "a.jp2"])
def test_a_file_that_the_disk_cuts_off_is_no_result(tmp_path, name):
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / name)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert done.stdout == f"True {tmp_path / name}\n"
    assert list(tmp_path.iterdir()) == []
