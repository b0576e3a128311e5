"""Colours by an ICC profile to sRGB: as lcms does it where that can, and with 16 bits where the picture has them."""

import io
import struct
import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageCms

from srcnn.imaging.colors import color_profiles, srgb_conversion
from srcnn.imaging.colors.color_profiles import ADOBE_RGB, SRGB, ColorSpace, build_profile, numbered_color_space
from srcnn.imaging.colors.srgb_conversion import convert_deep_to_srgb, keeps_sixteen_bits
from srcnn.imaging.conversion import to_picture
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import list_losses
from tests.support.picture_files import list_remarks

LEVELS = np.random.default_rng(0).integers(0, 65536, (24, 24, 3)).astype(np.uint16)
LEVELS[0], LEVELS[1] = 0, 65535
ADOBE = build_profile(ADOBE_RGB)
SPACES = {"Adobe RGB": ADOBE_RGB, "Display P3": numbered_color_space(12, 13), "BT.2020": numbered_color_space(9, 1)}
SPACES |= {"PQ": numbered_color_space(9, 16), "a gamma of 2.8": numbered_color_space(5, 5)}


def fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


CURVES = {  # ICC.1, 10.6 and 10.18
    "no curve": b"curv" + bytes(8),
    "a gamma": b"curv" + struct.pack(">IIH", 0, 1, 461),
    "five samples": b"curv" + struct.pack(">II5H", 0, 5, 0, 3000, 14000, 35000, 65535),
    "function 0": b"para" + struct.pack(">IHH", 0, 0, 0) + fixed(1.8),
    "function 1": b"para" + struct.pack(">IHH", 0, 1, 0) + fixed(2.2, 1.1, -0.1),
    "function 2": b"para" + struct.pack(">IHH", 0, 2, 0) + fixed(2.2, 0.9, 0.1, -(0.1**2.2)),
    "function 3": b"para" + struct.pack(">IHH", 0, 3, 0) + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    "function 4": b"para" + struct.pack(">IHH", 0, 4, 0) + fixed(2.4, 0.9, 0.05, 0.08, 0.05, 0.01, 0),
}


def convert_by_lcms(levels: np.ndarray, profile: bytes) -> np.ndarray:
    """(H, W, 3) uint8, by way of no code of the package."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    image = ImageCms.profileToProfile(Image.fromarray(levels), source, ImageCms.createProfile("sRGB"))
    return np.asarray(image)


def assert_as_lcms(profile: bytes) -> None:
    """Of levels that 8 bits hold, too; half a level is lcms's rounding, and it is not exact in the rest."""
    eight = (LEVELS >> 8).astype(np.uint8)
    deep = convert_deep_to_srgb(eight.astype(np.uint16) * 257, profile)
    assert deep.dtype == np.uint16
    assert np.abs(deep / 257 - convert_by_lcms(eight, profile)).max() < 1


@pytest.mark.parametrize("name", SPACES)
def test_sixteen_bits_become_what_lcms_makes_of_eight(name):
    assert_as_lcms(build_profile(SPACES[name]))


@pytest.mark.parametrize("name", CURVES)
def test_every_kind_of_curve_is_known(monkeypatch, name):
    monkeypatch.setattr(color_profiles, "_encode_curve", lambda _: CURVES[name])
    assert_as_lcms(build_profile(ADOBE_RGB))


def test_where_black_is_not_dark_lcms_decides(monkeypatch):
    curve = b"para" + struct.pack(">IHH", 0, 2, 0) + fixed(2.2, 1.1, -0.15, 0.05)
    monkeypatch.setattr(color_profiles, "_encode_curve", lambda _: curve)
    profile = build_profile(ADOBE_RGB)
    eight = (LEVELS >> 8).astype(np.uint8)
    assert np.array_equal(convert_deep_to_srgb(eight.astype(np.uint16) * 257, profile), convert_by_lcms(eight, profile))


def test_a_large_picture_is_converted_in_parts(monkeypatch):
    expected = convert_deep_to_srgb(LEVELS, ADOBE)
    monkeypatch.setattr(srgb_conversion, "_BAND_PIXELS", 50)
    assert np.array_equal(convert_deep_to_srgb(LEVELS, ADOBE), expected)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("space", ["Adobe RGB", "Display P3"])
