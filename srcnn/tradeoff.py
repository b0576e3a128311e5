"""What a choice of loss gains and what it costs: the variants of one scale on one picture, as a table and as a plot."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor

from srcnn.color import luminance
from srcnn.engine import super_resolve
from srcnn.evaluate import Score, degrade, scores
from srcnn.features import Features, perceptual_distances
from srcnn.images import Picture
from srcnn.network import AnyNetwork
from srcnn.plots import figure

BICUBIC = "Bicubic"  # the name of the first row
DISTANCE_SIDE = 256  # VGG-19 takes half a second on a CPU for so many pixels squared
LINE = 0.08  # of the plot's height, at least, between two names
LARGE = 19  # points, on a sheet of 8 inches: a phone shows it half as wide


@dataclass(frozen=True)
class Row:
    """One result: whose it is, how good, and what it looks like, in the size of the mod-cropped truth."""

    name: str
    score: Score
    picture: Picture


def compare_losses(picture: Picture, models: dict[str, AnyNetwork]) -> Iterator[Row]:
    """Bicubic, then each network on one picture, taken as ground truth: a row as soon as it is measured.

    The picture is reduced and enlarged once for all. Raises ValueError for networks of different scales, or none,
    ImageError for a picture that is too small for the scale.
    """
    degraded = degrade(picture, common_scale(models.values()))

    def measured(name: str, luma: Tensor) -> Row:
        (score,) = scores([luma], degraded.pair, degraded.scale)
        return Row(name, score, degraded.painted(luma))

    yield measured(BICUBIC, degraded.pair.bicubic)
    for name, model in models.items():
        yield measured(name, super_resolve(model, degraded.pair.input_of(model)))


def with_distances(rows: Sequence[Row], truth: Picture, features: Features) -> list[Row]:
    """The rows with their perceptual distance to the truth in the middle of the picture, `DISTANCE_SIDE` pixels wide.

    truth: the picture that was given to `compare_losses`.
    """
    truth = truth.flattened().crop(rows[0].picture.height, rows[0].picture.width)
    wanted, *planes = (
        luminance(picture.centre(DISTANCE_SIDE).pixels) for picture in (truth, *(row.picture for row in rows))
    )
    distances = perceptual_distances(features, planes, wanted)
    return [
        replace(row, score=replace(row.score, distance=distance)) for row, distance in zip(rows, distances, strict=True)
    ]


def common_scale(models: Iterable[AnyNetwork]) -> int:
    scales = {model.scale for model in models}
    if len(scales) != 1:
        raise ValueError("Variants can be compared where there are some, all of one and the same scale.")
    return scales.pop()


def draw_tradeoff(rows: Sequence[Row], file: Path) -> None:
    """PSNR to the right, and upwards how alike the pictures look: perceptual distance, or SSIM where none was measured.

    The best would be at the upper right. Rows without finite figures (a flat picture, a tiny one) are left out.
    """
    measured = all(row.score.distance is not None for row in rows)
    points = {row.name: (row.score.psnr, row.score.distance if measured else row.score.ssim) for row in rows}
    points = {name: point for name, point in points.items() if all(map(math.isfinite, point))}
    colours = {row.name: "grey" if row.name == BICUBIC else f"C{number}" for number, row in enumerate(rows)}
    with figure(file, rows=1, columns=1, width=8, height=6) as (axes,):
        for name, point in points.items():
            axes.plot(*point, "o", color=colours[name], markersize=14)
        axes.set_xlabel("PSNR, dB (better →)", fontsize=LARGE)
        axes.set_ylabel(f"{'Perceptual distance' if measured else 'SSIM'} (better →)", fontsize=LARGE)
        axes.tick_params(labelsize=LARGE - 3)
        axes.locator_params(nbins=6)
        axes.grid(alpha=0.3)
        axes.margins(0.1)
        if measured:
            axes.invert_yaxis()
        label(axes, points, colours)


def label(axes, points: dict[str, tuple[float, float]], colours: dict[str, str]) -> None:
    """The names in a column beside the plot, each joined to its point: points may lie on each other, names may not."""
    axes.autoscale_view()
    to_fraction = axes.transData + axes.transAxes.inverted()
    heights = {name: to_fraction.transform(point)[1] for name, point in points.items()}
    upwards = sorted(heights, key=heights.get)
    for name, place in zip(upwards, spread([heights[name] for name in upwards]), strict=True):
        axes.annotate(
            name,
            points[name],
            xytext=(1.06, place),
            textcoords="axes fraction",
            verticalalignment="center",
            fontsize=LARGE,
            arrowprops={"arrowstyle": "-", "color": colours[name], "relpos": (0, 0.5), "shrinkA": 2, "shrinkB": 0},
        )


def spread(heights: list[float]) -> list[float]:
    """Ascending heights in 0..1, moved as little as it takes to lie LINE apart: upwards, and back down from the top."""
    places = []
    for height in heights:
        places.append(max(height, places[-1] + LINE if places else 0))
    top = 1.0
    for number in reversed(range(len(places))):
        places[number] = min(places[number], top)
        top = places[number] - LINE
    return places
