"""What lies where a result is to be written: taken for done only where it is the same result; never destroyed."""

import os
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from srcnn.cli.parser import main
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import find_origin, open_picture
from srcnn.variants.loading import load

RNG = np.random.default_rng(0)


def noise(side: int = 8) -> Picture:
    return Picture(RNG.integers(0, 256, (side, side, 3), dtype=np.uint8))


@pytest.fixture
def upscale(tmp_path, capsys):
    """Enlarge below `tmp_path` by the command line: the status, and all that was said."""

    def run(*arguments) -> tuple[int, str]:
        *sources, target = (argument for argument in arguments if not str(argument).startswith("--"))
        options = [argument for argument in arguments if str(argument).startswith("--")]
        if not any(option.startswith("--scale") for option in options):
            options.append("--scale=2")
        places = [str(tmp_path / source) for source in sources]
        status = main(["upscale", *places, "-o", f"{tmp_path}/{target}", *options])
        told = capsys.readouterr()
        return status, told.out + told.err

    return run


@pytest.fixture
def place(tmp_path):
    (tmp_path / "in").mkdir()
    noise().save(tmp_path / "in" / "a.png")
    return tmp_path


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_a_result_is_done_only_for_this_source_scale_model_and_quality(place, upscale, kind):
    result = place / "out" / f"a.{kind}"
    form = f"--format={kind}"

    def is_made_again(*options) -> bool:
        status, told = upscale("in", "out", form, *options)
        assert status == 0
        return told.startswith("1 written")

    assert is_made_again()
    assert not is_made_again()
    assert is_made_again("--scale=3")
    assert open_picture(result).width == 24
    assert not is_made_again("--scale=3")
    assert is_made_again("--scale=3", "--loss=l1")
    assert is_made_again("--scale=3", "--loss=l1", "--ensemble")
    load("srcnn-x3-mse").save_pretrained(place / "mine")
    assert is_made_again("--scale=3")
    assert not is_made_again("--scale=3", f"--model={place / 'mine'}")  # the same network by another name
    if kind != "png":
        assert is_made_again("--scale=3", "--quality=50")
    later = result.stat().st_mtime + 100
    os.utime(place / "in" / "a.png", (later, later))
    last = "--scale=3", *(["--quality=50"] if kind != "png" else [])
    assert is_made_again(*last)
    noise().save(place / "in" / "a.png")
    os.utime(place / "in" / "a.png", (1, 1))  # another picture that is older than the result
    assert is_made_again(*last)


def test_a_picture_that_is_gone_does_not_end_the_run_of_the_others(place, upscale):
    noise().save(place / "in" / "b.png")
    upscale("in/a.png", "in/b.png", "out/")
    before = (place / "out" / "a.png").read_bytes()
    (place / "in" / "a.png").unlink()
    noise().save(place / "in" / "c.png")
    status, told = upscale("in/a.png", "in/c.png", "out/")
    assert (status, (place / "out" / "a.png").read_bytes()) == (1, before)
    assert "There is no file a.png." in told
    assert (place / "out" / "c.png").exists()


def test_a_result_of_another_source_of_the_same_name_is_replaced_on_demand_only(place, upscale):
    upscale("in", "out")
    (place / "second").mkdir()
    Picture(np.full((8, 8, 3), 7, np.uint8)).save(place / "second" / "a.png")
    noise().save(place / "second" / "b.png")
    before = (place / "out" / "a.png").read_bytes()
    status, told = upscale("second", "out")
    assert (status, (place / "out" / "a.png").read_bytes()) == (1, before)
    assert "out/a.png: This file is there already and was not made of a.png; --overwrite replaces it." in told
    assert told.startswith("1 written, 1 could not be written\n")
    assert upscale("second", "out", "--overwrite")[1] == "2 written\n"
    assert open_picture(place / "out" / "a.png").pixels.mean() < 20


def test_a_folder_that_was_moved_or_copied_goes_on(place, upscale):
    upscale("in", "out")
    (place / "in").rename(place / "moved")
    assert upscale("moved", "out")[1].startswith("0 written, 1 were there already")
    later = (place / "out" / "a.png").stat().st_mtime + 100
    os.utime(place / "moved" / "a.png", (later, later))
    assert upscale("moved", "out")[1].startswith("0 written, 1 were there already")
    assert upscale("moved", "out", "--scale=3")[1] == "1 written\n"


