import signal
import stat
import subprocess
import sys

import pytest

from srcnn.atomic_files import write_atomically
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


def test_a_file_appears_when_it_is_whole(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with write_atomically(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
        assert (tmp_path / "a.txt").read_text() == "old"
        assert temporary.suffix == ".txt"
    assert (tmp_path / "a.txt").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o644
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


def test_what_a_killed_writer_left_goes_with_the_next_write_and_a_living_ones_stays(tmp_path, writers):
    killed, living = writers("a.txt"), writers("b.txt")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert len(list(tmp_path.iterdir())) == 2
    with write_atomically(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    assert len(list(tmp_path.iterdir())) == 2
    living.communicate()
    assert living.returncode == 0
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"a.txt": "new", "b.txt": "half"}


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path, writers):
    first, second = writers("a.txt"), writers("a.txt")
    with write_atomically(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    for writer in (first, second):
        writer.communicate()
        assert writer.returncode == 0
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "half")]


def test_what_was_killed_while_it_was_being_removed_goes_too(tmp_path, writers):
    killed = writers("a.txt")
    killed.kill()
    killed.wait()
    (left,) = tmp_path.iterdir()
    (left / "lock").unlink()
    with write_atomically(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
