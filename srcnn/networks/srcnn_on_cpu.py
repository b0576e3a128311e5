"""SRCNN on a CPU as matrix products: the numbers of `SRCNN.forward`, several times as fast.

A library's convolution is slow at both ends of this network: the first layer reads one channel, the last one writes
one channel, and a CPU's vector unit stays half empty. Here, a strip of rows is one long sequence of pixels, row after
row, each with the column of k values that lie below it. The k x k neighbourhoods of every k-th pixel then lie one
behind the other in memory: they are a matrix as they are, and k products give a layer's result. The last layer is one
product to its k x k taps, which are added up at their offsets. Strips fit into the processor's cache.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from srcnn.networks.wrappers import NetworkWrapper

STRIP_FLOATS = 4_000_000  # floating-point numbers of a strip in all layers: 16 MB


class MatrixProductSRCNN(NetworkWrapper):
    """An SRCNN, for inference in float32 on a CPU."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__(model)
        self.mode = "constant" if model.config.padding == "zeros" else "replicate"
        self.borders = [k // 2 for k in model.config.kernel_sizes]
        self.first = MatrixProductLayer(model.conv1, model.norm1)
        self.second = MatrixProductLayer(model.conv2, model.norm2)
        last = model.conv3.weight.detach()
        self.taps = last.permute(2, 3, 0, 1).reshape(-1, last.shape[1]).contiguous()
        self.bias = model.conv3.bias.detach()
        if self.second.k == 1:  # goes at once over what the first layer gives
            self.strip_floats = self.first.floats_per_pixel + self.second.outputs + len(self.taps)
        else:
            self.strip_floats = (
                self.first.floats_per_pixel + self.first.outputs + self.second.floats_per_pixel + len(self.taps)
            )
        self.floats_per_pixel = 4  # a plane, padded, its sum of taps, the result: all else is of a strip

    @torch.inference_mode()
    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) float32 0..1 -> (N, C, H, W), as `SRCNN.forward`."""
        return torch.stack([self.restored(picture) for picture in x])

    def restored(self, x: Tensor) -> Tensor:
        """(C, H, W) -> (C, H, W), strip by strip.

        Between the layers, each row is as long as the padded input's; its pixels that lie beyond the picture are put
        right after each layer, as that layer's successor would pad them.
        """
        channels, height, width = x.shape
        b1, b2, b3 = self.borders
        padded = F.pad(x[None], [self.halo, self.halo, b1, b1], mode=self.mode)[0].permute(1, 2, 0).contiguous()
        total = TapSum(channels, height, padded.shape[1], b3)
        rows = max(1, STRIP_FLOATS // (self.strip_floats * padded.shape[1]))
        for top in range(0, height, rows):
            bottom = min(top + rows, height)
            above, below = max(top - b2, 0), min(bottom + b2, height)
            strip = padded[above : below + 2 * b1]
            if self.second.k == 1:
                h = self.first(strip, then=self.second)
            else:
                h = self.put_right(self.first(strip), b2 + b3, width)
                h = self.second(self.with_rows(h, above - top + b2, bottom + b2 - below))
            h = self.put_right(h, b3, width)
            if self.mode == "replicate":
                begin, end = (b3 if top == 0 else 0), (b3 if bottom == height else 0)
                total.add(self.with_rows(h, begin, end), top - begin, self.taps)
            else:
                total.add(h, top, self.taps)
        result = total.result(height, width) + self.bias[:, None, None]
        return result + x if self.config.residual else result

    def put_right(self, h: Tensor, left: int, width: int) -> Tensor:
        """(rows, stride, C): pad the columns before `left` and from `left + width` on, in place."""
        replicate = self.mode == "replicate"
        h[:, :left] = h[:, left : left + 1] if replicate else 0
        h[:, left + width :] = h[:, left + width - 1 : left + width] if replicate else 0
        return h

    def with_rows(self, h: Tensor, above: int, below: int) -> Tensor:
        """(rows, stride, C): pad rows, where there are any to pad."""
        if not above and not below:
            return h
        edge = 1 if self.mode == "replicate" else 0
        return torch.cat([edge * h[:1]] * above + [h] + [edge * h[-1:]] * below)


class MatrixProductLayer:
    """A convolution with batch normalisation folded in, and its ReLU."""

    def __init__(self, conv: nn.Conv2d, norm: nn.Module) -> None:
        weight, bias = conv.weight.detach(), conv.bias.detach()
        if isinstance(norm, nn.BatchNorm2d):
            gain = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach()
            weight = weight * gain[:, None, None, None]
            bias = (bias - norm.running_mean) * gain + norm.bias.detach()
        self.outputs, self.inputs, self.k, _ = weight.shape
        self.matrix = weight.permute(3, 2, 1, 0).reshape(-1, self.outputs).contiguous()
        self.bias = bias
        self.floats_per_pixel = self.k * self.inputs + self.outputs // self.k  # a pixel, while this layer is computed

    def __call__(self, x: Tensor, then: "MatrixProductLayer | None" = None) -> Tensor:
        """(rows, stride, C) -> (rows - k + 1, stride, outputs), without padding.

        The last k - 1 pixels of a row have neighbours of the next row: nobody may use them. `then` is a 1x1 layer that
        follows: it goes over each product while that is in the cache.
        """
        rows, stride, channels = x.shape
        pixels, column = (rows - self.k + 1) * stride, self.k * channels
        count = -(-pixels // self.k)  # neighbourhoods in a product
        sequence = x.new_empty((count + 1) * self.k * column)
        columns = sequence[: pixels * column].view(rows - self.k + 1, stride, self.k, channels)
        columns.copy_(x.unfold(0, self.k, 1).movedim(-1, 2))
        sequence[pixels * column :] = 0
        last = then or self
        result = x.new_empty((count, self.k, last.outputs))
        product = x.new_empty((count, self.outputs))
        for phase in range(self.k):
            begin = phase * column
            neighbourhoods = sequence[begin : begin + count * self.k * column].view(count, -1)
            if then:
                torch.addmm(self.bias, neighbourhoods, self.matrix, out=product).relu_()
                torch.addmm(then.bias, product, then.matrix, out=result[:, phase])
            else:
                torch.addmm(self.bias, neighbourhoods, self.matrix, out=result[:, phase])
        return result.relu_().view(count * self.k, -1)[:pixels].view(rows - self.k + 1, stride, -1)


class TapSum:
    """What the last layer's taps add up to: a plane with `border` rows more above and below, and lead and tail."""

    def __init__(self, channels: int, height: int, stride: int, border: int) -> None:
        self.k, self.border, self.stride = 2 * border + 1, border, stride
        self.plane = torch.zeros((channels, (height + 4 * border) * stride + self.k))

    def add(self, h: Tensor, top: int, taps: Tensor) -> None:
        """(rows, stride, C), whose first row is row `top` of the picture and whose columns begin `border` before it."""
        products = (taps @ h.reshape(-1, h.shape[2]).T).view(self.k, self.k, len(self.plane), -1)
        pixels = products.shape[-1]
        for dy in range(self.k):
            for dx in range(self.k):
                begin = (top + 3 * self.border - dy) * self.stride + self.k - 1 - dx
                self.plane[:, begin : begin + pixels] += products[dy, dx]

    def result(self, height: int, width: int) -> Tensor:
        begin = 2 * self.border * self.stride + self.k - 1
        return self.plane[:, begin : begin + height * self.stride].view(-1, height, self.stride)[:, :, :width]
