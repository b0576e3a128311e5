"""Training data: luminance of sets of images, cut into random patches of (bicubic, truth)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from srcnn import images
from srcnn.degrade import Pair, make_pair, open_pair
from srcnn.imresize import imresize
from srcnn.sources import pictures

VALIDATION_EVERY = 15  # each set's 1st, 16th, ... image is kept out of training, to choose the best checkpoint on


@dataclass(frozen=True)
class TrainingImages:
    """The images of several sets, a list a set, and the files that could not be used, each with the reason."""

    training: list[list[Pair]]
    validation: list[list[Pair]]
    skipped: dict[Path, str]


def load_folders(sets: Iterable[str | Path], scale: int, min_side: int, shrink: Sequence[float] = ()) -> TrainingImages:
    """Read every picture of the sets, and train on copies reduced by the factors of `shrink`, too.

    Raises ImageError where a set cannot be had or leaves nothing to train on.
    """
    result = TrainingImages([], [], {})
    for source in sets:
        training, validation = [], []
        for number, file in enumerate(pictures(source)):
            try:
                pair = open_pair(file, scale)
                if min(pair.truth.shape) < min_side:
                    raise images.ImageError(f"This picture is smaller than a patch, {min_side} pixels.")
            except images.ImageError as error:
                result.skipped[file] = str(error)
            else:
                if number % VALIDATION_EVERY == 0:
                    validation.append(pair)
                else:
                    training += map(in_memory, [pair, *reduced_copies(pair, scale, min_side, shrink)])
        if not training or not validation:
            raise images.ImageError(f"The set {source} needs two pictures of at least {min_side} pixels a side.")
        result.training.append(training)
        result.validation.append(validation)
    return result


def in_memory(pair: Pair) -> Pair:
    """Half the memory, and what the network is trained on in the end."""
    return Pair(pair.bicubic.float(), pair.truth.float())


def reduced_copies(pair: Pair, scale: int, min_side: int, shrink: Sequence[float]) -> list[Pair]:
    """Scaling augmentation: the same picture smaller, as far as a patch still fits."""
    smaller = [imresize(pair.truth.to(torch.uint8), factor) for factor in shrink]
    fitting = [truth for truth in smaller if min(truth.shape) >= min_side + scale]
    return [make_pair(truth, scale) for truth in fitting]


class PatchSampler:
    """Draws random patches, turned and mirrored, from images that lie in memory as one long row of pixels.

    A batch is one indexing operation, so sampling costs next to nothing beside a training step. Every folder is drawn
    equally often, whatever its size; within a folder an image is drawn in proportion to its area.
    """

    def __init__(self, folders: list[list[Pair]], patch: int, device: torch.device, turns: bool = True) -> None:
        pairs = [pair for folder in folders for pair in folder]
        areas = [torch.tensor([pair.truth.numel() for pair in folder]) for folder in folders]
        self.chance = torch.cat([area / area.sum() for area in areas])  # multinomial brings the sum to 1
        self.start = torch.cat(areas).cumsum(0) - torch.cat(areas)
        self.height = torch.tensor([pair.truth.shape[0] for pair in pairs])
        self.width = torch.tensor([pair.truth.shape[1] for pair in pairs])
        self.bicubic = torch.cat([pair.bicubic.flatten().float() / 255 for pair in pairs]).to(device)
        self.truth = torch.cat([pair.truth.flatten().float() / 255 for pair in pairs]).to(device)
        self.patch = patch
        self.turns = dihedral(patch)[: 8 if turns else 1]

    def sample(
        self, count: int, generator: torch.Generator, rank: int = 0, processes: int = 1
    ) -> tuple[Tensor, Tensor]:
        """(bicubic, truth), each (count / processes, 1, patch, patch) float32 in 0..1.

        Several processes with the same generator share a batch: they draw the same patches, each cuts out its own.
        """
        mine = slice(rank * count // processes, (rank + 1) * count // processes)
        image = torch.multinomial(self.chance, count, replacement=True, generator=generator)[mine]
        random = torch.rand(3, count, generator=generator)[:, mine]
        top = (random[0] * (self.height[image] - self.patch + 1)).long()
        left = (random[1] * (self.width[image] - self.patch + 1)).long()
        turn = self.turns[(random[2] * len(self.turns)).long()]  # (count, 2, patch, patch)
        row, column = top[:, None, None] + turn[:, 0], left[:, None, None] + turn[:, 1]
        index = self.start[image][:, None, None] + row * self.width[image][:, None, None] + column
        index = index[:, None].to(self.truth.device)
        return self.bicubic[index], self.truth[index]


def dihedral(patch: int) -> Tensor:
    """The eight turns and mirrorings of a square: (8, 2, patch, patch), the row and column each pixel comes from."""
    side = torch.arange(patch)
    grid = torch.stack(torch.meshgrid(side, side, indexing="ij"))
    turned = [torch.rot90(grid, quarter, dims=(1, 2)) for quarter in range(4)]
    return torch.stack(turned + [grid.flip(2) for grid in turned])
