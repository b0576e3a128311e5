import signal
import subprocess
import sys
import threading
from collections import Counter

import numpy as np
import pytest

from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference import folders
from srcnn.inference.folders import change_folder
from tests.support.project import PROJECT, run_python
from tests.support.waiting import PATIENCE_SECONDS, wait_until


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


def inverted(picture: Picture) -> Picture:
    return Picture(255 - picture.pixels)


def test_every_picture_gets_a_file_of_its_own(folder, tmp_path):
    outcome = change_folder(folder, tmp_path / "out", inverted)
    assert (outcome.made, outcome.there, list(outcome.refused)) == (5, 0, [folder / "broken.png"])
    assert written(tmp_path / "out") == RESULTS
    for source, result in zip(("a.png", "b.jpg", "same.jpg", "same.png", "sub/b.jpg"), RESULTS, strict=True):
        expected = 255 - open_picture(folder / source).pixels
        assert np.array_equal(open_picture(tmp_path / "out" / result).pixels, expected)


def test_what_is_there_is_left_alone_unless_told_otherwise(folder, tmp_path):
    out = tmp_path / "out"
    change_folder(folder, out, inverted)
    (out / "a.png").unlink()
    kept = (out / "b.png").stat().st_mtime_ns
    outcome = change_folder(folder, out, inverted)
    assert (outcome.made, outcome.there, len(outcome.refused)) == (1, 4, 1)
    assert written(out) == RESULTS
    assert (out / "b.png").stat().st_mtime_ns == kept
    assert change_folder(folder, out, inverted, overwrite=True).made == 5
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
    monkeypatch.setattr(folders, "open_picture", lambda *a, **k: (begin("open"), opened(*a, **k))[1])
    monkeypatch.setattr(Picture, "save", lambda *a: (begin("save", "change"), saved(*a))[1])
    assert change_folder(folder, tmp_path / "out", lambda picture: (begin("change", "open"), picture)[1]).made == 5
    assert begun == {"open": 5, "change": 5, "save": 5}


@pytest.mark.parametrize("alone", [False, True])
def test_a_full_disk_is_no_bad_picture(folder, tmp_path, monkeypatch, alone):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if alone:  # then nothing is computed after it
        folder = tmp_path / "alone"
        folder.mkdir()
        Picture(np.zeros((20, 20), np.uint8)).save(folder / "a.png")
    monkeypatch.setattr(Picture, "save", full)
    with pytest.raises(OSError, match="No space left"):
        change_folder(folder, tmp_path / "out", inverted)


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(ImageError, match="holds no pictures"):
        change_folder(tmp_path, tmp_path / "out", inverted)


def test_several_processes_share_the_folder(folder, tmp_path):
    """Together they write what one writes, each picture once, and one of them tells."""
    alone = run_python("-m", "srcnn", "upscale", folder, "-o", tmp_path / "alone", "--scale", 2)
    assert alone.stdout == "5 written, 1 could not be used\n"
    (folder / "broken.png").unlink()
    command = ["-m", "torch.distributed.run", "--nproc_per_node", 3, "-m", "srcnn", "upscale", folder]
    shared = run_python(*command, "-o", tmp_path / "shared", "--scale", 2)
    assert shared.returncode == 0, shared.stderr
    assert shared.stdout == "5 written\n"
    assert written(tmp_path / "shared") == written(tmp_path / "alone") == RESULTS
    for name in RESULTS:
        assert (tmp_path / "shared" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


def test_a_run_that_was_killed_goes_on_and_leaves_nothing_half(tmp_path, astronaut):
    (tmp_path / "in").mkdir()
    for number in range(12):
        Picture(np.roll(astronaut.pixels, number, axis=0)).save(tmp_path / "in" / f"{number:02}.png")
    command = ["-m", "srcnn", "upscale", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    process = subprocess.Popen([sys.executable, *command], cwd=PROJECT, stderr=subprocess.DEVNULL)
    wait_until((tmp_path / "out" / "02.png").exists, "three pictures are written")
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = [name for name in written(tmp_path / "out") if not name.startswith(".")]
    assert 3 <= len(before) < 12
    assert all(open_picture(tmp_path / "out" / name).width == 1536 for name in before)
    done = run_python(*command)
    assert done.stdout.startswith(f"{12 - len(before)} written, {len(before)} were there already")
