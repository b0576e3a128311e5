"""Pictures are opened as their files mean them: depth, transparency, turns, colours; and with their metadata."""

import struct

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from srcnn.imaging.colors.color_marks import MAX_PROFILE_BYTES
from srcnn.imaging.file_formats.metadata import MAX_EXIF_BYTES
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (7, 9, 3), dtype=np.uint8)
GREY = RGB[..., 0].copy()
ALPHA = RGB[..., 1].copy()


def written(tmp_path, image: Image.Image, name: str = "picture.png", **settings):
    path = tmp_path / name
    image.save(path, **settings)
    return path


def test_rgb_grey_and_alpha_are_kept(tmp_path):
    rgb = open_picture(written(tmp_path, Image.fromarray(RGB)))
    assert np.array_equal(rgb.pixels, RGB)
    assert rgb.alpha is None
    grey = open_picture(written(tmp_path, Image.fromarray(GREY)))
    assert np.array_equal(grey.pixels, GREY)
    rgba = open_picture(written(tmp_path, Image.fromarray(np.dstack([RGB, ALPHA]))))
    assert np.array_equal(rgba.pixels, RGB)
    assert np.array_equal(rgba.alpha, ALPHA)
    la = open_picture(written(tmp_path, Image.merge("LA", (Image.fromarray(GREY), Image.fromarray(ALPHA)))))
    assert np.array_equal(la.pixels, GREY)
    assert np.array_equal(la.alpha, ALPHA)


def test_sixteen_bit_grey_keeps_its_levels(tmp_path):
    levels = np.arange(63, dtype=np.uint16).reshape(7, 9) * 1000
    assert np.array_equal(open_picture(written(tmp_path, Image.fromarray(levels))).pixels, levels)
    big_endian = written(tmp_path, Image.fromarray(levels), "picture.tif")
    assert np.array_equal(open_picture(big_endian).pixels, levels)


def test_palette_with_transparency(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putdata([0, 1])
    picture = open_picture(written(tmp_path, image, transparency=1))
    assert picture.pixels.tolist() == [[[255, 0, 0], [0, 255, 0]]]
    assert picture.alpha.tolist() == [[255, 0]]


def test_black_and_white_and_cmyk(tmp_path):
    bits = Image.fromarray(GREY > 128)
    assert np.array_equal(open_picture(written(tmp_path, bits)).pixels, (GREY > 128) * np.uint8(255))
    cmyk = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    assert open_picture(written(tmp_path, cmyk, "picture.tif")).pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path, orientation):
    upright = np.zeros((20, 30), dtype=np.uint8)
    upright[:10, :10] = 200  # the upper left corner is bright
    undo = [None, None, 0, 3, 1, 5, 2, 6, 4]  # the Pillow transposition that a viewer has to undo
    image = Image.fromarray(upright)
    if undo[orientation] is not None:
        image = image.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = open_picture(written(tmp_path, image, exif=exif))
    assert np.array_equal(picture.pixels, upright)


def test_malformed_exif_does_no_harm(tmp_path):
    path = written(
        tmp_path, Image.fromarray(RGB), "picture.jpg", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff", quality=95
    )
    assert open_picture(path).pixels.shape == RGB.shape


def test_icc_profile_is_applied(tmp_path):
    """A profile whose red is sRGB's blue: the sRGB profile with two tags exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"tmp!").replace(b"bXYZ", b"rXYZ").replace(b"tmp!", b"bXYZ")
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be")).replace(b"sRGB", b"swap")
    image = Image.new("RGB", (4, 4), (250, 20, 20))
    blue = open_picture(written(tmp_path, image, icc_profile=swapped)).pixels[0, 0]
    assert blue == pytest.approx([20, 20, 250], abs=3)


def test_a_version_of_srgb_changes_nothing(tmp_path):
    """Its many versions differ by rounding only, and converting would add that rounding to every picture."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, rounded = struct.pack(">3i", 28576, 14581, 912), struct.pack(">3i", 28578, 14583, 914)
    other_version = profile.replace(red, rounded)
    assert other_version != profile
    path = written(tmp_path, Image.fromarray(RGB), icc_profile=other_version)
    assert np.array_equal(open_picture(path).pixels, RGB)


