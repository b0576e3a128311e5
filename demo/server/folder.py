"""The folder for visitors' files: of this user and this app alone."""

import os
import stat
from pathlib import Path
from typing import IO

_held: list[IO] = []  # locks, for as long as the process lives


def claim_folder(parent: Path) -> Path:
    """A folder below `parent` that nobody else can read and no other running app uses, made where there is none.

    An app that starts again after it was killed gets its folder again, and so deletes what it left. Raises OSError
    where none can be made.
    """
    for number in range(1, 100):
        folder = parent / ("srcnn-demo" if number == 1 else f"srcnn-demo-{number}")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_ours(folder) and _lock(folder / ".lock"):
            return folder
    raise OSError(f"{parent} has no room for the files of this app; set GRADIO_TEMP_DIR to another folder.")


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder of this user, whom alone it is opened to then."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
        return False
    folder.chmod(0o700)
    return True


def _lock(path: Path) -> bool:
    """Whether the file could be locked until the process ends. Where the system cannot lock, it always can."""
    file = path.open("w")
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return False
    _held.append(file)
    return True
