import math

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view

from srcnn import SRCNN
from srcnn.evaluation.comparison import LossResult, compare, compare_losses, measure_distances
from srcnn.evaluation.scores import Score
from srcnn.imaging.color import luminance
from srcnn.imaging.imresize import imresize
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.ensemble import Ensemble
from srcnn.networks.vgg19 import measure_perceptual_distances
from srcnn.visuals import plots
from srcnn.visuals.plots import NAME_SPACING, draw_tradeoff, encode_figure, spread_apart


def network_of(seed: int, scale: int = 3) -> SRCNN:
    torch.manual_seed(seed)
    return SRCNN(scale=scale, padding="replicate").eval()


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("kind", ["colour", "grey", "16 bits and alpha"])
def test_every_row_is_what_a_comparison_alone_gives(astronaut, scale, kind):
    pixels = astronaut.pixels[60:131, 180:270]
    picture = {
        "colour": Picture(pixels),
        "grey": Picture(pixels[..., 1].copy()),
        "16 bits and alpha": Picture(pixels[..., 1].astype(np.uint16) * 257, np.full((71, 90), 40000, np.uint16)),
    }[kind]
    models = {"one": network_of(1, scale), "both": Ensemble([network_of(1, scale), network_of(2, scale)])}
    bicubic, *rows = compare_losses(picture, models)
    assert bicubic.name == "Bicubic"
    assert [row.name for row in rows] == ["one", "both"]
    for row, model in zip(rows, models.values(), strict=True):
        alone = compare(picture, model)
        assert row.score == alone.srcnn_score
        assert np.array_equal(row.picture.pixels, alone.srcnn.pixels)
        assert bicubic.score == alone.bicubic_score
        assert np.array_equal(bicubic.picture.pixels, alone.bicubic.pixels)


def test_the_distance_is_that_of_the_middle_of_the_pictures(astronaut, vgg):
    picture = Picture(astronaut.pixels[:301, :302].copy())
    rows = list(compare_losses(picture, {"one": network_of(1)}))
    assert all(row.score.distance is None for row in rows)
    planes = [luminance(row.picture.pixels)[22:278, 22:278] for row in rows]
    wanted = luminance(picture.pixels)[22:278, 22:278]
    found = [row.score.distance for row in measure_distances(rows, picture, vgg)]
    assert found == pytest.approx(measure_perceptual_distances(vgg, planes, wanted), rel=1e-5)


def test_the_picture_is_reduced_once_for_all(astronaut, monkeypatch):
    calls = []
    for module in ("srcnn.evaluation.comparison", "srcnn.data.degradation"):
        monkeypatch.setattr(f"{module}.imresize", lambda x, scale: calls.append(scale) or imresize(x, scale))
    rows = compare_losses(astronaut.crop(60, 60), {str(seed): network_of(seed) for seed in range(4)})
    assert len(list(rows)) == 5
    assert calls == [1 / 3, 3] * 2  # luminance, colour


def test_networks_of_several_scales_and_pictures_that_are_too_small_are_refused(astronaut):
    for models in ({}, {"x2": network_of(0, 2), "x3": network_of(0, 3)}):
        with pytest.raises(ValueError, match="one and the same scale"):
            next(compare_losses(astronaut, models))
    with pytest.raises(ImageError, match="too small for x3"):
        next(compare_losses(astronaut.crop(8, 60), {"x3": network_of(0)}))


def row(name: str, *figures: float) -> LossResult:
    return LossResult(name, Score(*figures), Picture(np.zeros((1, 1), np.uint8)))


def dots(file) -> dict[str, tuple[float, float]]:
    """Where the plot has its discs, by colour: x to the right, y upwards. Only discs have 9 x 9 pixels of a colour."""
    pixels = open_picture(file).pixels
    found = {}
    for name, colour in {"grey": (128, 128, 128), "orange": (255, 127, 14), "green": (44, 160, 44)}.items():
        there = sliding_window_view((pixels == colour).all(axis=2), (9, 9)).all(axis=(2, 3))
        if there.any():
            rows, columns = np.nonzero(there)
            found[name] = columns.mean(), -rows.mean()
    return found


@pytest.mark.parametrize("measured", [True, False])
def test_the_better_lies_higher_and_further_to_the_right(tmp_path, measured):
    figures = {"Bicubic": (28.0, 0.80, 0.4), "a": (29.0, 0.84, 0.3), "b": (28.5, 0.88, 0.2)}
    rows = [row(name, *(those if measured else those[:2])) for name, those in figures.items()]
    (tmp_path / "plot.png").write_bytes(draw_tradeoff(rows))
    assert open_picture(tmp_path / "plot.png").pixels.shape == (600, 800, 3)
    places = dots(tmp_path / "plot.png")
    assert sorted(places, key=lambda name: places[name][0]) == ["grey", "green", "orange"]
    assert sorted(places, key=lambda name: places[name][1]) == ["grey", "orange", "green"]


@pytest.mark.parametrize("figures", [(math.inf, 1.0), (29.0, math.nan), (29.0, 0.9, math.nan)])
def test_rows_without_finite_figures_are_left_out(tmp_path, monkeypatch, figures):
    drawn = []

    def encode(figure):
        drawn.extend(text.get_text() for text in figure.axes[0].texts)
        return encode_figure(figure)

    monkeypatch.setattr(plots, "encode_figure", encode)
    more = (0.2,) * (len(figures) - 2)
    (tmp_path / "some.png").write_bytes(draw_tradeoff([row("Bicubic", *figures), row("b", 30.0, 0.9, *more)]))
    assert drawn == ["b"]
    assert list(dots(tmp_path / "some.png")) == ["orange"]
    (tmp_path / "none.png").write_bytes(draw_tradeoff([row("Bicubic", *figures)]))
    assert dots(tmp_path / "none.png") == {}


def test_the_names_are_spread_without_leaving_the_plot():
    for heights in ([], [0.5], [0.1, 0.1, 0.1], [0.95, 0.96, 0.97, 0.99], [0.0, 0.3, 0.31, 0.9]):
        places = spread_apart(heights)
        assert all(later - earlier > NAME_SPACING - 1e-9 for earlier, later in zip(places, places[1:], strict=False))
        assert all(0 <= place <= 1 for place in places)
    assert spread_apart([0.1, 0.5, 0.9]) == [0.1, 0.5, 0.9]
    assert spread_apart([0.4, 0.4]) == pytest.approx([0.4, 0.4 + NAME_SPACING])
