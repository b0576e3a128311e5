import numpy as np
import pytest
import torch
from PIL import Image

from srcnn.data.picture_sets import list_pictures
from srcnn.imaging.imresize import imresize, to_uint8
from srcnn.imaging.reading import open_picture

SCALES = (2, 3, 4)


@pytest.fixture
def plane() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).uniform(0, 255, (48, 60)))


@pytest.mark.parametrize("scale", SCALES)
def test_uint8_equals_matlab_pixel_for_pixel(shared, scale):
    files = list_pictures(shared / f"data/matlab/Set5/x{scale}")
    assert len(files) == 5
    for file in files:
        truth = open_picture(shared / "data/test/Set5" / file.name).pixels
        height, width = (side - side % scale for side in truth.shape[:2])
        reduced = imresize(torch.from_numpy(truth[:height, :width].transpose(2, 0, 1).copy()), 1 / scale)
        np.testing.assert_array_equal(reduced.numpy().transpose(1, 2, 0), open_picture(file).pixels)


@pytest.mark.parametrize("scale", [2, 3, 4, 1 / 2, 1 / 3, 1 / 4])
def test_inside_of_the_picture_equals_pillows_kernel(plane, scale):
    """Pillow has the same kernel and antialiasing but other borders, so only the inside can be compared."""
    result = imresize(plane, scale)
    height, width = result.shape
    pillow = np.asarray(Image.fromarray(plane.float().numpy()).resize((width, height), Image.Resampling.BICUBIC))
    border = 8
    np.testing.assert_allclose(
        result.numpy()[border:-border, border:-border] if scale > 1 else result.numpy()[3:-3, 3:-3],
        pillow[border:-border, border:-border] if scale > 1 else pillow[3:-3, 3:-3],
        atol=1e-3,
    )


@pytest.mark.parametrize("scale", [2, 3, 4, 1 / 2, 1 / 3, 1 / 4, 0.7])
def test_a_constant_stays_a_constant(scale):
    assert torch.allclose(imresize(torch.full((25, 31), 77.0, dtype=torch.float64), scale), torch.tensor(77.0).double())


@pytest.mark.parametrize("scale", SCALES)
def test_mirroring_and_turning_commute_with_resizing(plane, scale):
    for turned in (lambda x: x.flip(0), lambda x: x.flip(1), lambda x: x.mT):
        assert torch.allclose(imresize(turned(plane), 1 / scale), turned(imresize(plane, 1 / scale)))


def test_borders_are_mirrored_with_the_edge_repeated():
    row = torch.tensor([[0.0, 90.0]], dtype=torch.float64)
    # the first output pixel lies at 0.75: taps -1, 0, 1, 2 with Keys' weights at distances 1.75, .75, .25, 1.25
    weights = torch.tensor([-0.0234375, 0.2265625, 0.8671875, -0.0703125], dtype=torch.float64)
    mirrored = torch.tensor([90.0, 0.0, 0.0, 90.0], dtype=torch.float64)
    assert imresize(row, 2)[0, 0].item() == pytest.approx((weights * mirrored).sum().item())


@pytest.mark.parametrize("size", range(3, 40))
@pytest.mark.parametrize("scale", SCALES)
def test_sizes_are_those_of_matlab(size, scale):
    assert imresize(torch.zeros(1, size), 1 / scale).shape[-1] == -(-size // scale)
    assert imresize(torch.zeros(1, size), scale).shape[-1] == size * scale


def test_float_is_not_clipped_and_uint8_is():
    edge = torch.zeros(12, 12, dtype=torch.float64)
    edge[:, 6:] = 255
    assert imresize(edge, 2).max() > 255
    assert imresize(edge.to(torch.uint8), 2).max() == 255


def test_leading_dimensions_are_kept(plane):
    stack = torch.stack([plane, 2 * plane])[None]
    result = imresize(stack, 1 / 3)
    assert result.shape == (1, 2, 16, 20)
    assert torch.equal(result[0, 1], imresize(2 * plane, 1 / 3))


def test_rounding_is_half_up():
    assert to_uint8(torch.tensor([-3.0, 0.49, 0.5, 1.5, 254.5, 300.0])).tolist() == [0, 0, 1, 2, 255, 255]


@pytest.mark.parametrize("scale", [0, -1, float("inf")])
def test_meaningless_scales_are_refused(scale):
    with pytest.raises(ValueError, match="positive"):
        imresize(torch.zeros(4, 4), scale)


def test_empty_pictures_are_refused():
    with pytest.raises(ValueError, match="without pixels"):
        imresize(torch.zeros(0, 4), 2)
