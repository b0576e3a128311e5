import errno
import os
import signal
import threading
from collections import Counter

import numpy as np
import pytest

from srcnn.cli.parser import main
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference import exact_sizes
from srcnn.inference.batch import run
from srcnn.inference.batch.choices import Choices
from srcnn.inference.batch.outcome import Outcome
from srcnn.inference.batch.run import change_into_folder
from tests.support.forks import EVERYTHING, run_forked, run_launched
from tests.support.project import run_python
from tests.support.waiting import PATIENCE_SECONDS


@pytest.fixture
def folder(tmp_path, astronaut):
    """Five pictures and a file that is none."""
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.jpg", "sub/b.jpg", "same.png", "same.jpg")):
        Picture(astronaut.pixels[number : 40 + number, :60]).save(tmp_path / "in" / name)
    (tmp_path / "in" / "broken.png").write_text("no picture")
    return tmp_path / "in"


RESULTS = ["a.png", "b.png", "same.jpg.png", "same.png.png", "sub/b.png"]


def written(folder) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def invert(picture: Picture) -> Picture:
    return Picture(255 - picture.pixels)


def change(source, target, change=invert, **more) -> Outcome:
    """Change a folder by the library."""
    return change_into_folder([source], target, Choices(change, lambda *size: size, "invert", **more))


def test_every_picture_gets_a_file_of_its_own(folder, tmp_path):
    outcome = change(folder, tmp_path / "out")
    assert (len(outcome.made), outcome.there, list(outcome.refused)) == (5, 0, [folder / "broken.png"])
    assert written(tmp_path / "out") == RESULTS
    for source, result in zip(("a.png", "b.jpg", "same.jpg", "same.png", "sub/b.jpg"), RESULTS, strict=True):
        expected = 255 - open_picture(folder / source).pixels
        assert np.array_equal(open_picture(tmp_path / "out" / result).pixels, expected)


def test_what_is_there_is_left_alone_unless_told_otherwise(folder, tmp_path):
    out = tmp_path / "out"
    change(folder, out)
    (out / "a.png").unlink()
    kept = (out / "b.png").stat().st_mtime_ns
    outcome = change(folder, out)
    assert (len(outcome.made), outcome.there, len(outcome.refused)) == (1, 4, 1)
    assert written(out) == RESULTS
    assert (out / "b.png").stat().st_mtime_ns == kept
    assert len(change(folder, out, overwrite=True).made) == 5
    assert (out / "b.png").stat().st_mtime_ns > kept


def test_opening_and_saving_happen_while_another_is_computed(folder, tmp_path, monkeypatch):
    """Each picture waits until the next one is being opened, and each saving until the next is being computed."""
    (folder / "broken.png").unlink()
    begun, changed = Counter(), threading.Condition()

    def begin(step: str, other: str | None = None) -> None:
        with changed:
            begun[step] += 1
            changed.notify_all()
            needed = min(5, begun[step] + 1)
            assert other is None or changed.wait_for(lambda: begun[other] >= needed, timeout=PATIENCE_SECONDS)

    opened, saved = open_picture, Picture.save
    monkeypatch.setattr(run, "open_picture", lambda *a, **k: (begin("open"), opened(*a, **k))[1])
    monkeypatch.setattr(Picture, "save", lambda *a: (begin("save", "change"), saved(*a))[1])
    outcome = change(folder, tmp_path / "out", lambda picture: (begin("change", "open"), picture)[1])
    assert len(outcome.made) == 5
    assert begun == {"open": 5, "change": 5, "save": 5}


