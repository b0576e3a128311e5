"""Sets of pictures from folders, archives and dataset repositories, with real files and a local Hub over real HTTP."""

import json
import os
import shutil
from pathlib import Path

import pytest

from srcnn import SRCNN
from srcnn.data.picture_sets import list_pictures, name_apart, name_sets, picture_files, set_name
from srcnn.data.training_images import load_training_images
from srcnn.imaging.picture import ImageError
from tests.support.archives import pack, zip_of
from tests.support.hub_commands import Commands, files_of, put
from tests.support.project import PROJECT, run_python, same_weights

PICTURES = (
    "import sys; from srcnn.data.picture_sets import picture_files; print(*picture_files(sys.argv[1]), sep='\\n')"
)
SMALL_RUN = ["--scale", 2, "--patch-size", 24, "--steps", 10, "--validate-every", 5, "--device", "cpu"]

pytestmark = pytest.mark.usefixtures("cache")


# Names


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("sets/T91", "T91"),
        (Path("sets/T91/"), "T91"),
        ("sets/T91.zip", "T91"),
        ("BSDS.400.Tar.GZ", "BSDS.400"),
        (".", PROJECT.name),
        ("hf://datasets/me/tiny", "me/tiny"),
        ("hf://datasets/me/tiny@v1/data/Set5_HR.tar.gz", "me/tiny@v1/data/Set5_HR.tar.gz"),
    ],
)
def test_names_of_sets(source, name, monkeypatch):
    monkeypatch.chdir(PROJECT)
    assert set_name(source) == name


def test_a_recipe_keeps_what_others_can_fetch(options, folder, tmp_path):
    data = (str(folder), tmp_path / "T91.tar.gz", "hf://datasets/me/tiny@v1/data")
    assert options(data=data).recipe()["data"] == ["Four", "T91", "hf://datasets/me/tiny@v1/data"]


# Commands


def test_training_on_an_archive_is_training_on_its_folder(folder, tmp_path):
    archive = pack(folder, tmp_path / "Four.tar.bz2")
    models = []
    for source in (folder, archive):
        out = tmp_path / f"out-{source.suffix}"
        command = ["train.py", "--data", source, "--test", source, "--output", out, "--state", tmp_path / source.suffix]
        done = run_python(*command, *SMALL_RUN)
        assert done.returncode == 0, done.stderr
        models.append(SRCNN.from_pretrained(out))
        assert '"psnr"' not in done.stderr
    assert same_weights(*models)
    assert models[0].recipe == models[1].recipe
    assert models[0].recipe["data"] == ["Four"]
    cards = [
        (tmp_path / f"out-{suffix}" / "README.md").read_text().replace("out-.bz2", "out-") for suffix in ("", ".bz2")
    ]
    assert "Four" in cards[0]
    assert cards[0].split("<!--")[0] == cards[1].split("<!--")[0]


COMMANDS = [
    ["-m", "srcnn", "evaluate", "srcnn-x2-mse", "--data", "{bad}"],
    ["-m", "srcnn", "card", "{variant}", "--test", "{bad}"],
    ["{project}/train.py", "--data", "{bad}", "--output", "{out}"],
    ["{project}/train.py", "--data", "{good}", "--test", "{bad}", "--output", "{out}", "--steps", "1000000"],
]
CALLERS = [  # of train.py, whose sentence they let stand, whatever it is about
    ["{project}/train_family.py", "--data", "{T91}", "--data", "{BSDS400}", "--features", "{vgg}", "--output", "{out}"]
    + ["--only", "srcnn-x3-mse"],
    ["-m", "benchmarks.ablations", "--data", "{bad}"],
]


@pytest.mark.parametrize(
    ("command", "source"),
    [
        *((command, "bad.zip") for command in COMMANDS + CALLERS),
        *((command, "hf://datasets/me/tiny") for command in COMMANDS),
    ],
)
def test_commands_say_one_sentence(folder, vgg_file, tmp_path, command, source):
    """Offline, so the Hub's sentence is that of a dataset that is not in the cache."""
    (tmp_path / "bad.zip").write_text("no archive")
    (tmp_path / "train.py").symlink_to(PROJECT / "train.py")  # the states go to the folder of the call
    shutil.copytree(PROJECT / "weights" / "srcnn-x2-mse", tmp_path / "variant")
    card = (tmp_path / "variant" / "README.md").read_text()
    bad = source if source.startswith("hf://") else tmp_path / source
    places = {"project": PROJECT, "bad": bad, "good": folder, "vgg": vgg_file}
    places |= {"out": tmp_path / "out", "variant": tmp_path / "variant"}
    for name in ("T91", "BSDS400"):  # which train_family.py wants its sets to be called
        places[name] = tmp_path / f"{name}.zip"
        places[name].write_text("no archive")
    done = run_python(*(word.format(**places) for word in command), cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    damaged = f"{'T91' if '{T91}' in command else 'bad'}.zip is damaged, "
    assert last.startswith("me/tiny could not be fetched: " if bad == source else damaged)
    assert last.endswith(".")
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "variant" / "README.md").read_text() == card