def test_levels_that_eight_bits_do_not_tell_apart_are_kept(tmp_path, name, space):
    ramp = np.dstack([np.arange(20_000, 20_576, dtype=np.uint16).reshape(24, 24)] * 3)
    alpha = LEVELS[..., 0].copy()
    Picture(ramp, alpha, build_profile(SPACES[space])).save(tmp_path / name)
    opened = open_picture(tmp_path / name)
    assert (opened.pixels.dtype, opened.profile, opened.remarks) == (np.uint16, None, ())
    assert len(np.unique(opened.pixels)) > 450
    assert np.array_equal(opened.alpha, alpha)


def test_a_file_without_profiles_gets_them_in_srgb_with_sixteen_bits(tmp_path):
    picture = Picture(LEVELS, None, ADOBE)
    assert list_losses(picture, tmp_path / "a.ppm") == []
    picture.save(tmp_path / "a.ppm")
    assert np.array_equal(open_picture(tmp_path / "a.ppm").pixels, convert_deep_to_srgb(LEVELS, ADOBE))


def profile_by_table() -> bytes:
    """A profile of RGB whose colours are told by a table, as scanners have it: XYZ at the corners of the cube."""
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]) @ [
        [14000, 7000, 400],
        [12000, 23000, 3000],
        [4700, 2000, 23000],
    ]
    identity = fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    ends = struct.pack(">6H", *[0, 65535] * 3)
    table = b"mft2" + struct.pack(">I4B", 0, 3, 3, 2, 0) + identity + struct.pack(">2H", 2, 2) + ends
    table += corners.astype(">u2").tobytes() + ends
    whole = build_profile(ADOBE_RGB)
    count = int.from_bytes(whole[128:132], "big")
    directory = [list(struct.unpack_from(">4sII", whole, 132 + 12 * number)) for number in range(count)]
    entries = [struct.pack(">4sII", name, place + 12, length) for name, place, length in directory]
    entries.append(struct.pack(">4sII", b"A2B0", len(whole) + 12, len(table)))
    body = struct.pack(">I", count + 1) + b"".join(entries) + whole[132 + 12 * count :] + table
    return struct.pack(">I", 128 + len(body)) + whole[4:128] + body


def test_what_only_eight_bits_can_be_converted_by_is_told(tmp_path):
    """In reading and in writing; the levels are those of lcms."""
    profile = profile_by_table()
    picture = Picture(LEVELS, LEVELS[..., 0].copy(), profile)
    picture.save(tmp_path / "a.png")
    opened = open_picture(tmp_path / "a.png")
    assert list_remarks(opened) == ["its 16 bits a channel were reduced to 8"]
    assert (opened.pixels.dtype, opened.alpha.dtype) == (np.uint8, np.uint8)
    expected = convert_by_lcms(np.floor(LEVELS / 257 + 0.5).astype(np.uint8), profile)
    assert np.array_equal(opened.pixels, expected)
    assert open_picture(tmp_path / "a.png", keep_metadata=True).remarks == ()
    opaque = Picture(LEVELS, None, profile)
    assert [str(loss) for loss in list_losses(opaque, tmp_path / "a.ppm")] == [
        "its 16 bits a channel become 8 in a .ppm file"
    ]
    opaque.save(tmp_path / "a.ppm")
    assert np.array_equal(open_picture(tmp_path / "a.ppm").pixels, expected)


@pytest.mark.parametrize(
    "profile",
    [
        build_profile(SRGB).replace("Converted".encode("utf-16-be"), "sRGB 1998".encode("utf-16-be")),
        ADOBE[:200],
        ADOBE.replace(b"rTRC", b"xTRC"),
        ADOBE.replace(b"acsp", b"acsq"),
        build_profile(ADOBE_RGB, grey=True),
    ],
    ids=["sRGB", "cut off", "no curve", "no profile", "grey"],
)
def test_profiles_that_change_nothing_or_cannot_be_used_leave_every_level(profile):
    assert np.array_equal(convert_deep_to_srgb(LEVELS, profile), LEVELS)


def named(profile: bytes, name: str) -> bytes:
    """A profile of another name, of as many letters as "Converted" has."""
    assert len(name) == len("Converted")
    return profile.replace("Converted".encode("utf-16-be"), name.encode("utf-16-be"))


@pytest.mark.parametrize(
    ("space", "name", "is_kept"),
    [
        (ColorSpace(curve=(1.0,)), "lin. sRGB", False),
        (ADOBE_RGB, "like sRGB", False),
        (SRGB, "Converted", True),
    ],
)
def test_a_profile_is_srgb_by_what_it_does_and_not_by_its_name(tmp_path, space, name, is_kept):
    profile = named(build_profile(space), name)
    eight = (LEVELS >> 8).astype(np.uint8)
    Picture(eight, None, profile).save(tmp_path / "a.png")
    expected = eight if is_kept else convert_by_lcms(eight, profile)
    assert np.array_equal(open_picture(tmp_path / "a.png").pixels, expected)
    Picture(eight, None, profile).save(tmp_path / "a.bmp")
    assert np.array_equal(open_picture(tmp_path / "a.bmp").pixels, expected)


