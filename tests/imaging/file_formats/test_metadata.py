"""What a file tells beside its pixels travels along: resolution, XMP, IPTC and texts."""

import struct

import numpy as np
import pytest
from PIL import ExifTags, Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

from srcnn.cli.parser import main
from srcnn.imaging.colors.color_profiles import ADOBE_RGB, build_profile
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import list_losses
from tests.support.picture_files import save_and_open

RGB = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6">Harbour</rdf:Description></rdf:RDF></x:xmpmeta>'
)
IPTC = b"\x1c\x02\x78\x00\x07Harbour"  # record 2, data set 120: a caption
DEEP = RGB.astype(np.uint16) * 257


def resolution_exif(dots: float, unit: int) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.XResolution] = exif[ExifTags.Base.YResolution] = dots
    exif[ExifTags.Base.ResolutionUnit] = unit
    return exif.tobytes()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("jfif.jpg", {"dpi": (300, 300)}),
        ("phys.png", {"dpi": (300, 300)}),
        ("tags.tif", {"dpi": (300, 300)}),
        ("header.bmp", {"dpi": (300, 300)}),
        ("exif.jpg", {"exif": resolution_exif(300, 2)}),
        ("centimetres.webp", {"exif": resolution_exif(300 / 2.54, 3)}),
        ("exif.avif", {"exif": resolution_exif(300, 2)}),
    ],
)
@pytest.mark.parametrize("target", ["a.png", "a.jpg", "a.tif", "a.webp", "a.avif", "a.bmp"])
def test_the_resolution_travels_from_each_format_to_each(tmp_path, name, settings, target):
    Image.fromarray(RGB).save(tmp_path / name, **settings)
    picture = open_picture(tmp_path / name, keep_metadata=True)
    assert save_and_open(picture, tmp_path / target).dpi == pytest.approx((300, 300), abs=0.5)


@pytest.mark.parametrize("settings", [{}, {"exif": resolution_exif(0, 2)}, {"exif": b"Exif\0\0MM"}])
def test_no_resolution_is_made_up(tmp_path, settings):
    Image.fromarray(RGB).save(tmp_path / "a.tif")
    assert open_picture(tmp_path / "a.tif", keep_metadata=True).dpi is None
    Image.fromarray(RGB).save(tmp_path / "a.jpg", **settings)
    assert open_picture(tmp_path / "a.jpg", keep_metadata=True).dpi is None


@pytest.mark.parametrize("source", ["a.jpg", "a.tif", "a.webp", "a.avif", "a.png"])
@pytest.mark.parametrize("target", ["b.jpg", "b.tif", "b.webp", "b.avif", "b.png"])
def test_xmp_travels_and_does_not_turn_the_picture_again(tmp_path, source, target):
    Picture(RGB, xmp=XMP).save(tmp_path / source)
    assert b'tiff:Orientation="6"' in (tmp_path / source).read_bytes()
    picture = open_picture(tmp_path / source, keep_metadata=True)
    again = save_and_open(picture, tmp_path / target)
    assert again.xmp == picture.xmp
    assert b"Harbour" in again.xmp
    assert b'Orientation="6"' not in again.xmp
    assert again.pixels.shape == picture.pixels.shape


@pytest.mark.parametrize("source", ["a.jpg", "a.tif"])
@pytest.mark.parametrize("target", ["b.jpg", "b.tif"])
def test_iptc_travels(tmp_path, source, target):
    Picture(RGB, iptc=IPTC).save(tmp_path / source)
    assert save_and_open(open_picture(tmp_path / source, keep_metadata=True), tmp_path / target).iptc == IPTC


@pytest.mark.parametrize("pixels", [RGB, DEEP])
def test_texts_of_a_png_travel(tmp_path, pixels):
    info = PngInfo()
    info.add_text("parameters", "a harbour at night, Steps: 20, Seed: 7")
    info.add_itxt("Title", "Hafen \u2014 Nacht", "de", "Titel")
    info.add_text("workflow", "{}" * 1000, zip=True)
    Image.fromarray(RGB).save(tmp_path / "a.png", pnginfo=info)
    text = open_picture(tmp_path / "a.png", keep_metadata=True).text
    assert len(text) == 3
    Picture(pixels, text=text).save(tmp_path / "b.png")
    with Image.open(tmp_path / "b.png") as image:
        assert image.text == {
            "parameters": "a harbour at night, Steps: 20, Seed: 7",
            "Title": "Hafen \u2014 Nacht",
            "workflow": "{}" * 1000,
        }
        assert image.text["Title"].lang == "de"


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_pictures_of_sixteen_bits_keep_all_of_it(tmp_path, name):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.ExposureTime: (1, 125)}
    profile = build_profile(ADOBE_RGB)
    picture = Picture(DEEP, None, profile, exif.tobytes(), XMP.replace(b'"6"', b'"1"'), dpi=(300, 300))
    again = save_and_open(picture, tmp_path / name)
    assert (again.profile, again.xmp) == (profile, picture.xmp)
    assert again.dpi == pytest.approx((300, 300), abs=0.5)
    with Image.open(tmp_path / name) as image:
        assert image.getexif()[ExifTags.Base.Make] == "Maker"
        assert image.getexif().get_ifd(ExifTags.IFD.Exif) == {ExifTags.Base.ExposureTime: (1, 125)}
    assert np.array_equal(again.pixels, DEEP)


