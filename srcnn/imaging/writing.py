"""Write a picture into a file: what each format can hold, and what becomes of the rest."""

import io
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

from srcnn.atomic_files import write_atomically
from srcnn.errors import Remark
from srcnn.imaging import sixteen_bits
from srcnn.imaging.picture import COMMENT, ImageError, Picture, round_to_eight_bits, to_pil_image
from srcnn.imaging.png_texts import XMP_IN_PNG
from srcnn.imaging.srgb_conversion import convert_deep_to_srgb, convert_to_srgb, keeps_sixteen_bits

_QUALITY = 95  # where none is told
_IPTC_HEAD = b"Photoshop 3.0\0" + b"8BIM" + struct.pack(">HH", 0x0404, 0)


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
    if name not in FORMATS or name not in Image.SAVE:
        raise ImageError(f"This picture cannot be written as {path.suffix or 'a file without suffix'}; use .png.")
    return FORMATS[name]


def check_writable(picture: Picture, path: Path, size: tuple[int, int] | None = None) -> Format:
    """The format of a file, in which the picture can be written. Raises ImageError where it cannot.

    size: the width and height that the picture will have, where they are others than now.
    """
    form, alpha = find_format(path), picture.alpha
    width, height = size or (picture.width, picture.height)
    if max(width, height) > form.max_side:
        raise ImageError(
            f"A {path.suffix} file holds at most {form.max_side:,} pixels a side, "
            f"and the result has {width:,} x {height:,}; use .png."
        )
    if alpha is not None and (
        form.alpha == "none" or (form.alpha == "binary" and ((alpha > 0) & (alpha < np.iinfo(alpha.dtype).max)).any())
    ):
        raise ImageError(f"A {path.suffix} file cannot hold this picture's transparency; use .png.")
    return form


def list_losses(picture: Picture, path: Path) -> list[Remark]:
    """What of a picture a file does not keep. Raises ImageError where it cannot be written at all."""
    form = check_writable(picture, path)
    grey = picture.pixels.ndim == 2
    is_reduced = picture.pixels.dtype == np.uint16 and _is_reduced(picture, form)
    lost = {
        "its 16 bits a channel become 8 in a {suffix} file": is_reduced and not picture.white,
        "of its 16 bits a channel, a {suffix} file holds the upper 8, and its levels use the lower {bits}": is_reduced
        and picture.white,
        "a {suffix} file cannot hold its colour profile": picture.profile
        and not _holds_profile(picture, form)
        and grey,
        "a {suffix} file cannot hold its EXIF": picture.exif and not _holds_exif(picture, form),
        "a {suffix} file cannot hold its XMP": picture.xmp and not _holds_xmp(picture, form),
        "a {suffix} file cannot hold its IPTC": picture.iptc and not form.iptc,
        "a {suffix} file cannot hold its texts": picture.text and not _holds_texts(picture, form),
        "a {suffix} file cannot hold its resolution": picture.dpi and not (form.dpi or form.exif),
    }
    values = {"suffix": path.suffix, "bits": (picture.white or 0).bit_length()}
    return [Remark(key, values) for key, is_lost in lost.items() if is_lost]


def _holds_profile(picture: Picture, form: Format) -> bool:
    return form.profile and len(picture.profile or b"") <= form.max_profile_bytes


def _holds_exif(picture: Picture, form: Format) -> bool:
    return form.exif and len(picture.exif or b"") <= form.max_exif_bytes


def _holds_texts(picture: Picture, form: Format) -> bool:
    only_comments = {key for key, _ in picture.text} == {COMMENT}
    return form.text or (form.comment and only_comments and len(_join_comments(picture)) <= form.max_comment_bytes)


def _join_comments(picture: Picture) -> bytes:
    return "\n".join(value for key, value in picture.text if key == COMMENT).encode("utf-8", "replace")


def _holds_xmp(picture: Picture, form: Format) -> bool:
    return form.xmp and len(picture.xmp or b"") <= form.max_xmp_bytes


def write_picture(picture: Picture, path: Path, quality: int | None = None) -> None:
    """Write a picture as `Picture.save` says."""
    form = check_writable(picture, path)
    picture = _fit(picture, form)
    try:
        with write_atomically(path) as temporary, temporary.open("wb") as file:
            _write(file, picture, form, quality or _QUALITY)
    except (ValueError, OSError, KeyError, struct.error) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # the disk's fault, not the format's
        raise ImageError(f"This picture cannot be written as {path.suffix}; use .png.") from error


def _is_reduced(picture: Picture, form: Format) -> bool:
    """Whether 16 bits become 8: the format holds no more, or the colours have to be converted by a table."""
    return form.bits < 16 or (_is_converted(picture, form) and not keeps_sixteen_bits(picture.profile))


def _is_converted(picture: Picture, form: Format) -> bool:
    return bool(picture.profile) and not _holds_profile(picture, form) and picture.pixels.ndim == 3


