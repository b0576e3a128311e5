"""Files of strangers: opened right, or refused in one sentence, in bounded memory and time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from demo.answers import MAX_TRUTH_PIXELS
from demo.tabs.enlarging import MAX_ENLARGED_PIXELS
from srcnn.data.picture_sets import list_pictures
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture, printable_name
from srcnn.imaging.writing import encode_png
from tests.support.hostile import foreign, no_pictures, pictures, write
from tests.support.hostile_bombs import jpeg2000_tiles
from tests.support.project import PROJECT, run_python

MEMORY = 450  # MB above what the process takes: pictures of up to 16 megapixels, as the demo opens them
PATIENCE = 60  # seconds for a file, opened twice; most take some milliseconds
pytestmark = pytest.mark.filterwarnings("ignore")  # Pillow's, about the files that it writes here
NAMES = [
    b"<img src=x onerror=alert(1)>.png",
    b"a\\..\\..\\etc\\passwd.png",
    b"%2e%2e%2f..%2fetc%2fpasswd.png",
    b"-o.png",
    b"--help.png",
    b"$(id);`id`.png",
    b"%s%n{0}.png",
    b"two\nlines.png",
    b"\x1b[31mred.png",
    b"no text \xff\xfe.png",
    b" .png",
    "\u202egnp.\u540d.png".encode(),
    b"n" * 200 + b".png",
]


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory) -> tuple[list[dict], float]:
    """What became of each file, and the memory that it took, in MB."""
    folder = tmp_path_factory.mktemp("hostile")
    names = write(folder)
    done = run_python("-m", "tests.support.hostile_run", folder, max(MAX_TRUTH_PIXELS, MAX_ENLARGED_PIXELS // 4))
    assert done.returncode == 0, done.stderr[-2000:]  # a decoder that crashes takes the process with it
    *lines, memory = done.stdout.splitlines()
    outcomes = [json.loads(line) for line in lines]
    assert [outcome["name"] for outcome in outcomes] == sorted(names)
    return outcomes, float(memory)


@pytest.fixture(scope="module")
def outcomes(looked_at) -> dict[str, dict]:
    return {outcome["name"]: outcome for outcome in looked_at[0]}


def test_more_than_five_hundred_files_are_opened_right_or_refused_in_one_sentence(outcomes):
    assert len(outcomes) > 500
    assert {name: outcome["faults"] for name, outcome in outcomes.items() if outcome["faults"]} == {}


def test_what_pillow_writes_is_opened(outcomes):
    refused = {name for name, _ in pictures() if outcomes[f"plain/{name}"]["refused"]}
    assert refused == {
        "F.tif",
        "F.pfm",
        "fax.tif",
        "jpeg.tif",
        "lzma.tif",
        "YCbCr.tif",
    }  # the last by Pillow, which wrote it


@pytest.mark.parametrize("files", [foreign, no_pictures])
def test_what_is_no_picture_is_refused(outcomes, files):
    assert [name for name, _ in files() if outcomes[f"plain/{name}"]["refused"] is None] == []


def test_bombs_are_refused_before_they_go_off(outcomes):
    bombs = ["144 megapixels.png", "144 megapixels.tif", "144 megapixels.ico", "large tile.tif", "narrow.tif"]
    bombs += ["many scans.jpg", "many exif.jpg", "many comments.gif", "long comment.gif", "no end.gif"]
    bombs += [name for name, _ in jpeg2000_tiles()]
    assert [name for name in bombs if outcomes[f"bombs/{name}"]["refused"] is None] == []


def test_memory_stays_bounded(looked_at):
    assert looked_at[1] < MEMORY


def test_no_file_takes_long(outcomes):
    assert [name for name, outcome in outcomes.items() if outcome["seconds"] > PATIENCE] == []


@pytest.fixture
def folder(tmp_path) -> Path:
    """Pictures and others under names that somebody might take for a path, an option, a command or HTML."""
    folder = tmp_path / "in"
    folder.mkdir()
    content = encode_png(Picture(np.full((8, 9, 3), 99, dtype=np.uint8)))
    for name in NAMES:
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:
            file.write(content)
    for name, content in list(no_pictures())[:6]:
        (folder / f"bad {name}").write_bytes(content)
    (folder / "bad\nline.png").write_text("no picture")
    return folder


def test_any_name_is_listed(folder):
    names = {os.fsencode(file.name) for file in list_pictures(folder)}
    assert names >= set(NAMES)
    assert all(open_picture(file).width == 9 for file in list_pictures(folder) if not file.name.startswith("bad"))


def test_a_folder_of_hostile_names_is_enlarged_and_what_is_bad_is_named(folder, tmp_path):
    command = [sys.executable, "-m", "srcnn", "upscale", folder, "-o", tmp_path / "out", "--scale", "2"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, timeout=300)
    assert done.returncode == 1
    assert done.stdout.decode() == f"{len(NAMES)} written, 7 could not be used\n"
    for file in folder.glob("bad*"):
        assert f"{printable_name(file)}: This" in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert sorted(map(os.fsencode, os.listdir(tmp_path / "out"))) == sorted(NAMES)
    assert sorted(os.listdir(tmp_path)) == ["in", "out"]
    assert {open_picture(file).width for file in (tmp_path / "out").iterdir()} == {18}


@pytest.mark.parametrize("name", [*NAMES, b"../../etc/no such password.png", b"nul\0.png"])
def test_what_is_not_there_is_said_in_one_line_without_its_folder(tmp_path, name):
    with pytest.raises(ImageError) as caught:
        open_picture(tmp_path / os.fsdecode(name))
    message = str(caught.value)
    assert message.isprintable()
    assert message.endswith(".")
    assert str(tmp_path) not in message


def test_a_folder_that_is_not_there_is_said_in_one_line(tmp_path):
    with pytest.raises(ImageError) as caught:
        list_pictures(tmp_path / os.fsdecode(b"two\nlines \xff"))
    assert str(caught.value).isprintable()
