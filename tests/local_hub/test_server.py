"""The local Hub against the real client, in a process of its own because the client reads its settings at import."""

import base64
import contextlib
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.local_hub.server import READ_TOKEN, WRITE_TOKEN, LocalHub
from tests.support.project import PROJECT
from tests.support.waiting import PATIENCE_SECONDS, wait_until

CARD = "---\nlicense: mit\npipeline_tag: image-to-image\ntags: [super-resolution]\n---\n# A model\n"
NOTES = "Three lines\nof text,\nwith ümlauts.\n".encode()
WEIGHTS = bytes(range(256)) * 800  # 200 kB, so a large file

# Reads one expression per line, answers with one line: its value, or the error that it raised.
WORKER = """
import json, sys
from huggingface_hub import *
api = HfApi()
for line in sys.stdin:
    try:
        answer = {"value": eval(json.loads(line))}
    except Exception as error:
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", None)
        answer = {"error": type(error).__name__, "status": status, "message": str(error)}
    print(json.dumps(answer, default=lambda value: getattr(value, "__dict__", None) or str(value)), flush=True)
"""


class Client:
    """The real client, at work in another process."""

    def __init__(self, hub: LocalHub, home: Path, token: str):
        settings = {"HF_HOME": str(home), "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_ETAG_TIMEOUT": "2"}
        settings |= {"HF_HUB_DOWNLOAD_TIMEOUT": "2", "HF_HUB_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            env=os.environ | hub.environment | settings | {"HF_TOKEN": token},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def answer(self, expression: str) -> dict:
        self.process.stdin.write(json.dumps(expression) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __call__(self, expression: str):
        """The value of an expression, in which `api` and all names of huggingface_hub are known."""
        answer = self.answer(expression)
        assert "value" in answer, answer
        return answer["value"]

    def fails(self, expression: str) -> SimpleNamespace:
        """The error of an expression."""
        answer = self.answer(expression)
        assert "error" in answer, answer
        return SimpleNamespace(**answer)

    def push(self, repository: str, files: dict[str, bytes | str], options: str = "") -> dict:
        added = [f"CommitOperationAdd({path!r}, {as_bytes(content)!r})" for path, content in files.items()]
        return self(f"vars(api.create_commit({repository!r}, [{', '.join(added)}], commit_message='Push', {options}))")

    def pull(self, repository: str, path: str, options: str = "") -> bytes:
        return Path(self(f"hf_hub_download({repository!r}, {path!r}, {options})")).read_bytes()


def as_bytes(content: bytes | str) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


@contextlib.contextmanager
def running_client(hub: LocalHub, home: Path, token: str = WRITE_TOKEN) -> Iterator[Client]:
    client = Client(hub, home, token)
    try:
        yield client
    finally:
        client.process.stdin.close()
        client.process.wait(timeout=20)


@pytest.fixture(scope="module")
def running_hub() -> Iterator[LocalHub]:
    with LocalHub() as hub:
        yield hub


@pytest.fixture(scope="module")
def client(running_hub, tmp_path_factory) -> Iterator[Client]:
    with running_client(running_hub, tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture(autouse=True)
def hub(running_hub) -> LocalHub:
    """The Hub of all tests of this file, with the memory and the faults of none."""
    running_hub.heal()
    running_hub.requests.clear()
    return running_hub


@pytest.fixture
def repository(client, request) -> str:
    """A repository of the test's own, with two files of one line and a large one."""
    name = f"me/{re.sub('[^a-z0-9]+', '-', request.node.name)}".rstrip("-")
    client(f"create_repo({name!r})")
    client.push(name, {"README.md": CARD, "notes.txt": NOTES, "x2/model.safetensors": WEIGHTS})
    return name


def methods(hub: LocalHub) -> list[str]:
    return [request.method for request in hub.requests]


# Push and pull


def test_all_bytes_come_back(hub, client, repository, tmp_path):
    folder = Path(client(f"snapshot_download({repository!r}, cache_dir={str(tmp_path)!r})"))
    pulled = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert pulled.pop(".gitattributes").startswith(b"*.safetensors filter=lfs")
    assert pulled == {"README.md": CARD.encode(), "notes.txt": NOTES, "x2/model.safetensors": WEIGHTS}


def test_only_large_files_are_sent_apart_and_the_token_stays_with_the_hub(hub, client, repository, tmp_path):
    client.push(repository, {"picture.png": b"small", "long.txt": b"a" * 100_000, "short.txt": b"b"})
    client(f"snapshot_download({repository!r}, cache_dir={str(tmp_path)!r})")
    apart = [request for request in hub.requests if request.path.startswith("/storage/")]
    assert Counter(request.method for request in apart) == {"PUT": 2, "GET": 3}
    assert not any("authorization" in request.headers for request in apart)
    others = [request for request in hub.requests if request not in apart]
    assert {request.headers["authorization"] for request in others} == {"Bearer ..."}


def test_content_that_the_hub_has_is_not_sent_again(hub, client, repository):
    before = client(f"api.model_info({repository!r}).sha")
    hub.requests.clear()
    client.push(repository, {"again.safetensors": WEIGHTS})
    assert "PUT" not in methods(hub)
    after = client.push(repository, {"notes.txt": NOTES, "again.safetensors": WEIGHTS})["oid"]
    assert [commit["commit_id"] for commit in client(f"api.list_repo_commits({repository!r})")][:2] == [after, before]


@pytest.mark.parametrize("path", ["notes.txt", "x2/model.safetensors"])
def test_what_a_second_download_asks(path, hub, client, repository, tmp_path):
    cache = f"cache_dir={str(tmp_path)!r}"
    commit = client(f"api.model_info({repository!r}).sha")
    first = client.pull(repository, path, f"revision={commit!r}, {cache}")
    hub.requests.clear()
    assert client.pull(repository, path, f"revision={commit!r}, {cache}") == first
    assert methods(hub) == []
    assert client.pull(repository, path, cache) == first
    assert methods(hub) == ["HEAD"]


def test_an_older_commit_and_a_tag_keep_their_bytes(hub, client, repository, tmp_path):
    old = client(f"api.model_info({repository!r}).sha")
    client(f"api.create_tag({repository!r}, tag='v1')")
    new = client.push(repository, {"notes.txt": "New.", "x2/model.safetensors": WEIGHTS[::-1]})["oid"]
    cache = f"cache_dir={str(tmp_path)!r}"
    for revision, notes, weights in (
        (old, NOTES, WEIGHTS),
        ("v1", NOTES, WEIGHTS),
        (new, b"New.", WEIGHTS[::-1]),
        ("main", b"New.", WEIGHTS[::-1]),
    ):
        assert client.pull(repository, "notes.txt", f"revision={revision!r}, {cache}") == notes
        assert client.pull(repository, "x2/model.safetensors", f"revision={revision!r}, {cache}") == weights
    for fixed in ("v1", old):
        operation = "CommitOperationAdd('a.txt', b'a')"
        commit = f"api.create_commit({repository!r}, [{operation}], commit_message='Push', revision={fixed!r})"
        assert client.fails(commit).error == "RevisionNotFoundError"


def test_commit_ids_follow_from_content_and_parent(client):
    def commits(name: str, last: str) -> list[str]:
        client(f"create_repo({name!r})")
        return [client.push(name, {"a.txt": content})["oid"] for content in ("1", "2", "1", last)]

    one, other = commits("me/one", "3"), commits("me/other", "4")
    assert len(set(one)) == 4
    assert all(len(commit) == 40 and int(commit, 16) for commit in one)
    assert one[:3] == other[:3]
    assert one[3] != other[3]


def test_a_commit_on_an_outdated_parent_is_refused(client, repository):
    parent = client(f"api.model_info({repository!r}).sha")
    newer = client.push(repository, {"a.txt": "a"}, f"parent_commit={parent!r}")["oid"]
    options = f"commit_message='Push', parent_commit={parent!r}"
    error = client.fails(f"api.create_commit({repository!r}, [CommitOperationAdd('b.txt', b'b')], {options})")
    assert error.status == 412
    assert client(f"api.model_info({repository!r}).sha") == newer
    assert client(f"api.file_exists({repository!r}, 'b.txt')") is False


def test_a_pull_request_leaves_the_branch_alone(client, repository):
    main = client(f"api.model_info({repository!r}).sha")
    made = client.push(repository, {"notes.txt": "Proposed."}, "create_pr=True")
    assert (made["pr_num"], made["pr_revision"]) == (1, "refs/pr/1")
    assert client(f"api.model_info({repository!r}).sha") == main
    assert client.pull(repository, "notes.txt") == NOTES
    assert client.pull(repository, "notes.txt", "revision='refs/pr/1'") == b"Proposed."
    client.push(repository, {"more.txt": "More."}, "revision='refs/pr/1'")
    assert client.pull(repository, "more.txt", "revision='refs/pr/1'") == b"More."
    (listed,) = client(f"[vars(each) for each in api.get_repo_discussions({repository!r})]")
    assert (listed["num"], listed["status"], listed["is_pull_request"]) == (1, "open", True)
    assert client(f"api.get_discussion_details({repository!r}, 1).target_branch") == "refs/heads/main"
    references = client(f"vars(api.list_repo_refs({repository!r}, include_pull_requests=True))")
    assert [each["ref"] for each in references["pull_requests"]] == ["refs/pr/1"]


def test_deleting_files_and_folders(client, repository):
    delete = "api.create_commit({!r}, [CommitOperationDelete({!r})], commit_message='Delete')"
    client(delete.format(repository, "notes.txt"))
    client(delete.format(repository, "x2/"))
    assert client(f"api.list_repo_files({repository!r})") == [".gitattributes", "README.md"]
    assert client.fails(delete.format(repository, "写真.png")).error == "RemoteEntryNotFoundError"


def test_ignored_files_are_not_pushed(client, repository):
    client.push(repository, {".gitignore": "*.log\ncache/\n", "run.log": "", "cache/a.txt": "", "kept.txt": ""})
    files = set(client(f"api.list_repo_files({repository!r})"))
    assert files >= {".gitignore", "kept.txt"}
    assert not files & {"run.log", "cache/a.txt"}


def test_a_card_that_is_no_yaml_is_refused(client, repository):
    broken = "CommitOperationAdd('README.md', b'---\\ntags: [a\\n---\\n')"
    error = client.fails(f"api.create_commit({repository!r}, [{broken}], commit_message='Push')")
    assert error.error == "ValueError"
    assert "Invalid metadata in README.md" in error.message
    assert client(f"ModelCard.load({repository!r}).data.license") == "mit"


# Who may do what


def test_what_is_missing_has_the_clients_own_errors(client, repository):
    def error(expression: str) -> tuple[str, int]:
        failed = client.fails(expression)
        return failed.error, failed.status

    assert error("model_info('me/none', token=False)") == ("RepositoryNotFoundError", 401)
    assert error("hf_hub_download('me/none', 'a.txt', token=False)") == ("RepositoryNotFoundError", 401)
    assert error("model_info('me/none')") == ("RepositoryNotFoundError", 404)
    assert error(f"dataset_info({repository!r})") == ("RepositoryNotFoundError", 404)
    assert error(f"hf_hub_download({repository!r}, 'none.txt')") == ("RemoteEntryNotFoundError", 404)
    assert error(f"hf_hub_download({repository!r}, 'notes.txt', revision='v9')") == ("RevisionNotFoundError", 404)
    assert error(f"model_info({repository!r}, revision={'0' * 40!r})") == ("RevisionNotFoundError", 404)
    assert error(f"snapshot_download({repository!r}, revision='v9')") == ("RevisionNotFoundError", 404)


def test_a_private_repository_is_missing_for_others(client):
    client("create_repo('me/secret', private=True)")
    client.push("me/secret", {"notes.txt": NOTES})
    assert client.pull("me/secret", "notes.txt") == NOTES
    failed = client.fails("hf_hub_download('me/secret', '.gitattributes', token=False)")
    assert (failed.error, failed.status) == ("RepositoryNotFoundError", 401)
    assert client("[each.id for each in list_models(author='me', search='secret')]") == ["me/secret"]
    assert client("[each.id for each in list_models(author='me', search='secret', token=False)]") == []
    client("api.update_repo_settings('me/secret', private=False)")
    assert client("model_info('me/secret', token=False).private") is False


def test_only_a_write_token_writes(client, repository):
    assert client("whoami()['name']") == "me"
    assert client(f"whoami(token={READ_TOKEN!r})['auth']['accessToken']['role']") == "read"
    push = (
        f"api.create_commit({repository!r}, [CommitOperationAdd('a.txt', b'a')], commit_message='Push', token={{!r}})"
    )
    forbidden = client.fails(push.format(READ_TOKEN))
    assert (forbidden.error, forbidden.status) == ("HfHubHTTPError", 403)
    assert "write token" in forbidden.message
    assert client.fails(f"create_repo('me/new', token={READ_TOKEN!r})").status == 403
    assert client.fails("create_repo('somebody/new')").status == 403
    assert client.fails(push.format(False)).status == 401
    assert client.fails(push.format("hf_unknown")).status == 401
    assert client(f"api.file_exists({repository!r}, 'a.txt', token={READ_TOKEN!r})") is False


def test_creating_and_deleting_a_repository(client):
    client("create_repo('me/short-lived')")
    assert client.fails("create_repo('me/short-lived')").status == 409
    assert client("create_repo('me/short-lived', exist_ok=True)").endswith("/me/short-lived")
    client("delete_repo('me/short-lived')")
    assert client("repo_exists('me/short-lived')") is False
    assert client.fails("delete_repo('me/short-lived')").error == "RepositoryNotFoundError"


# What the Hub tells


def test_what_it_tells_of_a_model(client, repository):
    info = client(f"vars(model_info({repository!r}, revision='HEAD', files_metadata=True))")
    assert (info["id"], info["author"], info["private"], info["pipeline_tag"]) == (
        repository,
        "me",
        False,
        "image-to-image",
    )
    assert info["card_data"]["license"] == "mit"
    assert {"super-resolution", "license:mit", "image-to-image"} == set(info["tags"])
    sizes = {each["rfilename"]: each["size"] for each in info["siblings"]}
    assert sizes["notes.txt"] == len(NOTES)
    assert sizes["x2/model.safetensors"] == len(WEIGHTS)
    assert client(f"vars(model_info({repository!r}, expand=['sha']))")["card_data"] is None


def test_the_tree_of_a_model(client, repository):
    entries = client(f"[vars(each) for each in api.list_repo_tree({repository!r})]")
    assert [each["path"] for each in entries] == [".gitattributes", "README.md", "notes.txt", "x2"]
    (entry,) = client(f"[vars(each) for each in api.list_repo_tree({repository!r}, 'x2')]")
    assert entry["lfs"]["size"] == entry["size"] == len(WEIGHTS)
    (entry,) = client(f"[vars(each) for each in api.get_paths_info({repository!r}, ['notes.txt', 'none'])]")
    assert (entry["path"], entry["size"]) == ("notes.txt", len(NOTES))
    assert client.fails(f"list(api.list_repo_tree({repository!r}, 'none'))").error == "RemoteEntryNotFoundError"


def test_the_models_of_an_author(client, repository):
    def listed(options: str) -> dict:
        found = {each["id"]: each for each in client(f"[vars(each) for each in list_models({options})]")}
        return found.get(repository)

    commit = client(f"model_info({repository!r}).sha")
    assert listed("author='somebody'") is None
    assert (listed("author='me'")["sha"], listed("author='me'")["card_data"]) == (None, None)
    assert listed("author='me', full=True")["sha"] == commit
    assert listed("author='me', cardData=True")["card_data"]["license"] == "mit"
    both = listed("author='me', expand=['sha', 'cardData']")
    assert (both["sha"], both["card_data"]["license"], both["tags"]) == (commit, "mit", None)


def test_spaces_and_datasets_have_their_own_names(client, repository):
    space = f"{repository!r}, repo_type='space'"
    assert client(f"create_repo({space}, space_sdk='gradio')").endswith(f"/spaces/{repository}")
    assert client(f"get_space_runtime({repository!r}).stage") == "NO_APP_FILE"
    client(f"upload_file(path_or_fileobj=b'import gradio', path_in_repo='app.py', repo_id={space})")
    assert client(f"get_space_runtime({repository!r}).stage") == "RUNNING"
    info = client(f"vars(space_info({repository!r}))")
    assert (info["sdk"], info["card_data"]["sdk"]) == ("gradio", "gradio")
    assert client(f"api.list_repo_files({space})") == [".gitattributes", "README.md", "app.py"]
    assert client.pull(repository, "app.py", "repo_type='space'") == b"import gradio"
    client(f"create_repo({repository!r}, repo_type='dataset')")
    client.push(repository, {"large.png": WEIGHTS}, "repo_type='dataset'")
    assert client.pull(repository, "large.png", "repo_type='dataset'") == WEIGHTS


def test_a_collection(client, repository):
    client("create_repo('me/second')")
    create = "create_collection('SRCNN, all of it', namespace='me', description='Models', exists_ok={})"
    slug = client(f"{create.format(False)}.slug")
    assert client.fails(create.format(False)).status == 409
    assert client(f"{create.format(True)}.slug") == slug
    add = "vars(add_collection_item({!r}, {!r}, 'model', exists_ok={}))"
    client(add.format(slug, repository, False))
    client(f"add_collection_item({slug!r}, 'me/second', 'model', note='Smaller')")
    assert client.fails(add.format(slug, repository, False)).status == 409
    client(add.format(slug, repository, True))
    assert client.fails(add.format(slug, "me/none", True)).status == 404
    items = client(f"[vars(each) for each in get_collection({slug!r}).items]")
    assert [(each["item_id"], each["note"]) for each in items] == [(repository, None), ("me/second", "Smaller")]
    assert [slug, 2] in client("[(each.slug, len(each.items)) for each in list_collections(owner='me')]")
    assert client("[each.slug for each in list_collections(owner='somebody')]") == []


def test_a_list_of_collections_shows_the_first_four_items_of_each(client):
    client("[create_repo(f'me/item-{i}') for i in range(5)]")
    slug = client("create_collection('Long', namespace='me').slug")
    client(f"[add_collection_item({slug!r}, f'me/item-{{i}}', 'model').slug for i in range(5)]")
    assert client(f"[len(each.items) for each in list_collections() if each.slug == {slug!r}]") == [4]
    assert client(f"[each.item_id for each in get_collection({slug!r}).items][4]") == "me/item-4"


# HTTP itself


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


# Faults


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


# Start and stop


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
