"""The colours that the tags of a TIFF tell, where it has no profile."""

import numpy as np
import pytest
from PIL import ExifTags, Image

from srcnn.imaging.reading import open_picture
from tests.support.colors import GREY, P3_RED, UNUSABLE, lighten
from tests.support.picture_files import list_remarks

TIFF_GAMMA = tuple(round(65535 * (level / 255) ** 1.8) for level in range(256))


@pytest.mark.parametrize("image", [Image.fromarray(GREY), Image.fromarray(GREY).convert("RGB")], ids=["grey", "rgb"])
@pytest.mark.parametrize("samples", [TIFF_GAMMA, TIFF_GAMMA * 3], ids=["one", "three"])
def test_the_transfer_function_of_a_tiff_is_applied(tmp_path, image, samples):
    image.save(tmp_path / "a.tif", tiffinfo={ExifTags.Base.TransferFunction: samples})
    picture = open_picture(tmp_path / "a.tif")
    expected = lighten((GREY / 255) ** 1.8)
    assert list_remarks(picture) == []
    assert np.abs(picture.pixels.reshape(16, 16, -1) - expected[..., None]).max() <= 1.5
    assert open_picture(tmp_path / "a.tif", keep_metadata=True).profile


def test_the_primaries_of_a_tiff_are_applied(tmp_path):
    tags = {ExifTags.Base.WhitePoint: (0.3127, 0.329)}
    tags[ExifTags.Base.PrimaryChromaticities] = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
    Image.new("RGB", (4, 4), P3_RED).save(tmp_path / "a.tif", tiffinfo=tags)
    assert open_picture(tmp_path / "a.tif").pixels[0, 0].tolist() == pytest.approx((255, 0, 0), abs=3)
    tags[ExifTags.Base.PrimaryChromaticities] = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
    Image.new("RGB", (4, 4), P3_RED).save(tmp_path / "a.tif", tiffinfo=tags)
    assert open_picture(tmp_path / "a.tif", keep_metadata=True).profile is None


@pytest.mark.parametrize(
    "tags",
    [
        {ExifTags.Base.TransferFunction: TIFF_GAMMA + TIFF_GAMMA[::-1] + TIFF_GAMMA},
        {ExifTags.Base.TransferFunction: TIFF_GAMMA[:100]},
        {ExifTags.Base.PrimaryChromaticities: (0.64, 0.33)},
        {ExifTags.Base.WhitePoint: (0.3, 0.0)},
    ],
    ids=["of their own", "too short", "one", "without light"],
)
def test_tags_of_a_tiff_that_cannot_be_used_are_told(tmp_path, tags):
    Image.fromarray(GREY).convert("RGB").save(tmp_path / "a.tif", tiffinfo=tags)
    picture = open_picture(tmp_path / "a.tif")
    assert (list_remarks(picture), np.array_equal(picture.pixels[..., 0], GREY)) == ([UNUSABLE], True)
