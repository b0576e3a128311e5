"""Pushing, with the command line and the real client over HTTP."""

import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from srcnn import SRCNN
from srcnn.inference.export.onnx_files import Origin, export_all
from srcnn.variants.card import write_card
from srcnn.variants.loading import BUNDLED_FOLDER, load_any_scale
from srcnn.variants.publish import list_files
from tests.local_hub.server import READ_TOKEN, WRITE_TOKEN, LocalHub
from tests.support.hub_commands import Commands, files_of, lines, pushed, put, sent, titles
from tests.support.project import PROJECT
from tests.support.waiting import PATIENCE_SECONDS, wait_until

FAMILY = sorted(folder for folder in BUNDLED_FOLDER.iterdir() if folder.is_dir())
VARIANT = ["README.md", "config.json", "crops.png", "curves.png", "model.safetensors"]


def with_onnx(folder: Path) -> dict[str, bytes]:
    """A variant's files as they are pushed."""
    return files_of(folder) | export_all(load_any_scale(folder), Origin(folder.name, folder / "model.safetensors"))


@pytest.fixture(scope="module")
def measured(photographs, tmp_path_factory) -> Path:
    """A variant with a card as it is written now."""
    folder = tmp_path_factory.mktemp("measured") / "srcnn-x4-l1"
    model = SRCNN(scale=4, loss="l1", padding="replicate")
    model.save_pretrained(folder)
    write_card(folder, (photographs,))
    return folder


@pytest.fixture
def variant(measured, tmp_path) -> Path:
    """A copy, to be changed."""
    return shutil.copytree(measured, tmp_path / measured.name)


# A family


def test_the_whole_family_goes_to_an_empty_hub_and_comes_back_byte_for_byte(hub, person, tmp_path):
    done = person.srcnn("push", *FAMILY, "--to", "me", "--no-onnx")
    assert (done.status, done.errors) == (0, "")
    assert f"{len(FAMILY)}/{len(FAMILY)}" in done.progress[-1]
    assert [name for _, name in hub.store.repositories] == [f"me/{folder.name}" for folder in FAMILY]
    for folder in FAMILY:
        assert titles(hub, f"me/{folder.name}") == [f"Weights, config and card of {folder.name}", "initial commit"]
        assert f"me/{folder.name}: sent {', '.join(VARIANT)} (commit " in done.output
    (collection,) = hub.store.collections.values()
    assert collection["title"] == "SRCNN"
    assert [item["id"] for item in collection["items"]] == [f"me/{folder.name}" for folder in FAMILY]

    hub.requests.clear()
    again = person.works("push", *FAMILY, "--to", "me", "--no-onnx")
    assert again.count("up to date") == len(FAMILY)
    assert sent(hub) == []

    stranger = Commands(hub, tmp_path / "empty", token="")
    stranger.works("pull", "me", "--output", tmp_path / "pulled")
    assert {folder.name for folder in (tmp_path / "pulled").iterdir()} == {folder.name for folder in FAMILY}
    for folder in FAMILY:
        assert files_of(tmp_path / "pulled" / folder.name) == files_of(folder)


def test_a_list_shows_scale_loss_and_psnr_from_the_card(hub, person, variant, photographs):
    person.works("push", variant, "--to", "me")
    commit = put(hub, "me/other", {"README.md": b"---\ntags: [9, 7]\nlibrary_name: srcnn\n---\n"})
    put(hub, "me/no-srcnn", {"README.md": b"---\ntags: [x3, mse]\n---\n"})
    other, listed = json.loads(person.works("list", "me", "--json"))
    assert other == {"name": "me/other", "commit": commit, "scale": None, "loss": None, "psnr": {}, "onnx": []}
    assert (listed["name"], listed["scale"], listed["loss"]) == ("me/srcnn-x4-l1", 4, "l1")
    assert listed["onnx"] == ["onnx/model.onnx", "onnx/picture.onnx"]
    psnr = listed["psnr"][photographs.name]
    row = next(line for line in (variant / "README.md").read_text().splitlines() if f"| {photographs.name}" in line)
    assert f"**{psnr:.2f} / " in row
    table = person.works("list", SRCNN_NAMESPACE="me").splitlines()
    assert table[1].split() == ["me/other", "?", "?", commit[:7], "no", "not", "measured"]
    figures = [photographs.name, f"{psnr:.2f}"]
    assert table[2].split() == ["me/srcnn-x4-l1", "x4", "l1", listed["commit"][:7], "yes", *figures]
    assert "no-srcnn" not in "".join(table)
    assert "bundled" in person.works("list")


# One variant


def test_a_changed_file_goes_alone(hub, person, variant):
    person.works("push", variant, "--to", "me")
    (variant / "config.json").write_text((variant / "config.json").read_text() + "\n")
    hub.requests.clear()
    assert "sent config.json (" in person.works("push", variant, "--to", "me")
    assert not any("lfs" in line or "PUT" in line for line in sent(hub))
    assert pushed(hub, "me/srcnn-x4-l1") == with_onnx(variant)
    assert len(titles(hub, "me/srcnn-x4-l1")) == 3


