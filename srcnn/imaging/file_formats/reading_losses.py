"""What of a picture file is not read: further frames and channels, bits beyond those that are decoded, HDR."""

import contextlib
import mmap
import os
import re
from collections.abc import Callable

from PIL import Image, TiffImagePlugin

from srcnn.errors import Remark
from srcnn.imaging.colors.color_marks import read_avif_description, read_color_numbers
from srcnn.imaging.colors.color_profiles import HDR_CURVE_NAMES
from srcnn.imaging.file_formats import sixteen_bits
from srcnn.imaging.file_formats.decoded_pixels import lacks_transparency
from srcnn.imaging.file_formats.decompression_bombs import find_codestream

_MOST_FRAMES = 1_000  # that are counted
_SIXTEEN_BITS = re.compile(r";16[NLB]?\b")


def list_reading_losses(image: Image.Image, path: str | os.PathLike, open_again: Callable) -> tuple[Remark, ...]:
    """What a picture lacks of its file. image: opened and not decoded. open_again: gives the same picture once more."""
    found = []
    with contextlib.suppress(Exception):  # what follows the first frame may be damaged
        with open_again() as frames:
            count = _count_frames(frames)
        if count > 1:
            told = f"{count:,}" if count < _MOST_FRAMES else f"{count:,} or more"
            found.append(Remark("only the first of its {count} frames or pages was used", {"count": told}))
    with contextlib.suppress(Exception):
        if (bits := count_bits(image, path)) > 8 and not _is_read_deep(image):
            found.append(tell_lost_bits(bits))
    with contextlib.suppress(Exception):  # in decoding, which is done again and then told
        if _has_unread_channel(image, open_again):
            found.append(Remark("a channel beside its colours that is not marked as transparency was left out"))
    with contextlib.suppress(Exception):
        if curve := HDR_CURVE_NAMES.get((read_color_numbers(path, image.format) or (0, 0))[1]):
            found.append(Remark("of its HDR levels ({curve}), all above white are shown as white", {"curve": curve}))
    return tuple(found)


def tell_lost_bits(bits: int) -> Remark:
    """That of so many bits a channel 8 are left."""
    return Remark("its {bits} bits a channel were reduced to 8", {"bits": bits})


def _has_unread_channel(image: Image.Image, open_again: Callable) -> bool:
    """By the tags of a TIFF; in other formats, whose fourth bytes may be filling, whether these differ."""
    if image.format == "TIFF":
        extra = image.tag_v2.get(TiffImagePlugin.EXTRASAMPLES, ())
        return extra[:1] == (0,) or len(extra) > 1
    unread = image.format == "BMP" and sixteen_bits.find_raw_mode(image) == "BGRX"
    if not unread and not lacks_transparency(image):
        return False
    with open_again() as other:
        if unread:
            sixteen_bits.set_raw_mode(other, "BGRA")
            other._mode = "RGBA"
        least, most = other.getchannel("A").getextrema()
        return least != most


def _count_frames(image: Image.Image) -> int:
    if image.format != "TIFF":
        return getattr(image, "n_frames", 1)
    for number in range(1, _MOST_FRAMES):  # Pillow takes time by the square of the number of pages
        try:
            with contextlib.suppress(SyntaxError, KeyError):  # a page of a kind that Pillow does not know
                image.seek(number)
        except EOFError:
            return number
    return _MOST_FRAMES


def _is_read_deep(image: Image.Image) -> bool:
    return image.mode.startswith("I") or bool(sixteen_bits.find_layout(image))


def count_bits(image: Image.Image, path: str | os.PathLike) -> int:
    """The bits of a channel in the file of an opened picture, of which Pillow may decode the upper 8 only."""
    if image.format == "AVIF":
        return _count_avif_bits(path)
    if image.format == "JPEG2000":
        return _count_jpeg2000_bits(path)
    return 16 if any(_SIXTEEN_BITS.search(str(tile.args)) for tile in image.tile) else 8


def _count_avif_bits(path: str | os.PathLike) -> int:
    """By the configuration `av1C` (AV1 Codec ISO Media File Format Binding, 2.3.3)."""
    content = read_avif_description(path, b"av1C", 3)
    return {0: 8, 0x40: 10}.get(content[2] & 0x60, 12) if content else 8


def _count_jpeg2000_bits(path: str | os.PathLike) -> int:
    """By the marker SIZ, which tells the bits of each channel less one (ISO/IEC 15444-1, A.5.1)."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = find_codestream(content)
        channels = int.from_bytes(content[start + 40 : start + 42], "big")
        return max((content[start + 42 + 3 * each] & 0x7F) + 1 for each in range(min(channels, 4)))
