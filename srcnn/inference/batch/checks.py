"""What can be known before the work: each raises ImageError for what could not be written in the end."""

import os
from pathlib import Path

from srcnn.imaging.file_formats.formats import find_format
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import printable_name


def check_folder(folder: Path) -> None:
    """Refuse a folder in which no file can be written; one that is not there is not made yet."""
    existing = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
    probe = existing / f".srcnn-{os.getpid()}.part"
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise ImageError(
            f"Nothing can be written into {printable_name(folder)} ({error.strerror}); name another OUT."
        ) from error


def check_format(file: Path, quality: int | None) -> None:
    """Refuse a file's suffix in which no picture is written, and a quality for a format that has none."""
    if not find_format(file).has_quality and quality is not None:
        raise ImageError(f"A {file.suffix} file has no quality to choose; leave --quality out, or write .jpg or .webp.")
