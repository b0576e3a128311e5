"""Files that are small to send and would take gigabytes or minutes to open, and headers that promise huge pictures."""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image, ImageCms

from tests.support.picture_files import chunk

SIZES = ((0, 0), (0, 9), (1, 65_535), (65_535, 1), (4000, 3999), (16_383, 16_383), (65_535, 65_535))
HUGE = (2**24, 2**31 - 1, 2**32 - 1)
SHORT, LONG, RATIONAL, UNDEFINED = 3, 4, 5, 7  # types of TIFF


def files() -> Iterator[tuple[str, bytes]]:
    yield from promises()
    yield from real_bombs()
    yield from png_metadata()
    yield from jpeg_segments()
    yield from gif_blocks()
    yield from tiff_directories()
    yield from jpeg2000_tiles()
    yield from exif_bombs()
    yield from profile_bombs()


def encoded(image: Image.Image, kind: str, **settings) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def small(kind: str, mode: str = "RGB", **settings) -> bytes:
    return encoded(Image.new(mode, (16, 16), 99 if mode == "L" else None), kind, **settings)


def promises() -> Iterator[tuple[str, bytes]]:
    """Few bytes, and a header of any size."""
    for width, height in SIZES:
        size = f"{width} x {height}"
        yield f"{size}.png", png_head(width, height) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
        yield f"{size}.bmp", bmp(width, height, 0) + bytes(99)
        yield f"{size} rle.bmp", bmp(width, height, 1) + b"\x00\x01"
        yield f"{size}.gif", gif_head(width, height) + gif_frame(width, height)
        yield f"{size} frame.gif", gif_head(16, 16) + gif_frame(width, height)
        yield f"{size}.tga", struct.pack("<BBBHHBHHHHBB", 0, 0, 10, 0, 0, 0, 0, 0, width, height, 32, 8) + bytes(99)
        yield f"{size}.ppm", b"P6 %d %d 255\n" % (width, height) + bytes(99)
        yield f"{size} plain.ppm", b"P3 %d %d 255\n1 2 3" % (width, height)
        yield f"{size}.pam", b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH 4\nMAXVAL 255\nENDHDR\n" % (width, height)
        yield f"{size}.tif", tiff({256: width, 257: height})
        yield f"{size}.webp", webp(width or 1, height or 1)
        yield f"{size}.jpg", patched(small("JPEG"), b"\xff\xc0", 5, ">HH", height, width)
        yield f"{size}.avif", patched(small("AVIF"), b"ispe", 8, ">LL", width, height)
        yield f"{size} box.jp2", patched(small("JPEG2000"), b"ihdr", 4, ">LL", height, width)
        yield f"{size} stream.jp2", patched(small("JPEG2000"), b"\xff\x51", 6, ">LL", width, height)
        yield f"{size}.ico", icon(png_head(width, height) + chunk(b"IDAT", zlib.compress(bytes(99))))
    for side in HUGE:
        yield f"{side}.png", png_head(side, side) + chunk(b"IDAT", zlib.compress(bytes(99)))
        yield f"{side}.bmp", bmp(min(side, 2**31 - 1), 1, 0)
        yield f"{side}.ppm", b"P6 %d %d 255\n" % (side, side)
        yield f"{side}.tif", tiff({256: side, 257: side})
        yield f"{side} digits.ppm", b"P6 " + b"9" * (side % 99_999) + b" 9 255\n"


def real_bombs() -> Iterator[tuple[str, bytes]]:
    """All of their pixels are there, and alike."""
    wide = Image.new("1", (12_000, 12_000))
    yield "144 megapixels.png", encoded(wide, "PNG")
    yield "144 megapixels.tif", encoded(wide, "TIFF", compression="tiff_lzw")
    yield "144 megapixels.ico", icon(encoded(wide, "PNG"))
    fits = Image.new("RGBA", (4000, 3999))
    yield "16 megapixels.png", encoded(fits, "PNG", compress_level=1)
    yield "16 megapixels.webp", webp(4000, 3999)
    yield "16 megapixels.tif", encoded(fits.convert("CMYK"), "TIFF", compression="tiff_lzw")


def png_metadata() -> Iterator[tuple[str, bytes]]:
    zeros = zlib.compress(bytes(64_000_000), 9)
    kinds = {"zTXt": b"k\0\0" + zeros, "iTXt": b"k\0\1\0\0\0" + zeros, "iCCP": b"k\0\0" + zeros, "eXIf": bytes(999_999)}
    kinds |= {"tEXt": b"k\0" + bytes(9_000_000), "PLTE": bytes(99_999), "tRNS": bytes(99_999), "acTL": b"\xff" * 8}
    for kind, content in kinds.items():
        yield f"{kind}.png", png(chunk(kind.encode(), content))
    text = zlib.compress(bytes(1_000_000), 9)
    yield "80 texts.png", png(b"".join(chunk(b"zTXt", b"k%d\0\0" % number + text) for number in range(80)))
    yield "many chunks.png", png(chunk(b"abCd", b"") * 100_000)
    yield "many texts.png", png(b"".join(chunk(b"tEXt", b"%d\0v" % number) for number in range(50_000)))
    yield "profile in text.png", png(chunk(b"tEXt", b"Raw profile type exif\0\nexif\n9999999\n" + b"4d" * 400_000))