@pytest.mark.parametrize(("options", "change"), [(["--scale=3"], None), (["--loss=l1"], None), ([], lambda: noise(9))])
def test_one_result_is_made_again_where_it_would_be_another(place, upscale, options, change):
    upscale("in/a.png", "b.png")
    before = (place / "b.png").read_bytes()
    if change:
        change().save(place / "in" / "a.png")
    assert upscale("in/a.png", "b.png", *options)[0] == 0
    assert (place / "b.png").read_bytes() != before


def test_one_result_of_another_picture_of_the_same_name_is_replaced_on_demand_only(place, upscale):
    upscale("in/a.png", "b.png")
    before = (place / "b.png").read_bytes()
    status, told = upscale("in/a.png", "b.png")
    assert (status, (place / "b.png").read_bytes()) == (0, before)
    assert "is there already, made in the same way" in told
    (place / "second").mkdir()
    noise(9).save(place / "second" / "a.png")
    status, told = upscale("second/a.png", "b.png")
    assert (status, (place / "b.png").read_bytes()) == (1, before)
    assert "was not made of a.png; --overwrite replaces it." in told
    assert upscale("second/a.png", "b.png", "--overwrite")[0] == 0
    assert (place / "b.png").read_bytes() != before


def test_a_result_of_an_older_version_is_replaced_on_demand_only(place, upscale):
    origin = "srcnn; picture 0123456789abcdef; made by 0123456789abcdef"
    (place / "out").mkdir()
    replace(noise(), origin=origin).save(place / "out" / "a.png")
    for target in ("out", "out/a.png"):
        status, told = upscale("in/a.png", target)
        assert status == 1
        assert "of an older version does not tell enough of its picture; --overwrite replaces it." in told
    assert upscale("in", "out", "--overwrite")[1] == "1 written\n"


@pytest.mark.parametrize("target", ["out/a.png", "out/", "out/a.jpg", "out/a.bmp"])
def test_a_file_of_somebodys_is_replaced_on_demand_only(place, upscale, target):
    """A photograph in the place of a result, or the result of another picture."""
    (place / "out").mkdir()
    name = "a.png" if target == "out/" else target.removeprefix("out/")
    noise(5).save(place / "out" / name)
    before = (place / "out" / name).read_bytes()
    status, told = upscale("in/a.png", target)
    assert (status, (place / "out" / name).read_bytes()) == (1, before)
    reason = ", and .bmp files do not tell what made them" if name == "a.bmp" else " and was not made of a.png"
    assert f"{name}: This file is there already{reason}; --overwrite replaces it." in told
    assert upscale("in/a.png", target, "--overwrite")[0] == 0
    assert Image.open(place / "out" / name).size == (16, 16)
    noise().save(place / "in" / "b.png")
    before = (place / "out" / name).read_bytes()
    assert upscale("in/b.png", f"out/{name}")[0] == 1
    assert (place / "out" / name).read_bytes() == before


@pytest.mark.parametrize("link", [os.symlink, os.link])
@pytest.mark.parametrize("options", [(), ("--overwrite",)])
def test_no_result_ever_replaces_its_picture(place, upscale, link, options):
    source = place / "in" / "a.png"
    before = source.read_bytes()
    (place / "out").mkdir()
    link(source, place / "out" / "a.png")
    for target in ("out/a.png", "out/", "in/a.png", "in/", "in/../in/a.png"):
        status, told = upscale("in/a.png", target, *options)
        assert (status, source.read_bytes()) == (1, before)
        assert "one of the pictures themselves" in told


def test_no_result_replaces_another_picture_of_the_run(place, upscale):
    noise().save(place / "in" / "b.jpg")
    Picture(np.zeros((8, 8), np.uint8)).save(place / "b.png")
    before = (place / "b.png").read_bytes()
    status, told = upscale("in/b.jpg", "b.png", "", "--overwrite")  # into the folder where b.png lies
    assert (status, (place / "b.png").read_bytes()) == (1, before) or "b.jpg.png" in os.listdir(place)


