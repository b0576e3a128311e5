"""Networks on a CPU: the numbers of `forward`, some rows at a time through all layers.

Of a whole picture, each layer's result is larger than the processor's cache: every layer would read its input from
memory again. A *strip* of a few rows stays in the cache from the first layer to the last. A layer of k x k needs k // 2
rows above and below each row of its result, so each layer gives so many rows less than it gets from the first strip,
and remembers the last k - 1 rows of its input for the next one. So nothing is computed twice.

A pixel's channels lie side by side in memory: so a library's convolution keeps the processor's vector unit full, even
from one channel to many. From many channels to one it does not, and `LastStripLayer` asks it for k.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from srcnn.networks.wrappers import NetworkWrapper, RowStream

STRIP_BYTES = 8_000_000  # of a layer's result: with its input, about the cache that the cores share
# glibc keeps free memory up to twice the largest block that was freed, and gives the rest back to the system. Then each
# strip would get its memory from the system again, page by page, which takes up to a third of the time. 32 MB is about
# the largest block that glibc heeds. Nobody writes to it, so that it takes no memory.
_FREED_BYTES = 32_000_000


def push_through(stages: Sequence[RowStream], strip: Tensor, last: bool) -> Tensor:
    """What a strip becomes in several stages, one after another."""
    for stage in stages:
        strip = stage.push(strip, last)
    return strip


class StripLayer(RowStream):
    """A convolution of step 1.

    conv: with a square kernel of odd side. width: of the picture in pixels. kind: the type of the numbers that it
    computes with. gives: that of its result, where it is another. rectify: whether the ReLU of the layer before is
    still to be computed; the strips that come are then this layer's to change. padding: as of `PaddedConv2d`.
    """

    def __init__(
        self,
        conv: nn.Conv2d,
        width: int,
        kind: torch.dtype = torch.float32,
        *,
        gives: torch.dtype | None = None,
        rectify: bool = False,
        padding: str = "zeros",
    ) -> None:
        self.bias = conv.bias.detach().to(kind)
        self.weight = conv.weight.detach().to(kind, memory_format=torch.channels_last)
        self.width, self.kind, self.gives = width, kind, gives or kind
        self.rectify, self.replicate = rectify, padding == "replicate"
        self.inputs, self.outputs = conv.in_channels, conv.out_channels
        self.k = self.weight.shape[-1]
        self.kept: Tensor | None = None  # the last rows that came, as `_pad` made them

    def push(self, strip: Tensor, last: bool) -> Tensor:
        rows = self._pad(strip, last) if self.k > 1 else self._take(strip)
        if len(rows) < self.k:
            return rows.new_empty(0, self.width, self.outputs, dtype=self.gives)
        return self._convolve(rows.permute(2, 0, 1)[None]).permute(1, 2, 0).to(self.gives)

    def _take(self, strip: Tensor) -> Tensor:
        return (strip.clamp_min_(0) if self.rectify else strip).to(self.kind)

    def _pad(self, strip: Tensor, last: bool) -> Tensor:
        """The rows that were kept, the strip, and what lies beyond the picture: (rows, W + k - 1, inputs).

        It keeps those that the next strip's result depends on.
        """
        border, begins = self.k // 2, self.kept is None
        if begins and not len(strip):
            return strip
        above = border if begins else len(self.kept)
        below = above + len(strip)
        rows = torch.empty(below + border * last, self.width + 2 * border, self.inputs, dtype=self.kind)
        # the strip, and the pixels at the left and at the right of it
        inside = rows[above:below, border:-border]
        if self.rectify:
            torch.clamp_min(strip.to(self.kind), 0, out=inside)
        else:
            inside.copy_(strip)
        rows[above:below, :border] = inside[:, :1] if self.replicate else 0
        rows[above:below, -border:] = inside[:, -1:] if self.replicate else 0
        # the rows above and below it
        if not begins:
            rows[:above] = self.kept
        else:
            rows[:above] = rows[above] if self.replicate else 0
        if last:
            rows[below:] = rows[below - 1] if self.replicate else 0
        self.kept = rows[1 - self.k :].clone()  # not a view, which would keep all rows in memory
        return rows

    def _convolve(self, picture: Tensor) -> Tensor:
        """(1, inputs, rows, W + k - 1) -> (outputs, rows - k + 1, W)."""
        return F.conv2d(picture, self.weight, self.bias)[0]


class LastStripLayer(StripLayer):
    """From many channels to very few, in float32, whatever the type of the strips that come.

    Each row is multiplied with each row of the kernel, which gives k channels in place of one. A row of the result is
    the sum of k of them, each of another row of the input.
    """

    def __init__(self, conv: nn.Conv2d, width: int, **choices) -> None:
        super().__init__(conv, width, **choices)
        kernel_rows = conv.weight.detach().transpose(1, 2)  # (outputs, k, inputs, k)
        self.weight = kernel_rows.reshape(-1, self.inputs, 1, self.k).to(memory_format=torch.channels_last)

    def _convolve(self, picture: Tensor) -> Tensor:
        """(1, inputs, rows, W + k - 1) -> (outputs, rows - k + 1, W)."""
        products = F.conv2d(picture, self.weight)[0].unflatten(0, (self.outputs, self.k))  # (outputs, k, rows, W)
        count = products.shape[2] - self.k + 1
        result = self.bias[:, None, None].repeat(1, count, self.width)
        for row in range(self.k):
            result += products[:, row, row : row + count]
        return result


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
        self.layer, self.factor = StripLayer(conv, width, kind), factor
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
    """A network for inference on a CPU.

    model: a Network. kind: the type of the numbers between its first and its last layer. before_strip: is called
    before each strip, and may raise to end the work.
    """

    def __init__(self, model: nn.Module, kind: torch.dtype) -> None:
        super().__init__(model)
        self.model, self.kind = model, kind
        self.before_strip: Callable[[], object] = _go_on
        self.floats_per_pixel = 2 + 2 * model.upsampling**2  # the input, the result in strips and in one piece
        self.floats_per_column = model.strip_floats_per_column
        torch.empty(_FREED_BYTES, dtype=torch.uint8)  # and freed

    @torch.inference_mode()
    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) float32 0..1 -> (N, C, H * upsampling, W * upsampling), as the network's `forward`."""
        pictures = [self.open_stream(x.shape[3]).push(picture.permute(1, 2, 0), last=True) for picture in x]
        return torch.stack([picture.permute(2, 0, 1) for picture in pictures])

    def open_stream(self, width: int) -> StripPieces:
        strips = self.model.build_strips(width, self.kind)
        strips.before_piece = self.before_strip
        return strips