def test_a_broken_icc_profile_is_ignored(tmp_path):
    path = written(tmp_path, Image.fromarray(RGB), icc_profile=b"no profile at all")
    assert np.array_equal(open_picture(path).pixels, RGB)


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Not sRGB, but as well-formed: red and blue exchanged, another name.
SWAPPED = (
    SRGB.replace(b"rXYZ", b"tmp!").replace(b"bXYZ", b"rXYZ").replace(b"tmp!", b"bXYZ")
    .replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
)  # fmt: skip
# A grey profile: the RGB one under the signature of another colour space, at byte 16 of the header.
GREY_PROFILE = SRGB[:16] + b"GRAY" + SRGB[20:]
LOSSLESS = {"lossless": True}


def photographed(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.ExposureTime: (1, 125), ExifTags.Base.ExifImageWidth: 9}
    exif[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: "N"}
    return exif.tobytes()


def described(text: str) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = text
    return exif.tobytes()


def exif_of(path) -> tuple[dict, dict, dict]:
    """The main directory, the camera's and the place's."""
    with Image.open(path) as image:
        exif = image.getexif()
        return dict(exif), exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "a.avif"])
def test_profile_and_exif_are_kept_where_they_are_asked_for(tmp_path, name):
    source = written(tmp_path, Image.fromarray(RGB), name, icc_profile=SWAPPED, exif=photographed(), **LOSSLESS)
    with Image.open(source) as image:
        stored = np.asarray(image.convert("RGB"))
    picture = open_picture(source, keep_metadata=True)
    assert np.array_equal(picture.pixels, stored)  # in the colours of the file
    assert picture.profile == SWAPPED
    assert not np.array_equal(open_picture(source).pixels, stored)  # in sRGB, for measuring
    assert open_picture(source).profile is open_picture(source).exif is None

    picture.save(tmp_path / f"again {name}")
    with Image.open(tmp_path / f"again {name}") as image:
        assert image.info["icc_profile"] == SWAPPED
    main, camera, place = exif_of(tmp_path / f"again {name}")
    assert main[ExifTags.Base.Make] == "Maker"
    assert camera == {ExifTags.Base.ExposureTime: (1, 125)}  # without the size, which does not last
    assert place == {ExifTags.GPS.GPSLatitudeRef: "N"}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_kept_exif_does_not_turn_the_picture_again(tmp_path, orientation):
    source = written(tmp_path, Image.fromarray(RGB), exif=photographed(orientation))
    picture = open_picture(source, keep_metadata=True)
    picture.save(tmp_path / "again.png")
    assert ExifTags.Base.Orientation not in exif_of(tmp_path / "again.png")[0]
    assert np.array_equal(open_picture(tmp_path / "again.png").pixels, picture.pixels)
    assert np.array_equal(picture.pixels, open_picture(source).pixels)


def test_the_structure_of_a_tiff_is_not_taken_for_exif(tmp_path):
    source = written(tmp_path, Image.fromarray(RGB), "a.tif", exif=photographed())
    open_picture(source, keep_metadata=True).save(tmp_path / "a.png")
    assert set(exif_of(tmp_path / "a.png")[0]) <= {ExifTags.Base.Make, ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo}


