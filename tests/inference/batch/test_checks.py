"""What needs nothing from the work is told before it."""

import os
import tempfile

import numpy as np
import pytest
from PIL import Image

from srcnn.cli.parser import main
from srcnn.imaging.picture import Picture
from srcnn.inference.batch import run
from srcnn.inference.batch.checks import check_folder


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with pictures, in which nothing may be computed."""
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    Image.new("RGBA", (9, 9), (1, 2, 3, 99)).save(tmp_path / "clear.png")
    Image.new("L", (9000, 1)).save(tmp_path / "wide.png")
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "s.jpg").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("upscale_to", "downscale"):
        monkeypatch.setattr(f"srcnn.cli.upscale.{name}", lambda *_, **__: pytest.fail("It was computed."))
    return tmp_path


@pytest.mark.parametrize("command", ["upscale", "downscale"])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.png", "-o", "b.heic"], "cannot be written as .heic"),
        (["a.png", "-o", "b"], "a file without suffix"),
        (["a.png", "-o", ""], "OUT is empty"),
        (["a.png", "-o", "file/b.png"], "Nothing can be written into file"),
        (["a.png", "-o", "file/sub/"], "Nothing can be written into"),
        (["a.png", "-o", "b.png", "--quality", "80"], "has no quality"),
        (["a.png", "clear.png", "-o", "out", "--quality", "80"], "has no quality"),
        (["a.png", "-o", "b.png", "--format", "jpg"], "leave --format out"),
        (["clear.png", "-o", "b.jpg"], "transparency"),
        (["clear.png", "-o", "out/", "--format", "jpg"], "transparency"),
        (["a.png", "-o", f"{'n' * 300}.png"], "File name too long"),
        (["a.png", "clear.png", "-o", "a.png"], "Nothing can be written into a.png"),
        (["a.png", "-o", "b.png", "--max-megapixels", "0.00001"], "the limit here is"),
        (["nowhere.png", "-o", "b.png"], "There is no file nowhere.png"),
    ],
)
def test_it_is_told_before_the_work(place, capsys, command, arguments, words):
    before = sorted(place.iterdir())
    assert main([command, *arguments, "--scale", "2"]) == 1
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1
    assert sorted(place.iterdir()) == before


def test_a_folder_that_takes_no_files_is_told(place, monkeypatch, capsys):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    assert main(["upscale", "a.png", "-o", "b.png"]) == 1
    assert "Nothing can be written into . (Permission denied); name another OUT." in capsys.readouterr().err


@pytest.fixture
def protect(monkeypatch):
    """Let a file or a folder take nothing, also from root."""
    access, make = os.access, tempfile.mkdtemp

    def run(protected):
        def refuse(*names, **options):  # suffix, prefix and folder
            if os.path.realpath(options.get("dir") or names[2]) == os.path.realpath(protected):
                raise PermissionError(13, "Permission denied", str(protected))
            return make(*names, **options)

        monkeypatch.setattr("tempfile.mkdtemp", refuse)
        monkeypatch.setattr(os, "access", lambda place, mode: place != protected and access(place, mode))

    return run


@pytest.mark.parametrize(
    ("protected", "words"),
    [
        ("out/sub/b.png", "b.png is write-protected; change its permissions, or name another one."),
        ("out/sub", "Nothing can be written into"),
        ("closed", "Nothing can be written into"),
    ],
)
def test_a_result_that_cannot_be_written_is_told_before_its_picture_is_enlarged(
    tmp_path, protect, monkeypatch, capsys, protected, words
):
    for name in ("in/a.png", "in/sub/b.png", "out/sub/b.png", "closed/b.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 9)).save(tmp_path / name)
    if protected == "closed":
        (tmp_path / "out/sub/b.png").unlink()
        (tmp_path / "out/sub/b.png").symlink_to(tmp_path / "closed" / "b.png")
    protect(tmp_path / protected)
    opened, open_one = [], run.open_picture
    monkeypatch.setattr(
        run, "open_picture", lambda file, *a, **k: (opened.append(file.name), open_one(file, *a, **k))[1]
    )
    call = ["upscale", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--overwrite", "--scale", "2"]
    assert main(call) == 1
    told = capsys.readouterr()
    assert (opened, told.out) == (["a.png"], "1 written, 1 could not be written\n")
    assert f"b.png: {words}" in told.err


def test_a_probe_disturbs_no_other_process(tmp_path):
    """Containers number their processes alike, and threads are of one process."""
    (tmp_path / f".srcnn-{os.getpid()}.part").touch()
    check_folder(tmp_path)
    assert len(os.listdir(tmp_path)) == 1


@pytest.mark.parametrize(("name", "side"), [("b.webp", 16_383), ("b.jpg", 65_500), ("b.gif", 65_535)])
def test_a_side_that_a_format_cannot_hold_is_told(place, capsys, name, side):
    Image.new("L", (side // 2 + 1, 1)).save(place / "wide.png")
    assert main(["upscale", "wide.png", "-o", name, "--scale", "2"]) == 1
    assert f"at most {side:,} pixels a side" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0", "101", "-1", "8.5", "best"])
def test_a_quality_is_a_whole_number_from_1_to_100(place, text):
    with pytest.raises(SystemExit):
        main(["upscale", "a.png", "-o", "b.jpg", "--quality", text])


@pytest.mark.parametrize("text", ["nan", "inf", "1e400", "-5", "0", "many"])
def test_the_largest_picture_is_told_in_megapixels(place, text):
    with pytest.raises(SystemExit):
        main(["upscale", "a.png", "-o", "b.png", "--max-megapixels", text])


def test_pictures_go_into_a_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Picture(np.zeros((8, 9), np.uint8)).save("a.png")
    Picture(np.zeros((8, 9), np.uint8)).save("b.jpg")
    assert main(["upscale", "a.png", "b.jpg", "missing.png", "-o", "out", "--format", "webp", "--quality", "70"]) == 1
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["a.webp", "b.webp"]
    assert main(["upscale", "a.png", "-o", "new/"]) == 0
    assert Image.open("new/a.png").size == (27, 24)


@pytest.mark.parametrize("name", ["b.jpg", "b.webp", "b.avif"])
def test_less_quality_makes_smaller_files(tmp_path, monkeypatch, name, astronaut):
    monkeypatch.chdir(tmp_path)
    astronaut.crop(64, 64).save("a.png")
    sizes = []
    for quality in ("95", "40", "10"):
        assert main(["downscale", "a.png", "-o", name, "--scale", "2", "--quality", quality, "--overwrite"]) == 0
        sizes.append((tmp_path / name).stat().st_size)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1.5 * sizes[2]


def test_one_picture_gets_a_closing_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Picture(np.zeros((8, 9), np.uint8)).save("a.png")
    assert main(["upscale", "a.png", "-o", "b.png", "--scale", "2"]) == 0
    assert capsys.readouterr() == ("", "b.png: 18 x 16 pixels.\n")
    assert main(["upscale", "a.png", "-o", "b.png", "--scale", "2"]) == 0
    assert "is there already, made in the same way" in capsys.readouterr().err
