"""Training data: luminance of sets of pictures, cut into random patches of (input, truth)."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from srcnn.data.degradation import MIN_LOW_SIDE_PIXELS, Pair, crop_to_scale, make_pair, open_luminance, open_pair
from srcnn.data.picture_sets import picture_files
from srcnn.imaging.imresize import imresize, to_uint8
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import printable_name

_VALIDATION_EVERY = 15  # each set's 1st, 16th, ... picture is kept out of training, to choose the best checkpoint on


@dataclass(frozen=True)
class Truth:
    """Luminance to train on, (H, W) uint8 with sides that are multiples of the scale it is to be reduced by."""

    luma: Tensor
    scale: int


@dataclass(frozen=True)
class TrainingImages:
    """The pictures of several sets, a list a set, and the files that could not be used, each with the reason.

    scales: how many times each picture is in the lists.
    """

    scales: int
    training: list[list[Truth]] = field(default_factory=list)
    validation: list[list[Pair]] = field(default_factory=list)
    skipped: dict[Path, str] = field(default_factory=dict)

    @property
    def used(self) -> int:
        """Pictures to train on, reduced copies counted."""
        return sum(map(len, self.training)) // self.scales

    @property
    def kept_out(self) -> int:
        """Pictures to validate on."""
        return sum(map(len, self.validation)) // self.scales

    def training_pairs(self) -> Iterator[Iterator[Pair]]:
        """The pairs to train on, set by set.

        Each is made when its turn comes: a pair takes some 17 times the memory of its truth.
        """
        return ((make_pair(truth.luma, truth.scale) for truth in truths) for truths in self.training)

    def fingerprint(self) -> str:
        """A checksum of every pixel that is trained or validated on, in order."""
        digest = hashlib.sha256()
        for truth in (truth for truths in self.training for truth in truths):
            digest.update(repr((truth.scale, *truth.luma.shape)).encode() + truth.luma.contiguous().numpy().tobytes())
        for pair in (pair for pairs in self.validation for pair in pairs):
            digest.update(repr((pair.scale, *pair.truth.shape)).encode() + pair.truth.contiguous().numpy().tobytes())
        return digest.hexdigest()


def load_training_images(
    sets: Iterable[str | Path],
    scales: Sequence[int],
    min_side: int,
    shrink: Sequence[float] = (),
    validation_sets: Sequence[str | Path] = (),
) -> TrainingImages:
    """Read every picture of the sets for each scale, and train on copies reduced by the factors of `shrink`, too.

    Without `validation_sets`, every 15th picture of each set is kept out to validate on. min_side: pixels that a
    picture to train on, or a copy, needs a side. Raises ImageError where a set cannot be had or leaves too little.
    """
    result = TrainingImages(len(scales))
    for source in sets:
        _load_set(result, source, scales, min_side, shrink, keep_out=not validation_sets)
    for source in validation_sets:
        _load_validation_set(result, source, scales)
    return result


def _load_set(
    result: TrainingImages,
    source: str | Path,
    scales: Sequence[int],
    min_side: int,
    shrink: Sequence[float],
    keep_out: bool,
) -> None:
    """Add a set to train on. The place of a picture that cannot be validated on goes to the next that can."""
    training, validation, due, reasons = [], [], False, []
    for number, file in enumerate(picture_files(source)):
        due = due or (keep_out and number % _VALIDATION_EVERY == 0)
        try:
            truths = _open_truths(file, scales, min_side)
        except ImageError as error:
            result.skipped[file] = str(error)
            reasons.append(f" {printable_name(file.name)} cannot be used: {error}")
            continue
        pairs = [make_pair(truth.luma, truth.scale) for truth in truths] if due else []
        if pairs and not any(map(_is_restored_by_bicubic, pairs)):
            validation += pairs
            due = False
        else:
            training += truths + [copy for truth in truths for copy in _reduce_copies(truth, min_side, shrink)]
    if not training or (keep_out and not validation):
        needed = "two usable pictures" if keep_out else "a usable picture"
        raise ImageError(f"The set {source} needs {needed} of at least {min_side} pixels a side.{''.join(reasons[:1])}")
    result.training.append(training)
    if keep_out:
        result.validation.append(validation)


def _load_validation_set(result: TrainingImages, source: str | Path, scales: Sequence[int]) -> None:
    validation = []
    for file in picture_files(source):
        try:
            pairs = [open_pair(file, scale) for scale in scales]
            if any(map(_is_restored_by_bicubic, pairs)):
                raise ImageError("Bicubic enlargement restores this picture exactly, so it says nothing of a network.")
        except ImageError as error:
            result.skipped[file] = str(error)
        else:
            validation += pairs
    if not validation:
        raise ImageError(f"The set {source} holds no picture that can be validated on.")
    result.validation.append(validation)


def _is_restored_by_bicubic(pair: Pair) -> bool:
    """Whether nothing is lost, as of a blank page: its PSNR is infinite, and so would be every mean that it is in."""
    return torch.equal(to_uint8(pair.bicubic), pair.truth.to(torch.uint8))


def _open_truths(file: Path, scales: Sequence[int], min_side: int) -> list[Truth]:
    """A picture cut for each scale. Raises ImageError for one that cannot be used, or is too small at any scale."""
    luma = open_luminance(file)
    truths = [Truth(crop_to_scale(luma, scale), scale) for scale in scales]
    if min(min(truth.luma.shape) for truth in truths) < min_side:
        raise ImageError(f"This picture is smaller than a patch, {min_side} pixels.")
    return truths


def _reduce_copies(truth: Truth, min_side: int, shrink: Sequence[float]) -> list[Truth]:
    """Scaling augmentation: the same picture smaller, as far as a patch still fits."""
    least = max(min_side + truth.scale, MIN_LOW_SIDE_PIXELS * truth.scale)
    smaller = [imresize(truth.luma, factor) for factor in shrink]
    return [Truth(crop_to_scale(copy, truth.scale), truth.scale) for copy in smaller if min(copy.shape) >= least]


@dataclass(frozen=True)
class Example:
    """A picture as the network gets it and as it should give it, which may be a multiple of that in size: (H, W)
    float32, grey levels 0..255."""

    input: Tensor
    truth: Tensor


class PatchSampler:
    """Draws random patches, turned and mirrored, from pictures that lie in memory as one long row of pixels.

    A batch is one indexing operation, so sampling costs next to nothing beside a training step. Every set is drawn
    equally often, whatever its size; within a set a picture is drawn in proportion to its area.
    """

    def __init__(self, sets: list[list[Example]], patch: int, device: torch.device, turns: bool = True) -> None:
        """patch: side of a patch of the truth in pixels, a multiple of `step`.

        Below, P is the number of pictures, R = P's pixels one after the other, S a patch's side, of the input or truth.
        """
        examples = [example for each in sets for example in each]
        areas = [torch.tensor([example.truth.numel() for example in each]) for each in sets]  # (pictures of the set,)
        self.chance = torch.cat([area / area.sum() for area in areas])  # (P,); multinomial brings the sum to 1
        # How many times larger the truth is than the input, each way: 1 for a network that takes the bicubic picture.
        self.step = examples[0].truth.shape[0] // examples[0].input.shape[0]
        self.height, self.width = torch.tensor([example.input.shape for example in examples]).T  # (P,) each
        # Where each picture begins in the long rows: (P,) each.
        self.truth_start = torch.cat(areas).cumsum(0) - torch.cat(areas)
        self.input_start = self.truth_start // self.step**2
        # The long rows, in 0..1: (R,) of the truths, (R / step**2,) of the inputs.
        self.input = torch.cat([example.input.flatten() / 255 for example in examples]).to(device)
        self.truth = torch.cat([example.truth.flatten() / 255 for example in examples]).to(device)
        # Which row and column of a patch a pixel of the turned patch comes from: (8 or 1, 2, S, S).
        self.input_turns = dihedral_turns(patch // self.step)[: 8 if turns else 1]
        self.truth_turns = dihedral_turns(patch)[: 8 if turns else 1]

    def sample(
        self, count: int, generator: torch.Generator, rank: int = 0, processes: int = 1
    ) -> tuple[Tensor, Tensor]:
        """(input, truth), each (count / processes, 1, side, side) float32 in 0..1; the truth's side is `patch`.

        Several processes with the same generator share a batch: they draw the same patches, each cuts out its own.
        """
        # 1. Draw pictures, places and turns for the whole batch, and keep this process's N of them: (N,) each.
        mine = slice(rank * count // processes, (rank + 1) * count // processes)
        image = torch.multinomial(self.chance, count, replacement=True, generator=generator)[mine]
        random = torch.rand(3, count, generator=generator)[:, mine]
        side = self.input_turns.shape[-1]
        top = (random[0] * (self.height[image] - side + 1)).long()
        left = (random[1] * (self.width[image] - side + 1)).long()
        turn = (random[2] * len(self.input_turns)).long()

        # 2. Where the input's pixels lie in its long row: (N, 1, S, S).
        start = self.input_start[image] + top * self.width[image] + left
        index = truth_index = _patch_indices(start, self.width[image], self.input_turns[turn]).to(self.input.device)

        # 3. The truth's pixels lie at the same indices, or in a row of its own where it is larger.
        if self.step > 1:
            width = self.width[image] * self.step
            start = self.truth_start[image] + (top * width + left) * self.step
            truth_index = _patch_indices(start, width, self.truth_turns[turn]).to(self.truth.device)
        return self.input[index], self.truth[truth_index]


def _patch_indices(start: Tensor, width: Tensor, turn: Tensor) -> Tensor:
    """Where the pixels of patches lie in the long row: (N, 1, S, S).

    start, width: (N,), the index of each patch's first pixel and its picture's width; turn: (N, 2, S, S).
    """
    row, column = turn[:, 0], turn[:, 1]  # (N, S, S) each
    return (start[:, None, None] + row * width[:, None, None] + column)[:, None]


def dihedral_turns(patch: int) -> Tensor:
    """The eight turns and mirrorings of a square: (8, 2, patch, patch), the row and column each pixel comes from."""
    side = torch.arange(patch)
    grid = torch.stack(torch.meshgrid(side, side, indexing="ij"))
    turned = [torch.rot90(grid, quarter, dims=(1, 2)) for quarter in range(4)]
    return torch.stack(turned + [grid.flip(2) for grid in turned])
