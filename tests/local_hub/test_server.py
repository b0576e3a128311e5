"""The local Hub as a server: what it answers to any HTTP client, how it starts and stops."""

import base64
import contextlib
import hashlib
import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from tests.local_hub.client import NOTES, WEIGHTS, running_client
from tests.local_hub.server import WRITE_TOKEN, LocalHub
from tests.support.project import PROJECT
from tests.support.waiting import PATIENCE_SECONDS, wait_until


def send(hub: LocalHub, method: str, path: str, body: bytes) -> int:
    request = urllib.request.Request(hub.url + path, body, {"Authorization": f"Bearer {WRITE_TOKEN}"}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_it_refuses_what_the_client_would_never_send(hub, client, repository):
    main = client(f"model_info({repository!r}).sha")
    header = {"key": "header", "value": {"summary": "Push"}}
    card = {"content": base64.b64encode(b"---\n- no mapping\n---\n").decode(), "path": "README.md"}
    never_sent = {"path": "a.safetensors", "algo": "sha256", "oid": "0" * 64, "size": 1}
    for operation in (
        {"key": "file", "value": card},
        {"key": "lfsFile", "value": never_sent},
        {"key": "x", "value": card},
    ):
        body = f"{json.dumps(header)}\n{json.dumps(operation)}\n".encode()
        assert send(hub, "POST", f"/api/models/{repository}/commit/main", body) == 400
    assert client(f"model_info({repository!r}).sha") == main
    assert send(hub, "PUT", f"/storage/{'0' * 64}", b"of another SHA-256") == 400
    large = hashlib.sha256(WEIGHTS).hexdigest()
    assert send(hub, "POST", "/api/verify", json.dumps({"oid": large, "size": len(WEIGHTS)}).encode()) == 200
    assert send(hub, "POST", "/api/verify", json.dumps({"oid": large, "size": 1}).encode()) == 404
    assert send(hub, "GET", "/api/models/me", b"") == 404


def get(hub: LocalHub, path: str, wanted: str) -> tuple[int, str, bytes]:
    request = urllib.request.Request(hub.url + path, headers={"Range": wanted})
    with urllib.request.urlopen(request) as answer:
        return answer.status, answer.headers["Content-Range"], answer.read()


@pytest.mark.parametrize("path", ["notes.txt", "x2/model.safetensors"])
def test_parts_of_files(path, hub, client, repository):
    whole = {"notes.txt": NOTES, "x2/model.safetensors": WEIGHTS}[path]
    size, path = len(whole), f"/{repository}/resolve/main/{path}"
    assert get(hub, path, "bytes=0-0") == (206, f"bytes 0-0/{size}", whole[:1])
    assert get(hub, path, "bytes=5-") == (206, f"bytes 5-{size - 1}/{size}", whole[5:])
    assert get(hub, path, f"bytes=5-{size + 9}") == (206, f"bytes 5-{size - 1}/{size}", whole[5:])
    assert get(hub, path, "bytes=-3") == (206, f"bytes {size - 3}-{size - 1}/{size}", whole[-3:])
    with pytest.raises(urllib.error.HTTPError, match="416"):
        get(hub, path, f"bytes={size}-")


def test_git_has_a_pointer_for_a_large_file(hub, repository):
    with urllib.request.urlopen(f"{hub.url}/{repository}/raw/main/notes.txt") as answer:
        assert answer.read() == NOTES
    with urllib.request.urlopen(f"{hub.url}/{repository}/raw/main/x2/model.safetensors") as answer:
        pointer = answer.read().decode()
    assert f"oid sha256:{hashlib.sha256(WEIGHTS).hexdigest()}\nsize {len(WEIGHTS)}\n" in pointer


def test_it_goes_on_where_it_stopped(tmp_path):
    tokens = {"hf_first": ("me", "write")}
    hub = LocalHub(tokens, tmp_path / "hub").start()
    with running_client(hub, tmp_path / "home", "hf_first") as client:
        client("create_repo('me/kept')")
        commit = client.push("me/kept", {"notes.txt": NOTES, "model.safetensors": WEIGHTS}, "create_pr=True")["oid"]
        slug = client("create_collection('Kept', namespace='me').slug")
        client(f"add_collection_item({slug!r}, 'me/kept', 'model')")
        hub.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", hub.port))
        assert client.fails("model_info('me/kept')").error == "ConnectError"
        with LocalHub(tokens, tmp_path / "hub", hub.port):
            assert client("model_info('me/kept', revision='refs/pr/1').sha") == commit
            assert client.pull("me/kept", "model.safetensors", f"revision={commit!r}") == WEIGHTS
            assert client(f"len(get_collection({slug!r}).items)") == 1
    kept = b"".join(file.read_bytes() for file in (tmp_path / "hub").rglob("*") if file.is_file())
    assert b"hf_first" not in kept


def test_it_stops_in_the_middle_of_an_answer():
    with LocalHub() as hub:
        hub.fault("/api", "slow")
        connection = socket.create_connection(("127.0.0.1", hub.port))
        connection.sendall(b"GET /api/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        wait_until(lambda: hub.requests, "the Hub has the request")
    connection.settimeout(PATIENCE_SECONDS)
    with connection, contextlib.suppress(ConnectionResetError):
        assert connection.recv(100) == b""


def test_the_command(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.local_hub", "--port", str(port), "--folder", tmp_path, "--token", "hf_mine"]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        lines = [process.stdout.readline() for _ in range(6)]
        hub = LocalHub(port=port)  # not started: only for its environment
        with running_client(hub, tmp_path / "home", "hf_mine") as client:
            assert client("create_repo('me/by-hand')").endswith("/me/by-hand")
    finally:
        process.terminate()
        process.wait(timeout=20)
    assert f"export HF_ENDPOINT=http://127.0.0.1:{port}\n" in lines
    assert "export HF_HUB_DISABLE_XET=1\n" in lines
    assert not any("hf_mine" in line for line in lines)
