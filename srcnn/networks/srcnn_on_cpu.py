"""SRCNN on a CPU as matrix products: the numbers of `SRCNN.forward`, several times as fast.

A library's convolution is slow at both ends of this network: the first layer reads one channel, the last one writes
one channel, and a CPU's vector unit stays half empty.

Here a picture is computed in strips of rows that fit into the processor's cache. A strip is one long sequence of
pixels, row after row, and each pixel holds the column of the k values that lie at and below it. So the k x k
neighbourhoods of every k-th pixel lie one behind the other in memory: they are the rows of a matrix, without being
copied, and k products of such a matrix with the weights give a layer's result. The last layer is one product of every
pixel with all k x k weights, or taps, whose results are added up at the places to which they belong. A second layer of
more than 1x1 has many channels on both sides: there the library's convolution is fast.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from srcnn.networks.wrappers import NetworkWrapper

STRIP_FLOATS = 4_000_000  # numbers that a strip takes in all layers: 16 MB


class MatrixProductSRCNN(NetworkWrapper):
    """An SRCNN, for inference on a CPU.

    kind: the numbers of a second layer of more than 1x1, as torch.bfloat16. All else is computed in float32: one of 1x1
    is so small that little would be gained, and 9-1-5 would lose more than 0.01 dB.
    """

    def __init__(self, model: nn.Module, kind: torch.dtype = torch.float32) -> None:
        super().__init__(model)
        self.mode = "constant" if model.config.padding == "zeros" else "replicate"
        self.borders = [k // 2 for k in model.config.kernel_sizes]
        self.first = MatrixProductLayer(model.conv1, model.norm1)
        is_pointwise = model.conv2.kernel_size == (1, 1)
        self.second = (
            MatrixProductLayer(model.conv2, model.norm2)
            if is_pointwise
            else ConvolutionLayer(model.conv2, model.norm2, kind)
        )
        last = model.conv3.weight.detach()  # (outputs, C, k, k)
        self.taps = last.permute(2, 3, 0, 1).reshape(-1, last.shape[1]).contiguous()  # (k * k * outputs, C)
        self.bias = model.conv3.bias.detach()
        self.strip_floats = self.first.floats_per_pixel + self.second.floats_per_pixel + len(self.taps)
        self.floats_per_pixel = 4  # the input, padded, the sum of taps, the result: all else is only of a strip
        self.floats_per_column = self.strip_floats * self.second.k  # a strip is not lower than this

    @torch.inference_mode()
    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) float32 0..1 -> (N, C, H, W), as `SRCNN.forward`."""
        return torch.stack([self._restore(picture) for picture in x])

    def _restore(self, x: Tensor) -> Tensor:
        """(C, H, W) -> (C, H, W), strip by strip.

        Between the layers, a row is longer than the picture's: `stride` pixels. A layer's values beyond the picture
        mean nothing, and are replaced by what the next layer is to find there: its padding.
        """
        channels, height, width = x.shape
        b1, b2, b3 = self.borders
        # the whole input, padded for the first layer, with a pixel's channels side by side: (H + 2 * b1, stride, C)
        padded = F.pad(x[None], [self.halo, self.halo, b1, b1], mode=self.mode)[0].permute(1, 2, 0).contiguous()
        total = TapSum(channels, height, padded.shape[1] - 2 * b2, b3)
        rows = max(1, STRIP_FLOATS // (self.strip_floats * padded.shape[1]))
        for top in range(0, height, rows):
            bottom = min(top + rows, height)
            # the first layer computes the rows that the second needs, so far as they are in the picture
            above, below = max(top - b2, 0), min(bottom + b2, height)
            strip = padded[above : below + 2 * b1]  # (below - above + 2 * b1, stride, C)
            # the first two layers: (bottom - top, stride - 2 * b2, n2)
            if b2 == 0:
                h = self.first(strip, then=self.second)
            else:
                h = self._pad_columns(self.first(strip), b2 + b3, width)  # (below - above, stride, n1)
                h = self.second(self._pad_rows(h, above - top + b2, bottom + b2 - below))
            h = self._pad_columns(h, b3, width)
            # the last layer: the rows add what they contribute to the result, and so do those beyond the picture
            if self.mode == "replicate":
                begin, end = (b3 if top == 0 else 0), (b3 if bottom == height else 0)
                total.add(self._pad_rows(h, begin, end), top - begin, self.taps)
            else:
                total.add(h, top, self.taps)
        result = total.result(height, width) + self.bias[:, None, None]
        return result + x if self.config.residual else result

    def _pad_columns(self, h: Tensor, left: int, width: int) -> Tensor:
        """(rows, stride, C): replace the columns before `left` and from `left + width` on by padding, in place."""
        replicate = self.mode == "replicate"
        h[:, :left] = h[:, left : left + 1] if replicate else 0
        h[:, left + width :] = h[:, left + width - 1 : left + width] if replicate else 0
        return h

    def _pad_rows(self, h: Tensor, above: int, below: int) -> Tensor:
        """(rows, stride, C) -> (above + rows + below, stride, C)."""
        if not above and not below:
            return h
        edge = 1 if self.mode == "replicate" else 0
        return torch.cat([edge * h[:1]] * above + [h] + [edge * h[-1:]] * below)


class ConvolutionLayer:
    """A convolution between many channels, with the batch normalisation and the ReLU that follow it."""

    def __init__(self, conv: nn.Conv2d, norm: nn.Module, kind: torch.dtype) -> None:
        weight, bias = _merge_norm(conv, norm)
        outputs, inputs, self.k, _ = weight.shape
        self.weight, self.bias = weight.to(kind, memory_format=torch.channels_last), bias.to(kind)
        self.floats_per_pixel = 2 * (inputs + outputs)  # what is taken and given, and both in `kind`

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, stride, inputs) float32 -> (rows - k + 1, stride - k + 1, outputs) float32, without padding."""
        picture = x.to(self.weight.dtype).permute(2, 0, 1)[None]  # (1, inputs, rows, stride), channels side by side
        result = F.conv2d(picture, self.weight, self.bias)[0].permute(1, 2, 0)
        return result.relu_().float()


def _merge_norm(conv: nn.Conv2d, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """The weights and biases of a convolution with the batch normalisation that follows it, or without one."""
    weight, bias = conv.weight.detach(), conv.bias.detach()
    if not isinstance(norm, nn.BatchNorm2d):
        return weight, bias
    # it is a factor and a summand for each output
    gain = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach()
    return weight * gain[:, None, None, None], (bias - norm.running_mean) * gain + norm.bias.detach()


class MatrixProductLayer:
    """A convolution with the batch normalisation and the ReLU that follow it."""

    def __init__(self, conv: nn.Conv2d, norm: nn.Module) -> None:
        weight, bias = _merge_norm(conv, norm)
        self.outputs, self.inputs, self.k, _ = weight.shape
        # in the order in which a neighbourhood lies in memory: column after column, (k * k * inputs, outputs)
        self.matrix = weight.permute(3, 2, 1, 0).reshape(-1, self.outputs).contiguous()
        self.bias = bias
        self.floats_per_pixel = self.k * self.inputs + self.outputs // self.k  # a pixel, while this layer is computed

    def __call__(self, x: Tensor, then: "MatrixProductLayer | None" = None) -> Tensor:
        """(rows, stride, inputs) -> (rows - k + 1, stride, outputs), without padding.

        The last k - 1 pixels of a row are computed with neighbours that are the next row's: nobody may use them.
        then: a layer of 1x1 that follows. It is computed at once on each product, while that is in the cache.
        """
        rows, stride, channels = x.shape
        pixels, column = (rows - self.k + 1) * stride, self.k * channels  # of the result; numbers of a pixel's column
        count = -(-pixels // self.k)  # neighbourhoods in a product: every k-th pixel's

        # the sequence of the pixels' columns, and after it zeros, so that the last neighbourhoods are whole
        sequence = x.new_empty((count + 1) * self.k * column)
        columns = sequence[: pixels * column].view(rows - self.k + 1, stride, self.k, channels)
        columns.copy_(x.unfold(0, self.k, 1).movedim(-1, 2))  # unfold: (rows - k + 1, stride, channels, k)
        sequence[pixels * column :] = 0

        # a product for the pixels 0, k, 2k ..., one for 1, k + 1, 2k + 1 ..., and so on
        last = then or self
        result = x.new_empty((count, self.k, last.outputs))
        product = x.new_empty((count, self.outputs))
        for phase in range(self.k):
            begin = phase * column
            neighbourhoods = sequence[begin : begin + count * self.k * column].view(count, -1)  # (count, k * column)
            if then:
                torch.addmm(self.bias, neighbourhoods, self.matrix, out=product).relu_()
                torch.addmm(then.bias, product, then.matrix, out=result[:, phase])
            else:
                torch.addmm(self.bias, neighbourhoods, self.matrix, out=result[:, phase])

        # (count, k, outputs) are the pixels one after another, and a few too many
        return result.relu_().view(count * self.k, -1)[:pixels].view(rows - self.k + 1, stride, -1)


class TapSum:
    """The sum of the last layer's taps for each pixel, collected strip by strip.

    A pixel's products with the k x k taps belong to the k x k pixels around it. Shifted by a tap's offset, the products
    of a whole strip are added in one go, as all pixels lie in one long sequence. It begins 2 * border rows and k - 1
    pixels before the picture and ends as far behind it, so that no offset leads out of it.
    """

    def __init__(self, channels: int, height: int, stride: int, border: int) -> None:
        self.k, self.border, self.stride = 2 * border + 1, border, stride
        self.plane = torch.zeros((channels, (height + 4 * border) * stride + self.k))

    def add(self, h: Tensor, top: int, taps: Tensor) -> None:
        """(rows, stride, C), whose first row is row `top` of the picture and whose columns begin `border` before it.

        taps: (k * k * channels, C).
        """
        products = (taps @ h.reshape(-1, h.shape[2]).T).view(self.k, self.k, len(self.plane), -1)
        pixels = products.shape[-1]  # rows * stride
        for dy in range(self.k):
            for dx in range(self.k):
                begin = (top + 3 * self.border - dy) * self.stride + self.k - 1 - dx
                self.plane[:, begin : begin + pixels] += products[dy, dx]

    def result(self, height: int, width: int) -> Tensor:
        """(channels, height, width)."""
        begin = 2 * self.border * self.stride + self.k - 1
        return self.plane[:, begin : begin + height * self.stride].view(-1, height, self.stride)[:, :, :width]
