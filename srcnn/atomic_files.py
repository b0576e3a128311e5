"""Files that appear whole or not at all."""

import contextlib
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: what killed writers leave stays
    fcntl = None


@contextlib.contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """Give a temporary name; what is written there becomes `path` when the block ends well and vanishes otherwise.

    It is in a hidden folder beside `path`, because libraries put temporary files of their own beside what they write.
    """
    _remove_abandoned(path.parent)
    unlocked = Path(tempfile.mkdtemp(dir=path.parent, prefix=".", suffix=".new"))
    with (unlocked / "lock").open("w") as lock:
        _lock_file(lock)
        folder = unlocked.rename(unlocked.with_suffix(".part"))  # under this name, others find it locked
        temporary = folder / f".part{path.suffix}"  # hidden, too: no listing of pictures takes it for one
        try:
            yield temporary
            temporary.chmod(0o644)  # what safetensors writes is private
            os.replace(temporary, path)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@functools.lru_cache(maxsize=1000)  # once a process: those who are killed later leave theirs to the next one
def _remove_abandoned(folder: Path) -> None:
    """Remove what writers in a folder have left who were killed; the living hold their locks."""
    for part in folder.glob(".*.part"):
        with contextlib.suppress(OSError), (part / "lock").open("a") as lock:  # gone if it was being removed
            if _lock_file(lock):
                shutil.rmtree(part)


def _lock_file(opened: IO) -> bool:
    """Lock a file until it is closed or the process dies. False where another holds it, or where nothing locks."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def copy_atomically(source: Path, target: Path) -> None:
    """Copy a folder's files below `target`, each of them whole or not at all."""
    for file in source.rglob("*"):
        if file.is_file():
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            with write_atomically(copy) as temporary:
                shutil.copyfile(file, temporary)
