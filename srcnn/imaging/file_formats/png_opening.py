"""Opens every PNG, also one that Pillow gives up: for a text, or an ICC profile, that is longer than it unpacks."""

from collections.abc import Callable
from typing import IO

from PIL import ImageFile, UnidentifiedImageError
from PIL.PngImagePlugin import MAX_TEXT_CHUNK, MAX_TEXT_MEMORY, PngImageFile, PngStream

from srcnn.imaging.file_formats.png_chunks import unpack

_MAX_UNPACKED_PROFILE_BYTES = 16_000_000
_MOST_PACKED_CHUNKS = 200  # each is unpacked to MAX_TEXT_CHUNK at most


def open_png(file: IO[bytes]) -> PngImageFile:
    """A PNG, without texts that are too long. Raises UnidentifiedImageError for one that is damaged."""
    file.seek(0)
    try:
        return _OpenedPng(file)
    except SyntaxError as error:
        raise UnidentifiedImageError("A damaged PNG.") from error


class _PatientStream(PngStream):
    """Pillow's reader of chunks for one picture; Pillow's own, which is its user's too, stays as it is."""

    packed_chunks = 0

    def chunk_iCCP(self, pos: int, length: int) -> bytes:
        content = self._pass_over_long(super().chunk_iCCP, pos, length)
        if "icc_profile" not in self.im_info:  # longer than Pillow unpacks: its colours would else be lost
            self.check_text_memory(_MAX_UNPACKED_PROFILE_BYTES)
            packed = content.partition(b"\0")[2][1:]
            self.im_info["icc_profile"] = unpack(packed, _MAX_UNPACKED_PROFILE_BYTES)
        return content

    def chunk_iTXt(self, pos: int, length: int) -> bytes:
        return self._pass_over_long(super().chunk_iTXt, pos, length)

    def chunk_zTXt(self, pos: int, length: int) -> bytes:
        return self._pass_over_long(super().chunk_zTXt, pos, length)

    def _pass_over_long(self, read: Callable[[int, int], bytes], position: int, length: int) -> bytes:
        """Read a packed chunk, or pass over one for which Pillow gives up the picture.

        What is unpacked is counted, so that no small file takes minutes.
        """
        self.packed_chunks += 1
        if self.packed_chunks > _MOST_PACKED_CHUNKS:
            raise ValueError("Too many packed chunks.")
        try:
            return read(position, length)
        except ValueError:
            if self.text_memory > MAX_TEXT_MEMORY:
                raise
        self.check_text_memory(MAX_TEXT_CHUNK)
        self.fp.seek(position)
        return ImageFile._safe_read(self.fp, length)


class _OpenedPng(PngImageFile):
    """A PNG whose chunks are read by `_PatientStream`, wherever Pillow makes a stream of its own."""

    @property
    def png(self) -> PngStream | None:
        return self._stream

    @png.setter
    def png(self, stream: PngStream | None) -> None:
        self._stream = _PatientStream(stream.fp) if stream else None
