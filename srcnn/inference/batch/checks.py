"""What can be known before the work: each raises ImageError for what could not be written in the end."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from srcnn.imaging.file_formats.formats import find_format
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import printable_name


def check_folder(folder: Path, remedy: str = "name another OUT") -> None:
    """Refuse a folder in which no file can be written; one that is not there is not made yet."""
    existing = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
    try:  # as the writing will do it, and under a name that no other process has
        tempfile.TemporaryDirectory(".part", ".srcnn-", existing, ignore_cleanup_errors=True).cleanup()
    except OSError as error:
        name = printable_name(folder)
        raise ImageError(f"Nothing can be written into {name} ({error.strerror}); {remedy}.") from error


def check_file(file: Path, check: Callable[[Path], None] = check_folder) -> None:
    """Refuse a file that cannot be written, or replaced, where a link leads, too. check: of the folder."""
    target, name = Path(os.path.realpath(file)), printable_name(file.name)
    if os.path.exists(target) and not os.path.isfile(target):
        raise ImageError(f"{name} is no file and cannot be replaced; name another one.")
    if os.path.exists(target) and not os.access(target, os.W_OK):
        raise ImageError(f"{name} is write-protected; change its permissions, or name another one.")
    check(target.parent if os.path.islink(file) else file.parent)


def check_format(file: Path, quality: int | None) -> None:
    """Refuse a file's suffix in which no picture is written, and a quality for a format that has none."""
    if not find_format(file).has_quality and quality is not None:
        raise ImageError(f"A {file.suffix} file has no quality to choose; leave --quality out, or write .jpg or .webp.")
