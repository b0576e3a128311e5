"""Photographs to train on, for the tests and the benchmarks that train."""

from pathlib import Path

import skimage.data

from srcnn import images
from srcnn.images import Picture


def save_photographs(folder: Path) -> None:
    """Four of 160 x 200 pixels, one of them grey."""
    for name in ("astronaut", "chelsea", "coffee", "camera"):
        images.save(Picture(getattr(skimage.data, name)()).crop(160, 200), folder / f"{name}.png")
