"""What a run does to each picture, and how its results are written."""

from collections.abc import Callable
from dataclasses import dataclass

from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import MAX_PIXELS


@dataclass(frozen=True)
class Choices:
    """The choices of a run.

    change: makes a result of a picture. find_size: the width and height that it will have, of those of the picture.
    recipe: a text that differs for everything that makes other results: network, scale and so on.
    suffix: of results in a folder. quality: 1 to 100, or None for the usual one.
    overwrite: whether results that are there already are made again, and other files in their place replaced.
    max_pixels: of a picture that is opened.
    """

    change: Callable[[Picture], Picture]
    find_size: Callable[[int, int], tuple[int, int]]
    recipe: str
    suffix: str = ".png"
    quality: int | None = None
    overwrite: bool = False
    max_pixels: int = MAX_PIXELS