# The Hub


def push(person: Commands, repository: str, folder: Path) -> str:
    """A dataset repository with the files of a folder; the commit."""
    return put(person.hub, repository, files_of(folder), kind="datasets")


def evaluated(person: Commands, source: object) -> dict:
    result = json.loads(person.works("evaluate", "srcnn-x2-mse", "--data", source, "--json"))
    assert result.pop("data") == str(source)
    return result


def test_a_dataset_measures_as_its_folder_does(hub, person, folder):
    commit = push(person, "me/measured", folder)
    expected = evaluated(person, folder)
    assert [entry["name"] for entry in expected["per_image"]] == [
        "astronaut.png",
        "camera.png",
        "chelsea.png",
        "coffee.PNG",
    ]
    assert evaluated(person, "hf://datasets/me/measured") == expected
    hub.requests.clear()
    assert evaluated(person, f"hf://datasets/me/measured@{commit}") == expected
    assert hub.requests == []  # a commit that is in the cache is not asked for

    part = evaluated(person, "hf://datasets/me/measured/more")
    assert part["per_image"] == expected["per_image"][-1:]
    one = evaluated(person, "hf://datasets/me/measured/camera.png")
    assert one["per_image"] == expected["per_image"][1:2]


def test_archives_of_a_dataset_belong_to_the_set_in_the_order_of_their_names(hub, person, folder, tmp_path):
    repository = tmp_path / "repository"
    (repository / "data").mkdir(parents=True)
    shutil.copy(folder / "camera.png", repository / "data" / "c.png")
    shutil.copy(folder / "camera.png", repository / "a.png")
    pack(folder, repository / "data" / "b_HR.tar.gz")
    pack(folder, repository / "data" / "d_HR.zip")
    zip_of(repository / "data" / "labels.zip", {"labels.txt": b""})
    commit = push(person, "me/archives", repository)
    four = ["astronaut.png", "camera.png", "chelsea.png", "coffee.PNG"]
    for home in (person.home, tmp_path / "another"):
        done = person("-c", PICTURES, "hf://datasets/me/archives", HF_HOME=str(home))
        assert [Path(line).name for line in done.output.splitlines()] == ["a.png", *four, "c.png", *four]
    expected = evaluated(person, folder)
    assert evaluated(person, "hf://datasets/me/archives/data/b_HR.tar.gz") == expected
    hub.requests.clear()
    assert evaluated(person, f"hf://datasets/me/archives@{commit}/data/d_HR.zip") == expected
    assert hub.requests == []


def test_training_and_the_card_take_datasets_and_name_them(hub, person, folder, tmp_path):
    push(person, "me/trained", pack(folder, tmp_path / "repository.zip").parent / "Four")
    source = "hf://datasets/me/trained@main"
    for name, data in (("local", folder), ("remote", source)):
        out = ["--output", tmp_path / name, "--state", tmp_path / f"state-{name}"]
        done = person("train.py", "--data", data, "--test", data, *out, *SMALL_RUN)
        assert done.status == 0, done.errors
    local, remote = (SRCNN.from_pretrained(tmp_path / name) for name in ("local", "remote"))
    assert same_weights(local, remote)
    assert remote.recipe["data"] == [source]
    card = (tmp_path / "remote" / "README.md").read_text()
    assert f"--data {source}" in card
    assert "me/trained@main" in card.split("## ")[0]
    person.works("card", tmp_path / "local", "--test", source)
    assert "me/trained@main" in (tmp_path / "local" / "README.md").read_text()


UNUSABLE = {
    "hf://datasets/me/nothing": "me/nothing",
    "hf://datasets/me/bad/missing": "missing",
    "hf://datasets/me/bad@v9": "me/bad",
    "hf://datasets/me/bad/damaged.zip": "damaged.zip is damaged",
    "hf://datasets/me/bad": "damaged.zip is damaged",
    "hf://datasets/me/bad/notes": "hf://datasets/me/bad/notes holds no pictures",
    "hf://datasets/me/bad/../../secret.png": "is no dataset of the Hub; write hf://datasets/OWNER/NAME",
    "hf://datasets/tiny": "is no dataset of the Hub",
    "hf://me/tiny": "is no dataset of the Hub",
}


