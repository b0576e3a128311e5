"""The pictures of a run: read once, kept with a byte a pixel, some of each set kept out to validate on."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from srcnn.data.degradation import MIN_LOW_SIDE_PIXELS, Pair, Truth, crop_to_scale, make_pair, open_truth
from srcnn.data.picture_sets import picture_files, set_name
from srcnn.imaging.imresize import imresize, to_uint8
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import printable_name

_VALIDATION_SHARE = 1 / 15  # of the pictures of a set, which are kept out of training to choose the best checkpoint on


@dataclass
class TrainingImages:
    """The pictures of several sets, a list a set, and the files that could not be used, each with the reason.

    scales: that each is trained and validated on at. used, kept_out: pictures to train on, reduced copies counted, and
    to validate on. checksums: of each truth's levels, in the order of the files.
    """

    scales: tuple[int, ...]
    training: list[list[Truth]] = field(default_factory=list)
    validation: list[list[Truth]] = field(default_factory=list)
    skipped: dict[Path, str] = field(default_factory=dict)
    used: int = 0
    kept_out: int = 0
    checksums: list[str] = field(default_factory=list)

    def validation_pairs(self) -> Iterator[Iterator[Pair]]:
        """The pairs to validate on, set by set.

        Each is made when its turn comes: a pair takes some ten times the memory of its truth.
        """
        return ((make_pair(truth, scale) for truth in truths for scale in self.scales) for truths in self.validation)

    def fingerprint(self) -> str:
        """A checksum of every pixel that is trained or validated on, in order."""
        digest = hashlib.sha256(repr((self.scales, self.used, self.kept_out, self.checksums)).encode())
        for truth in (truth for truths in self.training + self.validation for truth in truths if truth.low is not None):
            digest.update(checksum_levels(truth.low).encode())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class _Picture:
    """A picture of a set with what decides on its side."""

    file: Path
    checksum: str
    truth: Truth


def load_training_images(
    sets: Iterable[str | Path],
    scales: Sequence[int],
    min_side: int,
    shrink: Sequence[float] = (),
    validation_sets: Sequence[str | Path] = (),
    open_file: Callable[[Path], Truth] = open_truth,
    show_progress: bool = False,
) -> TrainingImages:
    """Read every picture of the sets, and train on copies reduced by the factors of `shrink`, too.

    Without `validation_sets`, about every 15th picture of each set is kept out to validate on. The picture itself
    decides, so that none changes sides when others come or go. min_side: pixels that a picture to train on, or a copy,
    needs a side. open_file: what opens a picture file as truth. Raises ImageError where a set cannot be had or leaves
    too little.
    """
    result = TrainingImages(tuple(scales))
    for source in sets:
        pictures = list(_read_pictures(result, source, min_side, open_file, show_progress))
        kept_out = [] if validation_sets else _choose_for_validation(pictures, scales)
        training = [picture.truth for picture in pictures if picture not in kept_out]
        can_validate = kept_out or validation_sets
        if len(pictures) > 1 and not can_validate:
            raise ImageError(
                f"Bicubic gives every picture of the set {source} back exactly, so there is nothing to learn; name "
                "other pictures with --data or --low."
            )
        if not training or not can_validate:
            needed = "a usable picture" if validation_sets else "two usable pictures"
            raise ImageError(
                f"The set {source} needs {needed} of at least {min_side} pixels a side.{_first_reason(result, source)}"
            )
        training += [copy for truth in training for copy in _reduce_copies(truth, scales, min_side, shrink)]
        result.training.append(training)
        result.used += len(training)
        if kept_out:
            _add_validation(result, kept_out)
    for source in validation_sets:
        pictures = list(_read_pictures(result, source, 0, open_file, show_progress))
        usable = [picture for picture in pictures if not _is_restored_by_bicubic(picture.truth, scales)]
        if not usable:
            raise ImageError(f"The set {source} holds no picture that can be validated on.")
        for picture in pictures:
            if picture not in usable:
                result.skipped[picture.file] = "Bicubic restores this picture exactly, so it says nothing of a network."
        _add_validation(result, usable)
    return result


def checksum_levels(levels: Tensor) -> str:
    """(H, W) uint8 -> a text that is the same for equal pictures only."""
    content = levels.contiguous().numpy().tobytes()
    return hashlib.sha256(repr(tuple(levels.shape)).encode() + content).hexdigest()


def checksum_set(checksums: Iterable[str]) -> str:
    """Of the checksums of a set's pictures, in any order -> one for the set."""
    return hashlib.sha256(" ".join(sorted(checksums)).encode()).hexdigest()[:16]


