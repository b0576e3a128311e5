"""MATLAB's `imresize(A, scale)` with its default bicubic kernel and antialiasing, on torch tensors.

The papers of super-resolution made their low-resolution pictures with this function, and every other "bicubic"
(Pillow, OpenCV, torch) differs from it by enough to change a published figure.
"""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from srcnn.imaging.banded_matrix import BandedMatrix

_KEYS_A = -0.5  # R. Keys, "Cubic convolution interpolation for digital image processing", 1981, eq. 15
_KERNEL_WIDTH = 4.0
PIECE_OUTPUTS = 4096  # of a matrix, that are computed together


def cubic_kernel(distance: Tensor) -> Tensor:
    """Keys' cubic convolution kernel at the given distances, in source pixels."""
    d = distance.abs()
    near = (_KEYS_A + 2) * d**3 - (_KEYS_A + 3) * d**2 + 1
    far = _KEYS_A * (d**3 - 5 * d**2 + 8 * d - 4)
    return torch.where(d <= 1, near, torch.where(d < 2, far, torch.zeros_like(d)))


def _output_size(size: int, scale: float) -> int:
    """Length of a side of `size` pixels after resizing. The tolerance undoes rounding in scales such as 1/3."""
    return math.ceil(size * scale - 1e-9)


@dataclass(frozen=True)
class ResizingMatrix:
    """What makes each output pixel of a side of `size` pixels.

    It is computed piece by piece where it is used: as a whole, it would take far more memory than the picture if that
    is one pixel wide and a million long.
    """

    size: int
    scale: float

    @property
    def outputs(self) -> int:
        return _output_size(self.size, self.scale)

    def part(self, first: int, last: int) -> tuple[BandedMatrix, int, int]:
        """As `BandedMatrix.part`."""
        index, weight = _resizing_weights(self.size, self.scale, first, last)
        return BandedMatrix(index, weight).part(0, last - first)

    def down(self, x: Tensor) -> Tensor:
        """(..., size, W) floating point -> (..., outputs, W): along the columns of a picture."""
        result = x.new_empty((*x.shape[:-2], self.outputs, x.shape[-1]))
        for first, last, matrix, low, high in self._pieces():
            result[..., first:last, :] = matrix.down(x[..., low:high, :])
        return result

    def along(self, x: Tensor) -> Tensor:
        """(..., H, size) floating point -> (..., H, outputs): along the rows of a picture."""
        result = x.new_empty((*x.shape[:-1], self.outputs))
        for first, last, matrix, low, high in self._pieces():
            result[..., first:last] = matrix.along(x[..., low:high])
        return result

    def to_dense(self) -> Tensor:
        """The whole matrix: (outputs, size) float64."""
        return self.down(torch.eye(self.size, dtype=torch.float64))

    def _pieces(self) -> Iterator[tuple[int, int, BandedMatrix, int, int]]:
        """For each piece: its outputs, from the first to before the last, the matrix, and its inputs likewise."""
        for first in range(0, self.outputs, PIECE_OUTPUTS):
            last = min(first + PIECE_OUTPUTS, self.outputs)
            yield first, last, *_make_piece(self.size, self.scale, first, last)


# pieces of about a megabyte, which all rows of a picture need, and pictures of its size
@functools.lru_cache(maxsize=32)
def _make_piece(size: int, scale: float, first: int, last: int) -> tuple[BandedMatrix, int, int]:
    return ResizingMatrix(size, scale).part(first, last)


def resizing_matrix(size: int, scale: float) -> ResizingMatrix:
    """What makes each output pixel of a side of `size` pixels. Raises ValueError for a scale that leaves no meaning."""
    if not 0 < scale < math.inf:
        raise ValueError(f"The scale must be a positive number, not {scale}.")
    if size == 0:
        raise ValueError("A picture without pixels cannot be resized.")
    return ResizingMatrix(size, scale)


def _resizing_weights(size: int, scale: float, first: int, last: int) -> tuple[Tensor, Tensor]:
    """Which pixels of a side make the outputs from `first` to before `last`, and how much each counts.

    Both (last - first, taps): int64, counted from 0, and float64.
    """
    shrink = min(scale, 1.0)  # antialiasing: the kernel is stretched by 1/scale when the picture shrinks
    width = _KERNEL_WIDTH / shrink
    position = torch.arange(first + 1, last + 1, dtype=torch.float64)
    centre = position / scale + 0.5 * (1 - 1 / scale)
    left = torch.floor(centre - width / 2)
    index = left[:, None] + torch.arange(math.ceil(width) + 2, dtype=torch.float64)
    weight = shrink * cubic_kernel(shrink * (centre[:, None] - index))
    weight = weight / weight.sum(dim=1, keepdim=True)
    # borders are mirrored with the edge pixel repeated: ... 2 1 | 1 2 3 ... n | n n-1 ...
    index = (index.long() - 1) % (2 * size)
    index = torch.where(index < size, index, 2 * size - 1 - index)
    used = (weight != 0).any(dim=0)
    return index[:, used], weight[:, used]


def to_uint8(x: Tensor) -> Tensor:
    """Grey levels 0..255 rounded half up and clipped, as MATLAB's `uint8()` does."""
    return (x + 0.5).clamp_(0, 255).to(torch.uint8)  # which cuts the fraction off


def imresize(x: Tensor, scale: float | tuple[float, float]) -> Tensor:
    """Resize the last two dimensions by `scale`, as MATLAB's `imresize(x, scale)` does.

    scale: of both, or of the height and of the width, as `imresize(x, [height width])` has them.

    x: (..., H, W), floating point of any range, or uint8, on any device. Returns (..., ceil(H*scale), ceil(W*scale))
    of the same type. As in MATLAB, the rows' direction is resized first, floating point is not clipped, and uint8
    is rounded and clipped after each of the two passes. Raises ValueError for a scale that leaves no meaning.
    """
    vertical, horizontal = scale if isinstance(scale, tuple) else (scale, scale)
    down, along = resizing_matrix(x.shape[-2], vertical), resizing_matrix(x.shape[-1], horizontal)
    if x.dtype == torch.uint8:
        exact = torch.float32 if x.device.type == "mps" else torch.float64  # MPS has no float64
        return to_uint8(along.along(to_uint8(down.down(x.to(exact))).to(exact)))
    return along.along(down.down(x))
