"""Old files of visitors: deleted in the end, whatever became of the job or the process that wrote them."""

import os
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

OWN_NAMES = ("examples", ".lock")  # in the folder, what is of the app itself
TRAINING_PREFIX = "training-"  # of the names of trainings' folders


class Sweeper:
    """Deletes what has lain unchanged in a folder for `kept` seconds, and folders that have been empty for as long;
    before that the oldest files, where all of them together have more than `most` bytes.

    Gradio forgets the files of jobs that were cancelled and of processes that were killed, and never deletes folders.
    Ages are measured by a clock that nobody can set, from when the sweeper first met a file: one whose time lies in
    the future goes, too.
    """

    def __init__(self, folder: Path, kept: float, most: int) -> None:
        self.folder, self.kept, self.most = folder, kept, most
        self.first_seen: dict[tuple[Path, int], float] = {}
        self.stored = 0  # bytes, as far as they are known: of the last look, and what was written since
        self._sweeping = threading.Lock()

    def note_written(self, size: int) -> None:
        """Count so many bytes more, and delete at once what is too much."""
        self.stored += size
        if self.stored > self.most and self._sweeping.acquire(blocking=False):
            self._sweeping.release()
            self.sweep(time.monotonic())

    def sweep(self, now: float) -> None:
        """`now`: in seconds of time.monotonic()."""
        with self._sweeping:
            files = self._delete_old(now)
            self.stored = sum(size for _, _, size, _ in files)
            for _, _, size, path in sorted(files):
                if self.stored <= self.most:
                    break
                with suppress(OSError):
                    _delete_path(path)
                self.stored -= size

    def _delete_old(self, now: float) -> list[tuple[float, int, int, Path]]:
        """What is left: when each file was first seen, when it was changed, its bytes."""
        before, self.first_seen = self.first_seen, {}
        files = []
        for parent, folders, names in os.walk(self.folder, topdown=False):
            for path in (Path(parent) / name for name in (*names, *folders)):
                if path.relative_to(self.folder).parts[0] in OWN_NAMES:
                    continue
                with suppress(OSError):  # somebody else was faster, or the folder is not empty
                    status = path.lstat()
                    key = path, status.st_ctime_ns  # a file that comes once more is a new one
                    seen = before.get(key, now)
                    if now - seen >= self.kept:
                        _delete_path(path)
                        continue
                    self.first_seen[key] = seen
                    if path.name in names:
                        files.append((seen, status.st_ctime_ns, status.st_size, path))
        return files


def _delete_path(path: Path) -> None:
    """A file, a link or an empty folder. Raises OSError for a folder with something in it."""
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink()


def delete_trainings(folder: Path) -> None:
    """What the trainings of an app that was killed left: they lived in its process, so nobody can go on with them."""
    for left in folder.glob(f"{TRAINING_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)


_sweeper: Sweeper | None = None


def note_written(size: int) -> None:
    """To be told of every file that comes into the folder, so that its limit holds between two sweeps, too."""
    if _sweeper:
        _sweeper.note_written(size)


def start_sweeping(folder: Path, kept: float, most: int, every: float) -> None:
    """Sweep in the background, for as long as the process lives."""
    global _sweeper
    sweeper = _sweeper = Sweeper(folder, kept, most)

    def loop() -> None:
        while True:
            sweeper.sweep(time.monotonic())
            time.sleep(every)

    threading.Thread(target=loop, name="sweeper", daemon=True).start()
