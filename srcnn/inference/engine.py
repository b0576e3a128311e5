"""The inference engine: luminance of any size through a network, piece by piece, so that memory does not grow with it.

A *band* is a number of whole rows of the result. The network gets the rows of its input that lie there and, above and
below, as many more as it looks at: its halo. So a band is what the whole picture at once would give in these rows.
Where a band is too wide for the memory, it is computed in *tiles* side by side, which have a halo at their left and
right, too. Layers pad only at the picture's true border. A network that remembers what it needs of the rows before
gets each row once, and its bands need no halo.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from srcnn.data.degradation import Pair
from srcnn.inference.device import find_device
from srcnn.networks.base import AnyNetwork
from srcnn.networks.wrappers import RowStream

BAND_PIXELS = 2_000_000  # of the result, in a band
STREAM_PIXELS = 500_000  # of the result, in a band of a network that computes nothing twice
MIN_BAND_ROWS = 16  # in a band, however wide the picture is, as each band's halo is computed, too
MIN_TILE_HALOS = 4  # rows of a band, and columns of a tile, are at least so many halos, or most work would be for these
TILE_FLOATS = {"cpu": 64_000_000}  # numbers that a network may hold in memory for a tile: 256 MB
_GPU_TILE_FLOATS = 1_000_000_000
ROW_FLOATS = 8_000_000  # of these, what a network may hold for each column, however low the tile is: 32 MB


class Band(NamedTuple):
    """A band of a network's result.

    rows: of the result.
    source: (C, rows / upsampling, W) float32, what the network's input was there, without the halo, on its device.
    luminance: (rows, W * upsampling) float32, what the network made of `source[0]`: grey levels, not clipped, on its
        device.
    """

    rows: slice
    source: Tensor
    luminance: Tensor


def super_resolve(model: AnyNetwork, plane: Tensor, exact: bool = True) -> Tensor:
    """Send a luminance plane through a network, on the network's device.

    plane: (H, W) floating point, grey levels 0..255: the picture in the size that the network takes, which is enlarged
    by bicubic for some and the low-resolution one for others. Returns (H * upsampling, W * upsampling) float32 on the
    CPU, not clipped. Without `exact`, it may be computed faster, as `Network.for_device` says.
    """
    height, width = plane.shape
    result = torch.empty((height * model.upsampling, width * model.upsampling), dtype=torch.float32)
    for band in run_bands(model, height, width, lambda top, bottom: plane[None, top:bottom], exact):
        result[band.rows] = band.luminance
    return result


def restore(model: AnyNetwork, pair: Pair, exact: bool = True) -> Tensor:
    """What a network makes of a pair's low-resolution picture, in the levels of its truth: (H, W) float32, not clipped.

    exact: as for `super_resolve`.
    """
    return pair.to_levels(super_resolve(model, pair.input_of(model), exact))


def run_bands(
    model: AnyNetwork, height: int, width: int, read_rows: Callable[[int, int], Tensor], exact: bool
) -> Iterator[Band]:
    """Send an input of `height` x `width` pixels through a network and yield the result from the top, band by band.

    read_rows: gives the input's rows from one number to before another: (C, rows, width) grey levels 0..255, whose
    first plane is the luminance. Without `exact`, it may be computed faster, as `Network.for_device` says.
    """
    network, device, step = model.for_device(exact), find_device(model), model.upsampling
    fits = width * network.floats_per_column <= TILE_FLOATS.get(device.type, _GPU_TILE_FLOATS)
    if fits and (stream := network.open_stream(width)):
        yield from _run_stream(stream, height, width, step, read_rows)
        return
    for rows in row_bands(height * step, width * step, step, network.halo):
        # the rows of the input that lie where the band is, and those that the network needs for them
        first, last = rows.start // step, rows.stop // step
        top, bottom = max(first - network.halo, 0), min(last + network.halo, height)
        source = read_rows(top, bottom).to(device, torch.float32)  # (C, bottom - top, W)
        luminance = run_rows(network, source[0], first - top, last - top)  # (rows, W * step)
        yield Band(rows, source[:, first - top : last - top], luminance)


def _run_stream(
    stream: RowStream, height: int, width: int, step: int, read_rows: Callable[[int, int], Tensor]
) -> Iterator[Band]:
    """As `run_bands`, by a network that remembers what it needs of the rows before."""
    done = 0  # rows of the input whose result was given
    sources, results = torch.empty(0), torch.empty(0)  # the rows of the input and of the result that were not
    rows = max(1, STREAM_PIXELS // (width * step**2))
    for first in range(0, height, rows):
        last = min(first + rows, height)
        source = read_rows(first, last).to(torch.float32)  # (C, rows, W)
        with torch.inference_mode():
            result = stream.push(source[0, :, :, None] / 255, last == height)[..., 0] * 255  # (any rows, W * step)
        sources = torch.cat([sources, source], dim=1) if sources.numel() else source
        results = torch.cat([results, result]) if results.numel() else result
        if ready := len(results) // step:
            yield Band(slice(done * step, (done + ready) * step), sources[:, :ready], results[: ready * step])
            done, sources, results = done + ready, sources[:, ready:], results[ready * step :]


def row_bands(height: int, width: int, step: int = 1, halo: int = 0) -> Iterator[slice]:
    """The rows of a result of `height` x `width` pixels in bands of about BAND_PIXELS.

    For a network, `step` is its upsampling, of which each band begins and ends at a multiple, and `halo` its halo.
    """
    rows = max(MIN_BAND_ROWS, MIN_TILE_HALOS * halo * step, BAND_PIXELS // width)
    rows -= rows % step
    for first in range(0, height, rows):
        yield slice(first, min(first + rows, height))


def count_band_columns(beside: int) -> int:
    """How many columns of a result to compute at once, so that MIN_BAND_ROWS of them are no more than BAND_PIXELS.

    beside: how many more are computed at the left and at the right of them.
    """
    return max(BAND_PIXELS // MIN_BAND_ROWS, MIN_TILE_HALOS * beside)


@torch.inference_mode()
def run_rows(network: nn.Module, plane: Tensor, first: int, last: int) -> Tensor:
    """What the network makes of a plane's rows from `first` to before `last`; the other rows are their halo.

    plane: (H, W) float32, grey levels 0..255. Returns ((last - first) * upsampling, W * upsampling) grey levels.
    Where TILE_FLOATS or the device's memory does not suffice, the rows are computed in two halves, and so on. Raises
    torch.OutOfMemoryError where it does not even suffice for one row.
    """
    top, bottom = max(first - network.halo, 0), min(last + network.halo, len(plane))
    begin, end = (first - top) * network.upsampling, (last - top) * network.upsampling
    middle, least = (first + last) // 2, MIN_TILE_HALOS * network.halo  # rows and columns of a tile
    if last - first < 2 * least or _count_columns(network, plane[top:bottom]) >= min(least, plane.shape[1]):
        try:
            return _run_tiles(network, plane[top:bottom])[begin:end] * 255
        except torch.OutOfMemoryError:
            if middle == first:
                raise
        # outside of `except`, or the error would keep the memory that the attempt had taken
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    halves = (first, middle), (middle, last)
    return torch.cat([run_rows(network, plane, *half) for half in halves])


def _count_columns(network: nn.Module, plane: Tensor) -> int:
    """How many columns of a plane a network may compute at once, beside their halos, by TILE_FLOATS and ROW_FLOATS.

    At the border, layers put as many pixels around the plane as the halo has.
    """
    rows = len(plane) + 2 * network.halo
    floats = rows * network.floats_per_pixel + network.floats_per_column
    most = TILE_FLOATS.get(plane.device.type, _GPU_TILE_FLOATS) // floats
    if network.floats_per_column:  # else a picture of few rows would take all of TILE_FLOATS, and more time
        most = min(most, ROW_FLOATS // network.floats_per_column)
    return most - 2 * network.halo


def _run_tiles(network: nn.Module, plane: Tensor) -> Tensor:
    """The network's result for a plane: (H, W) grey levels -> (H * upsampling, W * upsampling) in 0..1.

    As many columns at once as TILE_FLOATS allows.
    """
    halo, step, width = network.halo, network.upsampling, plane.shape[1]
    columns = max(_count_columns(network, plane), MIN_TILE_HALOS * halo, 1)
    parts = []
    for first in range(0, width, columns):
        last = min(first + columns, width)
        left, right = max(first - halo, 0), min(last + halo, width)
        part = network(plane[None, None, :, left:right] / 255)[0, 0]  # (H * step, (right - left) * step)
        parts.append(part[:, (first - left) * step : (last - left) * step])
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)