def count_overlaps(pictures: TrainingImages, sets: Iterable[str | Path]) -> dict[str, int]:
    """How many pictures of each set are trained or validated on, pixel for pixel, by the checksum of the set.

    Raises ImageError for a picture that cannot be used.
    """
    known, overlaps = set(pictures.checksums), {}
    for source in sets:
        checksums = checksum_files(picture_files(source))
        overlaps[checksum_set(checksums)] = sum(checksum in known for checksum in checksums)
    return overlaps


def checksum_files(files: Iterable[Path]) -> list[str]:
    """Of the levels of picture files. Raises ImageError for one that cannot be used."""
    return [checksum_levels(open_truth(file).levels) for file in files]


def _read_pictures(
    result: TrainingImages, source: str | Path, min_side: int, open_file: Callable[[Path], Truth], show_progress: bool
) -> Iterator[_Picture]:
    """The pictures of a set that can be used; the others are noted in `result.skipped`."""
    files = picture_files(source)
    title = f"reading {printable_name(set_name(source))}"
    for file in tqdm(files, title, unit="picture", leave=False, disable=not show_progress):
        try:
            truth = open_file(file)
            for scale in result.scales:
                if min(crop_to_scale(truth.levels, scale).shape) < min_side:
                    raise ImageError(f"This picture is smaller than a patch, {min_side} pixels.")
        except ImageError as error:
            result.skipped[file] = str(error)
            continue
        checksum = checksum_levels(truth.levels)
        result.checksums.append(checksum)
        yield _Picture(file, checksum, truth)


def _choose_for_validation(pictures: list[_Picture], scales: Sequence[int]) -> list[_Picture]:
    """Those whose checksum lies in the first `_VALIDATION_SHARE` of all checksums, else the one with the smallest.

    So a picture comes here for its own sake, and equal ones come to one side. What bicubic restores exactly says
    nothing of a network and is left to train on. At least one picture is left to train on.
    """
    order = sorted(pictures, key=lambda picture: (picture.checksum, picture.file.name))
    usable = (picture for picture in order if not _is_restored_by_bicubic(picture.truth, scales))
    chosen = []
    for picture in usable:
        if chosen and int(picture.checksum, 16) >= _VALIDATION_SHARE * 16 ** len(picture.checksum):
            break
        chosen.append(picture)
    return chosen[: len(pictures) - 1]


def _first_reason(result: TrainingImages, source: str | Path) -> str:
    """Why the first picture of a set that was left out cannot be used, to be appended to a message."""
    for file in picture_files(source):
        if file in result.skipped:
            return f" {printable_name(file.name)} cannot be used: {result.skipped[file]}"
    return ""


def _add_validation(result: TrainingImages, pictures: list[_Picture]) -> None:
    result.validation.append([picture.truth for picture in pictures])
    result.kept_out += len(pictures)


def _is_restored_by_bicubic(truth: Truth, scales: Sequence[int]) -> bool:
    """Whether nothing is lost at one of the scales, as of a blank page: its PSNR is infinite, and so would be every
    mean that it is in."""
    for scale in scales:
        levels = crop_to_scale(truth.levels, scale)
        low = imresize(levels.float(), 1 / scale) if truth.low is None else truth.low.float()
        if torch.equal(to_uint8(imresize(low, scale)), levels):  # as make_pair, in half of its memory
            return True
    return False


def _reduce_copies(truth: Truth, scales: Sequence[int], min_side: int, shrink: Sequence[float]) -> list[Truth]:
    """Scaling augmentation: the same picture smaller, as far as a patch still fits at every scale."""
    least = max(max(min_side + scale, MIN_LOW_SIDE_PIXELS * scale) for scale in scales)
    smaller = [imresize(truth.levels, factor) for factor in shrink]
    return [Truth(copy, truth.grey) for copy in smaller if min(copy.shape) >= least]
