"""ICC profiles in files whose profiles Pillow does not write: BMP, GIF and JPEG 2000."""

import struct


def embed_profile(suffix: str, content: bytes, profile: bytes) -> bytes:
    """A file that Pillow wrote, with a profile."""
    return {"bmp": _embed_in_bmp, "gif": _embed_in_gif, "jp2": _embed_in_jpeg2000}[suffix](content, profile)


def _embed_in_bmp(content: bytes, profile: bytes) -> bytes:
    """Of 24 bits: BITMAPV5HEADER instead of its first 40 bytes, and the profile behind the pixels."""
    pixels = content[54:]
    head = struct.pack("<I", 124) + content[18:54] + bytes(16) + b"MBED"[::-1] + bytes(48)
    head += struct.pack("<4I", 4, 124 + len(pixels), len(profile), 0)
    return content[:10] + struct.pack("<I", 138) + head + pixels + profile


def _embed_in_gif(content: bytes, profile: bytes) -> bytes:
    start = 13 + 3 * 2 ** ((content[10] & 7) + 1)
    parts = [profile[place : place + 255] for place in range(0, len(profile), 255)]
    extension = b"!\xff\x0bICCRGBG1012" + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
    return b"GIF89a" + content[6:start] + extension + content[start:]


def _embed_in_jpeg2000(content: bytes, profile: bytes) -> bytes:
    return replace_colour_box(content, b"\2\0\0" + profile)


def replace_colour_box(content: bytes, told: bytes) -> bytes:
    """A JPEG 2000 whose colours are told by other bytes."""
    head, place = content.index(b"jp2h") - 4, content.index(b"colr") - 4
    (head_length,), (length,) = struct.unpack_from(">I", content, head), struct.unpack_from(">I", content, place)
    box = struct.pack(">I", 8 + len(told)) + b"colr" + told
    started = content[:head] + struct.pack(">I", head_length - length + len(box)) + content[head + 4 : place]
    return started + box + content[place + length :]
