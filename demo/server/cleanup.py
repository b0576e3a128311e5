"""Old files of visitors: deleted in the end, whatever became of the job or the process that wrote them."""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path


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

    def sweep(self, now: float) -> None:
        """`now`: in seconds of time.monotonic()."""
        before, self.first_seen = self.first_seen, {}
        files: list[tuple[float, int, int, Path]] = []  # first seen, changed, bytes
        for parent, folders, names in os.walk(self.folder, topdown=False):
            for path in (Path(parent) / name for name in (*names, *folders)):
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
        surplus = sum(size for _, _, size, _ in files) - self.most
        for _, _, size, path in sorted(files):
            if surplus <= 0:
                break
            with suppress(OSError):
                _delete_path(path)
            surplus -= size


def _delete_path(path: Path) -> None:
    """A file, a link or an empty folder. Raises OSError for a folder with something in it."""
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink()


def start_sweeping(folder: Path, kept: float, most: int, every: float) -> None:
    """Sweep in the background, for as long as the process lives."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else of this machine looks at visitors' pictures
    sweeper = Sweeper(folder, kept, most)

    def loop() -> None:
        while True:
            sweeper.sweep(time.monotonic())
            time.sleep(every)

    threading.Thread(target=loop, name="sweeper", daemon=True).start()
