"""Matrices whose rows have few entries, close to each other: resizing a side, blurring a side."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

BLOCK_ROWS = 32  # rows of the matrix that are multiplied together, as a small dense matrix


@dataclass(frozen=True)
class BandedMatrix:
    """A matrix in which each output is a weighted sum of a few inputs, its taps.

    index: (outputs, taps) int64, which inputs they are. weight: (outputs, taps) float64, how much each counts. The
    matrix is multiplied block by block, so that time and memory grow with the picture and not with the square of its
    side.
    """

    index: Tensor
    weight: Tensor

    def reach(self) -> tuple[int, int]:
        """The first input that is used, and the one after the last."""
        return int(self.index.min()), int(self.index.max()) + 1

    def part(self, first: int, last: int) -> tuple["BandedMatrix", int, int]:
        """The outputs from `first` to before `last`, made from the inputs between the two numbers that come with it."""
        some = BandedMatrix(self.index[first:last], self.weight[first:last])
        low, high = some.reach()
        return BandedMatrix(some.index - low, some.weight), low, high

    def down(self, x: Tensor) -> Tensor:
        """(..., inputs, W) floating point -> (..., outputs, W): along the columns of a picture."""
        result = x.new_empty((*x.shape[:-2], len(self.index), x.shape[-1]))
        planes = zip(x.reshape(-1, *x.shape[-2:]), result.view(-1, *result.shape[-2:]), strict=True)
        for plane, made in planes:  # (inputs, W), (outputs, W)
            for first, last, low, high, matrix in self.blocks:
                torch.mm(matrix.to(x), plane[low:high], out=made[first:last])
        return result

    def along(self, x: Tensor) -> Tensor:
        """(..., H, inputs) floating point -> (..., H, outputs): along the rows of a picture."""
        result = x.new_empty((*x.shape[:-1], len(self.index)))
        rows, made = x.reshape(-1, x.shape[-1]), result.view(-1, len(self.index))  # (all rows, inputs), (.., outputs)
        for first, last, low, high, matrix in self.blocks:
            torch.mm(rows[:, low:high], matrix.to(x).T, out=made[:, first:last])
        return result

    @cached_property
    def blocks(self) -> list[tuple[int, int, int, int, Tensor]]:
        """The matrix cut into small dense ones.

        For each: its first output and the one after the last, its first input and the one after the last, and the
        matrix, (outputs, inputs) float64.
        """
        found = []
        for first in range(0, len(self.index), BLOCK_ROWS):
            last = min(first + BLOCK_ROWS, len(self.index))
            some, low, high = self.part(first, last)
            # each weight at its input's place; an input that is named twice, at a mirrored border, gets the sum
            matrix = some.weight.new_zeros((last - first, high - low)).scatter_add_(1, some.index, some.weight)
            found.append((first, last, low, high, matrix))
        return found
