"""The texts of a PNG, read from its chunks: Pillow reads none that is long, and forgets some."""

import os
import re
import zlib
from collections.abc import Iterator

from PIL.PngImagePlugin import iTXt

from srcnn.imaging.file_formats.bounded_files import open_bounded
from srcnn.imaging.file_formats.png_chunks import list_chunks, unpack

XMP_IN_PNG = "XML:com.adobe.xmp"
_MAX_TEXT_BYTES = 4_000_000  # of all texts together; the plan of a generated picture has some hundred thousand
MAX_XMP_BYTES = 1_000_000
_MOST_TEXTS = 1_000
# What ImageMagick and exiftool write: metadata as lines of hexadecimal digits. Other kinds stay texts.
_RAW_PROFILE = re.compile(r"Raw profile type (exif|app1|xmp|iptc|8bim)", re.IGNORECASE)


def read_png_texts(path: str | os.PathLike) -> tuple[list[tuple[str, str]], set[str]]:
    """All texts of a PNG that Pillow has opened, each with its key, and the keys of those that are damaged or too long.

    iTXt has its language. XMP is among the texts.
    """
    texts, left_out, room = [], set(), _MAX_TEXT_BYTES
    for kind, key, content in _list_text_chunks(path):
        most = MAX_XMP_BYTES if key == XMP_IN_PNG else room
        text = _decode_text(kind, content, most)
        length = len(key) + len(text.encode()) if text is not None else 0
        if text is None or length > most or len(texts) >= _MOST_TEXTS:
            left_out.add(key)
            continue
        room -= 0 if key == XMP_IN_PNG else length
        texts.append((key, text))
    return texts, left_out


def _list_text_chunks(path: str | os.PathLike) -> Iterator[tuple[bytes, str, bytes]]:
    """The kind, the key and the rest of each chunk of text; no kind where that is too long."""
    with open_bounded(path) as file:
        for chunk in list_chunks(file):
            if chunk.kind not in (b"tEXt", b"zTXt", b"iTXt"):
                continue
            key, _, content = chunk.read(_MAX_TEXT_BYTES).partition(b"\0")
            if key:
                is_whole = chunk.length <= _MAX_TEXT_BYTES
                yield chunk.kind if is_whole else b"", key.decode("latin-1"), content


def _decode_text(kind: bytes, content: bytes, most: int) -> str | None:
    """The text of a chunk; None where it is damaged, or unpacks to more bytes than `most`."""
    if not kind:
        return None
    try:
        if kind == b"tEXt":
            return content.decode("latin-1")
        if kind == b"zTXt":
            return unpack(content[1:], most).decode("latin-1")
        is_packed = content[0]
        language, translated, text = content[2:].split(b"\0", 2)
        text = unpack(text, most) if is_packed else text
        return iTXt(text.decode(), language.decode(), translated.decode())
    except (ValueError, IndexError, zlib.error):
        return None


def split_raw_profiles(texts: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], dict[str, bytes]]:
    """The texts that are texts, and what the others hold, by its kind: "exif", "app1", "xmp", "iptc", "8bim".

    Raw profiles do not travel: they tell the orientation and size of the file that they were in.
    """
    kept, profiles = [], {}
    for key, text in texts:
        if not (found := _RAW_PROFILE.fullmatch(key)):
            kept.append((key, text))
            continue
        try:
            profiles[found[1].lower()] = bytes.fromhex(text.split("\n", 3)[3])
        except (ValueError, IndexError):
            profiles[found[1].lower()] = b""
    return kept, profiles
