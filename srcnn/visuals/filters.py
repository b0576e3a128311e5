"""What a network has learned, as pictures: its filters, and what each layer makes of a picture."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from srcnn.evaluation.feature_maps import compute_feature_maps
from srcnn.imaging.imresize import cubic_kernel, to_uint8
from srcnn.imaging.picture import Picture
from srcnn.imaging.planes import cut_middle
from srcnn.inference.engine import super_resolve
from srcnn.networks.srcnn import SRCNN
from srcnn.visuals.rendering import apply_colormap, arrange_grid, magnify

_FILTER_SIDE_PIXELS = 72  # about how many pixels wide a magnified filter is
_SMALL_FACTOR = 3  # of a filter that is watched while it is learned
_WEIGHT_SIDE_PIXELS = 9  # pixels of a magnified weight of the second layer
_MAP_SIDE_PIXELS = 192  # of larger planes the middle is taken, which bounds time, memory and the size of the picture
_WHITE_PERCENTILE = 99.5  # percentile of a map that is white: a few peaks are not to make the rest dark
_SMALLEST_DIVISOR = 1e-12  # in place of 0 where a map or a kernel is divided by its largest value


def draw_first_layer(model: SRCNN, acting: bool = False) -> Picture:
    """The kernels of the first layer in a grid: red adds, blue subtracts, each relative to its largest weight.

    Enlarged pictures hold nothing finer than a low-resolution pixel, so training leaves the finest part of a kernel to
    chance, and most kernels look like noise. With `acting`, what remains of them on such pictures is shown instead: the
    weight that a low-resolution pixel has at each place. The order is the same: those that act most come first.
    """
    kernels = _first_kernels(model)
    return _draw_kernels((_act_on_enlarged(kernels, model) if acting else kernels)[_strongest_first(model)])


def draw_forming_filters(model: SRCNN) -> Picture:
    """The kernels of the first layer as `draw_first_layer` colours them, but small and each always in the same place:
    to be watched while they are learned."""
    return _draw_kernels(_first_kernels(model), _SMALL_FACTOR)


def draw_second_layer(model: SRCNN) -> Picture:
    """The weights of the second layer as a matrix: a row for each map that it gives, a column for each that it takes.

    Red adds, blue subtracts, relative to the largest weight of the row. Columns have the order of `draw_first_layer`,
    rows that of `draw_third_layer`. Of kernels larger than the article's 1x1, the sums are shown.
    """
    weights = model.conv2.weight.detach().double().cpu().sum(dim=(2, 3))
    rows = weights[_last_kernels(model).flatten(1).norm(dim=1).argsort(descending=True)][:, _strongest_first(model)]
    relative = rows / rows.abs().amax(dim=1, keepdim=True).clamp(min=_SMALLEST_DIVISOR)
    return magnify(_color_signed(relative), _WEIGHT_SIDE_PIXELS)


def draw_third_layer(model: SRCNN) -> Picture:
    """The kernels of the third layer in a grid, coloured as `draw_first_layer`; the largest come first."""
    kernels = _last_kernels(model)
    return _draw_kernels(kernels[kernels.flatten(1).norm(dim=1).argsort(descending=True)])


def _draw_kernels(kernels: Tensor, factor: int | None = None) -> Picture:
    """(N, K, K) -> a grid of N squares, each kernel relative to its own largest weight, magnified by the factor."""
    relative = kernels / kernels.abs().amax(dim=(1, 2), keepdim=True).clamp(min=_SMALLEST_DIVISOR)
    factor = factor or max(1, _FILTER_SIDE_PIXELS // kernels.shape[-1])
    return arrange_grid([magnify(_color_signed(kernel), factor) for kernel in relative])


def _color_signed(weights: Tensor) -> Picture:
    """(H, W) of -1..1 -> blue, white where it is 0, red."""
    return apply_colormap(weights.numpy() / 2 + 0.5, "RdBu_r")


def _last_kernels(model: SRCNN) -> Tensor:
    """(N, K, K) float64: the kernels of the third layer that give luminance."""
    return model.conv3.weight.detach()[0].double().cpu()


def _first_kernels(model: SRCNN) -> Tensor:
    """(N, K, K) float64: the kernels that see luminance."""
    return model.conv1.weight.detach()[:, 0].double().cpu()


def _act_on_enlarged(kernels: Tensor, model: SRCNN) -> Tensor:
    """(N, K, K) -> (N, K, K): each kernel convolved with that of the bicubic enlargement.

    A kernel's answer to an enlarged picture is a sum over low-resolution pixels; this is the weight of one of them, for
    each place that it may have under the kernel.
    """
    scale = model.config.scale or 1
    steps = torch.arange(1 - 2 * scale, 2 * scale, dtype=kernels.dtype)
    line = cubic_kernel(steps / scale)
    return F.conv2d(kernels[:, None], torch.outer(line, line)[None, None], padding=2 * scale - 1)[:, 0]


def _strongest_first(model: SRCNN) -> Tensor:
    """The order of the kernels of the first layer by how much they act on enlarged pictures."""
    return _act_on_enlarged(_first_kernels(model), model).flatten(1).norm(dim=1).argsort(descending=True)


def draw_feature_maps(model: SRCNN, luma: Tensor) -> list[Picture]:
    """What the network makes of a plane: the maps after the first and after the second layer as grids, the output.

    luma: (H, W) grey levels 0..255, already enlarged by bicubic; of larger planes the middle 192 x 192 pixels. Each map
    of the first layer has the place of its filter in `draw_first_layer`; in the second layer the most varied come
    first. Black is 0, a map's answer to what it does not look for; white is near its own largest value.
    """
    plane = cut_middle(luma.float(), _MAP_SIDE_PIXELS)
    first, second = compute_feature_maps(model, plane)
    grids = [
        arrange_grid([_draw_map(each) for each in maps])
        for maps in (first[_strongest_first(model)], _sort_by_variance(second))
    ]
    return [*grids, Picture(to_uint8(super_resolve(model, plane)).numpy())]


def _sort_by_variance(maps: Tensor) -> Tensor:
    """(C, H, W) in the order of their variance."""
    return maps[maps.flatten(1).var(dim=1, correction=0).argsort(descending=True)]


def _draw_map(values: Tensor) -> Picture:
    """(H, W) of at least 0 -> 0 black, nearly its largest value white."""
    top = np.percentile(values.numpy(), _WHITE_PERCENTILE) or values.max().item() or 1
    return Picture(to_uint8(values / top * 255).numpy())
