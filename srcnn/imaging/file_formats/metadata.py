"""What a picture file tells beside its pixels, as far as it is still true when they have been turned and enlarged."""

import contextlib
import math
import os
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import ExifTags, Image, TiffImagePlugin

from srcnn.errors import Remark
from srcnn.imaging.file_formats.png_texts import MAX_XMP_BYTES, XMP_IN_PNG, read_png_texts, split_raw_profiles
from srcnn.imaging.picture import COMMENT, ORIGIN_PREFIX

MAX_EXIF_BYTES = 1_000_000
_MAX_COMMENT_BYTES = 4_000_000  # of all together
_MAX_IPTC_BYTES = 60_000
_MAX_DPI = 65_535  # the largest that a JPEG can tell
# EXIF of the photograph. All else in a file's first directory is of the file: orientation, strips, thumbnail.
_KEPT_EXIF_TAGS = ("ImageDescription", "Make", "Model", "Software", "DateTime", "Artist", "Copyright", "Rating")
_KEPT_EXIF_TAGS += ("RatingPercent", "DocumentName", "HostComputer", "XResolution", "YResolution", "ResolutionUnit")
_KEPT_EXIF_TAGS += ("XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject")
_OUTDATED_EXIF_TAGS = (ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight, ExifTags.IFD.Interop)
_XMP_ORIENTATION = re.compile(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)[2-8]")
# Of a JPEG, by which it names further segments of XMP, which are not read.
_XMP_CONTINUATION = re.compile(
    rb"\s\w+:HasExtendedXMP\s*=\s*(?:\"[^\"]*\"|'[^']*')|<(\w+):HasExtendedXMP>[^<]*</\1:HasExtendedXMP>"
)
_CM_PER_INCH = 2.54
_PHOTOSHOP_TAG = 34377  # of a TIFF: Photoshop's blocks, as a JPEG has them
_BLOCK_MARK, _IPTC_BLOCK = b"8BIM", 0x0404
_IPTC_BEGIN = b"\x1c"
_APP1_EXIF, _APP1_XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"


@dataclass
class _Source:
    """A decoded picture and its file.

    sideways: whether width and height were exchanged to put it upright. profiles: as of `split_raw_profiles`.
    left_out: the kinds of metadata of which something is damaged or too large.
    """

    image: Image.Image
    path: str | os.PathLike
    sideways: bool
    profiles: dict[str, bytes] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)

    def limit(self, kind: str, content: bytes, most: int) -> bytes | None:
        """The content where it has not more bytes than `most`; else None, and its kind is told."""
        if len(content) <= most:
            return content
        self.left_out.add(kind)
        return None


def is_sideways(image: Image.Image) -> bool:
    """Whether width and height are exchanged when a picture is put upright, which Pillow forgets by that.

    To be asked before: of a TIFF before it is decoded, of all others once they are.
    """
    with contextlib.suppress(Exception):  # malformed EXIF says nothing about the orientation
        return image.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
    return False


def read_metadata(image: Image.Image, path: str | os.PathLike, sideways: bool) -> tuple[dict, tuple[Remark, ...]]:
    """EXIF, XMP, IPTC, texts, resolution and origin of a decoded picture, as fields of `Picture`; and what is missing.

    sideways: as of `is_sideways`. What is damaged or too large is left out, and one remark names its kinds.
    """
    source, found = _Source(image, path, sideways), {}
    readers: dict[str, Callable] = {"text": _read_text, "EXIF": _read_exif, "XMP": _read_xmp, "IPTC": _read_iptc}
    readers |= {"dpi": _read_resolution, "origin": lambda source: read_origin(source.image)}
    for kind, read in readers.items():
        try:
            if value := read(source):
                found[kind.lower()] = value
        except Exception:  # parsers raise anything from struct.error to RecursionError
            if kind not in ("dpi", "origin"):  # which EXIF tells
                source.left_out.add(kind)
    kinds = ", ".join(sorted(source.left_out))
    told = Remark("of its metadata ({kinds}), what is damaged or too large was left out", {"kinds": kinds})
    return found, (told,) if kinds else ()


def _read_text(source: _Source) -> tuple[tuple[str, str], ...]:
    """The texts of a PNG, each with its key, iTXt with its language; the comments of a JPEG or a GIF."""
    if source.image.format == "PNG":
        texts, left_out = read_png_texts(source.path)
        source.left_out |= {"XMP" if key == XMP_IN_PNG else "text" for key in left_out}
        texts, source.profiles = split_raw_profiles(texts)
        source.left_out |= {"text" for content in source.profiles.values() if not content}
        return tuple((key, value) for key, value in texts if key != XMP_IN_PNG)
    if source.image.format in ("JPEG", "MPO"):
        comments = [content for marker, content in source.image.applist if marker == "COM"]
    else:
        comments = [source.image.info.get("comment", b"")] if source.image.format == "GIF" else []
    if source.limit("text", b"".join(comments), _MAX_COMMENT_BYTES) is None:
        return ()
    return tuple((COMMENT, text) for text in map(_decode_comment, comments) if text)