@pytest.mark.parametrize("pixels", [RGB[:12], RGB[:12, :, 0], DEEP[:12], DEEP], ids=["rgb", "grey", "deep", "square"])
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
def test_the_resolution_is_turned_with_the_picture(tmp_path, name, pixels):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.XResolution], exif[ExifTags.Base.YResolution] = 300, 150
    Picture(pixels, exif=exif.tobytes(), dpi=(300, 150)).save(tmp_path / name)
    picture = open_picture(tmp_path / name, keep_metadata=True)
    assert (picture.width, picture.height) == (pixels.shape[0], 24)
    assert name == "a.jpg" or np.array_equal(picture.pixels, np.rot90(pixels, -1))
    assert picture.dpi == pytest.approx((150, 300), abs=0.5)
    for target in ("b.png", "b.jpg", "b.tif", "b.webp"):
        assert save_and_open(picture, tmp_path / target).dpi == pytest.approx((150, 300), abs=0.5)
        with Image.open(tmp_path / target) as image:
            told = image.getexif()
            assert told[ExifTags.Base.XResolution] == pytest.approx(150, abs=0.5)
            assert told[ExifTags.Base.YResolution] == pytest.approx(300, abs=0.5)


@pytest.mark.parametrize("pixels", [RGB[:12], RGB[:12, :, 0], DEEP[:12, :, 0]], ids=["rgba", "grey", "deep grey"])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_a_tiff_that_pillow_could_map_into_memory_is_turned(tmp_path, pixels, has_alpha):
    exif, alpha = Image.Exif(), np.arange(288).reshape(12, 24).astype(pixels.dtype) if has_alpha else None
    exif[ExifTags.Base.Orientation] = 6
    Picture(pixels, alpha, exif=exif.tobytes()).save(tmp_path / "a.tif")
    picture = open_picture(tmp_path / "a.tif")
    assert np.array_equal(picture.pixels, np.rot90(pixels, -1))
    assert alpha is None or np.array_equal(picture.alpha, np.rot90(alpha, -1))


@pytest.mark.parametrize("target", ["b.png", "b.jpg", "b.tif", "b.webp"])
@pytest.mark.parametrize("unit", [2, 3])
def test_exif_tells_the_same_resolution_as_the_file(tmp_path, target, unit):
    Image.fromarray(RGB).save(tmp_path / "a.png", dpi=(300, 300), exif=resolution_exif(72, unit))
    open_picture(tmp_path / "a.png", keep_metadata=True).save(tmp_path / target)
    with Image.open(tmp_path / target) as image:
        told = image.getexif()
        assert told[ExifTags.Base.XResolution] == told[ExifTags.Base.YResolution] == pytest.approx(300, abs=0.5)
        assert told[ExifTags.Base.ResolutionUnit] == 2


@pytest.mark.parametrize("source", ["a.jpg", "a.gif"])
@pytest.mark.parametrize("target", ["b.jpg", "b.gif", "b.png", "b.tif"])
def test_a_comment_is_kept_or_told(tmp_path, source, target):
    Image.fromarray(RGB).save(tmp_path / source, comment="Hafen \u2014 Nacht".encode())
    picture = open_picture(tmp_path / source, keep_metadata=True)
    losses = list(map(str, list_losses(picture, tmp_path / target)))
    if target == "b.tif":
        assert losses == ["a .tif file cannot hold its texts"]
    else:
        assert (losses, save_and_open(picture, tmp_path / target).text) == ([], (("Comment", "Hafen \u2014 Nacht"),))


def test_a_comment_longer_than_a_jpeg_holds_is_told(tmp_path):
    picture = Picture(RGB, text=(("Comment", "long " * 20_000),))
    assert list(map(str, list_losses(picture, tmp_path / "a.jpg"))) == ["a .jpg file cannot hold its texts"]
    assert save_and_open(picture, tmp_path / "a.jpg").text == ()
    assert save_and_open(picture, tmp_path / "a.gif").text == picture.text


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp", "a.avif", "a.jpg"])
def test_exif_longer_than_a_jpeg_holds_is_kept_elsewhere(tmp_path, name):
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "long " * 20_000
    picture = Picture(RGB, exif=exif.tobytes(), dpi=(300, 300), origin="srcnn; test")
    again = save_and_open(picture, tmp_path / name)
    assert again.origin == picture.origin
    if name == "a.jpg":
        assert list(map(str, list_losses(picture, tmp_path / name))) == ["a .jpg file cannot hold its EXIF"]
    else:
        assert b"long " * 20_000 in again.exif
        assert list_losses(picture, tmp_path / name) == []


