"""Hundreds of picture files that nobody should send: every format and mode, cut off, mutated, misnamed, and `bombs`.

`write` puts them into two folders: `plain`, what Pillow itself may open for comparison, and `bombs`, what it may not.
"""

import io
import random
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from tests.support import hostile_bombs

SIDE = (37, 29)  # width and height: no multiple of a block or a byte
MODES = {
    "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16"),
    "jpg": ("L", "RGB", "CMYK"),
    "webp": ("RGB", "RGBA"),
    "avif": ("RGB", "RGBA"),
    "gif": ("1", "L", "P", "RGB", "RGBA"),
    "bmp": ("1", "L", "P", "RGB", "RGBA"),
    "tif": ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB", "I", "I;16", "I;16B", "F"),
    "ppm": ("1", "L", "RGB", "RGBA", "I", "I;16", "F"),
    "jp2": ("L", "LA", "RGB", "RGBA", "I;16", "YCbCr"),
    "j2k": ("L", "RGB"),
    "tga": ("1", "L", "LA", "P", "RGB", "RGBA"),
}
# No format that `open_picture` decodes.
FOREIGN = {"ico": "RGBA", "icns": "RGBA", "dds": "RGBA", "pcx": "RGB", "sgi": "RGB", "qoi": "RGBA", "im": "RGB"}
FOREIGN |= {"msp": "1", "xbm": "1", "dib": "RGB", "eps": "RGB", "pdf": "RGB", "spider": "F", "blp": "P"}
COMPRESSIONS = ("tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits", "jpeg", "zstd", "lzma")
ORIENTATION = ExifTags.Base.Orientation


def write(folder: Path) -> list[str]:
    """Write all files; their names, as `plain/NAME` and `bombs/NAME`, in order."""
    names = []
    for kind, files in (("plain", plain()), ("bombs", hostile_bombs.files())):
        (folder / kind).mkdir()
        for name, content in files:
            assert f"{kind}/{name}" not in names, name
            (folder / kind / name).write_bytes(content)
            names.append(f"{kind}/{name}")
    return names


def plain() -> Iterator[tuple[str, bytes]]:
    good = dict(pictures())
    yield from good.items()
    yield from cut_off(good)
    yield from mutated(good)
    yield from misnamed(good)
    yield from foreign()
    yield from with_profiles()
    yield from with_exif()
    yield from no_pictures()


def drawn(mode: str) -> Image.Image:
    """The same noise over a ramp in every mode."""
    width, height = SIDE
    noise = np.random.default_rng(0).integers(0, 64, (height, width, 4))
    ramp = np.linspace(0, 191, width).astype(int)[None, :, None]
    image = Image.fromarray((noise + ramp).astype(np.uint8), "RGBA")
    if mode in ("I", "I;16", "I;16B"):
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257).convert(mode)
    return image.convert("RGB").convert(mode) if mode in ("CMYK", "YCbCr", "LAB", "P", "F") else image.convert(mode)


def encoded(image: Image.Image, suffix: str, **settings) -> bytes:
    buffer = io.BytesIO()
    buffer.name = f"a.{suffix}"  # Pillow chooses JP2 or a bare codestream by it
    image.save(buffer, Image.registered_extensions()[f".{suffix}"], **settings)
    return buffer.getvalue()


def pictures() -> Iterator[tuple[str, bytes]]:
    """All that can be opened, and floating-point numbers."""
    for suffix, modes in MODES.items():
        for mode in modes:
            kind = "pfm" if (suffix, mode) == ("ppm", "F") else suffix
            yield f"{mode.replace(';', '-')}.{kind}", encoded(drawn(mode), suffix)
    for compression in COMPRESSIONS:
        yield f"{compression}.tif", encoded(drawn("RGB"), "tif", compression=compression)
    yield "big.tif", encoded(drawn("RGB"), "tif", big_tiff=True)
    yield "fax.tif", encoded(drawn("1"), "tif", compression="group4")
    yield "progressive.jpg", encoded(drawn("RGB"), "jpg", progressive=True)
    yield "restarts.jpg", encoded(drawn("RGB"), "jpg", restart_marker_blocks=1)
    yield "lossless.webp", encoded(drawn("RGBA"), "webp", lossless=True)
    yield "rle.tga", encoded(drawn("RGB"), "tga", compression="tga_rle")
    yield "tiles.jp2", encoded(drawn("RGB"), "jp2", tile_size=(16, 16))
    yield "palette alpha.png", encoded(drawn("P"), "png", transparency=bytes(range(256)))
    yield "one transparent.png", encoded(drawn("P"), "png", transparency=3)
    yield "transparent colour.png", encoded(drawn("RGB"), "png", transparency=(1, 2, 3))
    yield "transparent grey.png", encoded(drawn("L"), "png", transparency=7)
    yield "transparent.gif", encoded(drawn("P"), "gif", transparency=3)
    frames = [drawn("RGB"), drawn("RGB").transpose(Image.Transpose.ROTATE_180)]
    for suffix in ("gif", "webp", "png", "tif", "avif"):
        yield f"animated.{suffix}", encoded(frames[0], suffix, save_all=True, append_images=frames[1:])
    yield "plain.ppm", b"P3 2 2 255 " + b"1 2 3 " * 4
    yield "comment.pgm", b"P5\n# a comment\n2 2\n65535\n" + bytes(range(8))


