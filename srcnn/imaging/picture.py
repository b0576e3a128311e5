"""A picture in memory: pixels, alpha, colour profile and EXIF; how it is saved."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from srcnn.errors import Remark, SentenceError

ORIGIN_PREFIX = "srcnn; "  # how `Picture.origin` begins
COMMENT = "Comment"  # the key of the text that a JPEG or a GIF can hold

_WHITES_OF_FEWER_BITS = tuple(2**bits - 1 for bits in (8, 10, 12, 14))


class ImageError(SentenceError, ValueError):
    """A picture that cannot be used; the message is one sentence for the person who sent it."""


@dataclass(frozen=True)
class Picture:
    """Pixels as a person sees them: upright, and sRGB where no profile says otherwise.

    pixels: (H, W, 3) RGB or (H, W) grey, uint8 (0..255) or uint16 (0..65535).
    alpha: (H, W) of the same type, 0 transparent, or None.
    profile: the ICC profile of the colours, or None. exif: without orientation, sizes and thumbnail, or None.
    xmp: as XML, or None. iptc: its records, or None. text: pairs of key and text. dpi: pixels per inch,
    across and down, or None. remarks: what was left out in reading. origin: by what a result was made, beginning with
    ORIGIN_PREFIX, or None; files tell it as EXIF's ProcessingSoftware.
    white: the level of full white where 16 bits hold a picture of fewer; None: that of the type.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    text: tuple[tuple[str, str], ...] = ()
    dpi: tuple[float, float] | None = None
    remarks: tuple[Remark, ...] = ()
    origin: str | None = None
    white: int | None = None

    @property
    def height(self) -> int:
        return self.pixels.shape[0]

    @property
    def width(self) -> int:
        return self.pixels.shape[1]

    def flattened(self) -> "Picture":
        """8 bits a channel, without alpha: what is transparent lies on white. What can be measured and displayed."""
        if self.pixels.dtype == np.uint8 and self.alpha is None:
            return self
        full = np.iinfo(self.pixels.dtype).max
        levels = self.pixels.astype(np.float32) * (255 / (self.white or full))
        if self.alpha is not None:
            cover = self.alpha.astype(np.float32).reshape(self.height, self.width, *[1] * (levels.ndim - 2)) / full
            levels = levels * cover + 255 * (1 - cover)
        return replace(self, pixels=np.floor(levels + 0.5).astype(np.uint8), alpha=None, white=None)

    def crop(self, height: int, width: int) -> "Picture":
        """The upper left `height` x `width` pixels."""
        return self.part(np.s_[:height, :width])

    def centre(self, side: int, step: int = 1) -> "Picture":
        """The middle of the picture, at most `side` pixels high and wide, from a row and column divisible by `step`."""
        top, left = (max(0, (size - side) // 2) // step * step for size in (self.height, self.width))
        return self.part(np.s_[top : top + side, left : left + side])

    def part(self, inside: tuple[slice, slice]) -> "Picture":
        """The given rows and columns."""
        return replace(self, pixels=self.pixels[inside], alpha=None if self.alpha is None else self.alpha[inside])

    def save(self, path: str | os.PathLike, quality: int | None = None) -> None:
        """Write the picture; the suffix decides the format. The file appears whole or not at all.

        quality: 1 to 100, of the formats that have one, JPEG, WebP and AVIF; 95 where it is not told.
        What the format can hold of profile, metadata and depth is written; `writing.list_losses` names the rest.
        Where it holds no profile, colours are converted to sRGB; where it holds no 16 bits, they are rounded to 8.
        Raises ImageError for a suffix of no known format, or where alpha or the size does not fit into the format.
        """
        from srcnn.imaging.writing import write_picture  # which needs this module

        write_picture(self, Path(path), quality)


def find_white(levels: np.ndarray) -> int | None:
    """The level of full white of a uint16 picture that uses a small part of its range; None for all others.

    Cameras, microscopes and scanners of 8, 10, 12 or 14 bits write their levels into 16 as they are. What no level is
    above is then the white of 8, 10, 12 or 14 bits; a picture without any level but 0 has none. A dark photograph of 16
    bits may look the same, so this white is for networks and measurements, and no file's levels are changed by it.
    """
    top = int(levels.max())
    return next((white for white in _WHITES_OF_FEWER_BITS if 0 < top <= white), None)


def round_to_eight_bits(levels: np.ndarray) -> np.ndarray:
    """uint16 0..65535 -> uint8 0..255, rounded: 65535 is 257 * 255."""
    return (levels // 257 + (levels % 257 > 128)).astype(np.uint8)


def make_thumbnail(picture: Picture, side: int) -> Picture:
    """A picture reduced, for an overview only, until no side is longer than `side` pixels."""
    image = to_pil_image(picture.flattened())
    image.thumbnail((side, side))
    return Picture(np.array(image))


def to_pil_image(picture: Picture) -> Image.Image:
    """A picture that Pillow can hold: of 8 bits, or grey of 16 without alpha. Its metadata are left out."""
    image = Image.fromarray(picture.pixels)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    return image
