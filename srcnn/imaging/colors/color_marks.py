"""What a picture file tells of its colours: an ICC profile, or a mark that becomes one."""

import contextlib
import io
import itertools
import math
import os
import struct
from collections.abc import Callable

from PIL import ExifTags, Image, ImageCms, TiffImagePlugin

from srcnn.errors import Remark
from srcnn.imaging.colors.color_profiles import ADOBE_RGB, SRGB, ColorSpace, build_profile, numbered_color_space
from srcnn.imaging.colors.embedded_profiles import MAX_PROFILE_BYTES, read_embedded_profile
from srcnn.imaging.colors.srgb_conversion import UNUSABLE_COLORS, find_grey_profile
from srcnn.imaging.file_formats.bounded_files import open_bounded
from srcnn.imaging.file_formats.decompression_bombs import is_sound_profile
from srcnn.imaging.file_formats.png_chunks import list_chunks
from srcnn.imaging.picture import ImageError

_HEAD_BYTES = 1 << 20  # of an AVIF, where its description is looked for
_MOST_CHUNKS = 1_000  # of a PNG before its pixels
_CICP_BYTES = 4
_UNSPECIFIED = 2  # as a number of ITU-T H.273
_TRANSFER_FUNCTION, _WHITE_POINT, _PRIMARIES = 301, 318, 319  # tags of TIFF
_TIFF_LIGHT = (1, 2)  # photometric interpretations: grey from black, RGB


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


def find_profile(
    image: Image.Image, path: str | os.PathLike | None, grey: bool
) -> tuple[bytes | None, tuple[Remark, ...]]:
    """The ICC profile of a picture's colours or greys, and a remark where what it tells of them cannot be used.

    For a picture that names its colours in another way, it is a profile that says the same. path: None for no file.
    Raises ImageError for pixels that are no colours that are known.
    """
    if image.mode == "LAB":  # colours by themselves, which Pillow makes those of sRGB
        return None, ()
    try:
        profile = image.info.get("icc_profile") or _ask_file(read_embedded_profile, path, image.format)
        if image.mode == "CMYK":
            return profile, ()
        numbers = _ask_file(read_color_numbers, path, image.format)
        space = numbered_color_space(*numbers) if numbers else None
        if profile and not (space and _goes_before_profile(image, numbers)):
            return _fit_profile(profile, grey)
        space = space or _find_color_space(image)
        if numbers and not space:
            raise ValueError(f"The numbers {numbers}.")
        return (build_profile(space, grey) if space and space != SRGB else None), ()
    except ImageError:
        raise
    except Exception:
        return None, (UNUSABLE_COLORS,)


def _ask_file(read: Callable, path: str | os.PathLike | None, kind: str | None):
    """What a reader finds in a file; None where the file of a Pillow image is gone."""
    with contextlib.suppress(OSError):
        return read(path, kind) if path else None
    return None


def _goes_before_profile(image: Image.Image, numbers: tuple[int, int, bool]) -> bool:
    """Whether numbers that say something count and not the profile (PNG, third edition, 4.3)."""
    return image.format == "PNG" and _UNSPECIFIED not in numbers[:2]


def _fit_profile(profile: bytes, grey: bool) -> tuple[bytes | None, tuple[Remark, ...]]:
    """The profile of what the pixels are: editors leave that of RGB in pictures that they make grey."""
    space = profile[16:20]
    if space == (b"GRAY" if grey else b"RGB "):
        return profile, ()
    return find_grey_profile(profile) if grey and space == b"RGB " else (None, (UNUSABLE_COLORS,))


def _find_color_space(image: Image.Image) -> ColorSpace | None:
    """None where nothing is told. Raises ValueError for what is told and not known."""
    if "srgb" in image.info:
        return None
    if "gamma" in image.info or "chromaticity" in image.info:
        return _measured_color_space(image.info.get("gamma"), image.info.get("chromaticity"))
    if image.format == "TIFF" and any(tag in image.tag_v2 for tag in (_WHITE_POINT, _PRIMARIES, _TRANSFER_FUNCTION)):
        return _tagged_color_space(image.tag_v2)
    with contextlib.suppress(Exception):  # malformed EXIF says nothing
        exif = image.getexif()
        told = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace)
        if told == 2 or (told == 0xFFFF and exif.get_ifd(ExifTags.IFD.Interop).get(1) == "R03"):
            return ADOBE_RGB
    return None


def read_color_numbers(path: str | os.PathLike, kind: str | None) -> tuple[int, int, bool] | None:
    """The numbers of the primaries and the curve by ITU-T H.273, where a PNG or an AVIF tells them.

    Also whether black is 16 and white 235, which the decoder of AVIF has made 0 and 255. kind: Pillow's name.
    """
    if kind == "PNG":
        content = _read_cicp(path)
        return (content[0], content[1], content[3] == 0) if content and len(content) == _CICP_BYTES else None
    return _read_nclx(path) if kind == "AVIF" else None


def _tagged_color_space(tags: TiffImagePlugin.ImageFileDirectory_v2) -> ColorSpace:
    """What TIFF's PrimaryChromaticities, WhitePoint and TransferFunction say (TIFF 6.0, section 20)."""
    white, primaries = tags.get(_WHITE_POINT, SRGB.white), tags.get(_PRIMARIES, sum(SRGB.primaries, ()))
    space, samples = _measured_color_space(None, tuple(map(float, (*white, *primaries)))), tags.get(_TRANSFER_FUNCTION)
    if not samples:
        return space
    count = 2 ** tags[TiffImagePlugin.BITSPERSAMPLE][0]
    curves = {samples[start : start + count] for start in range(0, len(samples), count)}
    usual = tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] in _TIFF_LIGHT
    if len(curves) > 1 or len(samples) not in (count, 3 * count) or not usual:
        raise ValueError("Curves that differ, or of other levels than the pixels'.")
    return ColorSpace(space.primaries, space.white, tuple(level / 65535 for level in samples[:count]))


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


def _read_cicp(path: str | os.PathLike) -> bytes | None:
    """The numbers of a PNG, in a chunk before its pixels that Pillow does not know."""
    with open_bounded(path) as file:
        for chunk in itertools.islice(list_chunks(file), _MOST_CHUNKS):
            if chunk.kind == b"cICP":
                return chunk.read(_CICP_BYTES)
            if chunk.kind == b"IDAT":
                return None
    return None


def _read_nclx(path: str | os.PathLike) -> tuple[int, int, bool] | None:
    """The numbers of the primaries and the curve of an AVIF, which Pillow does not tell."""
    content = read_avif_description(path, b"colrnclx", 4)
    return (*struct.unpack(">HH", content), False) if content else None


def read_avif_description(path: str | os.PathLike, mark: bytes, length: int) -> bytes | None:
    """So many bytes behind a mark in the head of an AVIF; None where they are not there."""
    with open_bounded(path) as file:
        _, found, rest = file.read(_HEAD_BYTES).partition(mark)
    return rest[:length] if found and len(rest) >= length else None
