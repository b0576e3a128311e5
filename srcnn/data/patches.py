"""Training data: luminance of sets of images, cut into random patches of (input, truth)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from srcnn.data.degradation import MIN_LOW_SIDE_PIXELS, Pair, make_pair, open_pair
from srcnn.data.picture_sets import picture_files
from srcnn.imaging.imresize import imresize
from srcnn.imaging.picture import ImageError

_VALIDATION_EVERY = 15  # each set's 1st, 16th, ... image is kept out of training, to choose the best checkpoint on


@dataclass(frozen=True)
class Example:
    """A picture as the network gets it and as it should give it, which may be a multiple of that in size: (H, W)
    float32, grey levels 0..255."""

    input: Tensor
    truth: Tensor


@dataclass(frozen=True)
class TrainingImages:
    """The images of several sets, a list a set, and the files that could not be used, each with the reason.

    scales: how many times each image is in the lists.
    """

    scales: int
    training: list[list[Example]]
    validation: list[list[Pair]]
    skipped: dict[Path, str]

    @property
    def used(self) -> int:
        """Images to train on, reduced copies counted."""
        return sum(map(len, self.training)) // self.scales

    @property
    def kept_out(self) -> int:
        """Images to validate on."""
        return sum(map(len, self.validation)) // self.scales


def load_training_images(
    sets: Iterable[str | Path],
    scales: Sequence[int],
    min_side: int,
    example: Callable[[Pair], Example],
    shrink: Sequence[float] = (),
) -> TrainingImages:
    """Read every picture of the sets at each scale, and train on copies reduced by the factors of `shrink`, too.

    Raises ImageError where a set cannot be had or leaves nothing to train on.
    """
    result = TrainingImages(len(scales), [], [], {})
    for source in sets:
        training, validation = [], []
        for number, file in enumerate(picture_files(source)):
            try:
                pairs = [open_pair(file, scale) for scale in scales]
                if min(min(pair.truth.shape) for pair in pairs) < min_side:
                    raise ImageError(f"This picture is smaller than a patch, {min_side} pixels.")
            except ImageError as error:
                result.skipped[file] = str(error)
            else:
                if number % _VALIDATION_EVERY == 0:
                    validation += pairs
                else:
                    copies = [copy for pair in pairs for copy in _reduce_copies(pair, min_side, shrink)]
                    training += map(example, pairs + copies)
        if not training or not validation:
            raise ImageError(f"The set {source} needs two pictures of at least {min_side} pixels a side.")
        result.training.append(training)
        result.validation.append(validation)
    return result


def _reduce_copies(pair: Pair, min_side: int, shrink: Sequence[float]) -> list[Pair]:
    """Scaling augmentation: the same picture smaller, as far as a patch still fits."""
    smaller = [imresize(pair.truth.to(torch.uint8), factor) for factor in shrink]
    least = max(min_side + pair.scale, MIN_LOW_SIDE_PIXELS * pair.scale)
    fitting = [truth for truth in smaller if min(truth.shape) >= least]
    return [make_pair(truth, pair.scale) for truth in fitting]


class PatchSampler:
    """Draws random patches, turned and mirrored, from images that lie in memory as one long row of pixels.

    A batch is one indexing operation, so sampling costs next to nothing beside a training step. Every folder is drawn
    equally often, whatever its size; within a folder an image is drawn in proportion to its area.
    """

    def __init__(self, folders: list[list[Example]], patch: int, device: torch.device, turns: bool = True) -> None:
        """patch: pixels of the truth, a multiple of the number of times that it is larger than the input."""
        examples = [example for folder in folders for example in folder]
        areas = [torch.tensor([example.truth.numel() for example in folder]) for folder in folders]
        self.chance = torch.cat([area / area.sum() for area in areas])  # multinomial brings the sum to 1
        self.step = examples[0].truth.shape[0] // examples[0].input.shape[0]
        self.height, self.width = torch.tensor([example.input.shape for example in examples]).T
        self.truth_start = torch.cat(areas).cumsum(0) - torch.cat(areas)
        self.input_start = self.truth_start // self.step**2
        self.input = torch.cat([example.input.flatten() / 255 for example in examples]).to(device)
        self.truth = torch.cat([example.truth.flatten() / 255 for example in examples]).to(device)
        self.input_turns = dihedral_turns(patch // self.step)[: 8 if turns else 1]
        self.truth_turns = dihedral_turns(patch)[: 8 if turns else 1]

    def sample(
        self, count: int, generator: torch.Generator, rank: int = 0, processes: int = 1
    ) -> tuple[Tensor, Tensor]:
        """(input, truth), each (count / processes, 1, side, side) float32 in 0..1; the truth's side is `patch`.

        Several processes with the same generator share a batch: they draw the same patches, each cuts out its own.
        """
        mine = slice(rank * count // processes, (rank + 1) * count // processes)
        image = torch.multinomial(self.chance, count, replacement=True, generator=generator)[mine]
        random = torch.rand(3, count, generator=generator)[:, mine]
        side = self.input_turns.shape[-1]
        top = (random[0] * (self.height[image] - side + 1)).long()
        left = (random[1] * (self.width[image] - side + 1)).long()
        turn = (random[2] * len(self.input_turns)).long()
        start = self.input_start[image] + top * self.width[image] + left
        index = truth_index = _patch_indices(start, self.width[image], self.input_turns[turn]).to(self.input.device)
        if self.step > 1:
            width = self.width[image] * self.step
            start = self.truth_start[image] + (top * width + left) * self.step
            truth_index = _patch_indices(start, width, self.truth_turns[turn]).to(self.truth.device)
        return self.input[index], self.truth[truth_index]


def _patch_indices(start: Tensor, width: Tensor, turn: Tensor) -> Tensor:
    """Where the pixels of patches lie in the long row: (N, 1, patch, patch); `width` is that of the pictures."""
    return (start[:, None, None] + turn[:, 0] * width[:, None, None] + turn[:, 1])[:, None]


def dihedral_turns(patch: int) -> Tensor:
    """The eight turns and mirrorings of a square: (8, 2, patch, patch), the row and column each pixel comes from."""
    side = torch.arange(patch)
    grid = torch.stack(torch.meshgrid(side, side, indexing="ij"))
    turned = [torch.rot90(grid, quarter, dims=(1, 2)) for quarter in range(4)]
    return torch.stack(turned + [grid.flip(2) for grid in turned])
