import contextlib
import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from srcnn import atomic_files
from srcnn.atomic_files import copy_atomically, write_atomically
from srcnn.imaging.picture import Picture
from srcnn.networks.srcnn import SRCNN
from tests.support.project import PROJECT

WRITER = """
import sys, time
from pathlib import Path
from srcnn.atomic_files import write_atomically

with write_atomically(Path(sys.argv[1])) as temporary:
    temporary.write_text("half")
    temporary.with_name(".of a library").write_text("half")
    print("writing", flush=True)
    sys.stdin.read()
"""
DAY_SECONDS = 86_400
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are listed in /proc")


@pytest.fixture
def writers(tmp_path):
    """Start processes that are amid writing a file, until their standard input is closed."""
    started = []

    def start(name: str) -> subprocess.Popen:
        command = [sys.executable, "-c", WRITER, tmp_path / name]
        writer = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(writer)
        assert writer.stdout.readline() == "writing\n"
        return writer

    yield start
    for writer in started:
        writer.kill()
        writer.communicate()


@pytest.fixture
def umask():
    """Set the umask for this test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def write(file: Path, text: str = "new") -> None:
    with write_atomically(file) as temporary:
        temporary.write_text(text)


def rights(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_file_appears_when_it_is_whole(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with write_atomically(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
        assert (tmp_path / "a.txt").read_text() == "old"
        assert temporary.suffix == ".txt"
    assert (tmp_path / "a.txt").read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "a.txt").write_text("old")

    def fail():
        with write_atomically(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_a_killed_writer_left_goes_a_day_later_and_a_living_ones_stays(tmp_path, writers):
    killed = writers("a.txt")
    (left,) = tmp_path.iterdir()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    (tmp_path / ".foreign.part").mkdir()
    living = writers("b.txt")
    for old in (left, tmp_path / ".foreign.part"):
        os.utime(old, (left.stat().st_mtime - 2 * DAY_SECONDS,) * 2)
    write(tmp_path / "a.txt")
    assert not left.exists()
    living.communicate()
    assert living.returncode == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == [".foreign.part", "a.txt", "b.txt"]


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path, writers):
    first, second = writers("a.txt"), writers("a.txt")
    write(tmp_path / "a.txt")
    for writer in (first, second):
        writer.communicate()
        assert writer.returncode == 0
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "half")]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_gets_the_rights_that_open_gives(tmp_path, umask, mask):
    umask(mask)
    (tmp_path / "expected").write_text("")
    with write_atomically(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
        temporary.chmod(0o600)  # as safetensors does
    SRCNN().save_pretrained(tmp_path / "model")
    files = [tmp_path / "a.txt", *(tmp_path / "model").iterdir()]
    assert {rights(file) for file in files} == {rights(tmp_path / "expected")}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_a_file_that_is_there_keeps_its_rights(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "a.txt").chmod(0o640)
    write(tmp_path / "a.txt")
    assert rights(tmp_path / "a.txt") == 0o640


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("dangling", [False, True])
def test_a_link_is_written_through_to_its_target(tmp_path, dangling):
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "real.txt"
    if not dangling:
        target.write_text("old")
    (tmp_path / "first.txt").symlink_to("second.txt")
    (tmp_path / "second.txt").symlink_to(Path("elsewhere") / "real.txt")
    write(tmp_path / "first.txt")
    assert (tmp_path / "first.txt").is_symlink()
    assert (tmp_path / "second.txt").is_symlink()
    assert target.read_text() == "new"
    assert len(list(target.parent.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="these rights do not bind everybody")
def test_a_write_protected_file_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "a.txt").chmod(0o444)
    with pytest.raises(PermissionError, match=r"a\.txt"):
        write(tmp_path / "a.txt")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("linked", [False, True])
def test_a_pipe_or_a_device_is_never_replaced(tmp_path, linked):
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "picture.png").symlink_to("pipe.txt")
    (tmp_path / "link.txt").symlink_to("pipe.txt")
    file = tmp_path / ("link.txt" if linked else "pipe.txt")
    with pytest.raises(OSError, match=f"This is a pipe or a device.*{file.name}"):
        write(file)
    with pytest.raises(OSError, match="This is a pipe or a device"):
        Picture(np.zeros((2, 2), np.uint8)).save(tmp_path / "picture.png")
    assert stat.S_ISFIFO((tmp_path / "pipe.txt").stat().st_mode)
    assert sorted(os.listdir(tmp_path)) == ["link.txt", "picture.png", "pipe.txt"]


@pytest.mark.parametrize("call", ["tempfile.mkdtemp", "pathlib.Path.touch", "os.replace"])
def test_an_error_names_the_result_and_never_the_temporary_file(tmp_path, monkeypatch, call):
    def refuse(*names, **_):
        place = names[0] if names else str(tmp_path / f"{atomic_files._PREFIX}xyz.part")
        raise OSError(30, "Read-only file system", str(place))

    monkeypatch.setattr(call, refuse)
    with pytest.raises(OSError, match="Read-only") as caught:
        write(tmp_path / "a.txt")
    assert caught.value.filename == str(tmp_path / "a.txt")
    assert str(caught.value) == f"[Errno 30] Read-only file system: '{tmp_path / 'a.txt'}'"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [None, "a.txt"])
def test_a_full_disk_is_told_with_the_name_of_the_result(tmp_path, name):
    def fail():
        with write_atomically(tmp_path / "a.txt"):
            raise OSError(errno.ENOSPC, "No space left on device", name)  # of a write, which knows no name

    with pytest.raises(OSError, match="No space") as caught:
        fail()
    assert caught.value.filename == (name or str(tmp_path / "a.txt"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such owners")
@pytest.mark.parametrize("refused", [False, True])
def test_a_file_that_is_there_keeps_its_owner_as_far_as_may_be(tmp_path, monkeypatch, refused):
    (tmp_path / "a.txt").write_text("old")
    before, given = (tmp_path / "a.txt").stat(), []

    def chown(_, user, group):
        given.append((user, group))
        if refused:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", chown)
    write(tmp_path / "a.txt")
    write(tmp_path / "b.txt")  # which had none
    assert given == [(-1, before.st_gid), (before.st_uid, -1)]
    assert (tmp_path / "a.txt").read_text() == "new"


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither")
@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV, errno.EPERM])
def test_a_mounted_file_and_one_of_a_sticky_folder_are_written_over(tmp_path, monkeypatch, number):
    def refuse(*names):
        raise OSError(number, os.strerror(number), str(names[0]))

    (tmp_path / "a.txt").write_text("old and longer")
    monkeypatch.setattr(os, "replace", refuse)
    write(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text() == "new"
    with pytest.raises(OSError, match=os.strerror(number)):
        write(tmp_path / "b.txt")  # which is not there
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("call", ["pathlib.Path.unlink", "pathlib.Path.glob", "shutil.rmtree"])
def test_tidying_up_that_is_refused_is_no_failed_write(tmp_path, monkeypatch, call):
    def refuse(*_, **options):
        if not options.get("ignore_errors"):
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(call, refuse)
    write(tmp_path / "a.txt")
    atomic_files.remove_leftovers(tmp_path)
    assert (tmp_path / "a.txt").read_text() == "new"


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
    write(out / "a.txt", "first")
    write(out / "a.txt", "second")
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
    write(tmp_path / "a.txt")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() != "old"
