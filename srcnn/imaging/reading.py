"""Open any stranger's picture file safely. The only module that does."""

import contextlib
import io
import os
import warnings
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
from PIL import Image, ImageFile, ImageOps

from srcnn.atomic_files import is_pipe_or_device
from srcnn.imaging.colors.color_marks import find_profile, read_profile
from srcnn.imaging.colors.srgb_conversion import (
    convert_deep_to_srgb,
    convert_grey_picture,
    convert_to_srgb,
    tell_unusable,
)
from srcnn.imaging.file_formats import sixteen_bits
from srcnn.imaging.file_formats.bounded_files import BoundedFile, open_bounded
from srcnn.imaging.file_formats.decoded_pixels import mend_pixels, read_meaning
from srcnn.imaging.file_formats.decompression_bombs import check_structure, declared_canvas, declared_sizes
from srcnn.imaging.file_formats.metadata import is_sideways, read_metadata, read_origin
from srcnn.imaging.file_formats.other_formats import check_other_format, is_bmp_or_ppm, is_camera_file, read_head
from srcnn.imaging.file_formats.png_chunks import PNG
from srcnn.imaging.file_formats.png_opening import open_png
from srcnn.imaging.file_formats.reading_losses import list_reading_losses, tell_lost_bits
from srcnn.imaging.file_formats.tiff_layouts import check_compression, check_layout, leave_unmapped, open_tiff
from srcnn.imaging.picture import ImageError, Picture, find_white, round_to_eight_bits

Image.init()
# Formats that Pillow decodes by itself, as far as it was built with them: no EPS, which would start Ghostscript, no
# ICO, which is decoded before its true size is known.
_ACCEPTED_FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM", "JPEG2000", "TGA")
_AVAILABLE_FORMATS = [name for name in _ACCEPTED_FORMATS if name in Image.OPEN]
# MPO is a JPEG with more pictures behind the first one; a file named .dib is a BMP.
SUFFIXES = tuple(sorted(end for end, name in Image.EXTENSION.items() if name in (*_AVAILABLE_FORMATS, "MPO", "DIB")))
# Formats whose first bytes are like no other file's.
_RECOGNISED_FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "TIFF", "JPEG2000")
# Folders that systems and programs keep for themselves, beside those whose names begin with a dot: trash, thumbnails.
_SYSTEM_FOLDERS = ("$recycle.bin", "system volume information", "lost+found", "__macosx", "@eadir", "#recycle")
MAX_PIXELS = 100_000_000
Image.MAX_IMAGE_PIXELS = None  # `open_picture` has a limit of its own, checked before anything is decoded
# What a JPEG without its end is completed by: if both give the same pixels, none depends on what is missing.
_JPEG_ENDS = (b"\xff\xd9", b"\xaa" * 64 + b"\xff\xd9")


def open_picture(path: str | os.PathLike, max_pixels: int = MAX_PIXELS, keep_metadata: bool = False) -> Picture:
    """Read the first frame of a picture file, turned upright (EXIF) and converted to sRGB.

    The colours of the file are told by its ICC profile, or by PNG's cICP, gAMA and cHRM, AVIF's nclx, TIFF's tags or
    EXIF.
    Grey stays grey, alpha is kept, 16 bits stay 16 bits; CMYK, palettes and all else become 8-bit RGB. A picture of 16
    bits whose colours have to be converted by a profile's table becomes one of 8, and its remarks say so.
    With `keep_metadata`, for pictures that are saved again, EXIF, XMP, IPTC, texts and resolution travel with the
    picture, and so does a profile of grey or RGB: the colours then stay as they are. Metadata that are damaged or huge
    are left out.
    Raises ImageError for a file that is missing, unreadable, cut off, of no known format, or larger than `max_pixels`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata
            if is_pipe_or_device(path):
                name = printable_name(Path(path).name)
                raise ImageError("{name} is a pipe or a device; save the picture as a file first.", name=name)
            if is_camera_file(path):
                check_other_format(path)
            for width, height in declared_canvas(path):
                _check_pixel_count(width, height, max_pixels)
            check_structure(path)
            with _open_again(path) as image:
                for width, height in declared_sizes(image):
                    _check_pixel_count(width, height, max_pixels)
                check_compression(image)
                check_layout(image)
                return _read(image, path, keep_metadata)
    except ImageError:
        raise
    except Exception as error:  # decoders raise anything from struct.error to SyntaxError on a damaged file
        _raise_reason(error, Path(path))


def read_pil_image(image: Image.Image) -> Picture:
    """A Pillow image that is in memory, as `open_picture` reads a file; the image itself stays as it is.

    Raises ImageError for one of a kind that is not supported.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata
        check_layout(image)
        if 0 in image.size:
            raise ImageError("This picture has no pixels; use one of at least 1 x 1.")
        meaning, path = read_meaning(image), getattr(image, "filename", None)
        with leave_unmapped(image):
            upright = image.copy()
        mend_pixels(upright, meaning)
        upright = _turn_upright(upright)
        upright.info["icc_profile"], told = find_profile(image, path, _is_grey(image))
        picture = convert_grey_picture(_to_picture(convert_to_srgb(upright)), upright.info["icc_profile"])
        return replace(picture, remarks=told + tell_unusable(upright.info["icc_profile"]))


