"""What is kept of a picture, format by format, measured: python -m tests.support.picture_table writes docs/pictures.md.

Each cell stands for a file that was written, read again and compared.
"""

import io
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

from srcnn.imaging.colors.color_profiles import ADOBE_RGB, build_profile
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from tests.support.embedded import embed_profile
from tests.support.project import PROJECT

DOCUMENT = PROJECT / "docs" / "pictures.md"
FORMATS = {"PNG": "png", "TIFF": "tif", "JPEG": "jpg", "WebP": "webp", "AVIF": "avif", "PPM": "ppm", "BMP": "bmp"}
FORMATS |= {"GIF": "gif", "JPEG 2000": "jp2", "TGA": "tga"}
COLUMNS = ("bits", "alpha", "ICC", "EXIF", "XMP", "IPTC", "text", "dpi")
READ_COLUMNS = ("bits", "alpha", "ICC", "other colour marks", *COLUMNS[3:], "several frames or pages")
RGB = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
ALPHA = np.tile(np.arange(0, 256, 16, dtype=np.uint8), (16, 1))
DEEP = Image.fromarray(RGB[..., 0].astype(np.uint16) * 257)
CLEAR = Image.fromarray(np.dstack([RGB, ALPHA]))
LOSSLESS = {"webp": {"lossless": True}, "avif": {"quality": 100}}
PROFILE = build_profile(ADOBE_RGB)
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Harbour</x:xmpmeta>"
IPTC = b"\x1c\x02\x78\x00\x07Harbour"
TEXT = (("parameters", "Steps: 20"),)
# What a PNG tells of its colours without a profile: Display P3 by its numbers and by its primaries, and a gamma of 1.8.
PNG_MARKS = {
    "cICP": bytes([12, 13, 0, 1]),
    "gAMA": struct.pack(">I", 55556),
    "cHRM": struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000),
}
# The same of a TIFF, and the white of old televisions.
TIFF_MARKS = {
    "WhitePoint": (0.310, 0.316),
    "PrimaryChromaticities": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    "TransferFunction": tuple(round(65535 * (level / 255) ** 1.8) for level in range(256)),
}
EMBEDDED = ("bmp", "gif", "jp2")  # whose profiles Pillow does not write
INTRODUCTION = """# Pictures

What is kept of a picture, format by format. `tests/support/picture_table.py`, run as a module, writes the tables from
what it measures, and a test compares them.

- Reading takes the first frame or page, turns it upright by EXIF and says how many there are.
- Colours that a file tells without an ICC profile, by PNG's cICP, gAMA and cHRM, AVIF's nclx, TIFF's tags or
  EXIF's colour space, become a profile; cICP goes before one. Where the result's format holds none, they are converted
  to sRGB, greys by their curve. The profile of HDR (PQ and HLG) shows all above white, 203 cd/m2, as white; a line says
  so, and the levels stay.
- Where a profile or a mark cannot be used, the colours are taken for sRGB, and a line says so.
- Colours of 16 bits are converted to sRGB with 16, by profiles of a matrix and curves, as Adobe RGB, Display P3 and
  ProPhoto RGB are. A profile that is a table, as a scanner's, makes 8 of them, and a line says so.
- What a result lacks of its picture is named. A picture whose transparency does not fit into the format is refused,
  but for GIF: there, what is half transparent becomes wholly transparent or opaque, and a line says so.
- Of the texts of a PNG, 4 MB together are kept, and of XMP and EXIF 1 MB each. The comment of a JPEG or a GIF is the
  text named Comment, and the only one that they can hold.
- A profile above 1 MB is not written into a PNG, which Pillow would not open: the colours are converted to sRGB.
- AVIF and JPEG 2000 of more than 8 bits in colour are reduced to 8, and a line says so.
"""


def keeps(suffix: str, **parts) -> Picture | None:
    """A picture with these parts, written and read again; None where it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"a.{suffix}")
        try:
            Picture(**{"pixels": RGB} | parts).save(file)
        except ImageError:
            return None
        return open_picture(file, keep_metadata=True)


def measure_written(suffix: str) -> Iterator[str]:
    """The cells of a row: what a file of this suffix keeps of what is written into it."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    yield "16" if keeps(suffix, pixels=RGB.astype(np.uint16) * 257).pixels.dtype == np.uint16 else "8"
    binary = np.where(ALPHA > 99, 255, 0).astype(np.uint8)
    found = [keeps(suffix, alpha=alpha) for alpha in (ALPHA, binary)]
    kept = [
        each is not None and np.array_equal(each.alpha, alpha)
        for each, alpha in zip(found, (ALPHA, binary), strict=True)
    ]
    yield "yes" if kept[0] else "on or off" if kept[1] else "no"
    yield "yes" if keeps(suffix, profile=PROFILE).profile == PROFILE else "to sRGB"
    yield tell(b"Maker" in (keeps(suffix, exif=exif.tobytes()).exif or b""))
    yield tell(keeps(suffix, xmp=XMP).xmp == XMP)
    yield tell(keeps(suffix, iptc=IPTC).iptc == IPTC)
    yield tell(keeps(suffix, text=TEXT).text == TEXT)
    dpi = keeps(suffix, dpi=(300.0, 300.0)).dpi
    yield tell(dpi is not None and abs(dpi[0] - 300) < 1)


