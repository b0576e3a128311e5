"""The whole way of a picture through a network as one torch module: bytes in, bytes out, of any size."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from srcnn.imaging.color import rgb_to_ycbcr, ycbcr_to_rgb
from srcnn.imaging.imresize import resizing_matrix
from srcnn.networks.base import Network

REACH_PIXELS = 2  # bicubic's kernel sees so many pixels on each side


class PictureNetwork(nn.Module):
    """What `srcnn.upscale` does to an opaque picture of 8 bits: luminance by the network, colour by bicubic.

    All of it is made of convolutions and of moving pixels about, which each runtime for networks has. MATLAB's bicubic
    by a whole number s is s * s kernels of 5 x 5, the same for each pixel: one for each place within the s x s pixels
    that the pixel becomes.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network, self.scale = network, network.scale
        self.register_buffer("kernels", _bicubic_kernels(network.scale))
        for name, convert in (("to_ycbcr", rgb_to_ycbcr), ("to_rgb", ycbcr_to_rgb)):
            matrix, offset = _matrix_and_offset(convert)
            self.register_buffer(f"{name}_matrix", matrix)
            self.register_buffer(f"{name}_offset", offset)

    def forward(self, rgb: Tensor) -> Tensor:
        """(H, W, 3) uint8 -> (H * scale, W * scale, 3) uint8."""
        levels = rgb.to(torch.float32).permute(2, 0, 1).unsqueeze(0)  # (1, 3, H, W)
        planes = F.conv2d(levels, self.to_ycbcr_matrix, self.to_ycbcr_offset).permute(1, 0, 2, 3)  # (3, 1, H, W)
        larger = F.pixel_shuffle(F.conv2d(_mirror_borders(planes), self.kernels), self.scale)
        luminance = larger.narrow(0, 0, 1) if self.network.upsampling == 1 else planes.narrow(0, 0, 1)
        result = self.network(luminance / 255) * 255  # (1, 1, H * scale, W * scale)
        planes = torch.cat([result, larger.narrow(0, 1, 2)]).permute(1, 0, 2, 3)
        levels = F.conv2d(planes, self.to_rgb_matrix, self.to_rgb_offset)
        rounded = (levels + 0.5).floor().clamp(0, 255)  # half up, as `to_uint8` does it
        return rounded.to(torch.uint8).squeeze(0).permute(1, 2, 0)


def _bicubic_kernels(scale: int) -> Tensor:
    """The kernels that enlarge by a whole number: (scale * scale, 1, 5, 5) float32, row after row."""
    side = 2 * REACH_PIXELS + 1
    rows = resizing_matrix(side, scale).to_dense()  # (side * scale, side)
    middle = rows[REACH_PIXELS * scale : (REACH_PIXELS + 1) * scale]  # what the pixel in the middle becomes
    return torch.einsum("ax,by->abxy", middle, middle).reshape(-1, 1, side, side).float()


def _mirror_borders(x: Tensor) -> Tensor:
    """(N, 1, H, W) -> (N, 1, H + 4, W + 4): 2 1 | 1 2 ... n | n n-1, where a side of one pixel is 1 1 | 1 | 1 1."""
    for dim, border in ((2, [0, 0, 1, 1]), (3, [1, 1, 0, 0])):
        x = F.pad(x, border, mode="replicate")  # 1 | 1 2 ... n | n has at least three pixels, the third from each end
        x = torch.cat([x.narrow(dim, 2, 1), x, x.narrow(dim, -3, 1)], dim)  # being the one that lies further out
    return x


def _matrix_and_offset(convert: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """A conversion of colours as a convolution of 1 x 1: (3, 3, 1, 1) and (3,), float32."""
    offset = convert(torch.zeros(3, 1, 1, dtype=torch.float64))
    columns = convert(torch.eye(3, dtype=torch.float64)[:, :, None]) - offset  # (3, 3, 1): a column for each channel
    return columns[..., None].float(), offset.flatten().float()