def _fit(picture: Picture, form: Format) -> Picture:
    """The picture with the depth that a format holds, and with colours in sRGB where it holds no profile.

    Levels stay where they are in the range: a dark picture looks in 8 bits as it does in 16.
    """
    if picture.pixels.dtype == np.uint16 and _is_reduced(picture, form):
        alpha = None if picture.alpha is None else round_to_eight_bits(picture.alpha)
        picture = replace(picture, pixels=round_to_eight_bits(picture.pixels), alpha=alpha, white=None)
    if _is_converted(picture, form):
        picture = replace(picture, pixels=_convert_pixels(picture.pixels, picture.profile), profile=None)
    return picture


def _convert_pixels(pixels: np.ndarray, profile: bytes) -> np.ndarray:
    if pixels.dtype == np.uint16:
        return convert_deep_to_srgb(pixels, profile)
    image = Image.fromarray(pixels)
    image.info["icc_profile"] = profile
    return np.array(convert_to_srgb(image))


def _write(file: IO[bytes], picture: Picture, form: Format, quality: int = _QUALITY) -> None:
    metadata = _metadata_for(picture, form)
    deep = picture.pixels.dtype == np.uint16 and (picture.pixels.ndim == 3 or picture.alpha is not None)
    if not deep:
        settings = form.settings | ({"quality": quality} if form.has_quality else {})
        if form.name == "AVIF" and picture.pixels.ndim == 3:
            settings["subsampling"] = "4:4:4"
        to_pil_image(picture).save(file, form.name, **settings, **metadata)
    elif form.name == "PPM":
        sixteen_bits.write_ppm(file, picture.pixels)
    else:
        levels = picture.pixels.reshape(picture.height, picture.width, -1)
        if picture.alpha is not None:
            levels = np.dstack([levels, picture.alpha])
        {"PNG": sixteen_bits.write_png, "TIFF": sixteen_bits.write_tiff}[form.name](file, levels, metadata)


def _metadata_for(picture: Picture, form: Format) -> dict:
    """What `Image.save` is told of a picture's metadata, as far as the format can hold them."""
    xmp = picture.xmp if _holds_xmp(picture, form) else None
    iptc = picture.iptc if form.iptc else None
    exif = _complete_exif(picture, form) if form.exif else None
    told = {
        "icc_profile": picture.profile if _holds_profile(picture, form) else None,
        "dpi": picture.dpi if form.dpi else None,
        "exif": exif,
    }
    if form.comment:
        comment = _join_comments(picture)
        told["comment"] = comment if len(comment) <= form.max_comment_bytes else None
    if form.name == "PNG":
        told["pnginfo"] = _png_texts(picture.text, xmp)
    elif form.name == "TIFF":
        told["exif"] = _exif_with_tags(exif, {TiffImagePlugin.XMP: xmp, TiffImagePlugin.IPTC_NAA_CHUNK: iptc})
    else:
        told["xmp"] = xmp
        told["extra"] = _iptc_segment(iptc) if iptc else None
    return {name: value for name, value in told.items() if value}


def _complete_exif(picture: Picture, form: Format) -> bytes | None:
    """EXIF, which tells the origin, and the resolution where it told another or the format has no other place for it.

    What makes it longer than the format holds is left out.
    """
    exif, tags = picture.exif if _holds_exif(picture, form) else None, {}
    if picture.dpi and (not form.dpi or ExifTags.Base.XResolution in _exif_with_tags(exif, {})):
        tags = dict(zip((ExifTags.Base.XResolution, ExifTags.Base.YResolution), picture.dpi, strict=True))
        tags[ExifTags.Base.ResolutionUnit] = 2
    with_origin = tags | ({ExifTags.Base.ProcessingSoftware: picture.origin} if picture.origin else {})
    for each in (with_origin, tags):
        content = _exif_with_tags(exif, each).tobytes() if each else exif
        if len(content or b"") <= form.max_exif_bytes:
            return content
    return exif


def _exif_with_tags(content: bytes | None, tags: dict) -> Image.Exif:
    exif = Image.Exif()
    if content:
        exif.load(content)
    for tag, value in tags.items():
        if value:
            exif[tag] = value
    return exif


def _png_texts(text: tuple[tuple[str, str], ...], xmp: bytes | None) -> PngInfo:
    info = PngInfo()
    for key, value in text:
        info.add_text(key, value)
    if xmp:
        info.add_itxt(XMP_IN_PNG, xmp.decode("utf-8", "replace"))
    return info


def _iptc_segment(iptc: bytes) -> bytes:
    """IPTC as a segment of a JPEG, as Photoshop writes it."""
    content = _IPTC_HEAD + struct.pack(">I", len(iptc)) + iptc + bytes(len(iptc) % 2)
    return b"\xff\xed" + struct.pack(">H", len(content) + 2) + content


def encode_png(picture: Picture) -> bytes:
    """A picture as the content of a PNG file, to be sent inside of a page."""
    buffer = io.BytesIO()
    _write(buffer, Picture(picture.pixels, picture.alpha), FORMATS["PNG"])
    return buffer.getvalue()
