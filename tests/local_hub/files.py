"""The local Hub's answers about the content of repositories: history, lists of files, download."""

from pathlib import PurePosixPath
from urllib.parse import parse_qs, quote

from tests.local_hub.api import (
    PAGE,
    REPOSITORY,
    REVISION,
    Call,
    Refusal,
    Reply,
    Routes,
    as_json,
    commit_at,
    readable,
)
from tests.local_hub.store import Commit, File, Repository, Store, git_oid

file_routes = Routes()


@file_routes.on("GET", REPOSITORY + "/refs")
def refs(store: Store, call: Call, kind: str, name: str) -> Reply:
    repository = readable(store, call, kind, name)
    groups = {"branches": "refs/heads/", "tags": "refs/tags/", "pullRequests": "refs/pr/"}
    return as_json({group: refs_under(repository, prefix) for group, prefix in groups.items()} | {"converts": []})


def refs_under(repository: Repository, prefix: str) -> list[dict]:
    found = [(ref, commit_id) for ref, commit_id in repository.refs.items() if ref.startswith(prefix)]
    return [{"name": ref.removeprefix(prefix), "ref": ref, "targetCommit": commit_id} for ref, commit_id in found]


@file_routes.on("GET", REPOSITORY + "/commits" + REVISION)
def history(store: Store, call: Call, kind: str, name: str, revision: str) -> Reply:
    repository = readable(store, call, kind, name)
    return as_json(
        [
            {
                "id": commit.id,
                "title": commit.title,
                "message": commit.message,
                "authors": [{"user": commit.author}],
                "date": commit.date,
            }
            for commit in repository.history(commit_at(repository, revision))
        ]
    )


@file_routes.on("GET", REPOSITORY + "/discussions")
def discussions(store: Store, call: Call, kind: str, name: str) -> Reply:
    repository = readable(store, call, kind, name)
    status = call.query.get("status", ["all"])[0]
    found = [discussion(repository, pull) for pull in repository.pulls if status in ("all", pull["status"])]
    return as_json({"discussions": found, "count": len(found), "start": 0})


@file_routes.on("GET", REPOSITORY + "/discussions/(?P<number>[0-9]+)")
def discussion_details(store: Store, call: Call, kind: str, name: str, number: str) -> Reply:
    repository = readable(store, call, kind, name)
    if not 1 <= int(number) <= len(repository.pulls):
        raise Refusal(404, "Discussion not found")
    more = {"events": [], "changes": {"base": "refs/heads/main"}, "filesWithConflicts": [], "diff": ""}
    return as_json(discussion(repository, repository.pulls[int(number) - 1]) | more)


def discussion(repository: Repository, pull: dict) -> dict:
    about = {"name": repository.name, "type": repository.kind.removesuffix("s")}
    return pull | {"author": {"name": pull["author"]}, "repo": about, "isPullRequest": True}


# Lists of files


@file_routes.on("GET", REPOSITORY + "/tree" + REVISION + "(/(?P<folder>.+))?")
def tree(store: Store, call: Call, kind: str, name: str, revision: str, folder: str | None = None) -> Reply:
    """The files and folders in a folder, with those below them if the call is recursive."""
    commit = commit_at(readable(store, call, kind, name), revision)
    prefix = f"{folder.strip('/')}/" if folder else ""
    found = [path for path in entries(commit) if path.startswith(prefix)]
    if prefix and not found:
        raise Refusal(404, f'{folder} does not exist on "{revision}"', "EntryNotFound")
    shown = [path for path in found if call.asks("recursive") or "/" not in path.removeprefix(prefix)]
    return as_json([entry(commit, path) for path in shown])


