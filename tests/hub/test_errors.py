"""Names that the Hub would refuse, sentences for what it answers, and the token, which nobody gets to see."""

import shutil
import threading
import traceback
from collections.abc import Callable

import pytest
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

from srcnn.hub.errors import HubError, call_hub, explain_error
from srcnn.hub.names import check_namespace, check_repository
from srcnn.variants.loading import BUNDLED_FOLDER
from tests.local_hub.server import USER, LocalHub
from tests.support.app_process import started
from tests.support.forks import APP_WITHOUT_HUB
from tests.support.hub_commands import Commands, lines

VARIANT = BUNDLED_FOLDER / "srcnn-x3-mse"
TOKEN = "hf_QuiteUnusual.7f3a-Zebra"
BAD_PARTS = ["", "a b", "-a", "a-", ".a", "a.", "a--b", "a..b", "a/b", "..", "ä", "a\n", "a" * 97, "a?b", "a%2f"]


@pytest.fixture(scope="module")
def running_hub():
    with LocalHub({TOKEN: (USER, "write"), "hf_read": (USER, "read")}) as hub:
        yield hub


@pytest.fixture
def person(hub, tmp_path) -> Commands:
    return Commands(hub, tmp_path / "home", TOKEN, is_loaded=True)


# Names


@pytest.mark.parametrize("part", BAD_PARTS)
def test_names_that_the_hub_refuses(part):
    for name in (f"me/{part}", f"{part}/srcnn"):
        with pytest.raises(HubError, match="is no name of a repository: write NAMESPACE/NAME, letters, digits"):
            check_repository(name)
    with pytest.raises(HubError, match="is no name of a user or an organisation: write letters, digits"):
        check_namespace(part)


@pytest.mark.parametrize("part", ["a", "srcnn-x3-mse", "A_b.c-9", "a" * 96])
def test_names_that_the_hub_takes(part):
    assert check_repository(f"{part}/{part}") == f"{part}/{part}"
    assert check_namespace(part) == part


def test_a_repository_has_a_namespace():
    for name in ("srcnn", "a/b/c", "/srcnn", "me/"):
        with pytest.raises(HubError, match="NAMESPACE/NAME"):
            check_repository(name)


def test_no_command_asks_for_a_name_that_cannot_be(hub, person, tmp_path, photographs):
    bad_folder = tmp_path / "my variant"
    bad_folder.mkdir()
    output = ["--data", photographs, "--output", tmp_path / "srcnn-x2-mse", "--steps", "1000000"]
    picture = photographs / "camera.png"
    commands = (
        (["push", VARIANT, "--to", "a b"], "'a b/srcnn-x3-mse' is no name of a repository"),
        (["push", VARIANT, bad_folder, "--to", "me"], "'me/my variant' is no name of a repository"),
        (["pull", "a--b"], "'a--b' is no name of a user or an organisation"),
        (["pull", "me/srcnn-x3-mse", "me/a--b@main"], "'me/a--b' is no name of a repository"),
        (["list", "a b"], "'a b' is no name of a user or an organisation"),
        (["push-space", "me"], "'me' is no name of a repository"),
        (["push-space", "me/a b", "--dry-run"], "'me/a b' is no name of a repository"),
        (["push-space", "me/demo", "--models", "a b"], "'a b' is no name of a user or an organisation"),
        (["evaluate", "a b/c", "--data", picture], "a b/c cannot be used: 'a b/c' is no name of a repository"),
        (["upscale", picture, "-o", tmp_path / "out.png", "--model", "a b/c"], "'a b/c' is no name of a repository"),
    )
    answers = person.each([command for command, _ in commands])
    for done, (_, words) in zip(answers, commands, strict=True):
        assert words in done.sentence
    done = person("train.py", *output, "--push-to", "a b")
    assert (done.status, "Traceback" in done.errors) == (1, False)
    assert "'a b/srcnn-x2-mse' is no name of a repository" in done.errors
    assert "is no name of a repository" in person("-c", "import srcnn; srcnn.SRCNN.from_pretrained('a b/c')").errors
    assert lines(hub) == []


def test_the_app_refuses_a_namespace_that_cannot_be(hub, person):
    done = person("app.py", "--namespace", "a b")
    assert (done.status, done.errors.count("\n")) == (1, 0), done.errors
    assert done.errors.startswith("'a b' is no name of a user or an organisation")
    assert lines(hub) == []


# Sentences


def failing(error: Exception) -> Callable:
    """Work that raises this error."""

    def work():
        raise error

    return work


