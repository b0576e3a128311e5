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
from srcnn.imaging import sixteen_bits
from srcnn.imaging.color_profiles import convert_to_srgb
from srcnn.imaging.picture import ImageError, Picture, round_to_eight_bits, to_pil_image

_IPTC_HEAD = b"Photoshop 3.0\0" + b"8BIM" + struct.pack(">HH", 0x0404, 0)


@dataclass(frozen=True)
class Format:
    """What a file format can hold, as far as it is written here. settings: what `Image.save` is told."""

    name: str
    bits: int = 8
    alpha: str = "full"  # or "none", or "binary": transparent or not
    profile: bool = False
    exif: bool = False
    xmp: bool = False
    iptc: bool = False
    text: bool = False
    dpi: bool = False
    max_xmp_bytes: int = 1 << 24
    settings: dict = field(default_factory=dict)


# PNG is written with little compression: two to three times as fast as zlib's default, for a tenth more bytes.
FORMATS = {
    each.name: each
    for each in (
        Format("PNG", 16, profile=True, exif=True, xmp=True, text=True, dpi=True, settings={"compress_level": 1}),
        Format("TIFF", 16, profile=True, exif=True, xmp=True, iptc=True, dpi=True),
        Format(
            "JPEG",
            alpha="none",
            profile=True,
            exif=True,
            xmp=True,
            iptc=True,
            dpi=True,
            max_xmp_bytes=65_500,  # a segment
            settings={"quality": 95, "subsampling": 0},  # a colour for each pixel
        ),
        Format("WEBP", profile=True, exif=True, xmp=True, settings={"quality": 95}),
        Format("AVIF", profile=True, exif=True, xmp=True, settings={"quality": 95}),
        Format("PPM", 16, "none"),
        Format("BMP", 8, "none", dpi=True),
        Format("GIF", 8, "binary"),
        Format("JPEG2000"),
        Format("TGA"),
    )
}


def find_format(path: Path) -> Format:
    """The format that a file's suffix means. Raises ImageError for a suffix of none that is written here."""
    name = Image.registered_extensions().get(path.suffix.lower())
    if name not in FORMATS or name not in Image.SAVE:
        raise ImageError(f"This picture cannot be written as {path.suffix or 'a file without suffix'}; use .png.")
    return FORMATS[name]


def check_writable(picture: Picture, path: Path) -> Format:
    """The format of a file, in which the picture can be written. Raises ImageError where it cannot."""
    form = find_format(path)
    alpha = picture.alpha
    if alpha is not None and (
        form.alpha == "none" or (form.alpha == "binary" and ((alpha > 0) & (alpha < np.iinfo(alpha.dtype).max)).any())
    ):
        raise ImageError(f"A {path.suffix} file cannot hold this picture's transparency; use .png.")
    return form


def list_losses(picture: Picture, path: Path) -> list[str]:
    """What of a picture a file does not keep, in words that follow the file's name.

    Raises ImageError where it cannot be written at all.
    """
    form = check_writable(picture, path)
    losses = []
    if picture.pixels.dtype == np.uint16 and _is_reduced(picture, form):
        losses.append(f"its 16 bits a channel become 8 in a {path.suffix} file")
    left = [
        word
        for name, word in {"exif": "EXIF", "xmp": "XMP", "iptc": "IPTC", "text": "texts"}.items()
        if getattr(picture, name) and not getattr(form, name)
    ]
    if form.xmp and len(picture.xmp or b"") > form.max_xmp_bytes:
        left.append("XMP")
    if picture.profile and not form.profile and picture.pixels.ndim == 2:
        left.append("colour profile")
    if left:
        losses.append(f"a {path.suffix} file cannot hold its {' and '.join(left)}")
    return losses


def write_picture(picture: Picture, path: Path) -> None:
    """Write a picture as `Picture.save` says."""
    form = check_writable(picture, path)
    picture = _fit(picture, form)
    try:
        with write_atomically(path) as temporary, temporary.open("wb") as file:
            _write(file, picture, form)
    except (ValueError, OSError, KeyError, struct.error) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # the disk's fault, not the format's
        raise ImageError(f"This picture cannot be written as {path.suffix}; use .png.") from error


def _is_reduced(picture: Picture, form: Format) -> bool:
    """Whether 16 bits become 8: the format holds no more, or the colours have to be converted."""
    return form.bits < 16 or _is_converted(picture, form)


def _is_converted(picture: Picture, form: Format) -> bool:
    return bool(picture.profile) and not form.profile and picture.pixels.ndim == 3


def _fit(picture: Picture, form: Format) -> Picture:
    """The picture with the depth that a format holds, and with colours in sRGB where it holds no profile."""
    if picture.pixels.dtype == np.uint16 and _is_reduced(picture, form):
        alpha = None if picture.alpha is None else round_to_eight_bits(picture.alpha)
        pixels = replace(picture, alpha=None).flattened().pixels
        picture = replace(picture, pixels=pixels, alpha=alpha, white=None)
    if _is_converted(picture, form):
        image = Image.fromarray(picture.pixels)
        image.info["icc_profile"] = picture.profile
        picture = replace(picture, pixels=np.array(convert_to_srgb(image)), profile=None)
    return picture


def _write(file: IO[bytes], picture: Picture, form: Format) -> None:
    metadata = _metadata_for(picture, form)
    deep = picture.pixels.dtype == np.uint16 and (picture.pixels.ndim == 3 or picture.alpha is not None)
    if not deep:
        settings = dict(form.settings)
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
    xmp = picture.xmp if form.xmp and len(picture.xmp or b"") <= form.max_xmp_bytes else None
    iptc = picture.iptc if form.iptc else None
    exif = _exif_with_resolution(picture, form) if form.exif else None
    told = {
        "icc_profile": picture.profile if form.profile else None,
        "dpi": picture.dpi if form.dpi else None,
        "exif": exif,
    }
    if form.name == "PNG":
        told["pnginfo"] = _png_texts(picture.text, xmp)
    elif form.name == "TIFF":
        told["exif"] = _exif_with_tags(exif, {TiffImagePlugin.XMP: xmp, TiffImagePlugin.IPTC_NAA_CHUNK: iptc})
    else:
        told["xmp"] = xmp
        told["extra"] = _iptc_segment(iptc) if iptc else None
    return {name: value for name, value in told.items() if value}


def _exif_with_resolution(picture: Picture, form: Format) -> bytes | None:
    """EXIF, which tells the resolution where the format has no other place for it."""
    if form.dpi or not picture.dpi:
        return picture.exif
    across, down = picture.dpi
    tags = {ExifTags.Base.XResolution: across, ExifTags.Base.YResolution: down, ExifTags.Base.ResolutionUnit: 2}
    return _exif_with_tags(picture.exif, tags).tobytes()


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
        info.add_itxt("XML:com.adobe.xmp", xmp.decode("utf-8", "replace"))
    return info


def _iptc_segment(iptc: bytes) -> bytes:
    """IPTC as a segment of a JPEG, as Photoshop writes it."""
    content = _IPTC_HEAD + struct.pack(">I", len(iptc)) + iptc + bytes(len(iptc) % 2)
    return b"\xff\xed" + struct.pack(">H", len(content) + 2) + content


def encode_png(picture: Picture) -> bytes:
    """A picture as the content of a PNG file, to be sent inside of a page."""
    buffer = io.BytesIO()
    _write(buffer, replace(picture, profile=None, exif=None, xmp=None, iptc=None, text=(), dpi=None), FORMATS["PNG"])
    return buffer.getvalue()