@pytest.mark.parametrize("target", ["b.jpg", "b.tif", "b.png", "b.webp"])
def test_what_exif_says_of_the_document_travels(tmp_path, target):
    exif, words = Image.Exif(), {ExifTags.Base.DocumentName: "Harbour", ExifTags.Base.HostComputer: "Host"}
    for tag, value in (words | {ExifTags.Base.RatingPercent: 99}).items():
        exif[tag] = value
    Image.fromarray(RGB).save(tmp_path / "a.jpg", exif=exif.tobytes())
    open_picture(tmp_path / "a.jpg", keep_metadata=True).save(tmp_path / target)
    with Image.open(tmp_path / target) as image:
        assert dict(image.getexif()).items() >= dict(exif).items()


def test_iptc_of_a_tiff_is_found_in_photoshops_tag(tmp_path):
    tags, blocks = TiffImagePlugin.ImageFileDirectory_v2(), b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(IPTC)) + IPTC
    tags.tagtype[34377], tags[34377] = 1, blocks
    Image.fromarray(RGB).save(tmp_path / "a.tif", tiffinfo=tags)
    assert open_picture(tmp_path / "a.tif", keep_metadata=True).iptc == IPTC


def left_out(path) -> tuple[Picture, str]:
    """The picture, and what is told of its metadata."""
    picture = open_picture(path, keep_metadata=True)
    (remark,) = picture.remarks
    return picture, str(remark)


def test_huge_and_damaged_metadata_are_left_out(tmp_path):
    Picture(RGB, xmp=b"x" * 2_000_000).save(tmp_path / "a.png")
    picture, told = left_out(tmp_path / "a.png")
    assert (picture.xmp, told) == (None, "of its metadata (XMP), what is damaged or too large was left out")
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[TiffImagePlugin.IPTC_NAA_CHUNK], tags[TiffImagePlugin.XMP] = b"\x1c" * 70_000, b"x" * 1_100_000
    Image.fromarray(RGB).save(tmp_path / "a.tif", tiffinfo=tags)
    picture, told = left_out(tmp_path / "a.tif")
    assert (picture.iptc, picture.xmp) == (None, None)
    assert told == "of its metadata (IPTC, XMP), what is damaged or too large was left out"
    Image.fromarray(RGB).save(tmp_path / "a.jpg", exif=b"Exif\0\0MM")
    picture, told = left_out(tmp_path / "a.jpg")
    assert (picture.exif, told) == (None, "of its metadata (EXIF), what is damaged or too large was left out")


@pytest.mark.parametrize(
    "mark", [b' xmpNote:HasExtendedXMP="ABC"/>', b"><xmpNote:HasExtendedXMP>ABC</xmpNote:HasExtendedXMP></a>"]
)
def test_xmp_does_not_point_at_segments_that_are_not_read(tmp_path, mark):
    Image.fromarray(RGB).save(tmp_path / "a.jpg", xmp=b"<a" + mark)
    picture, told = left_out(tmp_path / "a.jpg")
    assert told == "of its metadata (XMP), what is damaged or too large was left out"
    assert picture.xmp in (b"<a/>", b"<a></a>")


def test_what_a_format_does_not_keep_is_named(tmp_path):
    picture = Picture(DEEP, exif=b"Exif\0\0", xmp=XMP, text=(("a", "b"),))

    def told(name: str) -> list[str]:
        return [str(loss) for loss in list_losses(picture, tmp_path / name)]

    assert told("a.png") == []
    assert told("a.tif") == ["a .tif file cannot hold its texts"]
    assert all(any(word in loss for loss in told("a.bmp")) for word in ("16 bits", "EXIF", "XMP", "texts"))


@pytest.fixture
def enlarge(tmp_path, capsys):
    """Enlarge a file or folder by the command line: what it said on stderr."""

    def run(source, target) -> str:
        assert main(["upscale", str(tmp_path / source), "-o", str(tmp_path / target), "--scale", "2"]) == 0
        return capsys.readouterr().err

    return run


@pytest.mark.parametrize("target", ["b.jpg", "b.webp"])
def test_the_command_says_what_a_format_does_not_keep(tmp_path, enlarge, target):
    Picture(DEEP).save(tmp_path / "a.png")
    assert "a.png: its 16 bits a channel become 8" in enlarge("a.png", target)
    assert enlarge("a.png", "b.png").count("\n") == 1  # the closing line


def test_the_command_names_what_the_results_of_a_folder_lack(tmp_path, enlarge):
    (tmp_path / "in").mkdir()
    Picture(RGB, iptc=IPTC).save(tmp_path / "in" / "a.jpg")
    assert "a.jpg: a .png file cannot hold its IPTC." in enlarge("in", "out")
