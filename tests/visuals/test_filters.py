import numpy as np
import pytest
import torch

from srcnn import SRCNN
from srcnn.imaging.color import luminance
from srcnn.imaging.picture import Picture
from srcnn.inference.engine import super_resolve
from srcnn.inference.upscaling import upscale_bicubic
from srcnn.variants.loading import load
from srcnn.visuals.filters import (
    draw_feature_maps,
    draw_first_layer,
    draw_forming_filters,
    draw_second_layer,
    draw_third_layer,
)
from srcnn.visuals.rendering import GRID_GAP_PIXELS, arrange_grid

BLUE_OR_RED = 60  # by how much the one channel is above the other where a weight is strong


def cells(sheet: np.ndarray, size: int) -> list[np.ndarray]:
    """The pictures of a grid, row by row."""
    step = size + GRID_GAP_PIXELS
    return [
        sheet[y : y + size, x : x + size]
        for y in range(0, sheet.shape[0], step)
        for x in range(0, sheet.shape[1], step)
    ]


@pytest.fixture
def two_filters() -> SRCNN:
    """Filter 0 is a single weak weight of -1, filter 1 a strong horizontal edge; both let their answer through."""
    model = SRCNN(filters=(2, 3), scale=2, padding="replicate").eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.conv1.weight[0, 0, 4, 4] = -1
        model.conv1.bias[0] = 1
        model.conv1.weight[1, 0, :4], model.conv1.weight[1, 0, 5:] = 3, -3
        model.conv2.weight[0, 0] = 1
        model.conv2.weight[1, 1] = 1
        model.conv3.weight[0, 0, 2, 2] = 1
    return model


def test_filters_are_shown_weight_by_weight_the_strongest_first(two_filters):
    sheet = draw_first_layer(two_filters).pixels.astype(int)
    assert sheet.shape == (72, 72 + GRID_GAP_PIXELS + 72, 3)
    edge, point = cells(sheet, 72)
    magnified = np.kron(edge[::8, ::8].transpose(2, 0, 1), np.ones((8, 8))).transpose(1, 2, 0)
    assert np.array_equal(edge, magnified)
    redness = edge[::8, ::8, 0] - edge[::8, ::8, 2]
    assert (redness[:4] > BLUE_OR_RED).all()  # red adds
    assert (redness[5:] < -BLUE_OR_RED).all()  # blue subtracts
    assert (np.ptp(edge[4 * 8 + 4], axis=1) < 4).all()  # nothing is white
    assert point[36, 36, 2] - point[36, 36, 0] > BLUE_OR_RED
    assert (np.ptp(point[0], axis=1) < 4).all()


def test_filters_that_form_stay_in_their_places(two_filters):
    point, edge = cells(draw_forming_filters(two_filters).pixels.astype(int), 27)
    assert point[13, 13, 2] - point[13, 13, 0] > BLUE_OR_RED
    assert (edge[:12, :, 0] - edge[:12, :, 2] > BLUE_OR_RED).all()
    with torch.no_grad():
        two_filters.conv1.weight[0] *= 100
    assert np.array_equal(cells(draw_forming_filters(two_filters).pixels, 27)[1], edge)


def test_each_filter_is_relative_to_its_own_largest_weight(two_filters):
    before = draw_first_layer(two_filters)
    with torch.no_grad():
        two_filters.conv1.weight[0] *= 0.01
    assert np.array_equal(draw_first_layer(two_filters).pixels, before.pixels)


def test_acting_filters_show_what_a_low_resolution_pixel_counts(two_filters):
    """A single weight answers to a low-resolution pixel as far as bicubic spreads it, most where it lies."""
    point = cells(draw_first_layer(two_filters, acting=True).pixels.astype(int), 72)[1]
    lightness = point[4::8, 4::8].sum(axis=2)
    assert lightness[4, 4] == lightness.min()
    assert lightness[4, 4] < lightness[4, 3] == lightness[4, 5] == lightness[3, 4] < lightness[4, 2]
    assert point[36, 28, 2] - point[36, 28, 0] > BLUE_OR_RED
    assert np.ptp(point[0, 0]) < 4