def jpeg_segments() -> Iterator[tuple[str, bytes]]:
    segments = {
        "exif": (b"\xe1", b"Exif\0\0x", 300_000),
        "profile": (b"\xe2", b"ICC_PROFILE\0\1\1x", 300_000),
        "comment": (b"\xfe", b"", 300_000),
        "photoshop": (b"\xed", b"Photoshop 3.0\0" + b"8BIM\0\0\0\0\0\0\0\0" * 5000, 20),
        "xmp": (b"\xe1", b"http://ns.adobe.com/xap/1.0/\0" + b'tiff:Orientation="' * 3000, 20),
    }
    for kind, (marker, content, number) in segments.items():
        yield f"many {kind}.jpg", jpeg(segment(marker, content) * number)
    progressive = patched(small("JPEG", "L", progressive=True), b"\xff\xc2", 5, ">HH", 3999, 4000)
    first = progressive.index(b"\xff\xda")
    scan = progressive[first : progressive.index(b"\xff", first + 2)]
    yield "many scans.jpg", progressive[:first] + scan * 20_000 + b"\xff\xd9"
    yield "filling.jpg", b"\xff\xd8" + b"\xff" * 1_000_000


def gif_blocks() -> Iterator[tuple[str, bytes]]:
    blocks = (b"\xff" + b"a" * 255) * 40_000
    yield "long comment.gif", gif_head(16, 16) + b"!\xfe" + blocks + b"\0" + gif_frame(16, 16)
    yield "many comments.gif", gif_head(16, 16) + b"!\xfe\1a\0" * 1_000_000 + gif_frame(16, 16)
    yield "no end.gif", gif_head(16, 16) + b"!\xfe" + blocks


