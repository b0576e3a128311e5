"""The variants that a demo offers, over HTTP with the real client. What the page shows is in test_app_hub.py."""

import json
import re
import shutil
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from srcnn import SRCNN
from srcnn.variants.catalogue import LIST_SECONDS, failure_notice
from srcnn.variants.loading import BUNDLED_FOLDER, bundled_names
from tests.local_hub.server import LocalHub
from tests.support.hub_commands import Commands, files_of, lines, put
from tests.support.waiting import wait_until

GONE = "the Hub cannot be reached; try again when the network is back."
NAMES = ("srcnn-x2-mse", "srcnn-x3-l1", "srcnn-x3-mse")

# Gathers the namespaces of the command line one after the other, each with what is in use already; prints the members'
# commits and the notice of each. Between them it waits as long as the Hub is not available at /between.
GATHER = """
import json, sys, time
from urllib.error import HTTPError
from urllib.request import urlopen
from huggingface_hub import constants
from srcnn.variants.catalogue import load_catalogue
def is_there(address):
    try:
        urlopen(address)
    except OSError as error:
        return isinstance(error, HTTPError) and error.code == 503
answers, current = [], None
for namespace in sys.argv[1:]:
    current = load_catalogue(namespace, current)
    commits = {name: member.commit for name, member in current.members.items()}
    answers.append([commits, current.notice])
    while len(answers) < len(sys.argv[1:]) and is_there(f"{constants.ENDPOINT}/between"):
        time.sleep(0.05)
print(json.dumps(answers))
"""


@pytest.fixture
def commits(hub) -> dict[str, str]:
    """Of three variants on the Hub."""
    return {name: put(hub, f"me/{name}", files_of(BUNDLED_FOLDER / name)) for name in NAMES}


def gathered(person: Commands, namespace: str = "me") -> tuple[dict[str, str], str]:
    """Commits by name, and the notice. The log holds that and nothing else."""
    done = person("-c", GATHER, namespace, HF_HUB_VERBOSITY="error")
    ((found, notice),) = done.result
    assert done.errors == notice
    assert "\n" not in notice
    return found, notice


def bundled() -> dict[str, str]:
    return dict.fromkeys(bundled_names(), "")


def changed(hub: LocalHub, name: str, **more) -> str:
    """A newer commit of a variant, with other choices."""
    config = json.loads((BUNDLED_FOLDER / name / "config.json").read_text()) | more
    return put(hub, f"me/{name}", {"config.json": json.dumps(config).encode()})


# With the Hub


def test_exactly_the_namespaces_variants_each_at_its_commit(hub, person, commits):
    for name in ("srcnn-x3-mse-old", "srcnn-x5-mse", "other"):
        put(hub, f"me/{name}", files_of(BUNDLED_FOLDER / "srcnn-x3-mse"))
    put(hub, "you/srcnn-x4-mse", files_of(BUNDLED_FOLDER / "srcnn-x4-mse"))
    assert gathered(person) == (commits, "")
    hub.requests.clear()
    assert gathered(person) == (commits, "")
    assert [line.split("?")[0] for line in lines(hub)] == ["GET /api/models"], "what is in the cache is not asked for"
    hub.requests.clear()
    assert gathered(person, "") == (bundled(), "")
    assert lines(hub) == []


def gathered_again(person: Commands, hub: LocalHub, meanwhile: Callable[[], object]) -> list:
    """The answers of two calls, between which something happens."""
    hub.fault("/between", "status", status=503)

    def wait() -> None:
        wait_until(lambda: "GET /between" in lines(hub), "the first answer is there")
        with hub.lock:
            hub.heal()
            meanwhile()

    thread = threading.Thread(target=wait)
    thread.start()
    done = person("-c", GATHER, "me", "me")
    thread.join()
    assert done.errors == done.result[1][1]
    return done.result


def test_a_refresh_takes_what_is_new(hub, person, commits):
    first, second = gathered_again(person, hub, lambda: changed(hub, "srcnn-x3-mse", padding="zeros"))
    assert first == [commits, ""]
    newer = hub.store.repositories["models", "me/srcnn-x3-mse"].at("main").id
    assert second == [commits | {"srcnn-x3-mse": newer}, ""]


