"""Archives that are unpacked by a process that is killed, and by several at the same time."""

import os
import signal
from pathlib import Path

import pytest

from tests.support.archives import pack, tar_of
from tests.support.forks import run_forked

pytestmark = pytest.mark.usefixtures("cache")


# Unpacks an archive, and is killed when so many pictures have been begun.
KILLED = """
import os, signal, sys
from srcnn.data.picture_sets import picture_files
archive, last = sys.argv[1], int(sys.argv[2])
begun = []
def count(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".bmp"):
        begun.append(arguments[0])
        if len(begun) == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
print(*picture_files(archive), sep="\\n")
"""


def test_a_killed_run_leaves_nothing_half(tmp_path):
    """Killed at the first, a middle and the last picture; the next run begins anew and clears away."""
    count, cache = 8, tmp_path / "home" / "assets" / "srcnn"
    archive = tar_of(tmp_path / "set.tar.gz", {f"{number}.bmp": os.urandom(2_000_000) for number in range(count)})
    environment = os.environ | {"HF_HOME": str(tmp_path / "home")}
    for last in (1, count // 2, count):
        assert run_forked(["-c", KILLED, archive, last], environment).status == -signal.SIGKILL
        assert [entry.suffix for entry in sorted(cache.iterdir())] == [".lock", ".part"]
        assert len(list(cache.glob("*.part/*"))) >= last - 1
    done = run_forked(["-c", KILLED, archive, count + 1], environment)
    assert [Path(line).name for line in done.output.splitlines()] == [f"{number}.bmp" for number in range(count)]
    assert {entry.suffix for entry in cache.iterdir()} == {".lock", ""}


# Four processes that begin to unpack an archive when all of them are there.
TOGETHER = """
import multiprocessing, sys
from srcnn.data.picture_sets import picture_files
def unpack():
    all_there.wait()
    print(*picture_files(sys.argv[1]))
context = multiprocessing.get_context("fork")
all_there = context.Barrier(4)
processes = [context.Process(target=unpack) for _ in range(4)]
for process in processes:
    process.start()
for process in processes:
    process.join()
sys.exit(sum(process.exitcode != 0 for process in processes))
"""


def test_processes_that_unpack_at_the_same_time_get_the_same(folder, tmp_path):
    archive = pack(folder, tmp_path / "set.tar.xz")
    done = run_forked(["-c", TOGETHER, archive], os.environ | {"HF_HOME": str(tmp_path / "home")})
    assert done.status == 0, done.errors
    first, *others = done.output.splitlines()
    assert others == [first] * 3
    assert len(first.split()) == 4