def test_datasets_that_cannot_be_used_get_a_sentence(hub, person, tmp_path):
    repository = tmp_path / "repository"
    (repository / "notes").mkdir(parents=True)
    (repository / "damaged.zip").write_text("no archive")
    (repository / "notes" / "notes.txt").write_text("no picture")
    push(person, "me/bad", repository)
    answers = person.each([["evaluate", "srcnn-x2-mse", "--data", source] for source in UNUSABLE])
    for done, (source, words) in zip(answers, UNUSABLE.items(), strict=True):
        assert done.status == 1, source
        last = done.errors.splitlines()[-1]
        assert words in last
        assert last.endswith(".")
        assert "Traceback" not in done.errors


def test_what_the_hub_does_not_give_is_an_error_of_the_set():
    with pytest.raises(ImageError, match=r"^me/tiny could not be fetched: .*\.$"):
        picture_files("hf://datasets/me/tiny")


def test_the_pictures_kept_for_validation_do_not_depend_on_the_source(folder, tmp_path):
    sets = [load_training_images([source], (2,), 36) for source in (folder, pack(folder, tmp_path / "set.zip"))]
    shapes = [[truth.levels.sum() for truth in each.validation[0]] for each in sets]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize(
    "hidden",
    [
        "._a.png",
        ".ipynb_checkpoints/a-checkpoint.png",
        "below/.trash/deep/a.png",
        "@eaDir/a.jpg/thumbnail.png",
        "$RECYCLE.BIN/a.png",
    ],
)
def test_hidden_pictures_belong_to_no_set(folder, tmp_path, hidden):
    home = tmp_path / ".hidden" / "set"  # that the set itself lies in a hidden folder says nothing
    shutil.copytree(folder, home)
    before = picture_files(home)
    (home / hidden).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(before[0], home / hidden)
    assert picture_files(home) == list_pictures(home) == before
    assert len(before) == len(picture_files(folder))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_linked_folders_and_files_belong_to_a_set_once(folder, tmp_path):
    """A person who gathers a set of links to folders elsewhere loses none of their pictures."""
    before = picture_files(folder)
    gathered = tmp_path / "gathered"
    gathered.mkdir()
    (gathered / "elsewhere").symlink_to(folder)
    (gathered / "in a circle").symlink_to(gathered)
    (gathered / "the same again").symlink_to(folder)
    (gathered / "one.png").symlink_to(before[0])
    found = picture_files(gathered)
    assert [file.resolve() for file in found] == [*(file.resolve() for file in before), before[0].resolve()]
    (gathered / "gone.png").symlink_to(tmp_path / "gone.png")
    assert gathered / "gone.png" in picture_files(gathered)  # so that whoever opens it says that it is gone


@pytest.mark.parametrize("listing", [picture_files, list_pictures])
def test_a_folder_that_cannot_be_looked_through_is_told(folder, monkeypatch, listing):
    (folder / "locked").mkdir()
    look = os.scandir

    def refuse(place):
        if str(place).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(place))
        return look(place)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(ImageError, match=r"locked cannot be looked through \(Permission denied\); change"):
        listing(folder)


def test_sets_are_shown_once_each_by_what_tells_them_apart(tmp_path):
    folders = [tmp_path / place / "HR" for place in ("a/Set5", "a/Set14", "b/Set14")]
    for folder in [*folders, tmp_path / "mine"]:
        folder.mkdir(parents=True)
    hub = "hf://datasets/me/tiny@v1/HR"
    found = name_sets([*folders, hub, tmp_path / "mine", tmp_path / "b" / ".." / "mine", hub])
    assert list(found) == ["Set5/HR", "a/Set14/HR", "b/Set14/HR", "me/tiny@v1/HR", "mine"]
    assert list(found.values()) == [*folders, hub, tmp_path / "mine"]
    assert list(name_sets([tmp_path / "x" / "s.zip", tmp_path / "y" / "s.tar.gz"])) == ["s.zip", "s.tar.gz"]


def test_names_that_are_no_text_are_shown_with_question_marks():
    odd = Path(os.fsdecode(b"\xb2\xe2"))
    assert list(name_sets([odd])) == ["??"]
    assert name_apart([odd / "a.png", Path("b/a.png")]) == ["??/a.png", "b/a.png"]
    assert name_apart([odd, Path(os.fsdecode(b"\xb2\xe3"))]) == ["??", "??"]
