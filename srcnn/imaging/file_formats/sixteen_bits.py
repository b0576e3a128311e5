"""Pictures of 16 bits a channel in colour or with alpha, which Pillow opens with 8 bits only and cannot write.

Reading: Pillow's decoders unpack either the upper or the lower byte of each channel, as they are told the order of the
bytes, so two passes with opposite orders give all 16 bits, and every check and compression of Pillow's is kept.
Writing: Pillow writes a picture of one pixel with all metadata; its pixels and what describes them are replaced.
"""

import io
import struct
import sys
import zlib
from collections.abc import Callable
from typing import IO

import numpy as np
from PIL import Image, TiffImagePlugin

from srcnn.imaging.file_formats.png_chunks import PNG, list_chunks
from srcnn.imaging.file_formats.tiff_layouts import is_deep_grey_alpha

_NATIVE = "L" if sys.byteorder == "little" else "B"
_OTHER_ORDER = {"L": "B", "B": "L"}
_DEEP_LAYOUTS = ("RGB;16", "RGBX;16", "RGBA;16", "RGBa;16", "LA;16")
_PNG_COLOUR_TYPES = {1: 0, 3: 2, 2: 4, 4: 6}  # by the number of channels: grey, RGB, grey and alpha, RGB and alpha
_BAND_BYTES = 1 << 24  # bytes that are filtered and compressed together


def find_raw_mode(image: Image.Image) -> str | None:
    """How the pixels of an opened picture lie in its file, as Pillow calls it; None where it was decoded."""
    if not image.tile or not (arguments := image.tile[0].args):
        return None
    return arguments if isinstance(arguments, str) else arguments[0]


def find_layout(image: Image.Image) -> str | None:
    """How the 16-bit channels of an opened picture that Pillow would cut to 8 lie in the file; None for all others.

    The channels, RGB, RGBX (one that is left out), RGBA, RGBa (multiplied by alpha) or LA, and the order of their
    bytes, L or B: "RGB;16B".
    """
    if not image.tile or image.format not in ("PNG", "TIFF", "PPM"):
        return None
    codec, _, _, arguments = image.tile[0]
    layout = find_raw_mode(image)
    if image.format == "TIFF" and is_deep_grey_alpha(image.tag_v2):
        order = _NATIVE if codec == "libtiff" else {"II": "L", "MM": "B"}[image.tag_v2.prefix.decode()]
        return f"LA;16{order}"
    if image.format == "PPM" and codec in ("ppm", "ppm_plain") and layout == "RGB" and arguments[1] > 255:
        return "RGB;16B"
    layout = layout.replace(";16N", f";16{_NATIVE}")
    return layout if layout.rstrip("LB") in _DEEP_LAYOUTS else None


def decode(image: Image.Image, layout: str, open_again: Callable, turn: Callable) -> np.ndarray:
    """All 16 bits of an opened picture that was not decoded: (H, W, 2 to 4) uint16.

    open_again: gives the same picture once more. turn: what is done to each decoded one, to put it upright.
    """
    channels, order = layout.split(";16")
    if channels == "LA":
        set_raw_mode(image, "RGBA")
        image._mode = "RGBA"
        image.load()
        return np.asarray(turn(image)).view(f"{'<' if order == 'L' else '>'}u2").astype(np.uint16)
    if image.format == "PPM":
        return _decode_plain_ppm(image) if image.tile[0].codec_name == "ppm_plain" else _decode_ppm(image)
    stored = channels.upper()  # Pillow would divide by alpha with 8 bits
    set_raw_mode(image, f"{stored};16{order}")
    image.load()
    levels = np.asarray(turn(image)).astype(np.uint16)
    with open_again() as low:
        set_raw_mode(low, f"{stored};16{_OTHER_ORDER[order]}")
        low.load()
        levels <<= 8
        levels |= np.asarray(turn(low))
    return _divide_by_alpha(levels) if channels == "RGBa" else levels


def _divide_by_alpha(levels: np.ndarray) -> np.ndarray:
    for row in levels:  # floating-point numbers of a whole picture take several times its memory
        factor = np.float32(65535) / np.maximum(row[:, 3:], 1)
        row[:, :3] = np.minimum(row[:, :3] * factor + 0.5, 65535)
    return levels


def set_raw_mode(image: Image.Image, layout: str) -> None:
    """Have the pixels of an opened picture taken for those of another layout."""
    image.tile = [
        tile._replace(args=layout if isinstance(tile.args, str) else (layout, *tile.args[1:])) for tile in image.tile
    ]


