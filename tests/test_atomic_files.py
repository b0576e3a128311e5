"""Files appear when they are whole, and nothing is lost when a write fails."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from srcnn import atomic_files
from srcnn.atomic_files import write_atomically
from srcnn.imaging.picture import Picture
from srcnn.networks.srcnn import SRCNN
from tests.support.project import PROJECT
from tests.support.whole_files import write_whole

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
    write_whole(tmp_path / "a.txt")
    assert not left.exists()
    living.communicate()
    assert living.returncode == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == [".foreign.part", "a.txt", "b.txt"]


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path, writers):
    first, second = writers("a.txt"), writers("a.txt")
    write_whole(tmp_path / "a.txt")
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
    write_whole(tmp_path / "a.txt")
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
    write_whole(tmp_path / "first.txt")
    assert (tmp_path / "first.txt").is_symlink()
    assert (tmp_path / "second.txt").is_symlink()
    assert target.read_text() == "new"
    assert len(list(target.parent.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="these rights do not bind everybody")
def test_a_write_protected_file_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "a.txt").chmod(0o444)
    with pytest.raises(PermissionError, match=r"a\.txt"):
        write_whole(tmp_path / "a.txt")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("linked", [False, True])
def test_a_pipe_or_a_device_is_never_replaced(tmp_path, linked):
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "picture.png").symlink_to("pipe.txt")
    (tmp_path / "link.txt").symlink_to("pipe.txt")
    file = tmp_path / ("link.txt" if linked else "pipe.txt")
    with pytest.raises(OSError, match=f"This is a pipe or a device.*{file.name}"):
        write_whole(file)
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
        write_whole(tmp_path / "a.txt")
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
    write_whole(tmp_path / "a.txt")
    write_whole(tmp_path / "b.txt")  # which had none
    assert given == [(-1, before.st_gid), (before.st_uid, -1)]
    assert (tmp_path / "a.txt").read_text() == "new"


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither")
@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV, errno.EPERM])
def test_a_mounted_file_and_one_of_a_sticky_folder_are_written_over(tmp_path, monkeypatch, number):
    def refuse(*names):
        raise OSError(number, os.strerror(number), str(names[0]))

    (tmp_path / "a.txt").write_text("old and longer")
    monkeypatch.setattr(os, "replace", refuse)
    write_whole(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text() == "new"
    with pytest.raises(OSError, match=os.strerror(number)):
        write_whole(tmp_path / "b.txt")  # which is not there
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("call", ["pathlib.Path.unlink", "pathlib.Path.glob", "shutil.rmtree"])
def test_tidying_up_that_is_refused_is_no_failed_write(tmp_path, monkeypatch, call):
    def refuse(*_, **options):
        if not options.get("ignore_errors"):
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(call, refuse)
    write_whole(tmp_path / "a.txt")
    atomic_files.remove_leftovers(tmp_path)
    assert (tmp_path / "a.txt").read_text() == "new"