def test_every_error_of_the_client_becomes_one_sentence():
    for error in (
        OSError(28, "No space left on device", "/secret/place"),
        PermissionError(13, "Permission denied", "/secret/place"),
        OSError("Consistency check failed: file should be of size 7 but has size 3"),
        LocalEntryNotFoundError("Cannot find ... http://127.0.0.1/secret"),
        EntryNotFoundError("404 for http://127.0.0.1/secret"),
        TimeoutError(),
        KeyError("sha"),
        ValueError("Expecting value: line 1 column 1 (char 0)"),
    ):
        with pytest.raises(HubError, match=r"^me/x could not be fetched: [^\n]+\.$") as caught:
            call_hub("me/x could not be fetched", 60, failing(error))
        assert "secret" not in str(caught.value)
    assert explain_error(OSError(28, "")) == "No space left on device; make room or choose another cache with HF_HOME."


def test_a_sentence_goes_through_as_it_is():
    with pytest.raises(HubError, match=r"^me/x came damaged\.$"):
        call_hub("me/x could not be fetched", 60, failing(HubError("me/x came damaged.")))


def test_a_traceback_of_a_sentence_does_not_show_what_the_client_said():
    try:
        call_hub("me/x could not be fetched", 60, failing(RuntimeError(f"Illegal header value b'Bearer {TOKEN}'")))
    except HubError:
        assert TOKEN not in traceback.format_exc()


def test_waiting_has_an_end():
    free = threading.Event()
    with pytest.raises(HubError, match=r"^me/x could not be fetched: the Hub does not answer in time; try again later"):
        call_hub("me/x could not be fetched", 0.1, free.wait)  # which would wait for ever
    free.set()
    assert call_hub("me/x could not be fetched", 60, lambda: 7) == 7


# The token


# Loads a variant with each token, and tells as Python does what came of it.
LOAD = """
import sys, traceback
from srcnn import SRCNN
for token in sys.argv[1:]:
    try:
        SRCNN.from_pretrained("me/srcnn-x3-mse", token=token)
    except Exception:
        traceback.print_exc()
"""


def test_a_token_is_never_shown_nor_kept(hub, person, photographs, tmp_path):
    """Not in what commands say nor in any file of the cache, of the variant or of the Hub."""
    variant = shutil.copytree(VARIANT, tmp_path / VARIANT.name)
    said = []

    def run(*arguments: object, **environment: str) -> None:
        done = person(*arguments, **environment)
        said.append(f"{done.output}\n{done.errors}")

    card = ("-m", "srcnn", "card", variant, "--test", photographs, "--namespace", "me")
    push = ("-m", "srcnn", "push", variant, "--to", "me", "--private")
    pull = ("-m", "srcnn", "pull", "me", "-o", tmp_path / "out")
    gather = ("-c", "from srcnn.variants.catalogue import load_catalogue; print(load_catalogue('me'))")
    for command in (card, push, pull, gather, ("-m", "srcnn", "push-space", "me/demo"), ("-c", LOAD, TOKEN)):
        run(*command)
    assert {name for _, name in hub.store.repositories} == {"me/srcnn-x3-mse", "me/demo"}
    assert not any("Traceback" in text for text in said)

    (variant / "config.json").write_text((variant / "config.json").read_text() + "\n")
    for fault in ({"kind": "status", "status": 401}, {"kind": "status", "status": 500}, {"kind": "refused"}):
        hub.fault("/", **fault)
        for command in (push, pull, gather):
            run(*command)
        hub.heal()
    wrong = [TOKEN + more for more in ("x", "ü", "\x01", "\n")]
    for token in wrong:
        run(*push, HF_TOKEN=token)
    run("-c", LOAD, *wrong)
    assert said[-1].count("me/srcnn-x3-mse could not be fetched: ") == len(wrong)
    assert "the Hub does not know who asks" in "".join(said)
    assert "the token holds characters that no token has" in "".join(said)
    assert not [text for text in said if "Zebra" in text]
    kept = [file for file in [*tmp_path.rglob("*"), *hub.store.folder.rglob("*")] if file.is_file()]
    assert {"config.json", "README.md", "me.json", "hub.json"} <= {file.name for file in kept}
    assert not [file for file in kept if b"Zebra" in file.read_bytes()]


def test_a_token_is_not_in_the_log_of_the_app(hub, person, tmp_path):
    hub.fault("/", "status", status=401)
    with started(tmp_path, "", "--namespace", "me", variables=person.environment, modules=APP_WITHOUT_HUB):
        pass
    log = (tmp_path / "app.log").read_text()
    assert "log in with" in log
    assert "Zebra" not in log
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and b"Zebra" in file.read_bytes()]
