"""What a picture file tells beside its pixels, as far as it is still true when they have been turned and enlarged."""

import contextlib
import io
import math
import os
import re
import struct

from PIL import ExifTags, Image, ImageCms, TiffImagePlugin

from srcnn.imaging.color_profiles import ADOBE_RGB, SRGB, ColorSpace, build_profile, numbered_color_space
from srcnn.imaging.decompression_bombs import is_sound_profile
from srcnn.imaging.picture import ORIGIN_PREFIX

MAX_EXIF_BYTES = 65_533  # what fits into a JPEG
MAX_PROFILE_BYTES = 4_000_000  # those of printers, the largest, have one or two million
MAX_XMP_BYTES = 1_000_000
_MAX_IPTC_BYTES = 60_000
_MAX_TEXT_BYTES = 4_000_000  # of all texts together; the plan of a generated picture has some hundred thousand
_MAX_DPI = 65_535  # the largest that a JPEG can tell
_HEAD_BYTES = 1 << 20  # of an AVIF, where its description is looked for
_MOST_CHUNKS = 1_000  # of a PNG before its pixels
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


def read_profile(image: Image.Image, grey: bool) -> bytes | None:
    """The ICC profile where it describes the picture's own grey or RGB, which CMYK has to become first."""
    profile = image.info.get("icc_profile")
    if not profile or len(profile) > MAX_PROFILE_BYTES or image.mode == "CMYK" or not is_sound_profile(profile):
        return None
    try:
        space = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip()
    except (ImageCms.PyCMSError, OSError):
        return None
    return profile if space == ("GRAY" if grey else "RGB") else None


def give_profile(image: Image.Image, path: str | os.PathLike, grey: bool) -> None:
    """Give a picture that names its colours in another way than by a profile the profile that says the same."""
    if image.info.get("icc_profile") or image.mode == "CMYK":
        return
    try:
        space = _find_color_space(image, path)
        if space and space != SRGB:
            image.info["icc_profile"] = build_profile(space, grey)
    except Exception:  # malformed marks say nothing
        return


def _find_color_space(image: Image.Image, path: str | os.PathLike) -> ColorSpace | None:
    if numbers := read_color_numbers(image, path):
        return numbered_color_space(*numbers)
    if image.format == "PNG":
        if "srgb" in image.info:
            return None
        if "gamma" in image.info or "chromaticity" in image.info:
            return _measured_color_space(image.info.get("gamma"), image.info.get("chromaticity"))
    exif = image.getexif()
    told = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace)
    adobe = told == 2 or (told == 0xFFFF and exif.get_ifd(ExifTags.IFD.Interop).get(1) == "R03")
    return ADOBE_RGB if adobe else None


def read_color_numbers(image: Image.Image, path: str | os.PathLike) -> tuple[int, int] | None:
    """The numbers of the primaries and the curve by ITU-T H.273, where a PNG or an AVIF tells them."""
    if image.format == "PNG":
        content = _read_png_chunk(path, b"cICP")
        return (content[0], content[1]) if content else None
    return _read_nclx(path) if image.format == "AVIF" else None


def _measured_color_space(gamma: float | None, chromaticity: tuple[float, ...] | None) -> ColorSpace:
    """What PNG's gAMA and cHRM say. A gamma of 1 / 2.2 is how programs write sRGB's curve there."""
    space = SRGB
    if chromaticity and not all(
        math.isclose(told, usual, abs_tol=0.002)
        for told, usual in zip(chromaticity, (*SRGB.white, *sum(SRGB.primaries, ())), strict=True)
    ):
        white, *primaries = zip(chromaticity[::2], chromaticity[1::2], strict=True)
        space = ColorSpace(tuple(primaries), white)
    if gamma and not math.isclose(gamma, 1 / 2.2, abs_tol=0.005):
        space = ColorSpace(space.primaries, space.white, (1 / gamma,))
    return space


def _read_png_chunk(path: str | os.PathLike, wanted: bytes) -> bytes | None:
    """The content of a chunk before the pixels, which Pillow does not know."""
    with open(path, "rb") as file:
        file.seek(8)
        for _ in range(_MOST_CHUNKS):
            length, kind = struct.unpack(">I4s", file.read(8))
            if kind == wanted:
                return file.read(min(length, 64))
            if kind in (b"IDAT", b"IEND"):
                return None
            file.seek(length + 4, os.SEEK_CUR)
    return None


def _read_nclx(path: str | os.PathLike) -> tuple[int, int] | None:
    """The numbers of the primaries and the curve of an AVIF, which Pillow does not tell."""
    content = read_avif_description(path, b"colrnclx", 4)
    return struct.unpack(">HH", content) if content else None


def read_avif_description(path: str | os.PathLike, mark: bytes, length: int) -> bytes | None:
    """So many bytes behind a mark in the head of an AVIF; None where they are not there."""
    with open(path, "rb") as file:
        _, found, rest = file.read(_HEAD_BYTES).partition(mark)
    return rest[:length] if found and len(rest) >= length else None
