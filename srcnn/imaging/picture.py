"""A picture in memory: pixels, alpha, colour profile and EXIF; how it is saved."""

import io
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from srcnn.atomic_files import write_atomically
from srcnn.errors import SentenceError


class ImageError(SentenceError, ValueError):
    """A picture that cannot be used; the message is one sentence for the person who sent it."""


@dataclass(frozen=True)
class Picture:
    """Pixels as a person sees them: upright, and sRGB where no profile says otherwise.

    pixels: (H, W, 3) RGB or (H, W) grey, uint8 (0..255) or uint16 (0..65535).
    alpha: (H, W) of the same type, 0 transparent, or None.
    profile: the ICC profile of the colours, or None. exif: without orientation, sizes and thumbnail, or None.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    profile: bytes | None = None
    exif: bytes | None = None

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
        levels = self.pixels.astype(np.float32) * (255 / full)
        if self.alpha is not None:
            cover = self.alpha.astype(np.float32).reshape(self.height, self.width, *[1] * (levels.ndim - 2)) / full
            levels = levels * cover + 255 * (1 - cover)
        return replace(self, pixels=np.floor(levels + 0.5).astype(np.uint8), alpha=None)

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

    def save(self, path: str | os.PathLike) -> None:
        """Write the picture; the suffix decides the format. The file appears whole or not at all.

        Its profile and EXIF are written, too, where the format can hold them.
        PNG is written with little compression: two to three times as fast as zlib's default, for a tenth more bytes.
        Raises ImageError for a suffix of no known format, or where alpha or 16 bits do not fit into the format.
        """
        path = Path(path)
        image = to_pil_image(self)
        metadata = {"icc_profile": self.profile, "exif": self.exif}
        try:
            with write_atomically(path) as temporary:
                image.save(temporary, compress_level=1, quality=95, **{k: v for k, v in metadata.items() if v})
        except (ValueError, OSError, KeyError) as error:
            if isinstance(error, OSError) and error.errno:
                raise  # the disk's fault, not the format's
            kind = path.suffix or "a file without suffix"
            raise ImageError(f"This picture cannot be written as {kind}; use .png.") from error


def encode_png(picture: Picture) -> bytes:
    """A picture as the content of a PNG file, to be sent inside of a page."""
    buffer = io.BytesIO()
    to_pil_image(picture).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def make_thumbnail(picture: Picture, side: int) -> Picture:
    """A picture reduced, for an overview only, until no side is longer than `side` pixels."""
    image = to_pil_image(picture.flattened())
    image.thumbnail((side, side))
    return Picture(np.array(image))


def to_pil_image(picture: Picture) -> Image.Image:
    """A Pillow image of the same pixels and alpha; alpha needs 8 bits."""
    image = Image.fromarray(picture.pixels)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    return image