def tiff_directories() -> Iterator[tuple[str, bytes]]:
    """A tag may be as long as the file, and there may be thousands."""
    for kind, size in ((SHORT, 2), (LONG, 4), (RATIONAL, 8), (UNDEFINED, 1)):
        values = bytes(range(256)) * 1500
        for tag in (258, 273, 279, 282, 320, 700, 34_675):
            yield f"tag {tag} of {kind}.tif", tiff({}, values, {tag: (kind, len(values) // size)})
    yield "1500 long tags.tif", tiff({}, bytes(500_000), {1000 + tag: (UNDEFINED, 500_000) for tag in range(1500)})
    tiles = zlib.compress(bytes(20_000 * 16_000), 1)
    yield "large tile.tif", tiff({259: 8, 322: 20_000, 323: 16_000, 325: len(tiles)}, tiles, pointer=324)
    stream = small("JPEG")
    yield "narrow.tif", tiff({256: 400, 257: 16, 259: 7, 262: 6, 277: 3, 278: 16, 279: len(stream)}, stream)


def jpeg2000_tiles() -> Iterator[tuple[str, bytes]]:
    content = small("JPEG2000")
    stream = content[content.index(b"\xff\x4f\xff\x51") :]
    for name, start in (("box.jp2", content[: -len(stream) - 8] + b"\0\0\0\0jp2c"), ("stream.j2k", b"")):
        for channels in (3, 300):
            size = struct.pack(">HHLLLLLLLLH", 38 + 3 * channels, 0, 255, 255, 0, 0, 1, 1, 0, 0, channels)
            head = b"\xff\x4f\xff\x51" + size + b"\7\1\1" * channels
            rest = stream[4 + int.from_bytes(stream[4:6], "big") :]
            yield f"65025 tiles of {channels} {name}", start + head + rest


def exif_bombs() -> Iterator[tuple[str, bytes]]:
    """Thousands of tags, each of them all of the content."""
    large, fitting = directory(3000, 300_000), directory(5000, 65_000)
    parts = (large[start : start + 65_000] for start in range(0, len(large), 65_000))
    yield "tags.jpg", jpeg(b"".join(segment(b"\xe1", b"Exif\0\0" + part) for part in parts))
    yield "index.jpg", jpeg(segment(b"\xe2", b"MPF\0" + fitting))
    for kind in ("PNG", "WEBP", "AVIF"):
        yield f"tags.{kind.lower()}", small(kind, exif=large)
        yield f"fitting tags.{kind.lower()}", small(kind, exif=fitting)


def profile_bombs() -> Iterator[tuple[str, bytes]]:
    """Millions of texts, and tables of colours with a fine grid, none of them there."""
    texts = b"mluc" + bytes(4) + struct.pack(">LL", 44_000_000, 12) + bytes(64)
    one = struct.pack(">9l", 65_536, 0, 0, 0, 65_536, 0, 0, 0, 65_536)
    table = b"mft2" + bytes(4) + bytes((3, 15, 252, 0)) + one + struct.pack(">HHHHHHHH", 2, 2, *(0, 65_535) * 3)
    later = b"mAB " + bytes(4) + bytes((4, 3, 0, 0)) + struct.pack(">LLLLL", 0, 0, 0, 32, 0)
    later += bytes((95, 95, 95, 95)) + bytes(12) + b"\2\0\0\0" + bytes(64)
    for mode, space in (("RGB", b"RGB "), ("CMYK", b"CMYK")):
        for kind, tag, content in (("texts", b"desc", texts), ("table", b"A2B0", table), ("later", b"A2B0", later)):
            settings = {"icc_profile": profile(space, tag, content)}
            yield f"profile of {kind} {mode}.jpg", small("JPEG", mode, **settings)


def profile(space: bytes, tag: bytes, content: bytes) -> bytes:
    """An ICC profile of one tag."""
    head = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()[:128]
    body = head[4:16] + space + b"XYZ " + head[24:] + struct.pack(">L4sLL", 1, tag, 144, len(content)) + content
    return struct.pack(">L", len(body) + 4) + body


def directory(entries: int, size: int) -> bytes:
    tags = b"".join(struct.pack("<HHLL", 1000 + number, UNDEFINED, size - 1, 1) for number in range(entries))
    return (b"II*\0\x08\0\0\0" + struct.pack("<H", entries) + tags + bytes(4)).ljust(size, b"\0")


def tiff(
    numbers: dict[int, int], values: bytes = bytes(99), long: dict[int, tuple] | None = None, pointer: int = 273
) -> bytes:
    """A grey TIFF with these tags: numbers, and long ones, each with a type and how many of `values` it has."""
    grey = {256: 4, 257: 4, 258: 8, 259: 1, 262: 1, 277: 1, 278: 4, 279: 16}
    long = long or {}
    place = 8 + 2 + 12 * len({*grey, *numbers, *long, pointer}) + 4
    entries = {tag: (LONG, 1, number) for tag, number in (grey | {pointer: place} | numbers).items()}
    entries |= {tag: (kind, number, place) for tag, (kind, number) in long.items()}
    packed = b"".join(struct.pack("<HHLL", tag, *entry) for tag, entry in sorted(entries.items()))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + packed + bytes(4) + values


def png_head(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 6, 0, 0, 0))


def png(chunks: bytes) -> bytes:
    content = small("PNG")
    return content[:33] + chunks + content[33:]  # behind the header


def segment(marker: bytes, content: bytes) -> bytes:
    return b"\xff" + marker + struct.pack(">H", len(content) + 2) + content


def jpeg(segments: bytes) -> bytes:
    """Without JFIF's segment, whose resolution would keep Pillow from looking into EXIF."""
    content = small("JPEG")
    return content[:2] + segments + content[4 + int.from_bytes(content[4:6], "big") :]


def bmp(width: int, height: int, compression: int) -> bytes:
    head = struct.pack("<LllHHLLllLL", 40, width, height, 1, 8, compression, 0, 0, 0, 256, 0)
    return b"BM" + struct.pack("<LHHL", 0, 0, 0, 14 + 40 + 1024) + head + bytes(1024)


def gif_head(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)


def gif_frame(width: int, height: int) -> bytes:
    return b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\2\2\x4c\1\0;"


def webp(width: int, height: int) -> bytes:
    """An animation of one small frame on a canvas of any size."""
    frame = bytes(6) + bytes((15, 0, 0, 15, 0, 0, 100, 0, 0, 0)) + small("WEBP")[12:]
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X\x0a\0\0\0\2\0\0\0" + size + b"ANIM\6\0\0\0" + bytes(6)
    body += b"ANMF" + struct.pack("<L", len(frame)) + frame
    return b"RIFF" + struct.pack("<L", len(body)) + body


def icon(content: bytes) -> bytes:
    return struct.pack("<HHHBBBBHHLL", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(content), 22) + content


def patched(content: bytes, mark: bytes, behind: int, layout: str, *values: int) -> bytes:
    """Other values from so many bytes behind the beginning of a mark."""
    changed = bytearray(content)
    struct.pack_into(layout, changed, content.index(mark) + behind, *values)
    return bytes(changed)