def _decode_ppm(image: Image.Image) -> np.ndarray:
    most = image.tile[0].args[1]
    count = image.width * image.height * 3
    image.fp.seek(image.tile[0].offset)
    content = image.fp.read(2 * count)
    levels = np.frombuffer(content, ">u2", count).reshape(image.height, image.width, 3)  # ValueError where cut off
    return scale_levels(levels, most)


def _decode_plain_ppm(image: Image.Image) -> np.ndarray:
    """Of numbers as text, which Pillow gives 16 bits in grey: as such a picture of three times the width."""
    width, height = image.size
    image._mode, image._size = "I", (3 * width, height)
    image.tile = [image.tile[0]._replace(extents=(0, 0, 3 * width, height))]
    image.load()
    return np.asarray(image).reshape(height, width, 3).astype(np.uint16)


def scale_levels(levels: np.ndarray, most: int) -> np.ndarray:
    """Levels 0..`most`, as a file has them, to uint16 0..65535."""
    if most == 65535:
        return levels.astype(np.uint16)
    return (np.minimum(levels, most) * np.float32(65535 / most) + 0.5).astype(np.uint16)


def write_png(file: IO[bytes], levels: np.ndarray, metadata: dict) -> None:
    """(H, W, 1 to 4) uint16 as PNG. metadata: what `Image.save` takes for a PNG."""
    height, width, channels = levels.shape
    file.write(PNG)
    for chunk in list_chunks(io.BytesIO(_one_pixel(channels, "PNG", metadata))):
        kind, content = chunk.kind, chunk.read(chunk.length)
        if kind == b"IHDR":
            content = struct.pack(">IIBBBBB", width, height, 16, _PNG_COLOUR_TYPES[channels], 0, 0, 0)
        if kind != b"IDAT":
            _write_chunk(file, kind, content)
            continue
        for compressed in _compress(levels):
            _write_chunk(file, b"IDAT", compressed)


def _compress(levels: np.ndarray):
    """The pixels of a PNG in pieces: each row as the difference to the one above (filter 2, "up")."""
    height, width, channels = levels.shape
    compressor = zlib.compressobj(1)
    rows = max(1, _BAND_BYTES // (width * channels * 2))
    above = np.zeros((1, width * channels * 2), np.uint8)
    for top in range(0, height, rows):
        band = levels[top : top + rows].astype(">u2").view(np.uint8).reshape(-1, width * channels * 2)
        filtered = np.full((len(band), 1 + band.shape[1]), 2, np.uint8)
        np.subtract(band, np.concatenate([above, band[:-1]]), out=filtered[:, 1:])
        above = band[-1:]
        yield compressor.compress(filtered.tobytes())
    yield compressor.flush()


def _write_chunk(file: IO[bytes], kind: bytes, content: bytes) -> None:
    file.write(struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content)))


def write_tiff(file: IO[bytes], levels: np.ndarray, metadata: dict) -> None:
    """(H, W, 1 to 4) uint16 as TIFF without compression. metadata: what `Image.save` takes for a TIFF."""
    height, width, channels = levels.shape
    with Image.open(io.BytesIO(_one_pixel(channels, "TIFF", metadata))) as image:
        directory = TiffImagePlugin.ImageFileDirectory_v2(prefix=TiffImagePlugin.II)
        for tag, value in image.tag_v2.items():
            directory.tagtype[tag] = image.tag_v2.tagtype[tag]
            directory[tag] = value
        for place in (TiffImagePlugin.EXIFIFD, 0x8825):  # sub-directories: of the camera, of the place
            if place in directory:
                directory[place] = image.getexif().get_ifd(place)
    shape = {"IMAGEWIDTH": width, "IMAGELENGTH": height, "ROWSPERSTRIP": height, "STRIPOFFSETS": 0}
    shape |= {"BITSPERSAMPLE": (16,) * channels, "SAMPLESPERPIXEL": channels, "STRIPBYTECOUNTS": levels.size * 2}
    for name, value in shape.items():
        tag = getattr(TiffImagePlugin, name)
        directory.tagtype.pop(tag, None)
        directory[tag] = value
    directory.save(file)
    for top in range(height):
        file.write(levels[top].astype("<u2").tobytes())


def _one_pixel(channels: int, kind: str, metadata: dict) -> bytes:
    buffer = io.BytesIO()
    Image.new({1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels], (1, 1)).save(buffer, kind, **metadata)
    return buffer.getvalue()


def write_ppm(file: IO[bytes], levels: np.ndarray) -> None:
    """(H, W, 3) uint16 as PPM."""
    height, width, _ = levels.shape
    file.write(b"P6\n%d %d\n65535\n" % (width, height))
    for row in levels:
        file.write(row.astype(">u2").tobytes())