def test_acting_filters_leave_out_what_enlarged_pictures_do_not_hold(two_filters):
    """A checkerboard is the finest pattern: before enlarged pictures nothing remains of it, and it comes last."""
    checkerboard = torch.arange(81).reshape(9, 9) % 2 * 4.0 - 2
    with torch.no_grad():
        two_filters.conv1.weight[1, 0] = checkerboard
        two_filters.conv1.weight[0] *= 10
    point = cells(draw_first_layer(two_filters).pixels.astype(int), 72)[0]
    assert point[36, 36, 2] - point[36, 36, 0] > BLUE_OR_RED
    assert np.ptp(point[0]) < 4


def test_the_trained_filters_fill_a_grid_of_eight_by_eight():
    model = load("srcnn-x3-mse")
    learned, acting = draw_first_layer(model), draw_first_layer(model, acting=True)
    assert learned.pixels.shape == acting.pixels.shape == (8 * 75 - GRID_GAP_PIXELS, 8 * 75 - GRID_GAP_PIXELS, 3)

    def roughness(sheet: Picture) -> float:
        return float(
            np.mean([np.abs(np.diff(cell[::8, ::8].astype(int), axis=0)).mean() for cell in cells(sheet.pixels, 72)])
        )

    assert roughness(acting) < roughness(learned) * 0.7


def test_the_second_layer_is_a_matrix_in_the_order_of_its_neighbours(two_filters):
    """Columns: filter 1 acts most. Rows: the third kernel is the largest, then the first; the second is zero."""
    with torch.no_grad():
        two_filters.conv2.weight[2, 1], two_filters.conv2.weight[2, 0] = 5, -5
        two_filters.conv3.weight[0, 2, 0, 0] = -2
    matrix = draw_second_layer(two_filters).pixels.astype(int)
    assert matrix.shape == (3 * 9, 2 * 9, 3)
    redness = (matrix[..., 0] - matrix[..., 2])[4::9, 4::9]
    assert np.array_equal(np.sign(redness) * (abs(redness) > BLUE_OR_RED), [[1, -1], [0, 1], [1, 0]])


def test_the_kernels_of_the_third_layer_are_shown_the_largest_first(two_filters):
    with torch.no_grad():
        two_filters.conv3.weight[0, 2, 0, 0] = -2
    first, second, third = cells(draw_third_layer(two_filters).pixels.astype(int), 70)
    assert first[7, 7, 2] - first[7, 7, 0] > BLUE_OR_RED  # -2 in the upper left corner
    assert second[35, 35, 0] - second[35, 35, 2] > BLUE_OR_RED  # 1 in the middle
    assert np.ptp(third) < 4


def test_maps_are_what_the_layers_give(two_filters):
    luma = torch.zeros(30, 40)
    luma[15:] = 200
    first, second, output = draw_feature_maps(two_filters, luma)
    assert first.pixels.shape == (30, 40 + GRID_GAP_PIXELS + 40)
    edge, point = first.pixels[:, :40], first.pixels[:, -40:]
    assert (edge == 0).all()  # brighter below: less than nothing for this filter
    assert (point[:15] == 255).all()
    assert (point[15:] == round(255 * (1 - 200 / 255))).all()
    assert second.pixels.shape == (30, 3 * 40 + 2 * GRID_GAP_PIXELS)
    assert np.array_equal(second.pixels[:, :40], point)  # the most varied comes first
    assert (second.pixels[:, -40:] == 0).all()
    assert np.array_equal(output.pixels, 255 - luma.numpy().astype(np.uint8))

    first, second, _ = draw_feature_maps(two_filters, luma.flip(0))
    assert (first.pixels[15, :40] > 0).all()
    assert (first.pixels[0, :40] == 0).all()
    assert np.array_equal(second.pixels[:, :40], first.pixels[:, :40])