def _decode_comment(content: bytes) -> str:
    content = content.rstrip(b"\0")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _read_exif(source: _Source) -> bytes | None:
    told, lasting = _open_exif(source), Image.Exif()
    for tag in (ExifTags.Base[name] for name in _KEPT_EXIF_TAGS):
        if tag in told:
            lasting[tag] = told[tag]
    across, down = ExifTags.Base.XResolution, ExifTags.Base.YResolution
    if source.sideways and across in lasting and down in lasting:
        lasting[across], lasting[down] = lasting[down], lasting[across]
    for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
        entries = {tag: value for tag, value in told.get_ifd(directory).items() if tag not in _OUTDATED_EXIF_TAGS}
        if entries:
            lasting[directory] = entries
    return source.limit("EXIF", lasting.tobytes(), MAX_EXIF_BYTES) if len(lasting) else None


def _open_exif(source: _Source) -> Image.Exif:
    """EXIF where Pillow finds it, or in the raw profile of a PNG where it does not look."""
    content, elsewhere = source.image.info.get("exif"), source.profiles.get("app1", b"")
    if not content and not elsewhere.startswith(_APP1_EXIF):
        return source.image.getexif()
    exif = Image.Exif()
    exif.load(content or elsewhere)  # `getexif` raises an error once and then gives nothing
    return exif


def read_origin(image: Image.Image) -> str | None:
    """What the package itself wrote about what made a result, from an opened picture."""
    if image.format == "PNG" and "exif" not in image.info:
        return None  # Pillow would decode the picture to look behind it
    told = image.getexif().get(ExifTags.Base.ProcessingSoftware)
    return told if isinstance(told, str) and told.startswith(ORIGIN_PREFIX) else None


def _read_xmp(source: _Source) -> bytes | None:
    """XMP, whose orientation becomes the upright one."""
    xmp = source.image.info.get("xmp") or source.profiles.get("xmp")
    if xmp is None and source.image.format == "TIFF":
        xmp = source.image.tag_v2.get(TiffImagePlugin.XMP)
    if xmp is None and source.profiles.get("app1", b"").startswith(_APP1_XMP):
        xmp = source.profiles["app1"][len(_APP1_XMP) :]
    if isinstance(xmp, str):
        xmp = xmp.encode()
    if not isinstance(xmp, bytes) or source.limit("XMP", xmp, MAX_XMP_BYTES) is None:
        return None
    xmp, continued = _XMP_CONTINUATION.subn(b"", xmp)
    if continued:
        source.left_out.add("XMP")
    return _XMP_ORIENTATION.sub(rb"\g<1>1", xmp)


def _read_iptc(source: _Source) -> bytes | None:
    iptc = None
    if source.image.format == "TIFF":
        tags = source.image.tag_v2
        iptc = tags.get(TiffImagePlugin.IPTC_NAA_CHUNK)
        if isinstance(iptc, tuple):  # some programs write the bytes as numbers of four bytes
            iptc = struct.pack(f"{'<' if tags.prefix == TiffImagePlugin.II else '>'}{len(iptc)}I", *iptc)
        iptc = iptc or _find_iptc(tags.get(_PHOTOSHOP_TAG) or b"")
    elif source.profiles:
        iptc = next(filter(None, (_find_iptc(source.profiles.get(kind, b"")) for kind in ("iptc", "8bim"))), None)
    else:
        iptc = source.image.info.get("photoshop", {}).get(_IPTC_BLOCK)
    return source.limit("IPTC", iptc, _MAX_IPTC_BYTES) if isinstance(iptc, bytes) else None


def _find_iptc(content: bytes) -> bytes | None:
    """IPTC as it is, or among the blocks of Photoshop."""
    if content.startswith(_IPTC_BEGIN):
        return content
    place = 0
    while content.startswith(_BLOCK_MARK, place):
        kind, letters = struct.unpack_from(">HB", content, place + 4)
        place += 6 + (letters + 2) // 2 * 2  # the name has an even length, with the byte that tells it
        (length,) = struct.unpack_from(">I", content, place)
        if kind == _IPTC_BLOCK:
            return content[place + 4 : place + 4 + length]
        place += 4 + (length + 1) // 2 * 2
    return None


def _read_resolution(source: _Source) -> tuple[float, float] | None:
    """Pixels per inch, across and down; of a JPEG or a format without a field for it, what EXIF tells."""
    image = source.image
    told = image.info.get("dpi")
    if image.format == "TIFF" and TiffImagePlugin.X_RESOLUTION not in image.tag_v2:
        return None  # Pillow would tell 1
    if not told or (image.format in ("JPEG", "MPO") and image.info.get("jfif_unit") not in (1, 2)):
        exif = _open_exif(source)
        factor = _CM_PER_INCH if exif.get(ExifTags.Base.ResolutionUnit, 2) == 3 else 1
        told = [float(exif[tag]) * factor for tag in (ExifTags.Base.XResolution, ExifTags.Base.YResolution)]
    across, down = (float(value) for value in told)
    if source.sideways:
        across, down = down, across
    usual = all(math.isfinite(value) and 1 <= value <= _MAX_DPI for value in (across, down))
    return (across, down) if usual else None
