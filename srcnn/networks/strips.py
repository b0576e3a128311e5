"""VDSR and EDSR on a CPU: the numbers of `forward`, some rows at a time through all layers.

Of a whole picture, each layer's result is larger than the processor's cache: every layer would read its input from
memory again. A *strip* of a few rows stays in the cache from the first layer to the last. A layer of 3x3 needs a row
above and a row below each row of its result, so each layer gives a row less than it gets from the first strip, and
remembers the last two rows of its input for the next one. So nothing is computed twice.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from srcnn.networks.wrappers import NetworkWrapper, RowStream

STRIP_BYTES = 8_000_000  # of a layer's result: with its input, about the cache that the cores share


def push_through(stages: Sequence[RowStream], strip: Tensor, last: bool) -> Tensor:
    """What a strip becomes in several stages, one after another."""
    for stage in stages:
        strip = stage.push(strip, last)
    return strip


class StripLayer(RowStream):
    """Base of the convolutions of 3x3, with a border of zeros.

    width: of the picture in pixels. kind: the type of the numbers between the layers. rectify: whether the ReLU of the
    layer before is still to be computed. takes, gives: the types of its own numbers, where they are others.
    """

    takes: torch.dtype | None = None
    gives: torch.dtype | None = None

    def __init__(self, conv: nn.Conv2d, width: int, kind: torch.dtype, rectify: bool = False) -> None:
        self.weight, self.bias = conv.weight.detach(), conv.bias.detach()
        self.takes, self.gives, self.rectify = self.takes or kind, self.gives or kind, rectify
        self.kept = torch.zeros(1, width, conv.in_channels, dtype=self.takes)  # the row of zeros above the picture

    def push(self, strip: Tensor, last: bool) -> Tensor:
        # the rows that were kept, the strip, and below the picture a row of zeros
        above, below = len(self.kept), len(self.kept) + len(strip)
        rows = self.kept.new_empty(below + last, *strip.shape[1:])
        rows[:above] = self.kept
        if self.rectify:
            torch.clamp_min(strip, 0, out=rows[above:below])
        else:
            rows[above:below] = strip
        rows[below:] = 0
        self.kept = rows[-2:].clone()  # not a view, which would keep all rows in memory
        if len(rows) < 3:
            return rows.new_empty(0, rows.shape[1], len(self.bias), dtype=self.gives)
        return self.convolve(rows)

    @abstractmethod
    def convolve(self, rows: Tensor) -> Tensor:
        """(rows, W, inputs) -> (rows - 2, W, outputs)."""


class FirstStripLayer(StripLayer):
    """From one channel to many, in float32, as a product of each pixel's 3x3 neighbours and the weights."""

    takes = torch.float32

    def convolve(self, rows: Tensor) -> Tensor:
        count, width = len(rows) - 2, rows.shape[1]
        neighbours = F.pad(rows[..., 0], [1, 1]).unfold(0, 3, 1).unfold(1, 3, 1)  # (rows - 2, W, 3, 3)
        result = torch.addmm(self.bias, neighbours.reshape(-1, 9), self.weight.view(-1, 9).T)
        return result.view(count, width, -1).to(self.gives)


class MiddleStripLayer(StripLayer):
    """From many channels to many."""

    def __init__(self, conv: nn.Conv2d, width: int, kind: torch.dtype, rectify: bool = False) -> None:
        super().__init__(conv, width, kind, rectify)
        self.weight, self.bias = self.weight.to(kind, memory_format=torch.channels_last), self.bias.to(kind)

    def convolve(self, rows: Tensor) -> Tensor:
        picture = rows.permute(2, 0, 1)[None]  # (1, inputs, rows, W), a pixel's channels side by side
        return F.conv2d(picture, self.weight, self.bias, padding=(0, 1))[0].permute(1, 2, 0)


class LastStripLayer(StripLayer):
    """From many channels to one, in float32, as a product of each pixel with the 3x3 weights, and a sum of what these
    make."""

    gives = torch.float32

    def convolve(self, rows: Tensor) -> Tensor:
        count, width, channels = len(rows) - 2, *rows.shape[1:]
        taps = self.weight[0].permute(1, 2, 0).reshape(9, channels)
        products = (taps @ rows.view(-1, channels).float().T).view(3, 3, -1, width)
        # at a pixel's place, what each of its neighbours adds: two columns more than the picture, of zeros
        result = self.bias.repeat(count, width + 2)
        for row in range(3):
            for column in range(3):
                result[:, 2 - column : 2 - column + width] += products[row, column, row : row + count]
        return result[:, 1:-1, None]


