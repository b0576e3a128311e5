"""Plots and rows of crops about variants, drawn by matplotlib. Every function returns the content of a PNG file."""

import math
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from srcnn.evaluation.comparison import BICUBIC_ROW, LossResult, compare
from srcnn.imaging.picture import Picture
from srcnn.inference.upscaling import downscale
from srcnn.naming import LOSS_TITLES
from srcnn.networks.base import AnyNetwork

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CROPS_DETAIL = np.s_[72:144, 190:262]  # the eyes of scikit-image's astronaut, a photograph in the public domain
_DOTS_PER_INCH = 100
DRAWING_PACKAGES = {"matplotlib": "matplotlib", "skimage": "scikit-image"}  # modules, and what pip calls them


def find_missing_packages() -> list[str]:
    """Those that draw plots and crops and are not installed, as pip calls them."""
    return [package for module, package in DRAWING_PACKAGES.items() if find_spec(module) is None]


def _new_figure(rows: int, columns: int, width: float, height: float) -> tuple["Figure", list["Axes"]]:
    """An empty matplotlib figure, sized in inches, and its axes row by row."""
    from matplotlib.figure import Figure  # here, because it takes half a second and most commands draw nothing

    figure = Figure(figsize=(width, height), dpi=_DOTS_PER_INCH, layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def encode_figure(figure: "Figure") -> bytes:
    """The content of a PNG file that shows the figure; the same figure gives the same bytes."""
    content = BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def draw_curves(curves: Sequence[tuple[int | None, list[dict]]]) -> bytes:
    """Training loss and validation PSNR over the steps, in a row for each curve.

    curves: on how many pictures it was validated, None where nobody knows, and step, loss, psnr of each validation.
    """
    figure, axes = _new_figure(rows=len(curves), columns=2, width=8, height=3 * len(curves))
    for (pictures, history), left, right in zip(curves, axes[::2], axes[1::2], strict=True):
        steps = [entry["step"] / 1000 for entry in history]
        count = f"{pictures} " if pictures else ""
        left.semilogy(steps, [entry["loss"] for entry in history], color="tab:orange")
        left.set(title="Mean loss since the last validation")
        right.plot(steps, [entry["psnr"] for entry in history], color="tab:blue")
        right.set(title=f"PSNR on the {count}validation pictures, dB")
        for each in (left, right):
            each.set(xlabel="thousand steps")
            each.grid(alpha=0.3)
    return encode_figure(figure)


def _load_astronaut() -> Picture:
    import skimage.data  # here, because who draws nothing need not have it

    return Picture(skimage.data.astronaut())


def draw_crops(model: AnyNetwork) -> bytes:
    """The same detail as low resolution, bicubic, this variant and truth, magnified without smoothing."""
    scale = model.scale
    result = compare(_load_astronaut(), model)
    low = downscale(result.truth, scale).pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    panels = {
        f"Low resolution (x{scale})": low,
        f"Bicubic, {result.bicubic_score.psnr:.2f} dB": result.bicubic.pixels,
        f"This variant, {result.srcnn_score.psnr:.2f} dB": result.srcnn.pixels,
        "Ground truth": result.truth.pixels,
    }
    figure, row = _new_figure(rows=1, columns=4, width=8, height=2.2)
    _show_crops(row, panels)
    return encode_figure(figure)


def draw_losses(models: Sequence[AnyNetwork]) -> bytes:
    """The same detail by bicubic, by variants of one scale that were trained with different losses, and in truth.

    Where they are several networks, the titles of all but the first one's say which: "EDSR L1".
    """
    results = [compare(_load_astronaut(), model) for model in models]
    first, scale = results[0], models[0].scale
    panels = {f"Bicubic x{scale}, {first.bicubic_score.psnr:.2f} dB": first.bicubic.pixels}
    for model, result in zip(models, results, strict=True):
        network = "" if model.config.title == models[0].config.title else f"{model.config.title.partition('-')[0]} "
        loss = LOSS_TITLES.get(model.config.loss, model.config.loss)
        panels[f"{network}{loss}, {result.srcnn_score.psnr:.2f} dB"] = result.srcnn.pixels
    panels["Ground truth"] = first.truth.pixels
    columns = (len(panels) + 1) // 2
    figure, axes = _new_figure(rows=2, columns=columns, width=2.2 * columns, height=4.9)
    _show_crops(axes, panels)
    return encode_figure(figure)


def _show_crops(axes: list["Axes"], panels: dict[str, np.ndarray]) -> None:
    """The detail of each picture under its title, magnified without smoothing; what is left of the axes stays empty."""
    for place, (title, pixels) in zip(axes, panels.items(), strict=False):
        place.imshow(pixels[_CROPS_DETAIL], interpolation="nearest")
        place.set_title(title, fontsize=9)
    for place in axes:
        place.axis("off")


_GAINS_FONT_POINTS = 20  # on a figure 9 inches wide, which is shown half as wide


def draw_gains(gains: Mapping[str, float], title: str, reach: float) -> bytes:
    """Gains over bicubic, dB by name, as bars, the authors' in grey. reach: the largest of several plots' gains."""
    names = list(gains)
    colours = ["tab:gray" if name.startswith("Authors'") else "tab:blue" for name in names]
    figure, (axes,) = _new_figure(rows=1, columns=1, width=9, height=1.3 + 0.65 * len(names))
    bars = axes.barh(names, list(gains.values()), color=colours)
    axes.bar_label(bars, [f"{gain:+.2f}" for gain in gains.values()], padding=6, fontsize=_GAINS_FONT_POINTS)
    axes.set_title(title, fontsize=_GAINS_FONT_POINTS, loc="left", fontweight="bold")
    axes.set_xlim(min(0, *gains.values()), reach * 1.2)
    axes.tick_params(labelsize=_GAINS_FONT_POINTS, length=0)
    axes.set_xticks([])
    axes.invert_yaxis()  # the first on top
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    return encode_figure(figure)


NAME_SPACING = 0.08  # of the plot's height, at least, between two names
_TRADEOFF_FONT_POINTS = 19  # on a figure 8 inches wide, which a phone shows half as wide


def draw_tradeoff(rows: Sequence[LossResult]) -> bytes:
    """PSNR to the right, and upwards how alike the pictures look: perceptual distance, or SSIM where none was measured.

    The best would be at the upper right. Rows without finite figures (a flat picture, a tiny one) are left out.
    """
    measured = all(row.score.distance is not None for row in rows)
    points = {row.name: (row.score.psnr, row.score.distance if measured else row.score.ssim) for row in rows}
    points = {name: point for name, point in points.items() if all(map(math.isfinite, point))}
    colours = {row.name: "grey" if row.name == BICUBIC_ROW else f"C{number}" for number, row in enumerate(rows)}
    figure, (axes,) = _new_figure(rows=1, columns=1, width=8, height=6)
    for name, point in points.items():
        axes.plot(*point, "o", color=colours[name], markersize=14)
    axes.set_xlabel("PSNR, dB (better →)", fontsize=_TRADEOFF_FONT_POINTS)
    axes.set_ylabel(f"{'Perceptual distance' if measured else 'SSIM'} (better →)", fontsize=_TRADEOFF_FONT_POINTS)
    axes.tick_params(labelsize=_TRADEOFF_FONT_POINTS - 3)
    axes.locator_params(nbins=6)
    axes.grid(alpha=0.3)
    axes.margins(0.1)
    if measured:
        axes.invert_yaxis()
    _label_points(axes, points, colours)
    return encode_figure(figure)


def _label_points(axes: "Axes", points: dict[str, tuple[float, float]], colours: dict[str, str]) -> None:
    """The names in a column beside the plot, each joined to its point: points may lie on each other, names may not."""
    axes.autoscale_view()
    to_fraction = axes.transData + axes.transAxes.inverted()
    heights = {name: to_fraction.transform(point)[1] for name, point in points.items()}
    upwards = sorted(heights, key=heights.get)
    for name, place in zip(upwards, spread_apart([heights[name] for name in upwards]), strict=True):
        axes.annotate(
            name,
            points[name],
            xytext=(1.06, place),
            textcoords="axes fraction",
            verticalalignment="center",
            fontsize=_TRADEOFF_FONT_POINTS,
            arrowprops={"arrowstyle": "-", "color": colours[name], "relpos": (0, 0.5), "shrinkA": 2, "shrinkB": 0},
        )


def spread_apart(heights: list[float]) -> list[float]:
    """Ascending heights in 0..1, moved as little as it takes to lie NAME_SPACING apart.

    They are moved upwards, and back down where they would leave the plot at the top.
    """
    places = []
    for height in heights:
        places.append(max(height, places[-1] + NAME_SPACING if places else 0))
    top = 1.0
    for number in reversed(range(len(places))):
        places[number] = min(places[number], top)
        top = places[number] - NAME_SPACING
    return places
