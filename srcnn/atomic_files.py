"""Files that appear whole or not at all, and how pipes and devices are told from files."""

import contextlib
import errno
import functools
import math
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX, _SUFFIX = ".srcnn-", ".part"
_FAULTS_OF_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
# Of a file that is mounted by itself, and of another person's file in a folder such as /tmp.
_REFUSALS_TO_REPLACE = (errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES)
_ABANDONED_AFTER_SECONDS = 86_400  # no write takes a day


@contextlib.contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """Give a temporary name; what is written there becomes `path` when the block ends well and vanishes otherwise.

    The temporary file is in a hidden folder beside `path`, because libraries put temporary files of their own beside
    what they write. Nothing of it may be open when the block ends: Windows neither renames nor removes open files.
    A link is written through to its target. The file gets the rights that `open(path, "w")` would give it, and one that
    was there keeps its owner. A file that can be written to but not replaced, as one that is mounted by itself into a
    container, is the exception: it is written over, and a full disk leaves a part of it.
    Raises OSError, which names `path` and never the temporary file; also for a pipe or a device, which is not replaced.
    """
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    if target.exists() and is_pipe_or_device(target):
        raise OSError(errno.EINVAL, "This is a pipe or a device, which is not replaced; name a file", str(path))
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    with _named_in_errors(path, target.parent / _PREFIX):
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=_PREFIX, suffix=_SUFFIX))
        try:
            _remove_abandoned(target.parent)
            temporary = folder / f".part{path.suffix}"  # hidden, too: no listing of pictures takes it for one
            rights = _rights_of_new_file(target, temporary)
            yield temporary
            _give_owner(temporary, target)
            _give_rights(temporary, rights)
            _replace(temporary, target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def is_pipe_or_device(path: str | os.PathLike) -> bool:
    """Whether something lies there that is neither a file nor a folder: whoever opens a pipe waits, maybe for ever.

    Raises OSError where nothing can be seen.
    """
    mode = os.stat(path).st_mode
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


@contextlib.contextmanager
def _named_in_errors(path: Path, hidden: Path) -> Iterator[None]:
    """Put `path` into the errors that name a file whose name begins with `hidden`, and into those of a disk that name
    none."""
    try:
        yield
    except OSError as error:
        is_hidden = error.filename and os.path.abspath(error.filename).startswith(os.path.abspath(hidden))
        if error.errno and (is_hidden or (not error.filename and error.errno in _FAULTS_OF_DISKS)):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def _rights_of_new_file(target: Path, probe: Path) -> int:
    """The rights of `target`, or those that the system gives to a new file: by umask, or by the folder's own rules."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    probe.touch()
    rights = stat.S_IMODE(probe.stat().st_mode)
    with contextlib.suppress(OSError):  # it is written over
        probe.unlink()
    return rights


def _give_owner(file: Path, like: Path) -> None:
    """The owner and group of a file that is there, as far as this process may give them, and the disk has any."""
    if like.exists() and hasattr(os, "chown"):  # Windows has none
        before = like.stat()
        for user, group in ((-1, before.st_gid), (before.st_uid, -1)):  # one may be refused, and the other not
            with contextlib.suppress(OSError):
                os.chown(file, user, group)


def _replace(file: Path, target: Path) -> None:
    """Give a finished file its name."""
    try:
        os.replace(file, target)
    except OSError as error:
        if error.errno not in _REFUSALS_TO_REPLACE or os.name == "nt" or not target.is_file():
            raise
        shutil.copyfile(file, target)


def _give_rights(file: Path, rights: int) -> None:
    """Set the rights where the disk has any: many network disks and sticks refuse, and the file is as good there."""
    with contextlib.suppress(OSError):
        if stat.S_IMODE(file.stat().st_mode) != rights:  # what safetensors writes is private
            file.chmod(rights)


@functools.lru_cache(maxsize=1000)  # a folder is looked through once a process
def _remove_abandoned(parent: Path) -> None:
    """Remove what writers in a folder have left who were killed more than a day ago.

    Age is the one sign that every disk has. It is told by the disk's own clock: `parent` has just been written to.
    """
    with contextlib.suppress(OSError):
        _remove_leftovers(parent, before=parent.stat().st_mtime - _ABANDONED_AFTER_SECONDS)


def remove_leftovers(parent: Path) -> None:
    """Remove what killed writers have left in a folder that the caller alone writes to, as far as that is allowed."""
    _remove_leftovers(parent, before=math.inf)


def _remove_leftovers(parent: Path, before: float) -> None:
    """Remove the temporary folders in `parent` that were last written to before a time, in seconds as the disk's."""
    with contextlib.suppress(OSError):  # a folder that may not be looked through is left as it is
        for folder in parent.glob(f"{_PREFIX}*{_SUFFIX}"):
            with contextlib.suppress(OSError):  # another process removes it, too
                if folder.stat().st_mtime < before:
                    shutil.rmtree(folder)


def copy_atomically(source: Path, target: Path) -> None:
    """Copy a folder's files below `target`, each of them whole or not at all."""
    for file in source.rglob("*"):
        if file.is_file():
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            with write_atomically(copy) as temporary:
                shutil.copyfile(file, temporary)