class StripSum(RowStream):
    """What some stages make of a strip, times a factor, added to the strip itself."""

    def __init__(self, stages: Sequence[RowStream], factor: float = 1.0) -> None:
        self.stages, self.factor = stages, factor
        self.waiting: Tensor | None = None  # rows that the stages have not given their result for

    def push(self, strip: Tensor, last: bool) -> Tensor:
        result = push_through(self.stages, strip, last)
        waiting = strip[:0] if self.waiting is None else self.waiting
        # the first rows of the result belong to rows that waited, the others to the first rows of the strip
        old = min(len(waiting), len(result))
        new = len(result) - old
        for rows, part in ((waiting[:old], result[:old]), (strip[:new], result[old:])):
            torch.add(rows, part, alpha=self.factor, out=part)
        self.waiting = torch.cat([waiting[old:], strip[new:]])
        return result


class StripEnlargement(RowStream):
    """A layer between many channels with factor² maps for each channel, laid out as factor x factor pixels."""

    def __init__(self, conv: nn.Conv2d, width: int, kind: torch.dtype, factor: int) -> None:
        self.layer, self.factor = MiddleStripLayer(conv, width, kind), factor
        # the maps of a channel lie together; here those of a pixel do, so that whole pixels are copied to their places
        order = torch.arange(conv.out_channels).view(-1, factor, factor).permute(1, 2, 0).flatten()
        self.layer.weight = self.layer.weight[order].contiguous(memory_format=torch.channels_last)
        self.layer.bias = self.layer.bias[order]

    def push(self, strip: Tensor, last: bool) -> Tensor:
        maps, factor = self.layer.push(strip, last), self.factor
        rows, width, channels = *maps.shape[:2], maps.shape[2] // factor**2
        pixels = maps.reshape(rows, width, factor, factor, channels).transpose(1, 2)
        return pixels.reshape(rows * factor, width * factor, channels)


class StripPieces(RowStream):
    """Hands a strip on to some stages in pieces that have a layer's result of STRIP_BYTES.

    row_bytes: of a layer's result, for each row that comes in. before_piece: is called before each piece.
    """

    def __init__(self, stages: Sequence[RowStream], row_bytes: int) -> None:
        self.stages, self.rows = stages, max(1, STRIP_BYTES // row_bytes)
        self.before_piece: Callable[[], object] = _go_on

    def push(self, strip: Tensor, last: bool) -> Tensor:
        results, pieces = [], strip.split(self.rows)
        for number, piece in enumerate(pieces, start=1):
            self.before_piece()
            results.append(push_through(self.stages, piece, last and number == len(pieces)))
        return torch.cat(results)


def _go_on() -> None:
    """Nobody wants to end the work."""


class StripNetwork(NetworkWrapper):
    """A network of many layers, for inference on a CPU.

    model: a network with `build_strips` and `strip_floats_per_column`. kind: the type of the numbers between its first
    and its last layer. before_strip: is called before each strip, and may raise to end the work.
    """

    def __init__(self, model: nn.Module, kind: torch.dtype) -> None:
        super().__init__(model)
        self.model, self.kind = model, kind
        self.before_strip: Callable[[], object] = _go_on
        self.floats_per_pixel = 2 + 2 * model.upsampling**2  # the input, the result in strips and in one piece
        self.floats_per_column = model.strip_floats_per_column

    @torch.inference_mode()
    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, H, W) float32 0..1 -> (N, 1, H * upsampling, W * upsampling), as the network's `forward`."""
        return torch.stack([self._restore(picture[0])[None] for picture in x])

    def _restore(self, plane: Tensor) -> Tensor:
        """(H, W) -> (H * upsampling, W * upsampling)."""
        return self.open_stream(plane.shape[1]).push(plane[..., None], last=True)[..., 0]

    def open_stream(self, width: int) -> StripPieces:
        strips = self.model.build_strips(width, self.kind)
        strips.before_piece = self.before_strip
        return strips
