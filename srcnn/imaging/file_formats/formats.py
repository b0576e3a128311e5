"""What each file format that is written here can hold."""

from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from srcnn.imaging.picture import ImageError

_UNWRITTEN_SUFFIXES = (".pbm", ".pfm")  # of PPM's family: black and white only, and floating-point numbers


@dataclass(frozen=True)
class Format:
    """What a file format can hold, as far as it is written here.

    has_quality: whether its pixels lose something, by a quality of 1 to 100. max_side: pixels. settings: what
    `Image.save` is told.
    """

    name: str
    bits: int = 8
    alpha: str = "full"  # or "none", or "binary": transparent or not
    profile: bool = False
    exif: bool = False
    xmp: bool = False
    iptc: bool = False
    text: bool = False
    comment: bool = False  # which is the one text that the format holds
    dpi: bool = False
    has_quality: bool = False
    max_side: int = 1 << 31
    max_profile_bytes: int = 1 << 24
    max_exif_bytes: int = 1 << 24
    max_xmp_bytes: int = 1 << 24
    max_comment_bytes: int = 1 << 24
    settings: dict = field(default_factory=dict)


# PNG is written with little compression: two to three times as fast as zlib's default, for a tenth more bytes.
FORMATS = {
    each.name: each
    for each in (
        Format(
            "PNG",
            16,
            profile=True,
            exif=True,
            xmp=True,
            text=True,
            dpi=True,
            max_profile_bytes=1_000_000,  # a PNG with more is opened neither by Pillow nor by programs that use it
            settings={"compress_level": 1},
        ),
        Format("TIFF", 16, profile=True, exif=True, xmp=True, iptc=True, dpi=True),
        Format(
            "JPEG",
            alpha="none",
            profile=True,
            exif=True,
            xmp=True,
            iptc=True,
            comment=True,
            dpi=True,
            has_quality=True,
            max_side=65_500,  # of libjpeg
            max_exif_bytes=65_533,  # a segment, as all that follow
            max_xmp_bytes=65_500,
            max_comment_bytes=65_500,
            settings={"subsampling": 0},  # a colour for each pixel
        ),
        Format("WEBP", profile=True, exif=True, xmp=True, has_quality=True, max_side=16_383),
        Format("AVIF", profile=True, exif=True, xmp=True, has_quality=True, max_side=65_536),
        Format("PPM", 16, "none"),
        Format("BMP", 8, "none", dpi=True),
        Format("GIF", 8, "binary", comment=True, max_side=65_535),
        Format("JPEG2000"),
        Format("TGA", max_side=65_535),
    )
}


def find_format(path: Path) -> Format:
    """The format that a file's suffix means. Raises ImageError for a suffix of none that is written here."""
    name = Image.registered_extensions().get(path.suffix.lower())
    if name not in FORMATS or name not in Image.SAVE or path.suffix.lower() in _UNWRITTEN_SUFFIXES:
        raise ImageError(f"This picture cannot be written as {path.suffix or 'a file without suffix'}; use .png.")
    return FORMATS[name]
