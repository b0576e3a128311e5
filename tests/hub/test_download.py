"""Pulling, with `SRCNN.from_pretrained`, the command line and the real client over HTTP."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from srcnn import SRCNN
from srcnn.imaging.reading import open_picture
from tests.local_hub.server import LocalHub
from tests.support.hub_commands import Commands, files_of, lines, put

NAME = "me/srcnn-x2-mse"
FILES = ["config.json", "model.safetensors"]

# Loads REPOSITORY[@REVISION]... and prints of each the version that is in its recipe, or the error.
LOAD = """
import json, sys
from srcnn import SRCNN
answers = []
for place in sys.argv[1:]:
    repository, _, revision = place.partition("@")
    try:
        answers.append(SRCNN.from_pretrained(repository, revision=revision or "main").recipe["version"])
    except (OSError, ValueError) as error:
        answers.append(f"{type(error).__name__}: {error}")
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def versions(tmp_path_factory) -> dict[int, dict[str, bytes]]:
    """The files of a variant as it was pushed the first and the second time."""
    found = {}
    for version in (1, 2):
        torch.manual_seed(version)
        model = SRCNN(scale=2, loss="mse", padding="replicate", filters=(8 * version, 4))
        model.recipe = {"version": version}
        folder = tmp_path_factory.mktemp("version")
        model.save_pretrained(folder)
        found[version] = files_of(folder)
    return found


@pytest.fixture
def first(hub, versions) -> str:
    """The commit of the first version, on the Hub."""
    return put(hub, NAME, versions[1])


@pytest.fixture
def newer(hub, person, first, versions) -> str:
    """The commit of the second version, while the cache has the first one."""
    assert loaded(person, NAME) == [1]
    commit = put(hub, NAME, versions[2])
    hub.requests.clear()
    return commit


def loaded(person: Commands, *places: str, **environment: str) -> list:
    done = person("-c", LOAD, *places, **environment)
    assert done.errors == "", done.errors
    return done.result


def configs(hub: LocalHub) -> list[str]:
    """The requests that the Hub counts as downloads."""
    return [line for line in lines(hub) if line.endswith("/config.json")]


# Where it lies


def test_a_variant_is_loaded_at_a_branch_a_tag_and_a_commit(hub, person, first, versions):
    hub.store.repositories["models", NAME].refs["refs/tags/v1"] = first
    second = put(hub, NAME, versions[2])
    hub.store.repositories["models", NAME].refs["refs/heads/tried"] = first
    places = [NAME, f"{NAME}@v1", f"{NAME}@{first}", f"{NAME}@tried", f"{NAME}@{second}"]
    assert loaded(person, *places) == [2, 1, 1, 1, 2]
    assert [line for line in lines(hub) if not line.split("/")[-1].startswith(tuple(FILES))] == []


def test_a_load_asks_for_the_config_once_and_for_a_pinned_commit_in_the_cache_not_at_all(hub, person, first):
    assert loaded(person, NAME) == [1]
    assert [line.split()[0] for line in configs(hub)] == ["HEAD", "GET"]
    assert {request.headers.get("x-hf-download-counter") for request in hub.requests} == {"1"}
    hub.requests.clear()
    assert loaded(person, NAME, NAME) == [1, 1]
    assert lines(hub) == [f"HEAD /{NAME}/resolve/main/config.json"] * 2
    assert {request.headers.get("x-hf-download-counter") for request in hub.requests} == {"1"}
    hub.requests.clear()
    assert loaded(person, f"{NAME}@{first}") == [1]
    assert lines(hub) == []


def test_a_branch_that_moved_is_loaded_anew(hub, person, newer):
    assert loaded(person, NAME) == [2]
    hub.requests.clear()
    assert loaded(person, NAME) == [2]
    assert len(lines(hub)) == 1
    hub.stop()
    assert person("-c", LOAD, NAME).result == [2]


def test_what_the_user_chooses_for_the_cache_and_the_token(hub, person, versions, tmp_path):
    put(hub, NAME, versions[1], private=True)
    script = "import sys; from srcnn import SRCNN; SRCNN.from_pretrained(sys.argv[1], cache_dir=sys.argv[2], {})"
    assert person("-c", script.format("token='hf_read'"), NAME, tmp_path / "mine", HF_TOKEN="").status == 0
    assert (tmp_path / "mine" / "models--me--srcnn-x2-mse").is_dir()
    hub.requests.clear()
    assert person("-c", script.format("local_files_only=True"), NAME, tmp_path / "mine").errors == ""
    assert "the cache holds no copy" in person("-c", script.format("local_files_only=True"), NAME, tmp_path).errors
    assert lines(hub) == []


def test_who_wants_to_be_offline_is_not_told_so(hub, person, newer):
    assert loaded(person, NAME, HF_HUB_OFFLINE="1") == [1]
    (sentence,) = loaded(person, "me/other", HF_HUB_OFFLINE="1")
    assert sentence == "HubError: me/other could not be fetched: HF_HUB_OFFLINE is set; unset it to use the network."
    assert lines(hub) == []