def test_each_map_of_the_first_layer_has_the_place_of_its_filter(astronaut):
    """A filter that is nothing but a large weight in the middle comes first, and its map is the picture."""
    torch.manual_seed(0)
    model = SRCNN(scale=3, padding="replicate").eval()
    with torch.no_grad():
        model.conv1.weight[40], model.conv1.bias[40] = 0, 0
        model.conv1.weight[40, 0, 4, 4] = 50
    assert (
        draw_first_layer(model).pixels[36, 36].tolist() == draw_first_layer(model, acting=True).pixels[36, 36].tolist()
    )
    luma = luminance(astronaut.pixels[:48, :48])
    first = draw_feature_maps(model, luma)[0].pixels[:48, :48]
    assert np.corrcoef(first.ravel(), luma.numpy().ravel())[0, 1] > 0.99


def test_the_output_is_that_of_the_network(astronaut):
    model = load("srcnn-x3-mse")
    luma = luminance(upscale_bicubic(Picture(astronaut.pixels[40:90, 60:110]), 3).pixels)
    output = draw_feature_maps(model, luma)[-1].pixels
    assert np.abs(output - super_resolve(model, luma.float()).clamp(0, 255).numpy()).max() <= 0.5


def test_of_a_large_plane_the_middle_is_taken(network):
    luma = torch.rand(200, 300) * 255
    whole, cut = draw_feature_maps(network, luma), draw_feature_maps(network, luma[4:196, 54:246])
    assert whole[-1].pixels.shape == (192, 192)
    assert all(np.array_equal(one.pixels, other.pixels) for one, other in zip(whole, cut, strict=True))


def test_a_filter_without_weights_is_blank_and_a_rare_answer_is_seen(two_filters):
    with torch.no_grad():
        two_filters.conv1.weight[0] = 0
    blank = cells(draw_first_layer(two_filters).pixels.astype(int), 72)[1]
    assert np.ptp(blank) < 4
    luma = torch.zeros(192, 192)
    luma[:5, :2] = 255
    edge = draw_feature_maps(two_filters, luma)[0].pixels[:, :192]
    assert np.count_nonzero(edge) < 0.005 * edge.size  # fewer than share white in other maps
    assert len(np.unique(edge)) > 3


@pytest.mark.parametrize("shape", [(1, 1), (3, 50)])
@pytest.mark.parametrize("choices", [{"padding": "zeros"}, {"padding": "replicate"}, {"batch_norm": True}])
def test_tiny_planes_and_other_networks(shape, choices):
    model = SRCNN(kernel_sizes=(9, 5, 5), filters=(10, 5), **choices).eval()
    first, second, output = draw_feature_maps(model, torch.full(shape, 99.0))
    height, width = shape
    assert first.pixels.shape == (2 * height + GRID_GAP_PIXELS, 8 * (width + GRID_GAP_PIXELS) - GRID_GAP_PIXELS)
    assert second.pixels.shape == (height, 5 * (width + GRID_GAP_PIXELS) - GRID_GAP_PIXELS)
    assert output.pixels.shape == shape
    assert draw_first_layer(model).pixels.shape == (
        2 * 72 + GRID_GAP_PIXELS,
        8 * (72 + GRID_GAP_PIXELS) - GRID_GAP_PIXELS,
        3,
    )
    assert draw_second_layer(model).pixels.shape == (5 * 9, 10 * 9, 3)
    assert draw_third_layer(model).pixels.shape == (70, 5 * (70 + GRID_GAP_PIXELS) - GRID_GAP_PIXELS, 3)


def test_a_grid_lays_pictures_beside_each_other_row_by_row():
    pictures = [Picture(np.full((4, 5, 3), shade, np.uint8)) for shade in (10, 20, 30)]
    sheet = arrange_grid(pictures, columns=2).pixels
    assert sheet.shape == (4 + GRID_GAP_PIXELS + 4, 5 + GRID_GAP_PIXELS + 5, 3)
    assert (sheet[:4, :5] == 10).all()
    assert (sheet[:4, -5:] == 20).all()
    assert (sheet[-4:, :5] == 30).all()
    assert arrange_grid(pictures, columns=9).pixels.shape == (4, 3 * 5 + 2 * GRID_GAP_PIXELS, 3)
