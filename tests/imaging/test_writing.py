"""How pictures are written: what a suffix means, and with which quality."""

import numpy as np
import pytest
from PIL import Image

from srcnn.imaging.picture import Picture

STRIPES = np.full((32, 32, 3), 255, np.uint8)
STRIPES[::2] = (255, 0, 0)  # red writing on white, which colour at half the resolution makes pink


@pytest.mark.parametrize("name", ["a.jpg", "a.jpeg", "a.jfif", "a.avif"])
def test_colours_are_written_at_full_resolution(tmp_path, name):
    Picture(STRIPES).save(tmp_path / name)
    got = np.asarray(Image.open(tmp_path / name).convert("RGB")).astype(int)
    assert np.abs(got - STRIPES).mean() < 4  # 4:2:0 is 40 to 60 levels off
