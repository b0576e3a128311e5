"""Open any stranger's picture file safely. The only module that does."""

import contextlib
import io
import os
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps

from srcnn.imaging.decompression_bombs import check_structure, declared_sizes, is_sound_profile
from srcnn.imaging.picture import ImageError, Picture

Image.init()
# Formats that Pillow decodes by itself, as far as it was built with them: no EPS, which would start Ghostscript, no
# ICO, which is decoded before its true size is known.
_ACCEPTED_FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM", "JPEG2000", "TGA")
_AVAILABLE_FORMATS = [name for name in _ACCEPTED_FORMATS if name in Image.OPEN]
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".jp2", ".tga")
# Of TIFF. Where a fax is damaged or a JPEG is smaller than its strip, libtiff leaves pixels as they were: this
# process's memory, shown to a stranger. LZMA sets aside as many gigabytes as the file asks for.
_TIFF_COMPRESSIONS = ("raw", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits", "zstd")
MAX_PIXELS = 100_000_000
Image.MAX_IMAGE_PIXELS = None  # `open_picture` has a limit of its own, checked before anything is decoded
MAX_EXIF_BYTES = 65_533  # bytes: what fits into a JPEG
MAX_PROFILE_BYTES = 4_000_000  # bytes: those of printers, the largest, have one or two million
# EXIF of the photograph. All else in a file's first directory is of the file: orientation, strips, thumbnail.
_KEPT_EXIF_TAGS = ("ImageDescription", "Make", "Model", "Software", "DateTime", "Artist", "Copyright", "Rating")
_KEPT_EXIF_TAGS += (
    "XResolution",
    "YResolution",
    "ResolutionUnit",
    "XPTitle",
    "XPComment",
    "XPAuthor",
    "XPKeywords",
    "XPSubject",
)
_OUTDATED_EXIF_TAGS = (ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight, ExifTags.IFD.Interop)


def open_picture(path: str | os.PathLike, max_pixels: int = MAX_PIXELS, keep_metadata: bool = False) -> Picture:
    """Read the first frame of a picture file, turned upright (EXIF) and converted to sRGB (ICC).

    Grey stays grey, alpha is kept, 16-bit grey stays 16-bit; every other mode becomes 8-bit RGB.
    With `keep_metadata`, for pictures that are saved again, EXIF travels with the picture, and so does an ICC profile
    of grey or RGB: the colours then stay as they are. Metadata that are damaged or huge are left out.
    Raises ImageError for a file that is missing, unreadable, cut off, of no known format, or larger than `max_pixels`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata
            check_structure(path)
            with Image.open(path, formats=_AVAILABLE_FORMATS) as image:
                for width, height in declared_sizes(image):
                    _check_pixel_count(width, height, max_pixels)
                _check_compression(image)
                image.load()
                if keep_metadata:
                    return _read_with_metadata(image)
                return _to_picture(_convert_to_srgb(_turn_upright(image)))
    except ImageError:
        raise
    except FileNotFoundError as error:
        raise ImageError("There is no file {name}.", name=printable_name(Path(path).name)) from error
    except Image.UnidentifiedImageError as error:
        raise ImageError("This file is not a picture in a known format; use PNG, JPEG or WebP.") from error
    except Exception as error:  # decoders raise anything from struct.error to SyntaxError on a damaged file
        raise ImageError("This picture file is damaged or cut off; save it again or use another one.") from error


def read_pil_image(image: Image.Image) -> Picture:
    """A Pillow image that is in memory, as `open_picture` reads a file; the image itself stays as it is.

    Raises ImageError for a mode that is not supported.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata
        return _to_picture(_convert_to_srgb(_turn_upright(image.copy())))


def printable_name(name: str | os.PathLike) -> str:
    """A name may hold line breaks, and bytes that are no text."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(name))


def _check_pixel_count(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise ImageError(
            "This picture has {megapixels:.1f} megapixels, the limit here is {limit:.1f}; "
            "use a smaller one or a part of it.",
            megapixels=width * height / 1e6,
            limit=max_pixels / 1e6,
        )


def _check_compression(image: Image.Image) -> None:
    if image.format == "TIFF" and (kind := image.info["compression"]) not in _TIFF_COMPRESSIONS:
        raise ImageError("TIFF pictures that are compressed as {kind} are not supported; save it as PNG.", kind=kind)


def _read_with_metadata(image: Image.Image) -> Picture:
    profile = _read_profile(image)
    picture = _to_picture(_turn_upright(image) if profile else _convert_to_srgb(_turn_upright(image)))
    return replace(picture, profile=profile, exif=_read_exif(image))


def _read_profile(image: Image.Image) -> bytes | None:
    """The embedded ICC profile where it describes the picture's own grey or RGB, which CMYK has to become first."""
    profile = image.info.get("icc_profile")
    if not profile or len(profile) > MAX_PROFILE_BYTES or image.mode == "CMYK" or not is_sound_profile(profile):
        return None
    try:
        space = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip()
    except (ImageCms.PyCMSError, OSError):
        return None
    return profile if space == ("GRAY" if _is_grey(image) else "RGB") else None


def _read_exif(image: Image.Image) -> bytes | None:
    """What EXIF tells of the photograph and is still true when it has been turned upright and enlarged."""
    try:
        source, lasting = image.getexif(), Image.Exif()
        for tag in (ExifTags.Base[name] for name in _KEPT_EXIF_TAGS):
            if tag in source:
                lasting[tag] = source[tag]
        for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            entries = {tag: value for tag, value in source.get_ifd(directory).items() if tag not in _OUTDATED_EXIF_TAGS}
            if entries:
                lasting[directory] = entries
        content = lasting.tobytes() if len(lasting) else None
    except Exception:  # a parser of tags raises anything from struct.error to RecursionError on malformed ones
        return None
    return content if content and len(content) <= MAX_EXIF_BYTES else None


def _turn_upright(image: Image.Image) -> Image.Image:
    with contextlib.suppress(Exception):  # malformed EXIF says nothing about the orientation
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _convert_to_srgb(image: Image.Image) -> Image.Image:
    """Apply the embedded ICC profile. Grey pictures and unusable profiles are taken as they are."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK") or not is_sound_profile(profile):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image  # converting sRGB to sRGB would only add rounding
        alpha = image.getchannel("A") if image.mode == "RGBA" else None
        colours = image.convert("RGB") if alpha else image
        converted = ImageCms.profileToProfile(colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        if alpha:
            converted.putalpha(alpha)
        return converted
    except (ImageCms.PyCMSError, OSError):
        return image


def _to_picture(image: Image.Image) -> Picture:
    if image.mode.startswith("I"):  # 16 bits, or 32
        return Picture(_to_sixteen_bits(image))
    if image.mode == "F":
        raise ImageError("Pictures of floating-point numbers are not supported; save it with 8 or 16 bits a channel.")
    grey = _is_grey(image)
    if image.has_transparency_data:
        channels = np.asarray(image.convert("LA" if grey else "RGBA"))
        pixels = channels[..., 0] if grey else channels[..., :3]
        return Picture(np.ascontiguousarray(pixels), np.ascontiguousarray(channels[..., -1]))
    mode = "L" if grey else "RGB"
    return Picture(np.array(image if image.mode == mode else image.convert(mode)))


def _is_grey(image: Image.Image) -> bool:
    return image.mode in ("1", "L", "LA", "La") or image.mode.startswith("I")


def _to_sixteen_bits(image: Image.Image) -> np.ndarray:
    """I;16 in any byte order, or 32-bit integers that fit, as uint16."""
    values = np.asarray(image)
    if values.min() < 0 or values.max() > 65535:
        raise ImageError("Pictures of 32-bit numbers are not supported; save it with 8 or 16 bits a channel.")
    return values.astype(np.uint16)
