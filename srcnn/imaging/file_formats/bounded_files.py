"""A file of which no read sets aside more memory than it has bytes, whatever length its content tells."""

import io
import os

_ALWAYS_READ_BYTES = 1 << 16  # asked for in one piece, as decoders do, without a look at what is left


class BoundedFile(io.BufferedReader):
    """A file opened for reading.

    Python sets aside as many bytes as a read asks for before it looks how many there are, and Pillow asks for as many
    as a chunk, a strip or a header says that it has: gigabytes, in a file of some hundred bytes.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _ALWAYS_READ_BYTES:
            size = min(size, max(os.fstat(self.fileno()).st_size - self.tell(), 0))
        return super().read(size)


def open_bounded(path: str | os.PathLike) -> BoundedFile:
    """Open a file for reading, as `open` does."""
    return BoundedFile(io.FileIO(path))