def test_a_refresh_keeps_what_is_in_use_where_the_hub_is_gone(hub, person, commits):
    first, second = gathered_again(person, hub, hub.stop)
    assert first == [commits, ""]
    assert second[0] == commits
    assert re.fullmatch("The variants of me could not be listed: .* The variants of before stay in use.", second[1])


def test_a_refresh_keeps_what_is_in_use_where_one_fails(hub, person, commits):
    def fail() -> None:  # and the cache is gone
        shutil.rmtree(person.home)
        changed(hub, "srcnn-x3-mse", dilation=2)

    first, second = gathered_again(person, hub, fail)
    assert first == [commits, ""]
    assert second[0] == commits
    assert second[1].endswith("Used instead: an earlier copy of srcnn-x3-mse.")


# Prints the results of each member, its file and the size of that.
FILES = """
import json
from srcnn.variants.catalogue import load_catalogue
members = load_catalogue("me").members.values()
print(json.dumps({member.name: [member.results, str(member.file), member.size] for member in members}))
"""


def test_each_has_its_file_and_the_results_that_the_listing_brings(hub, person, commits):
    put(hub, "me/srcnn-x3-l1", {"README.md": b"---\ntags: [srcnn]\nmodel-index: [5]\n---\n"})
    hub.requests.clear()
    found = person("-c", FILES).result
    assert not [line for line in lines(hub) if "README" in line]
    assert found["srcnn-x3-mse"][0]["3"]["Set5"] == {"psnr": 32.68, "ssim": 0.9083}
    assert found["srcnn-x3-l1"][0] == {}
    for name, (_, file, size) in found.items():
        weights = files_of(BUNDLED_FOLDER / name)["model.safetensors"]
        assert (Path(file).read_bytes(), size) == (weights, len(weights))


# Without


def test_a_dead_hub_is_replaced_by_the_cache_then_by_the_bundled_variants(hub, person, commits, tmp_path):
    gathered(person)
    hub.stop()
    found, notice = gathered(person)
    assert found == commits
    assert notice == f"The variants of me could not be listed: {GONE} The copies in the cache are used."
    found, notice = gathered(Commands(hub, tmp_path / "empty"))
    assert found == bundled()
    assert notice == f"The variants of me could not be listed: {GONE} The bundled variants are used."


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "refused"}, "the connection broke off"),
        ({"kind": "cut off"}, "the connection broke off"),
        ({"kind": "corrupt"}, "the answer is not one of the Hub's"),
        ({"kind": "status", "status": 500}, "the Hub answered with status 500"),
        ({"kind": "status", "status": 429}, "the Hub asks to wait"),
    ],
)
def test_a_list_that_fails(hub, person, commits, fault, words):
    hub.fault("/api/models", **fault)
    found, notice = gathered(person)
    assert found == bundled()
    assert notice.startswith(f"The variants of me could not be listed: {words}")


def test_a_wrong_token(hub, person, commits):
    assert gathered(person)[0] == commits
    found, notice = gathered(Commands(hub, person.home, "hf_wrong"))
    assert found == commits
    assert "the Hub does not know who asks; log in with `hf auth login`. The copies in the cache are used." in notice


def test_a_namespace_that_offers_nothing(hub, person, tmp_path):
    found, notice = gathered(person, "nobody")
    assert found == bundled()
    assert notice == "nobody offers no variants on the Hub that this demo can use. The bundled variants are used."
    SRCNN(scale=3, loss="mse", kernel_sizes=(9, 5, 5)).save_pretrained(tmp_path / "wide")
    put(hub, "me/srcnn-955-x3-mse", files_of(tmp_path / "wide"))  # nothing to choose it by
    assert gathered(person) == (bundled(), notice.replace("nobody", "me"))


FILE_FAULTS = {
    "refused": ("GET /me/srcnn-x3-l1/", {"kind": "refused"}, "the connection broke off"),
    "corrupt": ("srcnn-x3-l1/model.safetensors", {"kind": "corrupt"}, "came damaged"),
    "403": ("/me/srcnn-x3-l1/resolve/", {"kind": "status", "status": 403}, "the Hub does not allow it"),
}