def measure_read(suffix: str) -> Iterator[str]:
    """The cells of a row: what is read of a file; a dash for what Pillow cannot write.

    Of PNG, TIFF and PPM, files of 16 bits in colour are the package's own, as Pillow writes none.
    """
    exif, info, tags = Image.Exif(), PngInfo(), TiffImagePlugin.ImageFileDirectory_v2()
    exif[ExifTags.Base.Make] = "Maker"
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    tags[TiffImagePlugin.XMP], tags[TiffImagePlugin.IPTC_NAA_CHUNK] = XMP, IPTC
    xmp = {"png": {"pnginfo": info}, "tif": {"tiffinfo": tags}}.get(suffix, {"xmp": XMP})
    block = b"Photoshop 3.0\0" + b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(IPTC)) + IPTC
    iptc = {"tif": {"tiffinfo": tags}}.get(suffix, {"extra": b"\xff\xed" + struct.pack(">H", len(block) + 2) + block})
    text = PngInfo()
    text.add_text(*TEXT[0])
    deep = keeps(suffix, pixels=RGB.astype(np.uint16) * 257).pixels.dtype == np.uint16
    grey = read_of(suffix, {}, lambda picture: picture.pixels.dtype == np.uint16, "16 in grey", DEEP)
    yield "16" if deep else grey if grey == "16 in grey" else "8"
    clear = read_of(suffix, {}, lambda picture: np.array_equal(picture.alpha, ALPHA), image=CLEAR)
    binary = read_of(suffix, {}, lambda picture: picture.alpha is not None, "on or off", CLEAR)
    yield binary if clear == "no" else clear
    if suffix in EMBEDDED:
        yield tell(reopen(suffix, embed_profile(suffix, encode(suffix, Image.fromarray(RGB), {}), PROFILE)).profile)
    else:
        yield read_of(suffix, {"icc_profile": PROFILE}, lambda picture: picture.profile == PROFILE)
    yield ", ".join(read_marks(suffix)) or "–"
    yield read_of(suffix, {"exif": exif.tobytes()}, lambda picture: b"Maker" in (picture.exif or b""))
    yield read_of(suffix, xmp, lambda picture: picture.xmp == XMP)
    yield read_of(suffix, iptc, lambda picture: picture.iptc == IPTC)
    yield read_of(suffix, {"pnginfo": text}, lambda picture: picture.text == TEXT)
    yield read_of(suffix, {"dpi": (300, 300)}, lambda picture: picture.dpi and abs(picture.dpi[0] - 300) < 1)
    more = {"save_all": True, "append_images": [Image.fromarray(255 - RGB)]}
    yield read_of(
        suffix, more, lambda picture: any("frames" in str(remark) for remark in picture.remarks), "first, told"
    )


def read_marks(suffix: str) -> Iterator[str]:
    """The names of those marks, other than a profile, by which a file's colours get one."""
    plain = encode(suffix, Image.fromarray(RGB), {})
    marked = {}
    if suffix == "png":
        for kind, content in PNG_MARKS.items():
            body = kind.encode() + content
            chunk = struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
            marked[kind] = plain[:33] + chunk + plain[33:]
    if suffix == "avif":
        place = plain.index(b"colrnclx") + 8
        marked["nclx"] = plain[:place] + struct.pack(">HH", 12, 13) + plain[place + 4 :]
    if suffix == "tif":
        for name, value in TIFF_MARKS.items():
            tags = TiffImagePlugin.ImageFileDirectory_v2()
            tags[ExifTags.Base[name]] = value
            marked[name] = encode(suffix, Image.fromarray(RGB), {"tiffinfo": tags})
    exif = Image.Exif()
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.ColorSpace: 2}
    marked["EXIF"] = encode(suffix, Image.fromarray(RGB), {"exif": exif.tobytes()})
    for name, content in marked.items():
        if content != plain and reopen(suffix, content).profile:
            yield name


def read_of(suffix: str, settings: dict, is_kept, word: str = "yes", image: Image.Image | None = None) -> str:
    """Whether something is read; a dash where Pillow does not write it: the file is the same without it, or refused."""
    kind = Image.registered_extensions()[f".{suffix}"]
    if "save_all" in settings and kind not in Image.SAVE_ALL:
        return "–"
    try:
        content = encode(suffix, image or Image.fromarray(RGB), settings)
    except (OSError, KeyError):  # a mode that the format does not have
        return "–"
    if content == encode(suffix, Image.fromarray(RGB), {}):
        return "–"
    return word if is_kept(reopen(suffix, content)) else "no"


def encode(suffix: str, image: Image.Image, settings: dict) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, Image.registered_extensions()[f".{suffix}"], **LOSSLESS.get(suffix, {}) | settings)
    return buffer.getvalue()


def reopen(suffix: str, content: bytes) -> Picture:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"a.{suffix}")
        file.write_bytes(content)
        return open_picture(file, keep_metadata=True)


def tell(kept: object) -> str:
    return "yes" if kept else "no"


def table(columns: tuple[str, ...], measure) -> str:
    rows = [("format", *columns), ["---"] * (len(columns) + 1)]
    rows += [(name, *measure(suffix)) for name, suffix in FORMATS.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def compose() -> str:
    """The whole document."""
    written = table(COLUMNS, measure_written)
    read = table(READ_COLUMNS, measure_read)
    return (
        f"{INTRODUCTION}\n## Writing\n\nWritten by `Picture.save`, and read again.\n\n{written}\n"
        f"\n## Reading\n\nOf files that Pillow writes; a dash stands for what it cannot write.\n"
        f"Colours in 16 bits are written by the package, and profiles are put into BMP, GIF and JPEG 2000.\n\n{read}\n"
    )


if __name__ == "__main__":
    DOCUMENT.write_text(compose(), "utf-8")
