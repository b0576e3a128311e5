"""What a picture file tells beside its pixels, as far as it is still true when they have been turned and enlarged."""

import contextlib
import math
import re
import struct

from PIL import ExifTags, Image, TiffImagePlugin

from srcnn.imaging.picture import ORIGIN_PREFIX

MAX_EXIF_BYTES = 65_533  # what fits into a JPEG
MAX_XMP_BYTES = 1_000_000
_MAX_IPTC_BYTES = 60_000
_MAX_TEXT_BYTES = 4_000_000  # of all texts together; the plan of a generated picture has some hundred thousand
_MAX_DPI = 65_535  # the largest that a JPEG can tell
# EXIF of the photograph. All else in a file's first directory is of the file: orientation, strips, thumbnail.
_KEPT_EXIF_TAGS = ("ImageDescription", "Make", "Model", "Software", "DateTime", "Artist", "Copyright", "Rating")
_KEPT_EXIF_TAGS += ("XResolution", "YResolution", "ResolutionUnit")
_KEPT_EXIF_TAGS += ("XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject")
_OUTDATED_EXIF_TAGS = (ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight, ExifTags.IFD.Interop)
_XMP_ORIENTATION = re.compile(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)[2-8]")
XMP_IN_PNG = "XML:com.adobe.xmp"
_CM_PER_INCH = 2.54


def read_metadata(image: Image.Image) -> dict:
    """EXIF, XMP, IPTC, texts, resolution and origin of a decoded picture, as fields of `Picture`.

    What is damaged or huge is left out.
    """
    readers = {"exif": _read_exif, "xmp": _read_xmp, "iptc": _read_iptc, "text": _read_text, "dpi": _read_resolution}
    readers["origin"] = read_origin
    found = {}
    for name, read in readers.items():
        with contextlib.suppress(Exception):  # parsers raise anything from struct.error to RecursionError
            if value := read(image):
                found[name] = value
    return found


def _read_exif(image: Image.Image) -> bytes | None:
    source, lasting = image.getexif(), Image.Exif()
    for tag in (ExifTags.Base[name] for name in _KEPT_EXIF_TAGS):
        if tag in source:
            lasting[tag] = source[tag]
    for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
        entries = {tag: value for tag, value in source.get_ifd(directory).items() if tag not in _OUTDATED_EXIF_TAGS}
        if entries:
            lasting[directory] = entries
    content = lasting.tobytes() if len(lasting) else None
    return content if content and len(content) <= MAX_EXIF_BYTES else None


def read_origin(image: Image.Image) -> str | None:
    """What the package itself wrote about what made a result, from an opened picture."""
    if image.format == "PNG" and "exif" not in image.info:
        return None  # Pillow would decode the picture to look behind it
    told = image.getexif().get(ExifTags.Base.ProcessingSoftware)
    return told if isinstance(told, str) and told.startswith(ORIGIN_PREFIX) else None


def _read_xmp(image: Image.Image) -> bytes | None:
    """XMP, whose orientation becomes the upright one."""
    xmp = image.info.get("xmp")
    if xmp is None and image.format == "TIFF":
        xmp = image.tag_v2.get(TiffImagePlugin.XMP)
    if isinstance(xmp, str):
        xmp = xmp.encode()
    if not isinstance(xmp, bytes) or len(xmp) > MAX_XMP_BYTES:
        return None
    return _XMP_ORIENTATION.sub(rb"\g<1>1", xmp)


def _read_iptc(image: Image.Image) -> bytes | None:
    if image.format == "TIFF":
        iptc = image.tag_v2.get(TiffImagePlugin.IPTC_NAA_CHUNK)
        if isinstance(iptc, tuple):  # some programs write the bytes as numbers of four bytes
            iptc = struct.pack(f"{'<' if image.tag_v2.prefix == TiffImagePlugin.II else '>'}{len(iptc)}I", *iptc)
    else:
        iptc = image.info.get("photoshop", {}).get(0x0404)
    return iptc if isinstance(iptc, bytes) and len(iptc) <= _MAX_IPTC_BYTES else None


def _read_text(image: Image.Image) -> tuple[tuple[str, str], ...]:
    """The texts of a PNG, each with its key; iTXt with its language."""
    if image.format != "PNG":
        return ()
    text = tuple((key, value) for key, value in image.text.items() if key != XMP_IN_PNG)
    return text if sum(len(key) + len(value) for key, value in text) <= _MAX_TEXT_BYTES else ()


def _read_resolution(image: Image.Image) -> tuple[float, float] | None:
    """Pixels per inch, across and down; of a JPEG or a format without a field for it, what EXIF tells."""
    told = image.info.get("dpi")
    if image.format == "TIFF" and TiffImagePlugin.X_RESOLUTION not in image.tag_v2:
        return None  # Pillow would tell 1
    if not told or (image.format in ("JPEG", "MPO") and image.info.get("jfif_unit") not in (1, 2)):
        exif = image.getexif()
        factor = _CM_PER_INCH if exif.get(ExifTags.Base.ResolutionUnit, 2) == 3 else 1
        told = [float(exif[tag]) * factor for tag in (ExifTags.Base.XResolution, ExifTags.Base.YResolution)]
    across, down = (float(value) for value in told)
    usual = all(math.isfinite(value) and 1 <= value <= _MAX_DPI for value in (across, down))
    return (across, down) if usual else None
