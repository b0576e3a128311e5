"""Arrays of all shapes and byte orders become pictures, and pictures become arrays of the same shape again."""

import numpy as np
import pytest
from PIL import Image

from srcnn.imaging.conversion import to_kind_of, to_picture
from srcnn.imaging.picture import ImageError
from srcnn.inference.upscaling import downscale, upscale

LEVELS = np.random.default_rng(0).integers(0, 256, (12, 14, 4), dtype=np.uint8)
ARRAYS = [LEVELS[..., 0], LEVELS[..., :1], LEVELS[..., :2], LEVELS[..., :3], LEVELS]


@pytest.mark.parametrize("array", ARRAYS, ids=["grey", "1", "2", "3", "4"])
@pytest.mark.parametrize("kind", ["u1", "<u2", ">u2"])
def test_an_array_is_given_back_in_its_shape(network, array, kind):
    array = (array.astype("u2") * (257 if kind.endswith("2") else 1)).astype(kind)
    picture, count = to_picture(array), array.shape[2] if array.ndim == 3 else 1
    assert picture.pixels.shape == (12, 14, 3)[: 3 if count > 2 else 2]
    assert picture.pixels.dtype.isnative
    assert (picture.alpha is not None) == (count in (2, 4))
    assert np.array_equal(to_kind_of(array, picture), array)
    assert upscale(array, network).shape == (12 * 3, 14 * 3, *array.shape[2:])
    assert downscale(array, 2).shape == (6, 7, *array.shape[2:])


@pytest.mark.parametrize(
    "array",
    [LEVELS[0, 0], LEVELS[None], LEVELS[:, :0], LEVELS[..., :0], np.dstack([LEVELS, LEVELS]), LEVELS / 255, LEVELS > 9]
    + [LEVELS.astype(np.int64), LEVELS.transpose(2, 0, 1)],
)
def test_what_is_no_array_of_a_picture_is_refused_in_a_sentence(array):
    with pytest.raises(ImageError, match=r"is \(H, W\) or \(H, W, 1 to 4\), .* uint8 or uint16, not") as caught:
        to_picture(array)
    assert str(caught.value).endswith(f"not {array.shape} and {array.dtype}.")


@pytest.mark.parametrize("mode", ["RGB", "L", "I;16"])
def test_a_pillow_image_without_pixels_is_refused_in_a_sentence(mode):
    with pytest.raises(ImageError, match="no pixels"):
        to_picture(Image.new(mode, (0, 5)))
