import io
import os
import struct

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from srcnn.data.picture_sets import list_pictures
from srcnn.imaging.colors.color_marks import MAX_PROFILE_BYTES
from srcnn.imaging.file_formats.metadata import MAX_EXIF_BYTES
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (7, 9, 3), dtype=np.uint8)
GREY = RGB[..., 0].copy()
ALPHA = RGB[..., 1].copy()


needs_pipes = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


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


def text_named_png(folder):
    (folder / "a.png").write_text("This is no picture.")


def empty(folder):
    (folder / "a.png").touch()


def truncated_jpeg(folder):
    buffer = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (200, 200, 3), dtype=np.uint8)).save(buffer, "JPEG")
    (folder / "a.png").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])


def too_large(folder):
    Image.new("1", (12000, 12000)).save(folder / "a.png")


def floating_point(folder):
    Image.new("F", (5, 5)).save(folder / "a.png", format="TIFF")


def svg(folder):
    (folder / "a.png").write_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")


def folder_named_png(folder):
    (folder / "a.png").mkdir()


def pipe_named_png(folder):
    os.mkfifo(folder / "a.png")


def link_to_a_device(folder):
    (folder / "a.png").symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (text_named_png, "not a picture"),
        (empty, "not a picture"),
        (svg, "not a picture"),
        (truncated_jpeg, "damaged or cut off"),
        (folder_named_png, "is a folder"),
        pytest.param(pipe_named_png, "a.png is a pipe or a device", marks=needs_pipes),
        pytest.param(link_to_a_device, "a.png is a pipe or a device", marks=needs_pipes),
        (too_large, "144.0 megapixels"),
        (floating_point, "floating-point"),
        (lambda folder: None, "no file a.png"),
    ],
)
def test_bad_files_are_refused_by_one_sentence(tmp_path, make, words):
    make(tmp_path)
    with pytest.raises(ImageError, match=words) as caught:
        open_picture(tmp_path / "a.png")
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "picture",
    [Picture(RGB), Picture(GREY), Picture(RGB, ALPHA), Picture(GREY, ALPHA), Picture(GREY.astype(np.uint16) * 257)],
    ids=["rgb", "grey", "rgba", "grey-alpha", "16-bit"],
)
def test_png_round_trip(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    again = open_picture(tmp_path / "a.png")
    assert np.array_equal(again.pixels, picture.pixels)
    assert again.pixels.dtype == picture.pixels.dtype
    assert (again.alpha is None) == (picture.alpha is None)
    assert picture.alpha is None or np.array_equal(again.alpha, picture.alpha)


@pytest.mark.parametrize(
    ("picture", "name"), [(Picture(RGB, ALPHA), "a.jpg"), (Picture(RGB), "a.xyz"), (Picture(RGB), "a")]
)
def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, picture, name):
    with pytest.raises(ImageError, match=r"use \.png"):
        picture.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_flattened_lays_transparency_on_white():
    alpha = np.array([[0, 255, 51]], dtype=np.uint8)
    colour = Picture(np.full((1, 3, 3), 100, dtype=np.uint8), alpha).flattened()
    assert colour.pixels[0, :, 0].tolist() == [255, 100, 224]
    assert colour.alpha is None
    grey = Picture(np.full((1, 3), 25700, dtype=np.uint16)).flattened()
    assert grey.pixels.tolist() == [[100, 100, 100]]
    assert grey.pixels.dtype == np.uint8


def test_centre_takes_the_middle():
    picture = Picture(np.arange(35, dtype=np.uint8).reshape(5, 7))
    assert picture.centre(3).pixels.tolist() == [[9, 10, 11], [16, 17, 18], [23, 24, 25]]
    assert picture.centre(50).pixels.shape == (5, 7)


def test_listing_names_pictures_of_subfolders_and_nothing_else(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.png", "sub/a.JPG", "notes.txt", ".hidden.png"):
        (tmp_path / name).touch()
    assert [file.name for file in list_pictures(tmp_path)] == ["b.png", "a.JPG"]
    with pytest.raises(ImageError, match="no folder"):
        list_pictures(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImageError, match="holds no pictures"):
        list_pictures(tmp_path / "empty")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied"), "no permission to read a.png"),
        (OSError(5, "Input/output error"), r"a.png cannot be read \(Input/output error\)"),
        (OSError(116, "Stale file handle"), "a.png cannot be read"),
        (MemoryError(), "memory does not suffice"),
        (OSError("image file is truncated"), "damaged or cut off"),
    ],
)
@pytest.mark.parametrize("when", ["check_structure", "_load"])
def test_the_reason_is_the_right_one(tmp_path, monkeypatch, error, words, when):
    def fail(*_):
        raise error

    path = written(tmp_path, Image.fromarray(RGB), "a.png")
    monkeypatch.setattr(f"srcnn.imaging.reading.{when}", fail)
    with pytest.raises(ImageError, match=words) as caught:
        open_picture(path)
    assert str(tmp_path) not in str(caught.value)


PHOTO = (128 + 100 * np.sin(np.arange(96 * 96 * 3).reshape(96, 96, 3) / 500)).astype(np.uint8)
JPEGS = {
    "baseline": {},
    "progressive": {"progressive": True},
    "optimized": {"optimize": True},
    "restarting": {"restart_marker_rows": 1},
    "grey": {},
}


def jpeg(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PHOTO[..., 0] if kind == "grey" else PHOTO).save(buffer, "JPEG", quality=95, **JPEGS[kind])
    return buffer.getvalue()


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("end", [b"", b"\xff", b"\0" * 500], ids=["nothing", "half of it", "zeros"])
def test_a_jpeg_that_lacks_only_its_end_is_opened_whole(tmp_path, kind, end):
    whole = jpeg(kind)
    assert whole.endswith(b"\xff\xd9")
    (tmp_path / "whole.jpg").write_bytes(whole)
    (tmp_path / "a.jpg").write_bytes(whole[:-2] + end)
    assert np.array_equal(open_picture(tmp_path / "a.jpg").pixels, open_picture(tmp_path / "whole.jpg").pixels)


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("lost", [12, 40, 400])
def test_a_jpeg_that_lacks_pixels_is_refused(tmp_path, kind, lost):
    (tmp_path / "a.jpg").write_bytes(jpeg(kind)[:-lost])
    with pytest.raises(ImageError, match="cut off"):
        open_picture(tmp_path / "a.jpg")


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