def is_picture_content(path: str | os.PathLike) -> bool:
    """Whether a file begins as one of a format that is opened here; False where it cannot be read."""
    head = read_head(path)
    names = (name for name in _RECOGNISED_FORMATS if name in _AVAILABLE_FORMATS)
    return is_bmp_or_ppm(head) or any(Image.OPEN[name][1](head) is True for name in names)


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is no person's: hidden, or a system's."""
    return name.startswith(".") or name.lower() in _SYSTEM_FOLDERS


def find_origin(path: str | os.PathLike) -> str | None:
    """`Picture.origin` of a file, of which no pixel is decoded; None for all that is no result of this package."""
    with contextlib.suppress(Exception), warnings.catch_warnings():  # a file that is no picture, or damaged
        warnings.simplefilter("ignore")
        if is_pipe_or_device(path):
            return None
        check_structure(path)
        with _open_again(path) as image:
            return read_origin(image)
    return None


def printable_name(name: str | os.PathLike) -> str:
    """A name may hold line breaks, and bytes that are no text."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(name))


def _open_again(source: str | os.PathLike | io.BytesIO) -> Image.Image:
    file = source if isinstance(source, io.BytesIO) else open_bounded(source)
    try:
        image = _open_file(file)
    except BaseException:
        file.close()
        raise
    if not isinstance(source, io.BytesIO):  # as of a picture that Pillow opens by its path
        image.filename, image._exclusive_fp = os.fspath(source), True
    return image


def _open_file(file: io.BytesIO | BoundedFile) -> ImageFile.ImageFile:
    if file.read(len(PNG)) == PNG:
        return open_png(file)
    try:
        return Image.open(file, formats=_AVAILABLE_FORMATS)
    except Image.UnidentifiedImageError:
        file.seek(0)
        if not Image.OPEN["TIFF"][1](file.read(16)):
            raise
    return open_tiff(file)


def _raise_reason(error: Exception, path: Path) -> NoReturn:
    """Raises ImageError: in one sentence, why a file could not be opened, and what to do."""
    name = printable_name(path.name)
    if isinstance(error, FileNotFoundError):
        raise ImageError("There is no file {name}.", name=name) from error
    if not isinstance(error, MemoryError) and not (isinstance(error, OSError) and error.errno):
        check_other_format(path)  # or it is damaged
    if isinstance(error, Image.UnidentifiedImageError):
        raise ImageError("This file is not a picture in a known format; use PNG, JPEG or WebP.") from error
    if isinstance(error, MemoryError):
        raise ImageError("The memory does not suffice to open this picture; use a smaller one.") from error
    if isinstance(error, OSError) and error.errno:  # of the system's, not of a decoder's
        if os.path.isdir(path):  # which a closed folder above does not end
            raise ImageError("{name} is a folder and not a picture; name a file in it.", name=name) from error
        if isinstance(error, PermissionError):
            raise ImageError("You have no permission to read {name}; change its permissions.", name=name) from error
        reason = os.strerror(error.errno)
        raise ImageError(
            "{name} cannot be read ({reason}); see whether its disk is sound.", name=name, reason=reason
        ) from error
    raise ImageError("This picture file is damaged or cut off; save it again or use another one.") from error