def test_files_of_nobody_stay_at_home_and_files_of_the_hub_stay_there(hub, person, variant):
    before, listed = with_onnx(variant), files_of(variant)
    (variant / ".git").mkdir()
    (variant / ".git" / "config").write_text("mine")
    (variant / ".hidden").write_text("mine")
    put(hub, "me/srcnn-x4-l1", {"notes.txt": b"On the Hub only"})
    person.works("push", variant, "--to", "me")
    assert pushed(hub, "me/srcnn-x4-l1") == before | {"notes.txt": b"On the Hub only"}
    assert list_files(variant).keys() == listed.keys()


def test_a_dry_run_names_the_files_and_sends_nothing(hub, person, variant):
    names = ", ".join(with_onnx(variant))
    assert person.works("push", variant, "--to", "me", "--dry-run") == f"me/srcnn-x4-l1: would send {names}\n"
    put(hub, "me/srcnn-x4-l1", with_onnx(variant) | {"config.json": b"{}"})
    assert person.works("push", variant, "--to", "me", "--dry-run").endswith(": would send config.json\n")
    assert sent(hub) == []


def test_private_is_for_the_owner_only(hub, person, variant, tmp_path):
    person.works("push", variant, "--to", "me", "--private")
    assert hub.store.repositories["models", "me/srcnn-x4-l1"].private
    assert "me/srcnn-x4-l1" in person.works("list", "me")
    stranger = Commands(hub, tmp_path / "other", token="")
    assert "srcnn-x4-l1" not in stranger.works("list", "me")
    assert "there is no such repository or it is private" in stranger.fails("pull", "me/srcnn-x4-l1")


def test_a_pull_request_proposes_and_changes_nothing(hub, person, variant):
    first = put(hub, "me/srcnn-x4-l1", with_onnx(variant) | {"config.json": b"{}"})
    output = person.works("push", variant, "--to", "me", "--pull-request")
    assert output == f"me/srcnn-x4-l1: sent config.json ({hub.url}/me/srcnn-x4-l1/discussions/1)\n"
    assert hub.store.repositories["models", "me/srcnn-x4-l1"].at("main").id == first
    assert pushed(hub, "me/srcnn-x4-l1", revision="refs/pr/1") == with_onnx(variant)
    assert hub.store.collections == {}


def test_a_card_that_people_edited_on_the_hub_is_kept_until_it_may_go(hub, person, variant):
    person.works("push", variant, "--to", "me")
    card = (variant / "README.md").read_bytes()
    put(hub, "me/srcnn-x4-l1", {"README.md": card.replace(b"## Use", b"## How I use it")})
    (variant / "config.json").write_text((variant / "config.json").read_text() + "\n")
    output = person.works("push", variant, "--to", "me")
    assert "sent config.json (" in output
    assert "me/srcnn-x4-l1: README.md was edited on the Hub and is kept; --replace-card replaces it" in output
    assert b"## How I use it" in pushed(hub, "me/srcnn-x4-l1")["README.md"]
    assert "README.md was edited on the Hub" in person.works("push", variant, "--to", "me", "--dry-run")
    assert "sent README.md" in person.works("push", variant, "--to", "me", "--replace-card")
    assert pushed(hub, "me/srcnn-x4-l1")["README.md"] == card


def test_a_card_that_nobody_edited_is_replaced(hub, person, variant, photographs, tmp_path):
    person.works("push", variant, "--to", "me")
    write_card(variant, (photographs, photographs / "camera.png"))
    assert "sent README.md (" in person.works("push", variant, "--to", "me")
    assert pushed(hub, "me/srcnn-x4-l1") == with_onnx(variant)


@pytest.mark.parametrize(
    ("part", "kind"),
    [("PUT /storage/", "status"), ("POST /api/models/me/srcnn-x4-l1/commit/", "refused"), ("/commit/", "status")],
)
def test_a_push_that_breaks_off_leaves_nothing_half_and_the_next_one_completes_it(hub, person, variant, part, kind):
    first = put(hub, "me/srcnn-x4-l1", {"notes.txt": b"Before"})
    hub.fault(part, kind, status=403)
    assert "me/srcnn-x4-l1 could not be brought up to date: " in person.fails("push", variant, "--to", "me")
    assert hub.store.repositories["models", "me/srcnn-x4-l1"].at("main").id == first
    hub.heal()
    hub.requests.clear()
    person.works("push", variant, "--to", "me")
    assert pushed(hub, "me/srcnn-x4-l1") == with_onnx(variant) | {"notes.txt": b"Before"}
    if "commit" in part:
        assert not any(line.startswith("PUT") for line in sent(hub)), "what had arrived was sent again"


def test_a_commit_whose_answer_got_lost_is_not_made_twice(hub, person, variant):
    hub.fault("/commit/", "cut off", times=1)
    assert "the connection broke off; try again." in person.fails("push", variant, "--to", "me")
    assert "up to date" in person.works("push", variant, "--to", "me")
    assert len(titles(hub, "me/srcnn-x4-l1")) == 2