def test_commands_take_variants_of_the_hub(hub, person, newer, versions, astronaut, tmp_path):
    astronaut.crop(30, 40).save(tmp_path / "small.png")
    for version, place in ((2, NAME), (1, f"{NAME}@{hub.store.repositories['models', NAME].at(newer).parent}")):
        folder = tmp_path / f"version{version}"
        folder.mkdir()
        for name, content in versions[version].items():
            (folder / name).write_bytes(content)
        for model, output in ((place, "hub.png"), (folder, "folder.png")):
            person.works("upscale", tmp_path / "small.png", "-o", tmp_path / output, "--model", model)
        assert (open_picture(tmp_path / "hub.png").pixels == open_picture(tmp_path / "folder.png").pixels).all()
        by_hub, by_folder = (
            json.loads(person.works("evaluate", model, "--data", tmp_path / "small.png", "--json"))
            for model in (place, folder)
        )
        assert by_hub["srcnn"] == by_folder["srcnn"]


# The command pull


def test_pull_copies_every_file_of_a_revision(hub, person, first, versions, tmp_path):
    card = b"---\nlibrary_name: srcnn\n---\n"
    put(hub, NAME, versions[2] | {"README.md": card, "pictures/crops.png": b"picture"})
    output = person.works("pull", NAME, f"{NAME}@{first}")
    shown = [Path(line.split(": ")[1]) for line in output.splitlines()]
    assert [files_of(folder)["config.json"] for folder in shown] == [
        versions[2]["config.json"],
        versions[1]["config.json"],
    ]
    person.works("pull", NAME, "-o", tmp_path / "out")
    everything = versions[2] | {"README.md": card, "pictures/crops.png": b"picture"}
    assert files_of(tmp_path / "out" / "srcnn-x2-mse") == everything
    assert not any(file.is_symlink() for file in (tmp_path / "out").rglob("*"))
    hub.requests.clear()
    person.works("pull", f"{NAME}@{first}")
    assert lines(hub) == []


def test_pull_of_a_namespace_that_offers_nothing(hub, person):
    assert person.fails("pull", "nobody") == "nobody offers no variants of SRCNN; check the name."
    assert person.works("list", "nobody").splitlines()[1:] == []


def test_pull_without_the_hub_takes_the_whole_copy_of_the_cache_or_none(hub, person, first, versions, tmp_path):
    person.works("pull", NAME)
    put(hub, "me/srcnn-x3-mse", versions[1] | {"README.md": b"Card"})
    loaded(person, "me/srcnn-x3-mse")  # its card is not fetched
    hub.fault("/api/models/", "status", status=503)
    hub.fault("/resolve/", "status", status=503)
    done = person.srcnn("pull", NAME, "-o", tmp_path / "out")
    assert done.errors == (
        f"{NAME} could not be fetched: the Hub answered with status 503; try again later. "
        f"The copy in the cache is used, of commit {first[:7]}."
    )
    assert files_of(tmp_path / "out" / "srcnn-x2-mse") == versions[1]
    assert person("-c", LOAD, NAME).result == [1]
    assert "me/srcnn-x3-mse could not be fetched" in person.fails("pull", "me/srcnn-x3-mse", "-o", tmp_path / "out")
    assert not (tmp_path / "out" / "srcnn-x3-mse").exists()


def test_pull_gives_no_damaged_file(hub, person, first, versions, tmp_path):
    person.works("pull", NAME)
    put(hub, NAME, versions[2] | {"crops.png": b"picture"})
    hub.fault("crops.png", "corrupt")
    done = person.srcnn("pull", NAME, "-o", tmp_path / "out")
    assert "crops.png of me/srcnn-x2-mse came damaged; try again. The copy in the" in done.errors
    assert files_of(tmp_path / "out" / "srcnn-x2-mse") == versions[1]
    hub.heal()
    person.works("pull", NAME, "-o", tmp_path / "out")
    assert files_of(tmp_path / "out" / "srcnn-x2-mse") == versions[2] | {"crops.png": b"picture"}


def test_pull_where_the_branches_of_the_cache_cannot_be_written(hub, person, first, versions, tmp_path):
    person.works("pull", NAME)
    (branches,) = person.home.rglob("refs")
    shutil.rmtree(branches)
    branches.write_text("in the way")
    put(hub, NAME, versions[2])
    person.works("pull", NAME, "-o", tmp_path / "out")
    assert files_of(tmp_path / "out" / "srcnn-x2-mse") == versions[2]


# Weights of other networks


def test_one_file_is_asked_for_once_and_checked(hub, person, first, versions):
    script = "import json; from srcnn.hub.download import download_file\n"
    script += f"print(json.dumps(str(download_file('{NAME}', 'model.safetensors'))))"
    hub.fault("/storage/", "corrupt")
    assert f"model.safetensors of {NAME} came damaged; try again." in person("-c", script).errors
    hub.heal()
    assert Path(person("-c", script).result).read_bytes() == versions[1]["model.safetensors"]
    hub.requests.clear()
    assert Path(person("-c", script).result).read_bytes() == versions[1]["model.safetensors"]
    assert lines(hub) == []
