"""What a file tells of its colours is read, by whatever mark: they are converted to sRGB, or get a profile."""

import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import ExifTags, Image

from srcnn.imaging.colors.color_profiles import ADOBE_RGB, SRGB, build_profile, numbered_color_space
from srcnn.imaging.conversion import to_picture
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import list_losses
from tests.support.colors import GREY, LINEAR, P3, P3_RED, UNUSABLE, lighten
from tests.support.picture_files import insert_chunk, list_remarks, save_and_open


def png_with(path, **chunks: bytes) -> None:
    Image.new("RGB", (4, 4), (234, 51, 35)).save(path)
    for kind, content in chunks.items():
        insert_chunk(path, kind.encode(), content)


def cicp(primaries: int, transfer: int) -> bytes:
    return bytes([primaries, transfer, 0, 1])


P3_CHROMATICITY = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
SRGB_CHROMATICITY = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
SRGB_GAMMA, OLD_MAC_GAMMA = struct.pack(">I", 45455), struct.pack(">I", 55556)


@pytest.mark.parametrize("chunks", [{"cICP": cicp(12, 13)}, {"cHRM": P3_CHROMATICITY}])
def test_wide_gamut_without_a_profile_is_converted_or_gets_one(tmp_path, chunks):
    png_with(tmp_path / "a.png", **chunks)
    assert open_picture(tmp_path / "a.png").pixels[0, 0].tolist() == pytest.approx((255, 0, 0), abs=3)
    picture = open_picture(tmp_path / "a.png", keep_metadata=True)
    assert picture.pixels[0, 0].tolist() == list(P3_RED)
    picture.save(tmp_path / "b.jpg")
    assert open_picture(tmp_path / "b.jpg").pixels[0, 0].tolist() == pytest.approx((255, 0, 0), abs=4)


@pytest.mark.parametrize(
    "chunks",
    [
        {"cICP": cicp(1, 13)},
        {"cICP": cicp(2, 2)},
        {"cICP": cicp(9, 99)},
        {"cHRM": SRGB_CHROMATICITY, "gAMA": SRGB_GAMMA},
        {"sRGB": b"\0", "gAMA": OLD_MAC_GAMMA},
        {"cHRM": bytes(32)},
        {"gAMA": bytes(4)},
        {"cICP": b""},
    ],
)
def test_srgb_unknown_and_senseless_marks_change_nothing(tmp_path, chunks):
    png_with(tmp_path / "a.png", **chunks)
    picture = open_picture(tmp_path / "a.png", keep_metadata=True)
    assert (picture.profile, picture.pixels[0, 0].tolist()) == (None, list(P3_RED))


def test_a_gamma_is_applied(tmp_path):
    """Of 1.8, as old Macintoshes had it: 128 is darker there."""
    Image.new("RGB", (4, 4), (128, 128, 128)).save(tmp_path / "a.png")
    insert_chunk(tmp_path / "a.png", b"gAMA", OLD_MAC_GAMMA)
    linear = (128 / 255) ** 1.8
    expected = 255 * (1.055 * linear ** (1 / 2.4) - 0.055)
    assert open_picture(tmp_path / "a.png").pixels[0, 0].tolist() == pytest.approx([expected] * 3, abs=1.5)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
@pytest.mark.parametrize(
    "camera",
    [{ExifTags.Base.ColorSpace: 2}, {ExifTags.Base.ColorSpace: 0xFFFF, ExifTags.IFD.Interop: {1: "R03"}}],
    ids=["by number", "by interoperability"],
)
def test_adobe_rgb_that_only_exif_tells_gets_its_profile(tmp_path, name, camera):
    exif = Image.Exif()
    exif[ExifTags.IFD.Exif] = camera
    if name == "a.tif" and len(camera) > 1:
        pytest.skip("Pillow does not write that directory into a TIFF")
    Image.new("RGB", (16, 16), (219, 0, 0)).save(tmp_path / name, exif=exif.tobytes())
    assert open_picture(tmp_path / name, keep_metadata=True).profile == build_profile(ADOBE_RGB)
    assert open_picture(tmp_path / name).pixels[8, 8, 0] >= 250


