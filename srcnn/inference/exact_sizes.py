"""Enlarging to any size: by passes of the networks that there are, and MATLAB's reduction of what is too much."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.resizing import resize_picture
from srcnn.inference.upscaling import Progress, upscale
from srcnn.networks.base import AnyNetwork

MAX_ENLARGEMENT = 8
_MAX_PASSES = 3  # of which even x2 makes MAX_ENLARGEMENT
_TOLERANCE = 1e-9  # undoes rounding, as of 3 * (1 / 3)


@dataclass(frozen=True)
class TargetSize:
    """A size: `scale` times the picture, 1 to MAX_ENLARGEMENT; or `width` or `height` pixels, or both."""

    scale: float | None = None
    width: int | None = None
    height: int | None = None

    def find(self, width: int, height: int) -> tuple[int, int]:
        """The width and height of the result of a picture of such ones, as MATLAB's `imresize` rounds them: up.

        Raises ImageError for a size of another shape than the picture's, or out of the range of scales.
        """
        if self.scale:
            return tuple(math.ceil(side * self.scale - _TOLERANCE) for side in (width, height))
        scale = self.width / width if self.width else self.height / height
        size = self.width or max(round(width * scale), 1), self.height or max(round(height * scale), 1)
        if self.width and self.height and abs(height * scale - self.height) >= 1:
            raise ImageError(
                f"{self.width} x {self.height} pixels have another shape than its {width} x {height}; "
                "leave --width or --height out."
            )
        if not 1 <= scale <= MAX_ENLARGEMENT:
            raise ImageError(
                f"It has {width} x {height} pixels and would become {scale:.2f} times as large; "
                f"choose a size of 1 to {MAX_ENLARGEMENT} times its own."
            )
        return size


def choose_passes(scales: Sequence[int], factor: float) -> tuple[int, ...]:
    """The scales of networks that, one after another, enlarge at least by `factor`: by as little too much as possible.

    Among equal products, the fewest passes; the smallest scale comes first, as the next pass has more pixels.
    Raises ImageError where the scales that there are do not suffice.
    """
    if factor in scales:
        return (int(factor),)
    larger = sorted(scale for scale in scales if scale > 1)
    plans = itertools.chain.from_iterable(
        itertools.combinations_with_replacement(larger, count) for count in range(_MAX_PASSES + 1)
    )
    enough = [plan for plan in plans if math.prod(plan) >= factor - _TOLERANCE]
    if not enough:
        raise ImageError(f"There is no network that enlarges by {factor:g}; choose another --model or --scale.")
    return min(enough, key=lambda plan: (math.prod(plan), len(plan), plan))


def upscale_to(
    picture: Picture,
    size: tuple[int, int],
    scales: Sequence[int],
    find_network: Callable[[int], AnyNetwork],
    exact: bool,
    progress: Progress,
) -> Picture:
    """Enlarge a picture to a width and height, each at least its own.

    find_network: gives the network for one of `scales`. exact, progress: as of `upscale`. What the passes make too
    large is reduced as by MATLAB's `imresize(A, [height width])`. Raises ImageError as `choose_passes` does.
    """
    width, height = size
    passes = choose_passes(scales, max(width / picture.width, height / picture.height))
    for number, scale in enumerate(passes):
        picture = upscale(
            picture,
            find_network(scale),
            exact,
            progress=lambda share, number=number: progress((number + share) / len(passes)),
        )
    if size == (picture.width, picture.height):
        return picture
    return resize_picture(picture, (height / picture.height, width / picture.width))
