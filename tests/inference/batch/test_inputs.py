"""Which pictures a run takes, and that nothing is left out silently."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srcnn.cli.parser import main
from srcnn.imaging.picture import ImageError
from srcnn.inference.batch.inputs import find_pictures

RGB = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)


@pytest.fixture
def put(tmp_path):
    """Put a picture at a path below `in`, in a format of Pillow's."""
    (tmp_path / "in").mkdir()

    def run(name: str, kind: str = "PNG"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(RGB).save(tmp_path / "in" / name, kind)
        return tmp_path / "in" / name

    return run


def names(found) -> list[str]:
    return [name.as_posix() for name in found.names.values()]


def find(tmp_path, *places):
    return find_pictures(places or [tmp_path / "in"], tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jpe", "JPEG"),
        ("a.JFIF", "JPEG"),
        ("a.mpo", "MPO"),
        ("a.apng", "PNG"),
        ("a.avifs", "AVIF"),
        ("a.pnm", "PPM"),
        ("a.j2c", "JPEG2000"),
        ("a.vst", "TGA"),
        ("a.dib", "BMP"),
        ("nosuffix", "WEBP"),
        ("nosuffix", "BMP"),
        ("nosuffix", "PPM"),
    ],
)
def test_every_suffix_of_the_formats_is_taken_and_opens(tmp_path, put, name, kind):
    put(name, kind)
    assert names(find(tmp_path)) == [name]
    assert main(["upscale", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--scale", "2"]) == 0


@pytest.mark.parametrize("name", ["a.heic", "a.NEF", "a.jxl", "a.svg", "a.psd", "sub/a.cr2"])
def test_pictures_of_other_formats_are_named(tmp_path, put, name, capsys):
    put("good.png")
    put(name, "TIFF")  # raw files begin as a TIFF, whose first picture is a thumbnail
    assert main(["upscale", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--scale", "2"]) == 1
    told = capsys.readouterr()
    assert f"{name}: Pictures of the format {name[name.index('.') :].lower()} are not supported" in told.err
    assert told.out == "1 written, 1 could not be used\n"


@pytest.mark.parametrize("name", ["photo.jpg_original", "a.bak", "scan.1"])
def test_a_picture_under_another_suffix_is_named(tmp_path, put, name):
    file = put(name, "JPEG")
    assert "no suffix of one" in find(tmp_path).left_out[file]


def test_other_files_are_counted(tmp_path, put, capsys):
    put("a.png")
    for name in ("notes.txt", "film.mp4", "README", "BMW.csv"):
        (tmp_path / "in" / name).write_text("BM, P6 and other letters")
    assert main(["upscale", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--scale", "2"]) == 0
    assert capsys.readouterr().out == "1 written, 4 files are no pictures\n"


def test_hidden_files_and_folders_of_systems_are_left_alone(tmp_path, put):
    for name in (".a.png", "._b.jpg", ".thumbnails/a.png", ".Trash-1000/files/a.png", "$RECYCLE.BIN/a.png"):
        put(name)
    for name in ("@eaDir/a.png", "__MACOSX/a.png", "sub/#recycle/a.png"):
        put(name)
    put("a.png")
    assert (names(find(tmp_path)), find(tmp_path).left_out) == (["a.png"], {})


def test_a_folder_of_results_inside_is_not_read(tmp_path, put):
    put("a.png"), put("large/a.png"), put("x/large/a.png")
    found = find_pictures([tmp_path / "in"], tmp_path / "in" / "large")
    assert names(found) == ["a.png", "x/large/a.png"]
    (tmp_path / "link").symlink_to(tmp_path / "in" / "large")
    assert names(find_pictures([tmp_path / "in"], tmp_path / "link")) == names(found)


def test_results_among_their_pictures_are_refused(tmp_path, put):
    put("a.png")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    for target in (tmp_path / "in", tmp_path / "link", tmp_path / "in" / ".." / "in"):
        with pytest.raises(ImageError, match="among the pictures"):
            find_pictures([tmp_path / "in"], target)


@pytest.mark.parametrize("named", ["out", "again/../out"])
def test_the_folder_of_the_results_among_others_is_spared(tmp_path, put, capsys, named):
    """As `srcnn upscale * -o out` names it, at the second time."""
    put("a.png"), (tmp_path / "again").mkdir()
    call = ["upscale", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--scale", "2"]
    assert main(call) == 0
    call[2:2] = [f"{tmp_path}/{named}"]
    assert main(call) == 0
    told = capsys.readouterr()
    assert f"{tmp_path / 'out'}: it is the folder of the results, so no pictures were taken from it." in told.err
    assert told.out.splitlines()[1].startswith("0 written, 1 were there already")
    assert os.listdir(tmp_path / "out") == ["a.png"]


def test_linked_folders_are_followed_once(tmp_path, put):
    put("a/b.png")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "in" / "a")
    (tmp_path / "in" / "a" / "round").symlink_to(tmp_path / "in")
    (tmp_path / "far").mkdir()
    Image.fromarray(RGB).save(tmp_path / "far" / "c.png")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "far")
    assert names(find(tmp_path)) == ["a/b.png", "link/c.png"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_no_file_is_named_and_never_waited_for(tmp_path, put):
    put("a.png")
    os.mkfifo(tmp_path / "in" / "pipe.png")
    os.mkfifo(tmp_path / "in" / "pipe")  # whose content is not looked at
    assert find(tmp_path).left_out == {tmp_path / "in" / "pipe.png": "This is no file; it was left alone."}


def test_a_folder_that_cannot_be_read_is_named(tmp_path, put, monkeypatch):
    put("a.png"), put("locked/b.png")
    scandir = os.scandir

    def refuse(place):
        if str(place).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(place))
        return scandir(place)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find(tmp_path)
    assert names(found) == ["a.png"]
    assert found.left_out == {tmp_path / "in" / "locked": "This folder cannot be looked through (Permission denied)."}


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENAMETOOLONG, errno.EIO, errno.ESTALE])
def test_a_place_that_cannot_be_seen_is_named_and_the_rest_is_done(tmp_path, put, monkeypatch, capsys, number):
    """In a closed folder, say, or on a disk of the network that is gone."""
    put("good.png"), put("bad.png"), put("bad/c.png"), put("sub/bad"), put("sub/d.png")
    status = os.stat

    def refuse(place, *more, **options):
        parts = Path(place).parts if isinstance(place, str | os.PathLike) else ()
        if parts and parts[-1].startswith("bad") and "out" not in parts:
            raise OSError(number, os.strerror(number), str(place))
        return status(place, *more, **options)

    monkeypatch.setattr(os, "stat", refuse)
    monkeypatch.chdir(tmp_path)
    assert main(["upscale", "in", "in/bad.png", "bad.jpg", "bad", "-o", "out", "--scale", "2"]) == 1
    told = capsys.readouterr()
    assert told.out.startswith("2 written, 4 could not be used")
    for place in ("in/bad.png", "bad.jpg", "bad", "in/bad"):
        assert f"\n{place}: " in f"\n{told.err}"
    assert told.err.count(os.strerror(number)) >= 1
    assert sorted(os.listdir(tmp_path / "out" / "in")) == ["good.png", "sub"]


@pytest.mark.parametrize("places", [[""], ["", "in"]])
def test_an_empty_name_is_not_taken_for_the_working_directory(tmp_path, put, monkeypatch, capsys, places):
    put("a.png")
    monkeypatch.chdir(tmp_path)
    assert main(["upscale", *places, "-o", "out"]) == 1
    assert capsys.readouterr().err == "An IN is empty; name a picture or a folder.\n"


def test_several_places_keep_their_names_apart(tmp_path, put):
    one, two = put("x/a.png"), put("y/a.png")
    assert names(find(tmp_path, one.parent, two.parent)) == ["x/a.png", "y/a.png"]
    assert names(find(tmp_path, one, two.parent)) == ["a.png", "y/a.png"]
    assert names(find(tmp_path, one, one, one.parent)) == ["a.png"]