@pytest.mark.parametrize("fault", FILE_FAULTS)
def test_a_variant_that_fails_is_replaced_and_the_others_are_not(hub, person, commits, tmp_path, fault):
    part, settings, words = FILE_FAULTS[fault]
    gathered(person)
    newer = changed(hub, "srcnn-x3-mse")
    other = {"model.safetensors": files_of(BUNDLED_FOLDER / "srcnn-x3-mse")["model.safetensors"]}
    put(hub, "me/srcnn-x3-l1", other)
    changed(hub, "srcnn-x3-l1")
    hub.fault(part, **settings)
    found, notice = gathered(person)
    assert found == commits | {"srcnn-x3-mse": newer}
    assert words in notice
    assert notice.endswith("Used instead: an earlier copy of srcnn-x3-l1.")
    found, notice = gathered(Commands(hub, tmp_path / "empty"))
    assert found == commits | {"srcnn-x3-mse": newer, "srcnn-x3-l1": ""}
    assert notice.endswith("Used instead: the bundled srcnn-x3-l1.")


def test_what_is_not_what_it_is_called_or_of_a_newer_version_is_replaced(hub, person, commits):
    gathered(person)
    changed(hub, "srcnn-x2-mse", scale=4)
    found, notice = gathered(person)
    assert found == commits
    assert notice == (
        "srcnn-x2-mse holds 9-1-5 for x4 with the loss mse, not what it is called. "
        "Used instead: an earlier copy of srcnn-x2-mse."
    )
    changed(hub, "srcnn-x2-mse", scale=2, dilation=2)
    assert "This version of SRCNN does not know dilation; update the package." in gathered(person)[1]


def test_files_that_do_not_come(hub, person, commits):
    """All of them together have some seconds, here two; the Hub answers when it is healed, and not before."""
    hub.fault("/resolve/", "slow")
    ((found, notice),) = person(
        "-c", f"from srcnn.variants import catalogue; catalogue.FETCH_SECONDS = 2.0\n{GATHER}", "me"
    ).result
    assert found == dict.fromkeys(NAMES, "")
    assert "could not be fetched: the Hub does not answer in time; try again later. Used instead: the bund" in notice


def test_an_earlier_copy_that_is_of_no_use_either(hub, person, commits):
    gathered(person)
    useless = changed(hub, "srcnn-x2-mse", dilation=2)
    gathered(person)
    (record,) = (person.home / "srcnn").iterdir()
    record.write_text(record.read_text().replace(commits["srcnn-x2-mse"], useless))
    hub.stop()
    assert gathered(person)[0] == commits | {"srcnn-x2-mse": ""}


def test_a_cache_that_cannot_be_written(hub, person, commits, tmp_path):
    """The disk is full, or there is no folder."""
    (tmp_path / "file").write_text("in the way")
    full = person("-c", GATHER, "me", largest=1000)
    none = person("-c", GATHER, "me", HF_HOME=str(tmp_path / "file"))
    for done, words in ((full, "File too large; make room"), (none, "Not a directory; make room or choose another")):
        ((found, notice),) = done.result
        assert found == dict.fromkeys(NAMES, "")
        assert words in notice
        assert notice.endswith("Used instead: the bundled srcnn-x2-mse, srcnn-x3-l1, srcnn-x3-mse.")


@pytest.mark.parametrize("record", ["", "[]", '{"srcnn-x3-mse": 7}', f'{{"../x": "{"0" * 40}"}}'])
def test_a_broken_record_of_the_last_time_is_no_obstacle(hub, person, commits, record):
    gathered(person)
    (file,) = (person.home / "srcnn").iterdir()
    file.write_text(record)
    hub.fault("/", "status", status=503)
    assert gathered(person)[0] == bundled()


# The time that it takes


def test_a_hub_that_takes_connections_and_never_answers_keeps_no_app_from_starting(hub, person, commits):
    """With a cache and without one; that it is asked once and for how long is what a start can take."""
    gathered(person)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        for home, expected in ((person.home, commits), (person.home / "empty", bundled())):
            ((found, notice),) = person("-c", GATHER, "me", HF_ENDPOINT=address, HF_HOME=str(home)).result
            assert found == expected
            assert notice.startswith("The variants of me could not be listed: the Hub does not answer in time;")
    assert LIST_SECONDS < 5


def test_many_variants_are_counted_not_named():
    failed = {f"srcnn-x{scale}-{loss}": "It failed." for scale in (2, 3) for loss in ("mse", "l1")}
    assert failure_notice(failed, {}) == "It failed. Left out: 4 variants."
