"""How the pixels of a TIFF may lie: one kind that Pillow does not open, and those that it decodes wrong or unsafely."""

import contextlib
from collections.abc import Iterator
from typing import IO, Any

from PIL import Image, ImageFile, TiffImagePlugin

from srcnn.imaging.picture import ImageError

# Where a fax is damaged or a JPEG is smaller than its strip, libtiff leaves pixels as they were: this process's memory,
# shown to a stranger. LZMA sets aside as many gigabytes as the file asks for.
_COMPRESSIONS = ("raw", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits", "zstd")
_YCBCR = 6  # a photometric interpretation; Pillow takes such raw pixels for four channels
_SIGNED = 2  # a sample format
_SAMPLES_OF_GREY_ALPHA = 2
_BITS, _SAMPLES = TiffImagePlugin.BITSPERSAMPLE, TiffImagePlugin.SAMPLESPERPIXEL
_PHOTOMETRIC, _EXTRA_SAMPLES = TiffImagePlugin.PHOTOMETRIC_INTERPRETATION, TiffImagePlugin.EXTRASAMPLES
# Grey with alpha of 16 bits has four bytes a pixel, as RGBA has, which `sixteen_bits.decode` takes apart again.
_AS_RGBA = {_BITS: (8, 8, 8, 8), _SAMPLES: 4, _PHOTOMETRIC: 2, _EXTRA_SAMPLES: (2,)}


def is_deep_grey_alpha(tags: Any) -> bool:
    """Whether a directory of tags describes grey with alpha of 16 bits."""
    found = {tag: tags.get(tag) for tag in _AS_RGBA}
    return found[_BITS] in ((16,), (16, 16)) and found == {
        _BITS: found[_BITS], _SAMPLES: 2, _PHOTOMETRIC: 1, _EXTRA_SAMPLES: (2,)
    }  # fmt: skip


def open_tiff(file: IO[bytes]) -> ImageFile.ImageFile:
    """A TIFF that Pillow does not open: grey with alpha of 16 bits.

    Raises ImageError for one of another kind, SyntaxError for one that is damaged.
    """
    file.seek(0)
    return _OpenedTiff(file)


class _OpenedTiff(TiffImagePlugin.TiffImageFile):
    """Pillow's table of kinds, which is its user's too, stays as it is."""

    def _setup(self) -> None:
        true = {tag: self.tag_v2[tag] for tag in _AS_RGBA} if is_deep_grey_alpha(self.tag_v2) else {}
        self._set_tags(_AS_RGBA if true else {})
        try:
            super()._setup()
        except (SyntaxError, LookupError) as error:
            if not {TiffImagePlugin.STRIPOFFSETS, TiffImagePlugin.TILEOFFSETS} & set(self.tag_v2):
                raise  # its directory of tags is damaged
            raise ImageError(
                "TIFF pictures of this kind are not supported; save it with 8 or 16 bits a channel, or as PNG."
            ) from error
        finally:
            self._set_tags(true)

    def _set_tags(self, values: dict[int, Any]) -> None:
        for tag, value in values.items():
            self.tag_v2[tag] = value


def check_compression(image: Image.Image) -> None:
    """Raises ImageError for an opened picture that Pillow may decode unsafely."""
    if image.format == "TIFF" and (kind := image.info["compression"]) not in _COMPRESSIONS:
        raise ImageError("TIFF pictures that are compressed as {kind} are not supported; save it as PNG.", kind=kind)


def check_layout(image: Image.Image) -> None:
    """Raises ImageError for a picture that Pillow decodes into other pixels than those of the file."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    tags, bits = image.tag_v2, max(image.tag_v2.get(_BITS, (1,)))
    apart = tags.get(TiffImagePlugin.PLANAR_CONFIGURATION) == 2
    if image.info.get("compression") == "raw" and tags.get(_PHOTOMETRIC) == _YCBCR:
        raise ImageError("TIFF pictures of YCbCr without compression are not supported; save it as PNG.")
    if bits > 8 and tags.get(_SAMPLES, 1) > 1 and apart:
        raise ImageError("TIFF pictures of 16 bits whose channels lie apart are not supported; save it as PNG.")
    if tags.get(_SAMPLES) == _SAMPLES_OF_GREY_ALPHA and apart:  # of a palette with alpha, too: alpha would be lost
        raise ImageError("TIFF pictures whose alpha lies apart from greys are not supported; save it as PNG.")
    if bits <= 16 and _SIGNED in tags.get(TiffImagePlugin.SAMPLEFORMAT, ()):  # of 32 bits, levels may fit
        raise ImageError("TIFF pictures of signed numbers are not supported; save it with unsigned 8 or 16 bits.")


@contextlib.contextmanager
def leave_unmapped(image: Image.Image) -> Iterator[None]:
    """A TIFF without its name while it is decoded: Pillow would map it into memory with its sides exchanged."""
    name = getattr(image, "filename", None) if image.format == "TIFF" else None
    if name is not None:
        image.filename = ""
    try:
        yield
    finally:
        if name is not None:
            image.filename = name
