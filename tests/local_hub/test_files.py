"""Files that the real client pushes to the local Hub and pulls from it."""

from collections import Counter
from pathlib import Path

import pytest

from tests.local_hub.client import CARD, NOTES, WEIGHTS, methods


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
