"""Pairs of pictures that somebody has: a truth, and its low-resolution picture or a result, found by its name."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from torch import Tensor

from srcnn.data.degradation import Truth, crop_to_scale, open_truth, truth_of
from srcnn.data.picture_sets import picture_files
from srcnn.imaging.color import grey_to_luminance, luminance, luminance_to_grey, rgb_to_ycbcr, to_grey_levels
from srcnn.imaging.imresize import to_uint8
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture, printable_name

# What data sets and programs put behind a picture's name: 0001x2, Canon_001_LR3, baby_HR, woman-sr, bird_x3_out.
_ENDING_PATTERN = re.compile(r"(?:[ ._-]*x\d|[ ._-]+(?:[hls]r\d?|gt|lq|out|result|srcnn))+$", re.IGNORECASE)


class Counterparts:
    """The pictures of some sets, to be found by the name of the picture that each belongs to."""

    def __init__(self, sets: Iterable[str | Path]) -> None:
        """Raises ImageError for a set that cannot be had."""
        self.sets = [str(source) for source in sets]
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        self._by_core: dict[str, list[Path]] = defaultdict(list)
        for file in (file for source in self.sets for file in picture_files(source)):
            self._by_name[file.stem].append(file)
            self._by_core[_core_name(file)].append(file)

    def find(self, file: Path) -> Path:
        """The picture of the same name, whatever its suffix, or else of the same but for an ending such as x3 or _LR.

        Of several, the one whose folders are called as the file's. Raises ImageError where there is none, or no one.
        """
        found = self._by_name.get(file.stem) or self._by_core.get(_core_name(file), [])
        if len(found) > 1:
            common = [_count_common_folders(file, each) for each in found]
            found = [each for each, count in zip(found, common, strict=True) if count == max(common)]
        sets = " and ".join(map(printable_name, self.sets))
        if len(found) != 1:
            count = "Several pictures" if found else "No picture"
            raise ImageError(f"{count} in {sets} can belong to {printable_name(file.name)}; give one its name.")
        return found[0]


def pair_opener(low_sets: Sequence[str | Path], scale: int) -> Callable[[Path], Truth]:
    """What opens a picture file as truth, with its low-resolution picture from `low_sets` where some are named.

    Raises ImageError for a set that cannot be had.
    """
    return partial(_open_own_pair, low_pictures=Counterparts(low_sets), scale=scale) if low_sets else open_truth


def _open_own_pair(file: Path, low_pictures: Counterparts, scale: int) -> Truth:
    """Raises ImageError where one of the two cannot be used or their sizes do not belong together."""
    low_file = low_pictures.find(file)
    picture, low = open_picture(file), open_picture(low_file)
    if not all(0 <= large - small * scale < scale for large, small in _sides(picture, low)):
        raise ImageError(
            f"It has {picture.width}x{picture.height} pixels, and {printable_name(low_file.name)} with "
            f"{low.width}x{low.height} is not its low-resolution picture at x{scale}; cut both to the same part."
        )
    if picture.pixels.dtype == low.pixels.dtype:
        low = replace(low, white=picture.white)  # or each would have a white of its own
    truth = truth_of(picture.flattened())
    return replace(truth, low=_levels_like(low.flattened(), truth.grey))


def open_result(file: Path, truth: Truth, scale: int) -> Tensor:
    """A picture that somebody made of a truth's low-resolution one, as levels of the mod-cropped truth: (H, W) uint8.

    It has the size of the truth or of the mod-cropped one. A grey result of a truth in colour is taken as luminance,
    which is what the papers' own programs write. Raises ImageError for a file that cannot be used.
    """
    result = open_picture(file).flattened()
    height, width = crop_to_scale(truth.levels, scale).shape
    if (result.height, result.width) not in ((height, width), tuple(truth.levels.shape)):
        raise ImageError(
            f"{printable_name(file.name)} has {result.width}x{result.height} pixels in place of {width}x{height}; "
            "enlarge the reduced picture, which is cut to a multiple of the scale before, without cutting off a border."
        )
    levels = _levels_like(result, grey=True) if truth.grey else luminance(result.pixels)
    return levels[:height, :width]


def _levels_like(picture: Picture, grey: bool) -> Tensor:
    """A picture of 8 bits as the levels of a truth that is grey or not: (H, W) uint8."""
    levels = luminance(picture.pixels)
    if grey == (picture.pixels.ndim == 2):
        return levels
    if grey:
        return to_uint8(luminance_to_grey(rgb_to_ycbcr(to_grey_levels(picture.pixels))[0]))
    return to_uint8(grey_to_luminance(levels.double()))


def _sides(picture: Picture, low: Picture) -> Sequence[tuple[int, int]]:
    return (picture.height, low.height), (picture.width, low.width)


def _core_name(file: Path) -> str:
    return _ENDING_PATTERN.sub("", file.stem)


def _count_common_folders(file: Path, other: Path) -> int:
    """How many of the folders that two files are in are called alike, from the innermost on."""
    count = 0
    for mine, yours in zip(reversed(file.parts[:-1]), reversed(other.parts[:-1]), strict=False):
        if mine != yours:
            break
        count += 1
    return count
