"""A file that is written as a whole."""

from pathlib import Path

from srcnn.atomic_files import write_atomically


def write_whole(file: Path, text: str = "new") -> None:
    with write_atomically(file) as temporary:
        temporary.write_text(text)
