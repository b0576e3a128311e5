"""Write a picture into a file, and tell what of it the format cannot hold."""

import io
import struct
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

from srcnn.atomic_files import write_atomically
from srcnn.errors import Remark
from srcnn.imaging.colors.srgb_conversion import (
    can_convert,
    convert_deep_to_srgb,
    convert_grey_to_srgb,
    convert_to_srgb,
    keeps_sixteen_bits,
)
from srcnn.imaging.file_formats import sixteen_bits
from srcnn.imaging.file_formats.formats import FORMATS, Format, find_format
from srcnn.imaging.file_formats.png_texts import XMP_IN_PNG
from srcnn.imaging.picture import COMMENT, ImageError, Picture, round_to_eight_bits, to_pil_image

_QUALITY = 95  # where none is told
_IPTC_HEAD = b"Photoshop 3.0\0" + b"8BIM" + struct.pack(">HH", 0x0404, 0)


def check_writable(picture: Picture, path: Path, size: tuple[int, int] | None = None) -> Format:
    """The format of a file, in which the picture can be written. Raises ImageError where it cannot.

    size: the width and height that the picture will have, where they are others than now.
    """
    form, alpha = find_format(path), picture.alpha
    if path.suffix.lower() == ".pgm" and picture.pixels.ndim == 3:
        raise ImageError("A .pgm file holds grey pictures only, and this one has colours; use .png.")
    width, height = size or (picture.width, picture.height)
    if max(width, height) > form.max_side:
        raise ImageError(
            f"A {path.suffix} file holds at most {form.max_side:,} pixels a side, "
            f"and the result has {width:,} x {height:,}; use .png."
        )
    if alpha is not None and (
        (form.alpha == "none" and _is_transparent(alpha))
        or (form.alpha == "binary" and alpha.any() and not _round_alpha(alpha).any())
    ):
        raise ImageError(f"A {path.suffix} file cannot hold this picture's transparency; use .png.")
    return form


def list_losses(picture: Picture, path: Path) -> list[Remark]:
    """What of a picture a file does not keep. Raises ImageError where it cannot be written at all."""
    form = check_writable(picture, path)
    is_reduced = picture.pixels.dtype == np.uint16 and _is_reduced(picture, form)
    lost = {
        "its 16 bits a channel become 8 in a {suffix} file": is_reduced and not picture.white,
        "of its 16 bits a channel, a {suffix} file holds the upper 8, and its levels use the lower {bits}": is_reduced
        and picture.white,
        "a {suffix} file cannot hold what is half transparent, which becomes wholly transparent or opaque": (
            form.alpha == "binary"
            and picture.alpha is not None
            and (_round_alpha(picture.alpha) != picture.alpha).any()
        ),
        "a {suffix} file cannot hold its colour profile": _is_converted(picture, form)
        and not can_convert(picture.profile),
        "a {suffix} file cannot hold its EXIF": picture.exif and not _holds_exif(picture, form),
        "a {suffix} file cannot hold its XMP": picture.xmp and not _holds_xmp(picture, form),
        "a {suffix} file cannot hold its IPTC": picture.iptc and not form.iptc,
        "a {suffix} file cannot hold its texts": picture.text and not _holds_texts(picture, form),
        "a {suffix} file cannot hold its resolution": picture.dpi and not (form.dpi or form.exif),
    }
    values = {"suffix": path.suffix, "bits": (picture.white or 0).bit_length()}
    return [Remark(key, values) for key, is_lost in lost.items() if is_lost]


def _is_transparent(alpha: np.ndarray) -> bool:
    """Whether there is anything in it that is not opaque, as many screenshots have it that keep an alpha channel."""
    return bool((alpha < np.iinfo(alpha.dtype).max).any())


def _round_alpha(alpha: np.ndarray) -> np.ndarray:
    """Transparent or opaque, whichever is nearer."""
    full = np.iinfo(alpha.dtype).max
    return np.where(alpha > full // 2, full, 0).astype(alpha.dtype)


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
        with write_atomically(path) as temporary, _CheckedFile(io.FileIO(temporary, "w")) as file:
            _write(file, picture, form, quality or _QUALITY)
    except (ValueError, OSError, KeyError, struct.error) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # the disk's fault, not the format's
        raise ImageError(f"This picture cannot be written as {path.suffix}; use .png.") from error


class _CheckedFile(io.BufferedWriter):
    """A file that Pillow has to write through Python: by the file's number it takes a full disk for a finished file."""

    def fileno(self) -> int:
        raise io.UnsupportedOperation("fileno")


def _is_reduced(picture: Picture, form: Format) -> bool:
    """Whether 16 bits become 8: the format holds no more, or the colours have to be converted by a table."""
    return form.bits < 16 or (_is_converted(picture, form) and not keeps_sixteen_bits(picture.profile))


def _is_converted(picture: Picture, form: Format) -> bool:
    return bool(picture.profile) and not _holds_profile(picture, form)


def _fit(picture: Picture, form: Format) -> Picture:
    """The picture with the depth that a format holds, and in sRGB where it holds no profile.

    Levels stay where they are in the range: a dark picture looks in 8 bits as it does in 16.
    """
    if picture.alpha is not None and form.alpha != "full":
        picture = replace(picture, alpha=_round_alpha(picture.alpha) if form.alpha == "binary" else None)
    is_reduced = picture.pixels.dtype == np.uint16 and _is_reduced(picture, form)
    if _is_converted(picture, form):  # of 16 bits where they are there: dark levels of light itself need them
        picture = replace(picture, pixels=_convert_pixels(picture.pixels, picture.profile), profile=None)
    if is_reduced:
        alpha = None if picture.alpha is None else round_to_eight_bits(picture.alpha)
        pixels = picture.pixels if picture.pixels.dtype == np.uint8 else round_to_eight_bits(picture.pixels)
        picture = replace(picture, pixels=pixels, alpha=alpha, white=None)
    return picture


def _convert_pixels(pixels: np.ndarray, profile: bytes) -> np.ndarray:
    if pixels.ndim == 2:
        return convert_grey_to_srgb(pixels, profile)
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
        image = to_pil_image(picture)
        if form.alpha == "binary" and image.mode == "LA":
            image = image.convert("RGBA")  # of grey, Pillow writes no transparency into a GIF
        if form.name == "JPEG2000":  # whose encoder never ends where the disk is full
            image.save(encoded := io.BytesIO(), form.name, **settings, **metadata)
            file.write(encoded.getvalue())
        else:
            image.save(file, form.name, **settings, **metadata)
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
