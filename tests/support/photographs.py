"""Photographs to train on, for the tests and the benchmarks that train."""

from pathlib import Path

import skimage.data

from srcnn.imaging.picture import Picture


def save_photographs(folder: Path) -> None:
    """Four of 160 x 200 pixels, one of them grey."""
    for name in ("astronaut", "chelsea", "coffee", "camera"):
        Picture(getattr(skimage.data, name)()).crop(160, 200).save(folder / f"{name}.png")