@pytest.fixture
def failing_saves(monkeypatch):
    """Let the saving of certain results fail: of name and error."""
    saved, errors = Picture.save, {}

    def save(picture, path, *more):
        if path.name in errors:
            raise errors[path.name]
        saved(picture, path, *more)

    monkeypatch.setattr(Picture, "save", save)
    return errors


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_disk_that_takes_nothing_more_ends_the_run_and_what_is_written_is_told(
    folder, tmp_path, failing_saves, number
):
    failing_saves["b.png"] = OSError(number, "No more")
    outcome = change(folder, tmp_path / "out")
    assert [result.name for result in outcome.made] == ["a.png"]
    assert (
        outcome.ending
        == f"{tmp_path / 'out' / 'b.png'} cannot be written (No more), nor can the rest; what is written stays."
    )
    assert not outcome.is_complete
    del failing_saves["b.png"]
    assert (len(change(folder, tmp_path / "out").made), written(tmp_path / "out")) == (4, RESULTS)


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EACCES, "Permission denied"),
        OSError(errno.EINVAL, "Invalid argument"),  # a colon on exFAT
        OSError(errno.EIO, "Input/output error"),
        MemoryError(),
        ImageError("It is too odd."),
    ],
)
@pytest.mark.parametrize("name", ["a.png", "sub/b.png"])
def test_a_result_that_cannot_be_written_is_named_and_the_others_are_made(folder, tmp_path, failing_saves, error, name):
    failing_saves[name.split("/")[-1]] = error
    (folder / "b.jpg").unlink()
    outcome = change(folder, tmp_path / "out")
    assert list(outcome.unwritten) == [tmp_path / "out" / name]
    assert written(tmp_path / "out") == [each for each in RESULTS if each not in (name, "b.png")]
    assert not outcome.is_complete
    assert "1 could not be written" in str(outcome)
    assert f"{name}: " in "".join(outcome.list_notes())


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: not enough memory: you tried")])
def test_a_picture_for_which_the_memory_does_not_suffice_is_no_other_ones_fault(folder, tmp_path, error):
    begun = []

    def change_some(picture: Picture) -> Picture:
        begun.append(picture)
        if len(begun) == 2:
            raise error
        return picture

    outcome = change(folder, tmp_path / "out", change_some)
    assert "memory does not suffice" in outcome.refused[folder / "b.jpg"]
    assert len(outcome.made) == 4


def test_a_fault_of_the_program_is_not_taken_for_one_of_the_picture(folder, tmp_path):
    def fail(picture: Picture) -> Picture:
        raise RuntimeError("sizes do not match")

    with pytest.raises(RuntimeError, match="sizes"):
        change(folder, tmp_path / "out", fail)


def test_ctrl_c_ends_with_a_sentence_and_finished_files_stay(folder, tmp_path, monkeypatch, capsys):
    enlarge, begun = exact_sizes.upscale, []

    def interrupted(picture, *more, **options):
        begun.append(1)
        if len(begun) == 3:
            raise KeyboardInterrupt
        return enlarge(picture, *more, **options)

    monkeypatch.setattr(exact_sizes, "upscale", interrupted)
    call = ["upscale", str(folder), "-o", str(tmp_path / "out"), "--scale", "2"]
    assert main(call) == 130
    told = capsys.readouterr()
    assert "Stopped: what is written stays, and the same command goes on from here." in told.err
    assert told.out == "2 written, 1 could not be used\n"
    assert written(tmp_path / "out") == RESULTS[:2]
    assert main(call) == 1  # for the broken picture
    assert (
        capsys.readouterr().out
        == "3 written, 2 were there already (--overwrite writes them again), 1 could not be used\n"
    )


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(ImageError, match="holds no pictures"):
        change(tmp_path, tmp_path / "out")


def test_several_processes_share_the_folder(folder, tmp_path):
    """Together they write what one writes, each picture once, and one of them tells."""
    alone = run_python("-m", "srcnn", "upscale", folder, "-o", tmp_path / "alone", "--scale", 2)
    assert alone.stdout == "5 written, 1 could not be used\n"
    (folder / "broken.png").unlink()
    shared = run_launched(3, ["-m", "srcnn", "upscale", folder, "-o", tmp_path / "shared", "--scale", 2])
    assert [done.status for done in shared] == [0, 0, 0], shared
    assert sorted(done.output for done in shared) == ["", "", "5 written\n"]
    assert written(tmp_path / "shared") == written(tmp_path / "alone") == RESULTS
    for name in RESULTS:
        assert (tmp_path / "shared" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


# The command line, killed when it is about to give a file its name for the fourth time.
KILLED = """
import os, signal, sys
from srcnn.cli.parser import main
named = []
def count(event, arguments):
    if event == "os.rename":
        named.append(arguments)
        if len(named) == 4:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
main(sys.argv[1:])
"""


def test_a_run_that_was_killed_goes_on_and_leaves_nothing_half(tmp_path, astronaut):
    (tmp_path / "in").mkdir()
    for number in range(12):
        Picture(np.roll(astronaut.pixels, number, axis=0)[:120, :90]).save(tmp_path / "in" / f"{number:02}.png")
    command = ["upscale", tmp_path / "in", "-o", tmp_path / "out"]
    assert run_forked(["-c", KILLED, *command], dict(os.environ), EVERYTHING).status == -signal.SIGKILL
    before = [name for name in written(tmp_path / "out") if not name.startswith(".")]
    assert len(before) == 3
    assert all(open_picture(tmp_path / "out" / name).width == 270 for name in before)
    done = run_python("-m", "srcnn", *command)
    assert done.stdout.startswith("9 written, 3 were there already")
