"""The faults that the local Hub can be told to have, as the real client meets them."""

from pathlib import Path

import pytest

from tests.local_hub.client import CARD, NOTES, WEIGHTS, methods


def test_a_slow_hub(hub, client, repository, tmp_path):
    cache = f"cache_dir={str(tmp_path)!r}"
    hub.fault("HEAD /", "slow", times=1)
    assert client.pull(repository, "notes.txt", cache) == NOTES
    assert methods(hub)[-3:] == ["HEAD", "HEAD", "GET"], "not in the cache, so asked again"
    hub.requests.clear()
    hub.fault("/resolve/", "slow")
    assert client.pull(repository, "notes.txt", cache) == NOTES
    assert methods(hub) == ["HEAD"], "in the cache"
    hub.heal()
    hub.fault("/resolve/", "slow", seconds=0.1)
    assert client.pull(repository, "README.md", cache) == CARD.encode()


def test_a_download_that_is_cut_off_starts_again(hub, client, repository, tmp_path):
    hub.fault("model.safetensors", "cut off", times=1)
    assert client.pull(repository, "x2/model.safetensors", f"cache_dir={str(tmp_path)!r}") == WEIGHTS
    tries = [request for request in hub.requests if request.path.startswith("/storage/")]
    assert len(tries) == 2


def test_a_download_that_is_cut_off_each_time_leaves_no_file(hub, client, repository, tmp_path):
    hub.fault("GET /me", "cut off")
    failed = client.fails(f"hf_hub_download({repository!r}, 'notes.txt', cache_dir={str(tmp_path)!r})")
    assert "closed connection" in failed.message
    assert not list(tmp_path.rglob("notes.txt"))


@pytest.mark.parametrize(("path", "content"), [("notes.txt", NOTES), ("x2/model.safetensors", WEIGHTS)])
def test_the_client_takes_a_corrupt_file(path, content, hub, client, repository, tmp_path):
    """So who needs the right bytes must check them."""
    hub.fault(path, "corrupt")
    pulled = client.pull(repository, path, f"cache_dir={str(tmp_path)!r}")
    assert len(pulled) == len(content)
    assert pulled != content


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_file_in_the_cache_serves_when_the_hub_answers_with_errors(status, hub, client, repository, tmp_path):
    client.pull(repository, "notes.txt", f"cache_dir={str(tmp_path)!r}")
    hub.requests.clear()
    hub.fault("/resolve/", "status", status=status)
    assert client.pull(repository, "notes.txt", f"cache_dir={str(tmp_path)!r}") == NOTES
    assert methods(hub) == ["HEAD"]


@pytest.mark.parametrize(("status", "tries"), [(403, 1), (429, 2), (500, 1), (503, 1)])
def test_a_file_that_is_not_in_the_cache_and_an_error(status, tries, hub, client, repository, tmp_path):
    """The client tries a download again only when it was told to come later."""
    hub.requests.clear()
    hub.fault("GET /", "status", status=status, times=1)
    download = f"hf_hub_download({repository!r}, 'notes.txt', cache_dir={str(tmp_path)!r})"
    if tries == 1:
        assert client.fails(download).status == status
    else:
        assert Path(client(download)).read_bytes() == NOTES
    assert methods(hub) == ["HEAD"] + ["GET"] * tries


def test_a_refused_upload_is_tried_again(hub, client, repository):
    hub.requests.clear()
    hub.fault("PUT /storage/", "refused", times=1)
    client.push(repository, {"x3/model.safetensors": WEIGHTS[1:]})
    assert methods(hub).count("PUT") == 2
    assert client.pull(repository, "x3/model.safetensors") == WEIGHTS[1:]


def test_a_connection_that_is_reset_is_an_error_though_the_file_is_in_the_cache(hub, client, repository):
    """Unlike a refused connection, a slow Hub or one with errors."""
    client.pull(repository, "notes.txt")
    hub.fault("/resolve/", "refused", times=1)
    assert client.fails(f"hf_hub_download({repository!r}, 'notes.txt')").error == "ReadError"


def test_a_commit_whose_answer_is_cut_off_did_happen(hub, client, repository):
    hub.fault("/commit/", "cut off", times=1)
    operation = "CommitOperationAdd('a.txt', b'a')"
    client.fails(f"api.create_commit({repository!r}, [{operation}], commit_message='Push')")
    assert client.pull(repository, "a.txt") == b"a"


def test_a_refused_commit_did_not_happen(hub, client, repository):
    main = client(f"model_info({repository!r}).sha")
    hub.fault("/commit/", "refused")
    operation = "CommitOperationAdd('a.txt', b'a')"
    failed = client.fails(f"api.create_commit({repository!r}, [{operation}], commit_message='Push')")
    assert failed.error in ("ReadError", "RemoteProtocolError")
    assert client(f"model_info({repository!r}).sha") == main


def test_an_unknown_fault(hub):
    with pytest.raises(ValueError, match="no fault 'slowly'"):
        hub.fault("/", "slowly")