@pytest.mark.parametrize(
    ("pixels", "profile", "kept"),
    [
        (RGB, SWAPPED, True),
        (np.dstack([RGB, ALPHA]), SWAPPED, True),
        (GREY, GREY_PROFILE, True),
        (GREY.astype(np.uint16) * 257, GREY_PROFILE, True),
        (GREY, SWAPPED, False),
        (RGB, GREY_PROFILE, False),
        (RGB, b"no profile at all", False),
        (RGB, SWAPPED + bytes(MAX_PROFILE_BYTES), False),
    ],
    ids=["rgb", "rgba", "grey", "16-bit", "of rgb on grey", "of grey on rgb", "broken", "huge"],
)
def test_a_profile_is_kept_where_it_fits_the_pixels(tmp_path, pixels, profile, kept):
    image = Image.fromarray(pixels)
    picture = open_picture(written(tmp_path, image, "a.tif", icc_profile=profile), keep_metadata=True)
    assert picture.profile == (profile if kept else None)
    channels = pixels if picture.alpha is None else pixels[..., :3]
    assert not kept or np.array_equal(picture.pixels, channels)
    picture.save(tmp_path / "again.png")
    again = open_picture(tmp_path / "again.png", keep_metadata=True)
    assert (again.profile, again.pixels.dtype) == (picture.profile, pixels.dtype)


@pytest.mark.parametrize("profile", [SRGB[:16] + b"CMYK" + SRGB[20:], SWAPPED], ids=["of cmyk", "of rgb"])
def test_cmyk_becomes_rgb_without_its_profile(tmp_path, profile):
    cmyk = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    picture = open_picture(written(tmp_path, cmyk, "a.tif", icc_profile=profile), keep_metadata=True)
    assert picture.profile is None
    assert picture.pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    "exif",
    [b"Exif\x00\x00II*\x00\xff\xff\xff\xff", b"Exif\x00\x00MM", described("x" * MAX_EXIF_BYTES)],
    ids=["no directory", "cut off", "huge"],
)
def test_exif_that_cannot_be_used_is_left_out(tmp_path, exif):
    picture = open_picture(written(tmp_path, Image.fromarray(RGB), exif=exif), keep_metadata=True)
    assert picture.exif is None
    assert np.array_equal(picture.pixels, RGB)


def test_the_parts_of_a_picture_have_its_colours():
    picture = Picture(RGB, ALPHA, SWAPPED, b"exif")
    for part in (picture.crop(3, 3), picture.centre(3), picture.flattened()):
        assert part.profile == SWAPPED


@pytest.mark.parametrize("name", ["a.gif", "a.bmp", "a.ppm", "a.jp2"])
def test_formats_without_metadata_are_written_without(tmp_path, name):
    Picture(RGB, None, SWAPPED, photographed()).save(tmp_path / name)
    assert open_picture(tmp_path / name).pixels.shape == RGB.shape


def test_the_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    path = tmp_path / "animation.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert open_picture(path).pixels[0, 0].tolist() == [255, 0, 0]


def test_a_palette_has_its_profile_applied_and_a_transparent_colour_stays(tmp_path):
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([250, 20, 20, 0, 0, 0])
    picture = open_picture(written(tmp_path, palette, "p.png", icc_profile=SWAPPED))
    assert picture.pixels[0, 0].tolist() == pytest.approx([20, 20, 250], abs=3)
    key = Image.new("RGB", (4, 4), (250, 20, 20))
    picture = open_picture(written(tmp_path, key, "k.png", icc_profile=SWAPPED, transparency=(250, 20, 20)))
    assert not picture.alpha.any()


@pytest.mark.parametrize("more", [b"", bytes(5000)])
def test_a_tiff_of_ycbcr_is_read_right_or_refused_in_a_sentence(tmp_path, more):
    """Pillow takes uncompressed ones for RGBX: a wrong picture, where the file has bytes enough."""
    for compression in ("tiff_lzw", "packbits"):
        path = written(tmp_path, Image.fromarray(RGB).convert("YCbCr"), "a.tif", compression=compression)
        assert np.abs(open_picture(path).pixels.astype(int) - RGB).max() <= 2
    path = written(tmp_path, Image.fromarray(RGB).convert("YCbCr"), "a.tif")
    path.write_bytes(path.read_bytes() + more)
    with pytest.raises(ImageError, match="YCbCr without compression are not supported; save it as PNG"):
        open_picture(path)