def test_a_family_goes_on_where_it_broke_off(hub, person):
    hub.fault(f"{FAMILY[1].name}/commit/", "refused")
    assert FAMILY[1].name in person.srcnn("push", *FAMILY[:3], "--to", "me").errors
    hub.heal()
    output = person.works("push", *FAMILY[:3], "--to", "me").splitlines()
    assert [line.split()[1] for line in output[:3]] == ["up", "sent", "sent"]
    for folder in FAMILY[:3]:
        assert pushed(hub, f"me/{folder.name}") == with_onnx(folder)
        assert len(titles(hub, f"me/{folder.name}")) == 2


def test_a_commit_of_somebody_else_meanwhile_is_kept_and_told(hub, person, variant):
    put(hub, "me/srcnn-x4-l1", {"notes.txt": b"Before"})
    hub.fault("/commit/", "slow", times=1)

    def meanwhile() -> None:
        wait_until(lambda: any("/commit/" in line for line in lines(hub)), "the commit is on its way")
        put(hub, "me/srcnn-x4-l1", {"notes.txt": b"Of somebody else"})
        hub.heal()

    thread = threading.Thread(target=meanwhile)
    thread.start()
    sentence = person.fails("push", variant, "--to", "me")
    thread.join()
    assert sentence.endswith("could not be brought up to date: somebody else changed it meanwhile; try again.")
    assert pushed(hub, "me/srcnn-x4-l1") == {"notes.txt": b"Of somebody else"}
    person.works("push", variant, "--to", "me")
    assert pushed(hub, "me/srcnn-x4-l1") == with_onnx(variant) | {"notes.txt": b"Of somebody else"}


def test_who_may_not_push_gets_a_sentence(hub, person, variant, tmp_path):
    assert "use a token that may do this" in Commands(hub, tmp_path, READ_TOKEN).fails("push", variant, "--to", "me")
    assert "use a token that may do this" in person.fails("push", variant, "--to", "somebody")
    assert "log in with `hf auth login`" in Commands(hub, tmp_path, "").fails("push", variant, "--to", "me")
    assert "log in with `hf auth login`" in Commands(hub, tmp_path, "hf_wrong").fails("push", variant, "--to", "me")
    assert hub.store.repositories == {}


def test_a_card_that_the_hub_refuses_is_told_with_its_reason(hub, person, variant):
    (variant / "README.md").write_text("---\nbase_model: a/b/c\n---\n")
    assert '"base_model" with value "a/b/c" is not valid' in person.fails("push", variant, "--to", "me")


def test_what_is_no_variant_is_not_pushed(hub, person, variant, tmp_path):
    assert person.fails("push", "srcnn-x3-mse", "--to", "me") == "There is no folder srcnn-x3-mse."
    (variant / "model.safetensors").write_bytes(b"no weights")
    assert "does not hold the weights" in person.srcnn("push", variant, "--to", "me").errors
    mine = tmp_path / "srcnn-x3-mse"  # called as a bundled one
    mine.mkdir()
    assert "has no config.json" in person.fails("push", mine, "--to", "me")
    assert lines(hub) == []


def test_training_pushes_what_it_made(hub, person, photographs, tmp_path):
    folder = tmp_path / "srcnn-x2-mse"
    small = ["--scale", 2, "--patch-size", 24, "--steps", 10, "--validate-every", 5, "--device", "cpu"]
    places = ["--data", photographs, "--test", photographs, "--output", folder, "--state", tmp_path / "state"]
    done = person("train.py", *places, *small, "--push-to", "me")
    assert done.status == 0, done.errors
    assert re.search(r"me/srcnn-x2-mse: commit [0-9a-f]{7}\n", done.output)
    assert pushed(hub, "me/srcnn-x2-mse") == with_onnx(folder)
    assert len(titles(hub, "me/srcnn-x2-mse")) == 2
    assert 'load("me/srcnn-x2-mse")' in (folder / "README.md").read_text()

    hub.fault("/commit/", "refused")
    (folder / "config.json").unlink()
    done = person("train.py", *places, *small, "--learning-rate", 1e-4, "--overwrite", "--push-to", "me")
    assert done.status == 1
    assert "Traceback" not in done.errors
    assert "python -m srcnn push" in done.errors.splitlines()[-1], "the way to send what was trained"
    assert (folder / "config.json").is_file()


# By hand


def test_a_person_tries_it_without_an_account(variant, tmp_path):
    """The local Hub as a command; the client gets what it prints, and a token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.local_hub", "--port", str(port)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        printed = [process.stdout.readline() for _ in range(6)]
        settings = dict(re.findall(r"export (\w+)=(\S+)", "".join(printed)))
        person = Commands(LocalHub(), tmp_path / "home")
        person.environment |= settings | {"HF_TOKEN": WRITE_TOKEN}
        assert "sent README.md" in person.works("push", variant, "--to", "me")
        assert "me/srcnn-x4-l1  x4     l1" in person.works("list", "me")
        person.works("pull", "me/srcnn-x4-l1", "-o", tmp_path / "out")
        assert files_of(tmp_path / "out" / "srcnn-x4-l1") == with_onnx(variant)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)