def test_results_of_earlier_runs_inside_of_the_folder_are_left_alone(place, upscale):
    Image.new("RGB", (9, 9)).save(place / "in" / "b.jpg")
    upscale("in", "in/x2")
    status, told = upscale("in", "in/x3", "--scale=3")
    assert (status, told) == (0, "2 written, 2 were left alone as results of others\n")
    assert sorted(os.listdir(place / "in" / "x3")) == ["a.png", "b.png"]
    assert upscale("in/x2", "x4")[1] == "2 written\n"  # on demand, they are enlarged once more
    assert upscale("in/x2/b.png", "x5/")[1] == "1 written\n"


@pytest.mark.parametrize("is_moved", [False, True])
def test_results_that_a_pattern_names_beside_their_pictures_are_left_alone(place, upscale, is_moved):
    """As `srcnn upscale *.png -o out/` does, wherever the pictures lie by now."""
    upscale("in/a.png", "in/large.png")
    if is_moved:
        (place / "in").rename(place / "moved")
    folder = "moved" if is_moved else "in"
    status, told = upscale(f"{folder}/a.png", f"{folder}/large.png", "out/")
    assert (status, told) == (0, "1 written, 1 were left alone as results of others\n")
    assert os.listdir(place / "out") == ["a.png"]


def test_a_result_of_a_namesake_is_no_result_of_this_run(place, upscale):
    """Of two pictures of one name, only one is among the pictures."""
    for folder in ("x", "y"):
        (place / folder).mkdir()
        noise().save(place / folder / "a.png")
    upscale("x/a.png", "y/large.png")
    assert upscale("y", "out")[1] == "2 written\n"
    assert upscale("x", "y", "out2")[1] == "2 written, 1 were left alone as results of others\n"


def test_what_made_a_result_tells_nothing_of_the_machine_and_travels_no_further(place, upscale):
    upscale("in", "out")
    told = find_origin(place / "out" / "a.png")
    assert re.fullmatch("srcnn; picture [0-9a-f]{16} [0-9a-f]{16}; made by [0-9a-f]{16}", told)
    assert upscale("out/a.png", "b.png")[0] == 0
    again = find_origin(place / "b.png")
    assert (again[:15], again[-16:]) == (told[:15], told[-16:])  # by the same choices, of another picture
    assert again[15:48] != told[15:48]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("options", [(), ("--overwrite",)])
def test_a_pipe_is_neither_waited_for_nor_replaced(place, upscale, options):
    (place / "out").mkdir()
    os.mkfifo(place / "out" / "a.png")
    status, told = upscale("in", "out", *options)
    assert (status, (place / "out" / "a.png").is_fifo()) == (1, True)
    assert "a.png: This is a pipe or a device; name another OUT." in told
    upscale("in/a.png", "b.png")
    (place / "in" / "a.png").unlink()
    os.mkfifo(place / "in" / "a.png")
    assert "a.png is a pipe or a device; save" in upscale("in/a.png", "b.png", *options)[1]  # nor where b.png is there


def test_a_result_beside_a_full_exif_is_written_without_losing_that(place, upscale):
    exif = Image.Exif()
    exif[0x010E] = "x" * 65_400
    Image.fromarray(noise().pixels).save(place / "in" / "a.jpg", exif=exif)
    assert upscale("in/a.jpg", "b.jpg")[0] == 0
    with Image.open(place / "b.jpg") as image:
        assert image.getexif()[0x010E] == "x" * 65_400


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.avif", "a.tif"])
@pytest.mark.parametrize("deep", [False, True])
def test_every_format_with_exif_tells_what_made_it(tmp_path, name, deep):
    pixels = noise().pixels
    Picture(pixels.astype(np.uint16) * 257 if deep else pixels, origin="srcnn; of that").save(tmp_path / name)
    assert find_origin(tmp_path / name) == "srcnn; of that"
    assert open_picture(tmp_path / name, keep_metadata=True).origin == "srcnn; of that"


def test_a_downscaled_picture_is_known_again(place, capsys):
    call = ["downscale", str(place / "in"), "-o", str(place / "out"), "--scale", "2"]
    assert [main(call), main(call)] == [0, 0]
    assert capsys.readouterr().out.splitlines()[1].startswith("0 written, 1 were there")
