"""What goes wrong on the Hub, over HTTP with the real client: the copy of the cache and a line, or a sentence."""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from srcnn import SRCNN
from tests.local_hub.server import LocalHub
from tests.support.hub_commands import Commands, files_of, lines, put
from tests.support.project import PROJECT
from tests.support.waiting import PATIENCE_SECONDS

NAME = "me/srcnn-x2-mse"

# Loads REPOSITORY... all at once and prints of each the version in its recipe or the error.
LOAD = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from srcnn import SRCNN
def load(repository):
    try:
        return SRCNN.from_pretrained(repository).recipe["version"]
    except (OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
with ThreadPoolExecutor(32) as pool:
    print(json.dumps(list(pool.map(load, sys.argv[1:]))))
"""


FAILURES = {
    "refused": ("the connection broke off; try again.", {"kind": "refused"}),
    "slow": ("the Hub does not answer in time; try again later.", {"kind": "slow"}),
    "500": ("the Hub answered with status 500; try again later.", {"kind": "status", "status": 500}),
    "503": ("the Hub answered with status 503; try again later.", {"kind": "status", "status": 503}),
    "429": ("the Hub asks to wait after too many requests;", {"kind": "status", "status": 429}),
    "401": ("the Hub does not know who asks; log in with", {"kind": "status", "status": 401}),
    "403": ("the Hub does not allow it; use a token that may", {"kind": "status", "status": 403}),
    "404": ("the Hub answered with status 404; try again later.", {"kind": "status", "status": 404}),
}


def variant_files(version: int, folder: Path) -> dict[str, bytes]:
    torch.manual_seed(version)
    model = SRCNN(scale=2, loss="mse", padding="replicate", filters=(8 * version, 4))
    model.recipe = {"version": version}
    model.save_pretrained(folder)
    return files_of(folder)


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> dict[str, bytes]:
    return variant_files(1, tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def second(tmp_path_factory) -> dict[str, bytes]:
    return variant_files(2, tmp_path_factory.mktemp("second"))


def config_with(files: dict[str, bytes], **more) -> bytes:
    return json.dumps(json.loads(files["config.json"]) | more).encode()


class Bomb:
    """Makes a file where it is unpickled."""

    def __init__(self, file: Path):
        self.file = file

    def __reduce__(self):
        return (Path.touch, (self.file,))


@pytest.fixture(scope="module", autouse=True)
def without_copies(first, tmp_path_factory) -> Iterator[tuple[list[str], subprocess.Popen]]:
    """Words of the sentences, and a process that meets each failure without a copy in the cache: beside the tests, for
    the client tries for 23 seconds where that may help."""
    failures = {name: failure for name, failure in FAILURES.items() if name != "slow"} | {
        "cut-off": ("the connection broke off; try again.", {"kind": "cut off"}),
        "corrupt": ("config.json and model.safetensors of me/corrupt came damaged", {"kind": "corrupt"}),
    }
    with LocalHub() as hub:
        for name, (_, fault) in failures.items():
            put(hub, f"me/{name}", first)
            hub.fault(f"/me/{name}/", **fault)
        put(hub, "me/newer", first | {"config.json": config_with(first, dilation=2)})
        names = [*failures, "newer", "missing"]
        sentences = [words for words, _ in failures.values()]
        sentences += [
            "This version of SRCNN does not know dilation; update the package.",
            "there is no such repository",
        ]
        command = [sys.executable, "-c", LOAD, *(f"me/{name}" for name in names)]
        environment = Commands(hub, tmp_path_factory.mktemp("home")).environment
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, **pipes)
        yield sentences, process
        process.kill()
        process.wait()


# The Hub fails, the cache has a copy


def taken_from_cache(person: Commands, repository: str, commit: str) -> str:
    """Load the first version, which the cache has; what was told besides where it comes from.

    A slow Hub answers when it is healed: who gets an answer has not waited for it.
    """
    done = person("-c", LOAD, repository)
    assert done.result == [1]
    ending = f" The copy in the cache is used, of commit {commit[:7]}."
    assert done.errors.endswith(ending), done.errors
    assert "\n" not in done.errors
    return done.errors.removesuffix(ending)


def test_where_the_hub_fails_the_copy_of_the_cache_is_used_and_a_line_says_so(hub, person, first):
    commits = {failure: put(hub, f"me/{failure}", first) for failure in FAILURES}
    assert {*person("-c", LOAD, *[f"me/{each}" for each in FAILURES]).result} == {1}
    for failure, (_, fault) in FAILURES.items():
        hub.fault(f"/me/{failure}/", **fault)
    for failure, (words, _) in FAILURES.items():
        hub.requests.clear()
        told = taken_from_cache(person, f"me/{failure}", commits[failure])
        assert told.startswith(f"me/{failure} could not be fetched: {words}")
        assert len(lines(hub)) == 1, "no second try"
    del hub.store.repositories["models", "me/429"]
    hub.heal()
    assert "there is no such repository or it is private" in taken_from_cache(person, "me/429", commits["429"])
    hub.stop()
    assert "the Hub cannot be reached; try again when" in taken_from_cache(person, "me/500", commits["500"])


def test_commands_use_the_copy_of_the_cache_too(hub, person, first, photographs):
    put(hub, NAME, first)
    person.works("evaluate", NAME, "--data", photographs / "camera.png")
    hub.requests.clear()
    hub.fault("/resolve/", "status", status=500)
    done = person.srcnn("evaluate", NAME, "--data", photographs / "camera.png")
    assert done.status == 0
    assert done.errors.count("\n") == 0
    assert "The copy in the cache is used, of commit" in done.errors
    assert len(lines(hub)) == 1, "no second try"


# What the Hub has is of no use


def test_where_what_came_is_of_no_use_the_copy_of_the_cache_is_used(hub, person, first, second):
    """Each time the new commit came, at least in part; afterwards it is loaded where it was only badly sent."""
    weights = second["model.safetensors"]
    spoilt = {
        "newer": ({"config.json": config_with(second, dilation=2)}, "does not know dilation; update the package."),
        "no-json": ({"config.json": b"{"}, "is not JSON, so it does not describe a network"),
        "other-weights": ({"model.safetensors": first["model.safetensors"]}, "does not hold the weights that"),
        "nan": ({"model.safetensors": save({"conv1.weight": torch.full((16, 1, 9, 9), torch.nan)})}, "weights that"),
        "cut-weights": ({"model.safetensors": weights[:1000]}, "does not hold the weights that"),
        "pickle": ({"model.safetensors": pickle.dumps([1])}, "does not hold the weights that"),
    }
    names = [f"me/{name}" for name in (*spoilt, "tampered", "tampered-config")]
    commits = {name: put(hub, name, first) for name in names}
    assert {*person("-c", LOAD, *names).result} == {1}
    for name, (files, words) in spoilt.items():
        put(hub, f"me/{name}", second | files)
        for _ in range(2):  # the branch of the cache has not moved
            assert words in taken_from_cache(person, f"me/{name}", commits[f"me/{name}"])
    for name, file in (("tampered", "model.safetensors"), ("tampered-config", "config.json")):
        put(hub, f"me/{name}", second)
        hub.fault(f"{name}/{file}" if file == "model.safetensors" else f"GET /me/{name}/", "corrupt")
        told = taken_from_cache(person, f"me/{name}", commits[f"me/{name}"])
        assert told == f"{file} of me/{name} came damaged; try again."
        hub.stop()
        assert "cannot be reached" in taken_from_cache(person, f"me/{name}", commits[f"me/{name}"])
        hub.start()
        hub.heal()
        assert person("-c", LOAD, f"me/{name}").result[0] == 2


def test_a_damaged_file_of_the_cache_is_not_used(hub, person, first, tmp_path):
    put(hub, NAME, first)
    assert person("-c", LOAD, NAME).result[0] == 1
    for name in ("config.json", "model.safetensors"):
        (file,) = person.home.rglob(f"snapshots/*/{name}")
        content = file.read_bytes()
        file.write_bytes(content[:-2] + b"??")
        hub.requests.clear()
        assert person("-c", LOAD, NAME).result[0] == 1
        assert file.read_bytes() == content, "not fetched again"
        file.resolve().write_bytes(b"")
    hub.fault("/resolve/", "status", status=403)
    assert "the Hub does not allow it" in person("-c", LOAD, NAME).result[0]


def test_nothing_is_unpickled(hub, person, first, tmp_path):
    """Not asked for at all, unless somebody wants every file: then it is a file as any other."""
    bomb = pickle.dumps(Bomb(tmp_path / "exploded"))
    put(hub, NAME, {"config.json": first["config.json"], "pytorch_model.bin": bomb, "model.pt": bomb})
    put(hub, "me/disguised", {"config.json": first["config.json"], "model.safetensors": bomb})
    missing, disguised = person("-c", LOAD, NAME, "me/disguised").result
    assert missing == f"HubError: {NAME} could not be fetched: it lacks a file of a variant; check the name."
    assert "does not hold the weights" in disguised
    assert not any(line.endswith((".bin", ".pt")) for line in lines(hub))
    person.works("pull", NAME, "-o", tmp_path / "out")
    assert "cannot be used" in person.srcnn("evaluate", tmp_path / "out" / "srcnn-x2-mse", "--data", tmp_path).errors
    assert not (tmp_path / "exploded").exists()
    pickle.loads(bomb)
    assert (tmp_path / "exploded").exists(), "it would have exploded"


# A full disk


def test_a_full_disk(hub, person, first, second, tmp_path):
    commit = put(hub, NAME, first)
    assert person("-c", LOAD, NAME).result[0] == 1
    put(hub, NAME, second)
    done = person("-c", LOAD, NAME, largest=1000)
    assert done.result[0] == 1
    assert done.errors.endswith(
        f"File too large; make room or choose another cache with HF_HOME. "
        f"The copy in the cache is used, of commit {commit[:7]}."
    )
    put(hub, "me/new", second)
    assert "File too large; make room or choose another cache" in person("-c", LOAD, "me/new", largest=1000).result[0]
    (tmp_path / "file").write_text("in the way")
    sentence = person.fails("pull", "me/new", HF_HOME=str(tmp_path / "file"))
    assert "make room or choose another cache with HF_HOME." in sentence
    assert person("-c", LOAD, "me/new").result[0] == 2, "what could not be written is fetched again"


# The cache has no copy


def test_a_command_without_a_copy_ends_with_one_sentence(hub, person, photographs):
    hub.fault("/resolve/", "status", status=403)
    picture = photographs / "camera.png"
    for command in (["evaluate", NAME, "--data", picture], ["upscale", picture, "-o", "none.png", "--model", NAME]):
        sentence = person.fails(*command)
        assert sentence.startswith(f"The variant {NAME} cannot be used: {NAME} could not be fetched: the Hub does not")
    hub.heal()
    assert "there is no such repository" in person.fails("pull", NAME)
    hub.stop()
    assert "The variants of me could not be listed: " in person.fails("list", "me")


def test_waiting_has_an_end(hub, person, first):
    """The Hub answers when it is healed: that the process ends before shows that it does not wait for that."""
    put(hub, NAME, first)
    script = """
import sys
from srcnn.hub.download import download_variant
from srcnn.hub.errors import HubError
try:
    download_variant(sys.argv[1], seconds=2)
except HubError as error:
    print(error, file=sys.stderr)
"""
    hub.fault("GET ", "slow")
    done = person("-c", script, NAME)
    assert done.status == 0
    assert done.errors == f"{NAME} could not be fetched: the Hub does not answer in time; try again later."


def test_without_a_copy_each_failure_gets_a_sentence(without_copies):
    sentences, process = without_copies
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    for words, answer in zip(sentences, json.loads(output), strict=True):
        assert words in answer
        assert "\n" not in answer