def test_avif_tells_its_colours_by_numbers(tmp_path):
    Image.new("RGB", (16, 16), P3_RED).save(tmp_path / "a.avif", quality=100, subsampling="4:4:4")
    whole = (tmp_path / "a.avif").read_bytes()
    place = whole.index(b"colrnclx") + 8
    (tmp_path / "a.avif").write_bytes(whole[:place] + struct.pack(">HH", 12, 13) + whole[place + 4 :])
    assert open_picture(tmp_path / "a.avif").pixels[8, 8].tolist() == pytest.approx((255, 0, 0), abs=6)


def encode_pq(light: np.ndarray) -> np.ndarray:
    """cd/m2 -> levels 0..1: the inverse EOTF of ITU-R BT.2100, table 4."""
    power = (light / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def encode_hlg(light: np.ndarray) -> np.ndarray:
    """cd/m2 of a display of 1,000 -> levels 0..1: the OETF of table 5 and the inverse OOTF for greys."""
    scene = (light / 1_000) ** (1 / 1.2)
    return np.where(
        scene <= 1 / 12, (3 * scene) ** 0.5, 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    )


@pytest.mark.parametrize(("transfer", "encode"), [(16, encode_pq), (18, encode_hlg)])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("primaries", [1, 2, 9])
def test_hdr_looks_up_to_white_as_in_srgb(tmp_path, transfer, encode, deep, primaries):
    """White paper has 203 cd/m2 (ITU-R BT.2408); what is brighter is white."""
    srgb = np.arange(20, 256, 5)
    light = 203 * ((srgb / 255 + 0.055) / 1.055) ** 2.4
    most = 65535 if deep else 255
    levels = np.append(np.round(most * encode(light)), [0.9 * most, most]).astype(np.uint16 if deep else np.uint8)
    Picture(np.tile(levels[None, :, None], (4, 1, 3))).save(tmp_path / "a.png")
    insert_chunk(tmp_path / "a.png", b"cICP", cicp(primaries, transfer))
    expected = np.append(srgb, [255, 255])
    assert np.abs(open_picture(tmp_path / "a.png").flattened().pixels[0, :, 0].astype(int) - expected).max() <= 3
    kept_levels = open_picture(tmp_path / "a.png", keep_metadata=True)
    assert np.array_equal(kept_levels.pixels[0, :, 0], levels)
    assert np.abs(save_and_open(kept_levels, tmp_path / "b.bmp").pixels[0, :, 0].astype(int) - expected).max() <= 3
    assert save_and_open(kept_levels, tmp_path / "b.png").profile == kept_levels.profile


@pytest.mark.parametrize("name", ["a.gif", "a.bmp", "a.ppm", "a.jp2", "a.tga"])
def test_formats_without_profiles_get_the_colours_in_srgb(tmp_path, name):
    pixels = np.full((8, 8, 3), P3_RED, np.uint8)
    picture = Picture(pixels, profile=build_profile(numbered_color_space(12, 13)))
    assert save_and_open(picture, tmp_path / name).pixels[4, 4].tolist() == pytest.approx((255, 0, 0), abs=3)


def grey_files(folder, profile: bytes | None):
    """Files of the same greys with a profile, or with a gamma of 1: of 8 and 16 bits, with alpha, of two formats."""
    deep = GREY.astype(np.uint16) * 257
    for name, pixels, alpha in (
        ("a.png", GREY, None),
        ("la.png", GREY, GREY),
        ("16.png", deep, None),
        ("la 16.png", deep, deep),
        ("a.tif", GREY, None),
        ("la 16.tif", deep, deep),
    ):
        if profile or name.endswith(".png"):
            Picture(pixels, alpha, profile).save(folder / name)
            if not profile:
                insert_chunk(folder / name, b"gAMA", struct.pack(">I", 100_000))
            yield folder / name


@pytest.mark.parametrize(
    "profile",
    [None, build_profile(LINEAR, grey=True), build_profile(LINEAR)],
    ids=["a gamma", "of greys", "of colours"],
)
def test_greys_are_converted_by_their_curve(tmp_path, profile):
    """As the same file with its profile is, where the result can hold none."""
    expected = lighten(GREY / 255)
    for file in grey_files(tmp_path, profile):
        again = save_and_open(open_picture(file, keep_metadata=True), file.with_suffix(".jp2"))
        for picture in (open_picture(file), again):
            full = np.iinfo(picture.pixels.dtype).max
            assert np.abs(picture.pixels * (255 / full) - expected).max() <= 0.51
            assert (picture.profile, picture.remarks) == (None, ())
            assert picture.alpha is None or np.array_equal(picture.alpha // (full // 255), GREY)
        picture = open_picture(file, keep_metadata=True)
        assert np.array_equal(picture.pixels // (np.iinfo(picture.pixels.dtype).max // 255), GREY)
        assert picture.profile[16:20] == b"GRAY"
        assert "profile" not in str(list_losses(replace(picture, alpha=None), tmp_path / "a.jp2"))


@pytest.mark.parametrize("name", ["a.bmp", "a.gif", "a.tga", "a.pgm"])
def test_dark_greys_of_sixteen_bits_are_converted_before_they_are_rounded(tmp_path, name):
    levels = np.arange(256, dtype=np.uint16).reshape(16, 16)
    Picture(levels, None, build_profile(LINEAR, grey=True)).save(tmp_path / name)
    found = open_picture(tmp_path / name).pixels
    found = found.reshape(16, 16, -1)[..., 0] * (255 / np.iinfo(found.dtype).max)
    assert np.abs(found - lighten(levels / 65535)).max() <= 0.51


def test_srgb_greys_stay_as_they_are(tmp_path):
    for profile in (build_profile(SRGB, grey=True), build_profile(SRGB), P3):
        Image.fromarray(GREY).save(tmp_path / "a.png", icc_profile=profile)
        picture = open_picture(tmp_path / "a.png")
        assert (picture.remarks, np.array_equal(picture.pixels, GREY)) == ((), True)


CURVE = build_profile(LINEAR, grey=True)
TINTED = build_profile(LINEAR).replace(b"gTRC", b"tTRC").replace(b"cprt", b"gTRC")


@pytest.mark.parametrize(
    ("profile", "is_kept"),
    [
        (CURVE.replace(b"kTRC", b"A2B0"), True),
        (CURVE[:16] + b"GRAYLab " + CURVE[24:], True),
        (TINTED, False),
        (build_profile(LINEAR)[:16] + b"CMYK" + build_profile(LINEAR)[20:], False),
        (b"no profile", False),
    ],
    ids=["a table", "Lab", "curves of their own", "of CMYK", "none"],
)
def test_a_profile_of_which_no_curve_of_greys_is_known_is_told(tmp_path, profile, is_kept):
    Image.fromarray(GREY).save(tmp_path / "a.png", icc_profile=profile)
    picture = open_picture(tmp_path / "a.png")
    assert (list_remarks(picture), np.array_equal(picture.pixels, GREY)) == ([UNUSABLE], True)
    picture = open_picture(tmp_path / "a.png", keep_metadata=True)
    losses = [str(loss) for loss in list_losses(picture, tmp_path / "a.bmp")]
    if is_kept:
        assert (list_remarks(picture), picture.profile) == ([], profile)
        assert losses == ["a .bmp file cannot hold its colour profile"]
    else:
        assert (list_remarks(picture), picture.profile, losses) == ([UNUSABLE], None, [])


def test_a_pillow_image_has_the_colours_of_its_file(tmp_path):
    rgb = np.dstack([GREY, GREY.T, GREY[::-1]])
    exif = Image.Exif()
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.ColorSpace: 2}
    Image.fromarray(rgb).save(tmp_path / "a.jpg", exif=exif)
    Image.fromarray(rgb).save(tmp_path / "a.tif", exif=exif.tobytes())
    for name, kind, content in (
        ("gamma.png", b"gAMA", OLD_MAC_GAMMA),
        ("primaries.png", b"cHRM", P3_CHROMATICITY),
        ("numbers.png", b"cICP", cicp(12, 13)),
        ("grey.png", b"gAMA", OLD_MAC_GAMMA),
    ):
        Image.fromarray(GREY if name == "grey.png" else rgb).save(tmp_path / name)
        insert_chunk(tmp_path / name, kind, content)
    for file in sorted(tmp_path.iterdir()):
        expected = open_picture(file).pixels
        with Image.open(file) as image:
            assert np.array_equal(to_picture(image).pixels, expected)
            assert not np.array_equal(np.asarray(image), expected)
            assert not image.info.get("icc_profile")
        with Image.open(file) as image:
            image.load()
            file.unlink()  # the numbers go with it
            same = np.array_equal(to_picture(image).pixels, expected)
            assert same != (file.name == "numbers.png")


CICP_CURVES = {  # ITU-T H.273, table 3: the light of levels 0..1
    4: lambda level: level**2.2,
    5: lambda level: level**2.8,
    7: lambda level: np.where(level < 0.0912, level / 4, ((level + 0.1115) / 1.1115) ** (1 / 0.45)),
    8: lambda level: level,
    9: lambda level: np.where(level > 0, 100 ** (level - 1), 0),
    10: lambda level: np.where(level > 0, 10 ** (2.5 * (level - 1)), 0),
    11: lambda level: np.where(level < 0.081, level / 4.5, ((level + 0.099) / 1.099) ** (1 / 0.45)),
    17: lambda level: (52.37 / 48 * level**2.6).clip(0, 1),
}
CICP_CURVES[12] = CICP_CURVES[11]


@pytest.mark.parametrize(
    ("primaries", "transfer"), [*zip((1, 4, 8, 10, 22) * 2, CICP_CURVES, strict=False), (22, 8), (8, 4), (4, 5)]
)
@pytest.mark.parametrize("is_narrow", [False, True])
def test_numbered_curves_and_primaries_are_known(tmp_path, primaries, transfer, is_narrow):
    """Greys have the curve's light whatever the primaries are; of narrow levels, black is 16 and white 235."""
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(np.dstack([levels] * 3)).save(tmp_path / "a.png")
    insert_chunk(tmp_path / "a.png", b"cICP", bytes([primaries, transfer, 0, not is_narrow]))
    picture = open_picture(tmp_path / "a.png")
    whole = levels / 255 if not is_narrow else ((levels - 16.0) / 219).clip(0, 1)
    assert list_remarks(picture) == []
    assert np.abs(picture.pixels - lighten(CICP_CURVES[transfer](whole))[..., None]).max() <= 1.5
    insert_chunk(tmp_path / "a.png", b"gAMA", SRGB_GAMMA)  # which does not count beside it
    assert np.array_equal(open_picture(tmp_path / "a.png").pixels, picture.pixels)


def test_xyz_as_primaries_are_colours(tmp_path):
    """Of light: sRGB's red, (0.4124, 0.2126, 0.0193) with the white (0.9505, 1, 1.0891), for the white (1, 1, 1)."""
    red = np.round(65535 * np.array([0.4124 / 0.9505, 0.2126, 0.0193 / 1.0891])).astype(np.uint16)
    Picture(np.full((4, 4, 3), red, np.uint16)).save(tmp_path / "a.png")
    insert_chunk(tmp_path / "a.png", b"cICP", cicp(10, 8))
    assert open_picture(tmp_path / "a.png").flattened().pixels[0, 0].tolist() == pytest.approx([255, 0, 0], abs=12)


@pytest.mark.parametrize(("content", "is_told"), [(cicp(3, 13), True), (cicp(1, 19), True), (cicp(2, 2), False)])
def test_numbers_that_are_not_known_are_told_and_a_profile_goes_before_them(tmp_path, content, is_told):
    Image.fromarray(GREY).convert("RGB").save(tmp_path / "a.png")
    insert_chunk(tmp_path / "a.png", b"cICP", content)
    assert list_remarks(open_picture(tmp_path / "a.png")) == [UNUSABLE] * is_told
    Image.fromarray(GREY).convert("RGB").save(tmp_path / "a.png", icc_profile=build_profile(LINEAR))
    insert_chunk(tmp_path / "a.png", b"cICP", content)
    picture = open_picture(tmp_path / "a.png", keep_metadata=True)
    assert (list_remarks(picture), picture.profile) == ([], build_profile(LINEAR))


@pytest.mark.parametrize(("numbers", "expected"), [((12, 13), P3), ((1, 13), None)])
def test_the_numbers_of_a_png_go_before_its_profile(tmp_path, numbers, expected):
    Image.fromarray(GREY).convert("RGB").save(tmp_path / "a.png", icc_profile=build_profile(ADOBE_RGB))
    insert_chunk(tmp_path / "a.png", b"cICP", cicp(*numbers))
    assert open_picture(tmp_path / "a.png", keep_metadata=True).profile == expected