@file_routes.on("POST", REPOSITORY + "/paths-info" + REVISION)
def paths_info(store: Store, call: Call, kind: str, name: str, revision: str) -> Reply:
    """Like `tree`, of the paths that the call names. The Python client sends a form, the JavaScript one JSON."""
    commit = commit_at(readable(store, call, kind, name), revision)
    form = "form" in call.headers.get("content-type", "")
    paths = parse_qs(call.body.decode())["paths"] if form else call.json()["paths"]
    known = entries(commit)
    return as_json([entry(commit, path) for path in paths if path in known])


def entries(commit: Commit) -> list[str]:
    """The paths of all files and of the folders that they are in."""
    folders = {str(folder) for path in commit.files for folder in PurePosixPath(path).parents} - {"."}
    return sorted(folders | set(commit.files))


def entry(commit: Commit, path: str) -> dict:
    file = commit.files.get(path)
    if not file:
        return {"type": "directory", "oid": git_oid(path.encode()), "size": 0, "path": path}
    shown = {"type": "file", "oid": file.oid, "size": file.size, "path": path}
    large = {"oid": file.sha256, "size": file.size, "pointerSize": len(file.pointer)}
    return shown | ({"lfs": large} if file.large else {})


# Download


@file_routes.on("GET", PAGE + "/resolve" + REVISION + "/(?P<path>.+)")
def resolve(store: Store, call: Call, kind: str | None, name: str, revision: str, path: str) -> Reply:
    """A file of a revision: a small one at once, a large one by the address of its bytes."""
    repository, commit, file = find_file(store, call, kind, name, revision, path)
    headers = {"X-Repo-Commit": commit.id}
    if not file.large:
        return content(call, store.read(file.sha256), headers | {"ETag": f'"{file.etag}"'})
    linked = {"X-Linked-ETag": f'"{file.etag}"', "X-Linked-Size": str(file.size)}
    address = f"{call.storage_url}/storage/{file.sha256}/{repository.kind}/{quote(name)}/{quote(path)}"
    return Reply(302, headers | linked | {"Location": address})


@file_routes.on("GET", PAGE + "/raw" + REVISION + "/(?P<path>.+)")
def raw(store: Store, call: Call, kind: str | None, name: str, revision: str, path: str) -> Reply:
    """What git itself has: of a large file only the pointer."""
    _, commit, file = find_file(store, call, kind, name, revision, path)
    kept = file.pointer if file.large else store.read(file.sha256)
    return content(call, kept, {"X-Repo-Commit": commit.id, "ETag": f'"{file.oid}"'})


def find_file(
    store: Store, call: Call, kind: str | None, name: str, revision: str, path: str
) -> tuple[Repository, Commit, File]:
    repository = readable(store, call, kind, name)
    commit = commit_at(repository, revision)
    if path not in commit.files:
        raise Refusal(404, "Entry not found", "EntryNotFound")
    return repository, commit, commit.files[path]


@file_routes.on("GET", "/storage/(?P<sha256>[0-9a-f]{64})/.+")
def stored(store: Store, call: Call, sha256: str) -> Reply:
    """The bytes of a large file. Who knows the address may have them, as with the signed addresses of the real Hub."""
    if not store.has(sha256):
        raise Refusal(404, "Not found")
    return content(call, store.read(sha256), {"ETag": f'"{sha256}"'})


def content(call: Call, whole: bytes, headers: dict[str, str]) -> Reply:
    """The bytes, or the part of them that the call asks for (`Range: bytes=FIRST-LAST`)."""
    headers = headers | {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
    unit, _, wanted = call.headers.get("range", "").partition("=")
    first, _, last = wanted.partition("-")
    if unit != "bytes" or "," in wanted:
        return Reply(200, headers, whole)
    start = int(first) if first else max(len(whole) - int(last), 0)
    end = min(int(last) + 1, len(whole)) if first and last else len(whole)
    if start >= end:
        return Reply(416, {"Content-Range": f"bytes */{len(whole)}"})
    return Reply(206, headers | {"Content-Range": f"bytes {start}-{end - 1}/{len(whole)}"}, whole[start:end])