def test_a_table_is_srgb_by_its_name(tmp_path):
    eight = (LEVELS >> 8).astype(np.uint8)
    Picture(eight, None, named(profile_by_table(), "table sRG")).save(tmp_path / "a.png")
    assert not np.array_equal(open_picture(tmp_path / "a.png").pixels, eight)
    Picture(eight, None, named(profile_by_table(), "sRGB tab.")).save(tmp_path / "a.png")
    assert np.array_equal(open_picture(tmp_path / "a.png").pixels, eight)


@pytest.mark.parametrize("parameters", [(-3.0, 0.0, 0.0), (2.0, 30000.0, 30000.0), (30000.0, 9.0, -9.0)])
def test_senseless_curves_raise_nothing(monkeypatch, parameters):
    curve = b"para" + struct.pack(">IHH", 0, 1, 0) + fixed(*parameters)
    monkeypatch.setattr(color_profiles, "_encode_curve", lambda _: curve)
    profile = build_profile(ADOBE_RGB)
    assert keeps_sixteen_bits(profile) in (True, False)
    assert convert_deep_to_srgb(LEVELS, profile).shape == LEVELS.shape


@pytest.mark.parametrize("samples", [None, 4_000_000], ids=["many tags in one place", "a long curve"])
def test_a_long_profile_takes_no_more_memory_than_it_is_long(samples):
    profile = bytearray(build_profile(ADOBE_RGB).ljust(8_000_000, b"\0"))
    struct.pack_into(">I", profile, 0, len(profile))
    if samples:
        place = len(profile) - 12 - 2 * samples + 4_000
        profile[place : place + 12] = b"curv" + struct.pack(">II", 0, samples - 4_000)
    for number in range(90):
        name = (b"rTRC", b"gTRC", b"bTRC")[number % 3] if samples else b"a%03d" % number
        struct.pack_into(">4sII", profile, 132 + 12 * number, name, place if samples else number, len(profile) - 99)
    struct.pack_into(">I", profile, 128, 90)
    tracemalloc.start()
    try:
        keeps_sixteen_bits(bytes(profile))
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("mode", "most"), [("RGB", 3), ("L", 5)])  # a grey picture's profile becomes one of greys
def test_a_profile_is_read_once_for_one_picture(tmp_path, monkeypatch, mode, most):
    read, sample_curve = [], srgb_conversion._sample_curve
    monkeypatch.setattr(srgb_conversion, "_sample_curve", lambda content: read.append(1) or sample_curve(content))
    profile = build_profile(ColorSpace(curve=(2.2 + most / 100,)))  # which no other test asked for
    Image.new(mode, (9, 9), "gray").save(tmp_path / "a.png", icc_profile=profile)
    first = open_picture(tmp_path / "a.png")
    assert 0 < len(read) <= most
    open_picture(tmp_path / "a.png")
    assert len(read) <= most + 1
    assert np.array_equal(first.pixels, open_picture(tmp_path / "a.png").pixels)


@pytest.mark.parametrize("mode", ["RGBA", "RGBa", "RGBX", "YCbCr", "HSV"])
def test_every_mode_of_colours_is_converted_by_its_profile(mode):
    image = Image.new("RGB", (4, 4), (200, 40, 120))
    image.info["icc_profile"] = ADOBE
    expected = to_picture(image).pixels[0, 0].astype(int)
    assert expected[0] - 200 > 10
    other = image.convert("RGBA").convert(mode) if mode == "RGBa" else image.convert(mode)
    other.info["icc_profile"] = ADOBE
    assert np.abs(to_picture(other).pixels[0, 0] - expected).max() <= 4


def test_the_colours_of_lab_are_known_without_its_profile():
    image = Image.new("RGB", (4, 4), (200, 40, 120)).convert("LAB")
    assert image.info["icc_profile"]
    for profile in (image.info["icc_profile"], ADOBE):
        image.info["icc_profile"] = profile
        picture = to_picture(image)
        assert np.abs(picture.pixels[0, 0] - np.array([200, 40, 120])).max() <= 4
        assert not picture.remarks