def cut_off(good: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """In the magic number, the header, the metadata, the middle of a segment, and before the last bytes."""
    for name, content in good.items():
        size = len(content)
        for place in sorted({3, 11, 30, size // 3, size // 2, size - 9, size - 1}):
            yield f"cut at {place} {name}", content[:place]


def mutated(good: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Bytes of the head, where sizes and offsets are, and of the whole, exchanged for others."""
    generator = random.Random(0)  # noqa: S311
    for name, content in good.items():
        for reach in (40, len(content)):
            changed = bytearray(content)
            for _ in range(3):
                changed[generator.randrange(min(reach, len(content)))] = generator.choice((0, 1, 127, 128, 255))
            yield f"mutated {reach} {name}", bytes(changed)


def misnamed(good: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The content of each format under the suffix of the next."""
    samples = {suffix: good[f"{modes[1]}.{suffix}"] for suffix, modes in MODES.items()}
    for suffix, content in zip([*MODES][1:] + [*MODES][:1], samples.values(), strict=True):
        yield f"misnamed.{suffix}", content


def foreign() -> Iterator[tuple[str, bytes]]:
    for kind, mode in FOREIGN.items():
        buffer = io.BytesIO()
        drawn(mode).save(buffer, kind.upper())
        yield f"{kind}.png", buffer.getvalue()
        yield f"a.{kind}", buffer.getvalue()


def with_profiles() -> Iterator[tuple[str, bytes]]:
    """ICC profiles that are broken, of another colour space, or of all zeros."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB", b"mine")
    srgb = srgb.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    profiles = {"fine": srgb, "text": b"no profile", "half": srgb[: len(srgb) // 2], "head": srgb[:128], "one": b"\0"}
    profiles |= {"zeros": bytes(len(srgb)), "cmyk": srgb[:16] + b"CMYK" + srgb[20:], "doubled": srgb + srgb}
    profiles["tags"] = srgb[:128] + b"\xff\xff\xff\xff" + srgb[132:]
    profiles["offsets"] = srgb[:132] + b"\xff" * 200 + srgb[332:]
    for kind, profile in profiles.items():
        for suffix in ("png", "jpg", "tif", "webp", "avif"):
            yield f"profile {kind}.{suffix}", encoded(drawn("RGB"), suffix, icc_profile=profile)
        yield f"profile {kind} of inks.tif", encoded(drawn("CMYK"), "tif", icc_profile=profile)


def with_exif() -> Iterator[tuple[str, bytes]]:
    """EXIF of every orientation, of none that exists, and malformed."""
    tags = {f"turned {value}": exif({ORIENTATION: value}) for value in (*range(10), 65_535)}
    for kind, number in ((2, 4), (3, 2), (5, 1), (7, 4), (99, 1)):  # a word, two numbers, a fraction, bytes, no type
        entry = struct.pack("<HHLL", ORIENTATION, kind, number, 6)
        tags[f"orientation of {kind}"] = b"Exif\0\0II*\0\x08\0\0\0\1\0" + entry + bytes(4)
    tags["text"] = exif({ORIENTATION: 6, ExifTags.Base.ImageDescription: "<script>alert(1)</script>\0\n" * 9})
    whole = exif({ORIENTATION: 6, ExifTags.IFD.Exif: {ExifTags.Base.UserComment: b"x" * 99}})
    tags |= {"cut": whole[: len(whole) // 2], "head only": whole[:14], "no head": b"Exif\0\0", "junk": b"Exif\0\0junk"}
    tags["outside"] = b"Exif\0\0II*\0\xff\xff\xff\xff"
    # One entry, a directory that is this directory.
    loop = b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0"
    tags["loop"] = b"Exif\0\0" + loop
    for kind, content in tags.items():
        for suffix in ("jpg", "png", "webp"):
            yield f"exif {kind}.{suffix}", encoded(drawn("RGB"), suffix, exif=content)
    for value in range(1, 9):
        yield f"turned {value}.tif", encoded(drawn("RGB"), "tif", exif=exif({ORIENTATION: value}))
        yield f"turned {value}.avif", encoded(drawn("RGB"), "avif", exif=exif({ORIENTATION: value}))
    xmp = PngImagePlugin.PngInfo()
    xmp.add_itxt("XML:com.adobe.xmp", '<x tiff:Orientation="6"' * 999)
    yield "orientation in xmp.png", encoded(drawn("RGB"), "png", pnginfo=xmp)


def exif(tags: dict) -> bytes:
    content = Image.Exif()
    for tag, value in tags.items():
        content[tag] = value
    return content.tobytes()


def no_pictures() -> Iterator[tuple[str, bytes]]:
    yield "empty.png", b""
    yield "one byte.jpg", b"\xff"
    yield "zeros.tga", bytes(100_000)
    yield "ones.png", b"\xff" * 100_000
    yield "noise.png", random.Random(1).randbytes(100_000)  # noqa: S311
    yield "drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
    yield "entities.png", b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><svg>&b;</svg>"
    yield "page.png", b"<!DOCTYPE html><html><script>alert(document.cookie)</script></html>"
    yield "page.gif", b"GIF89a/*<script>alert(1)</script>*/=1;"
    yield "script.png", b"#!/bin/sh\nid\n"
    yield "magick.png", b"push graphic-context\nimage over 0,0 0,0 'https://example.com/x.png'\npop graphic-context\n"
    yield "postscript.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (r) file\n"
    yield "archive.png", b"PK\x03\x04" + bytes(60)
    yield "program.png", b"\x7fELF" + bytes(60)
    yield "pickle.png", b"cos\nsystem\n(S'id'\ntR."
