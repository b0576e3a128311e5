"""Files are written as a whole on disks with rules of their own, which are replayed."""

import contextlib
import os
import shutil
from pathlib import Path

import pytest

from srcnn.atomic_files import copy_atomically, write_atomically
from srcnn.networks.srcnn import SRCNN
from tests.support.whole_files import write_whole

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are listed in /proc")


def open_files() -> set[str]:
    found = set()
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found.add(os.path.realpath(f"/proc/self/fd/{number}"))
    return found


def is_in_use(place) -> bool:
    """Whether a file, or anything in a folder, is open."""
    place = os.path.realpath(place)
    return any(file == place or file.startswith(f"{place}/") for file in open_files())


@pytest.fixture
def windows(monkeypatch):
    """Its rule: what is open, or holds what is open, can neither be renamed nor removed."""

    def strictly(act):
        def acted(place, *more, dir_fd=None, **options):
            whole = place if dir_fd is None else os.path.join(os.readlink(f"/proc/self/fd/{dir_fd}"), place)
            if act.__name__ != "rmdir" and is_in_use(whole):
                raise PermissionError(13, "The file is in use (WinError 32)", str(place))
            return act(place, *more, **options) if dir_fd is None else act(place, *more, dir_fd=dir_fd, **options)

        return acted

    for name in ("rename", "replace", "unlink", "remove", "rmdir"):
        monkeypatch.setattr(os, name, strictly(getattr(os, name)))


@pytest.fixture
def no_rights(monkeypatch):
    """As network disks that were mounted by another user have it."""

    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refuse)
    monkeypatch.setattr(Path, "chmod", refuse)


@pytest.fixture
def late_removal(monkeypatch):
    """As NFS and FUSE have it: an open file that is removed gets another name until it is closed."""
    unlink, rename = os.unlink, os.rename

    def unlinked(place, *, dir_fd=None):
        whole = place if dir_fd is None else os.path.join(os.readlink(f"/proc/self/fd/{dir_fd}"), place)
        if is_in_use(whole):
            return rename(whole, os.path.join(os.path.dirname(whole), ".fuse_hidden0001"))
        return unlink(place, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", unlinked)
    monkeypatch.setattr(os, "remove", unlinked)


@needs_proc
@pytest.mark.parametrize("disk", ["windows", "no_rights", "late_removal"])
def test_every_disk_is_written_to_and_left_tidy(tmp_path, disk, request):
    source = tmp_path / "source"
    source.mkdir()
    (source / "b.txt").write_text("copied")
    request.getfixturevalue(disk)
    out = tmp_path / "out"
    out.mkdir()
    write_whole(out / "a.txt", "first")
    write_whole(out / "a.txt", "second")
    copy_atomically(source, out)
    with contextlib.suppress(ZeroDivisionError), write_atomically(out / "c.txt") as temporary:
        temporary.write_text("half")
        _ = 1 / 0
    assert {file.name: file.read_text() for file in out.iterdir()} == {"a.txt": "second", "b.txt": "copied"}
    SRCNN().save_pretrained(tmp_path / "model")
    assert all(not file.name.startswith(".") for file in (tmp_path / "model").iterdir())


@needs_proc
def test_the_replayed_rule_of_windows_refuses_what_is_open(tmp_path, windows):
    (tmp_path / "folder").mkdir()
    with (tmp_path / "folder" / "file").open("w"):
        with pytest.raises(PermissionError):
            (tmp_path / "folder").rename(tmp_path / "other")
        with pytest.raises(PermissionError):
            shutil.rmtree(tmp_path / "folder")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_rights_that_a_disk_refuses_are_no_failed_write(tmp_path, umask, no_rights):
    umask(0o077)
    (tmp_path / "a.txt").write_text("old")  # with other rights than the new file gets at first
    umask(0o022)
    write_whole(tmp_path / "a.txt")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() != "old"
