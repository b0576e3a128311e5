"""What a file tells beside its pixels travels along: resolution, XMP, IPTC and texts."""

import numpy as np
import pytest
from PIL import ExifTags, Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

from srcnn.cli.parser import main
from srcnn.imaging.color_profiles import ADOBE_RGB, build_profile
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import list_losses

RGB = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6">Harbour</rdf:Description></rdf:RDF></x:xmpmeta>'
)
IPTC = b"\x1c\x02\x78\x00\x07Harbour"  # record 2, data set 120: a caption
DEEP = RGB.astype(np.uint16) * 257


def kept(picture: Picture, path) -> Picture:
    """What is there after writing and reading."""
    picture.save(path)
    return open_picture(path, keep_metadata=True)


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
    assert kept(picture, tmp_path / target).dpi == pytest.approx((300, 300), abs=0.5)


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
    again = kept(picture, tmp_path / target)
    assert again.xmp == picture.xmp
    assert b"Harbour" in again.xmp
    assert b'Orientation="6"' not in again.xmp
    assert again.pixels.shape == picture.pixels.shape


@pytest.mark.parametrize("source", ["a.jpg", "a.tif"])
@pytest.mark.parametrize("target", ["b.jpg", "b.tif"])
def test_iptc_travels(tmp_path, source, target):
    Picture(RGB, iptc=IPTC).save(tmp_path / source)
    assert kept(open_picture(tmp_path / source, keep_metadata=True), tmp_path / target).iptc == IPTC


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
    again = kept(picture, tmp_path / name)
    assert (again.profile, again.xmp) == (profile, picture.xmp)
    assert again.dpi == pytest.approx((300, 300), abs=0.5)
    with Image.open(tmp_path / name) as image:
        assert image.getexif()[ExifTags.Base.Make] == "Maker"
        assert image.getexif().get_ifd(ExifTags.IFD.Exif) == {ExifTags.Base.ExposureTime: (1, 125)}
    assert np.array_equal(again.pixels, DEEP)


def test_huge_and_damaged_metadata_are_left_out(tmp_path):
    Picture(RGB, xmp=b"x" * 2_000_000).save(tmp_path / "a.png")
    assert open_picture(tmp_path / "a.png", keep_metadata=True).xmp is None
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[TiffImagePlugin.IPTC_NAA_CHUNK] = b"\x1c" * 70_000
    Image.fromarray(RGB).save(tmp_path / "a.tif", tiffinfo=tags)
    assert open_picture(tmp_path / "a.tif", keep_metadata=True).iptc is None


@pytest.mark.parametrize("name", ["a.ico", "a.icns", "a.pdf", "a.eps", "a.xyz", "a", "a.pgm", "a.pbm", "a.PFM"])
def test_other_formats_are_refused_in_a_sentence(tmp_path, name):
    with pytest.raises(ImageError, match=r"use \.png"):
        Picture(RGB).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.jpg", "a.bmp", "a.ppm", "a.gif"])
def test_alpha_is_never_dropped(tmp_path, name):
    with pytest.raises(ImageError, match="transparency"):
        Picture(RGB, np.full((24, 24), 100, np.uint8)).save(tmp_path / name)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", ["a.jpg", "a.bmp", "a.ppm"])
def test_an_opaque_alpha_channel_is_no_transparency(tmp_path, name, depth):
    pixels = (DEEP if depth == np.uint16 else RGB)[:24, :24]
    Picture(pixels, np.full((24, 24), np.iinfo(depth).max, depth)).save(tmp_path / name)
    assert open_picture(tmp_path / name).alpha is None


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_sprite_enlarged_into_a_gif_keeps_its_shape_and_it_is_told(tmp_path, depth):
    alpha = np.zeros((24, 24), depth)
    alpha[6:18, 6:18] = np.iinfo(depth).max
    alpha[6:18, 5] = np.iinfo(depth).max // 3  # as between the two in an enlarged picture
    picture = Picture(np.full((24, 24), 200, depth), alpha)
    assert "half transparent" in " ".join(map(str, list_losses(picture, tmp_path / "a.gif")))
    picture.save(tmp_path / "a.gif")
    assert np.array_equal(open_picture(tmp_path / "a.gif").alpha == 255, alpha == alpha.max())


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


def test_a_format_that_cannot_hold_alpha_is_refused_before_the_network_runs(tmp_path, monkeypatch, capsys):
    Picture(RGB, np.full((24, 24), 100, np.uint8)).save(tmp_path / "a.png")
    monkeypatch.setattr("srcnn.cli.upscale.upscale_to", lambda *_, **__: pytest.fail("The network ran."))
    assert main(["upscale", str(tmp_path / "a.png"), "-o", str(tmp_path / "a.jpg")]) == 1
    assert "transparency" in capsys.readouterr().err
