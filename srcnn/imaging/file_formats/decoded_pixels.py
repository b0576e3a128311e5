"""Where Pillow's pixels are not what their file means by them: it is read before they are decoded, and put right after.

Pillow decodes grey of fewer than 16 bits without its white, 16-bit grey whose zero is white as a negative, the
transparent level of a PNG of 2, 4 or 16 bits unlike its pixels, and bytes of a TGA that nobody set as transparency.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, TiffImagePlugin

from srcnn.imaging.file_formats.sixteen_bits import find_raw_mode, scale_levels

# By which Pillow multiplies the levels of a PNG, and not the transparent one, to make 8 bits of them.
_KEY_FACTORS = {"L;2": 85, "L;4": 17, "RGB;16B": 1 / 256}
_TGA_DESCRIPTOR = 17  # the byte whose lower four bits count the bits of transparency a pixel
_WHITE_IS_ZERO = 0  # a photometric interpretation


@dataclass(frozen=True)
class PixelMeaning:
    """most: the largest level that 16-bit grey of the file has. inverted: its zero is white.

    key_factor: what the transparent level is multiplied by, as its pixels were. opaque: there is no transparency.
    """

    most: int = 65535
    inverted: bool = False
    key_factor: float = 1
    opaque: bool = False


def read_meaning(image: Image.Image) -> PixelMeaning:
    """Of an opened picture; of one that was decoded, as far as it still tells."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        bits = max(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,)))
        inverted = image.tag_v2.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == _WHITE_IS_ZERO
        return PixelMeaning(most=2**bits - 1 if 8 < bits < 16 else 65535, inverted=inverted)
    if image.format == "PNG":
        key = image.info.get("transparency")
        is_deep = image.mode == "RGB" and isinstance(key, tuple) and max(key) > 255  # which no pixel of 8 bits is
        layout = "RGB;16B" if is_deep else find_raw_mode(image)
        return PixelMeaning(key_factor=_KEY_FACTORS.get(layout, 1))
    return PixelMeaning(opaque=lacks_transparency(image))


def lacks_transparency(image: Image.Image) -> bool:
    """Whether a file says that its bits beside the colours are no transparency: a TGA that was not decoded."""
    if image.format != "TGA" or find_raw_mode(image) is None:
        return False
    place = image.fp.tell()
    image.fp.seek(_TGA_DESCRIPTOR)
    descriptor = image.fp.read(1)
    image.fp.seek(place)
    return image.mode in ("RGBA", "LA") and descriptor[0] & 15 == 0


def mend_pixels(image: Image.Image, meaning: PixelMeaning) -> None:
    """Put the pixels and the transparent level of a decoded picture right, in place."""
    if image.mode.startswith("I;16") and (meaning.inverted or meaning.most != 65535):
        levels = scale_levels(np.asarray(image), meaning.most)
        _replace_pixels(image, Image.fromarray(65535 - levels if meaning.inverted else levels))
    if meaning.opaque:
        _replace_pixels(image, image.convert("L" if image.mode == "LA" else "RGB"))
    key = image.info.get("transparency")
    if isinstance(key, int):
        image.info["transparency"] = int(key * meaning.key_factor)
    elif isinstance(key, tuple):
        image.info["transparency"] = tuple(int(level * meaning.key_factor) for level in key)


def _replace_pixels(image: Image.Image, other: Image.Image) -> None:
    image.im, image._mode = other.im, other.mode