def _check_pixel_count(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise ImageError(
            "This picture has {megapixels:.1f} megapixels, the limit here is {limit:.1f}; "
            "use a smaller one or a part of it.",
            megapixels=width * height / 1e6,
            limit=max_pixels / 1e6,
        )


def _read(image: Image.Image, path: str | os.PathLike, keep_metadata: bool) -> Picture:
    remarks = list_reading_losses(image, path, lambda: _open_again(path))
    layout, levels = sixteen_bits.find_layout(image), None
    sideways = image.format == "TIFF" and is_sideways(image)  # which Pillow turns as soon as it is decoded

    def turn(decoded: Image.Image) -> Image.Image:
        nonlocal sideways
        sideways = sideways or is_sideways(decoded)
        return _turn_upright(decoded)

    with leave_unmapped(image):
        if layout:
            levels = sixteen_bits.decode(image, layout, lambda: _open_again(path), turn)
        else:
            meaning = read_meaning(image)
            image = turn(_load(image, path))
            mend_pixels(image, meaning)
    grey = layout.startswith("LA") if layout else _is_grey(image)
    image.info["icc_profile"], told = find_profile(image, path, grey)
    profile = read_profile(image, grey) if keep_metadata else None
    if layout:
        picture = _split_channels(levels, image.info.get("transparency"))
        if not profile and not grey and image.info.get("icc_profile"):
            picture = _convert_deep_picture(picture, image.info["icc_profile"])
    else:
        picture = _to_picture(image if profile else convert_to_srgb(image))
    if not profile:
        picture = convert_grey_picture(picture, image.info["icc_profile"])
        told += tell_unusable(image.info["icc_profile"])
    metadata, left_out = read_metadata(image, path, sideways) if keep_metadata else ({}, ())
    return replace(picture, profile=profile, remarks=remarks + told + picture.remarks + left_out, **metadata)


def _load(image: Image.Image, path: str | os.PathLike) -> Image.Image:
    """Decode a picture. A JPEG may lack its end, as cut streams do, if all of its pixels are there."""
    try:
        image.load()
        return image
    except OSError as error:
        if error.errno or image.format not in ("JPEG", "MPO"):
            raise
        content = Path(path).read_bytes().rstrip(b"\xff")  # half of the end, or filling
        completed = [_open_again(io.BytesIO(content + end)) for end in _JPEG_ENDS]
        if completed[0].tobytes() != completed[1].tobytes():
            raise
        return completed[0]


def _turn_upright(image: Image.Image) -> Image.Image:
    with contextlib.suppress(Exception):  # malformed EXIF says nothing about the orientation
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _convert_deep_picture(picture: Picture, profile: bytes) -> Picture:
    """A picture of 16 bits in sRGB; of 8, and with a remark, where its profile does not convert more."""
    pixels = convert_deep_to_srgb(picture.pixels, profile)
    if pixels.dtype == np.uint16:
        return replace(picture, pixels=pixels, white=find_white(pixels))
    alpha = None if picture.alpha is None else round_to_eight_bits(picture.alpha)
    return Picture(pixels, alpha, remarks=(tell_lost_bits(16),))


def _split_channels(levels: np.ndarray, key: tuple[int, ...] | None) -> Picture:
    """(H, W, 2 to 4) uint16 as a picture. key: the colour that is transparent, where there is no alpha."""
    if levels.shape[2] == 3:
        return Picture(levels, _alpha_of_key(levels, key) if key else None, white=find_white(levels))
    pixels = np.ascontiguousarray(levels[..., 0] if levels.shape[2] == 2 else levels[..., :3])
    return Picture(pixels, np.ascontiguousarray(levels[..., -1]), white=find_white(pixels))


def _alpha_of_key(levels: np.ndarray, key: int | tuple[int, ...]) -> np.ndarray:
    same = levels == np.array(key)
    return np.where(same if levels.ndim == 2 else same.all(axis=2), 0, 65535).astype(np.uint16)


def _to_picture(image: Image.Image) -> Picture:
    if image.mode.startswith("I"):  # 16 bits, or 32
        levels, key = _to_sixteen_bits(image), image.info.get("transparency")
        alpha = _alpha_of_key(levels, key) if isinstance(key, int) else None
        return Picture(levels, alpha, white=find_white(levels))
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
