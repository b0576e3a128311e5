"""The local Hub's answers about the content of repositories: push, history, lists of files, download."""

import base64
import hashlib
import json
from fnmatch import fnmatch
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
    page_of,
    readable,
    require_write,
    writable,
)
from tests.local_hub.repositories import card_data
from tests.local_hub.store import Commit, File, Repository, Store, git_oid, is_large

file_routes = Routes()

# Push


@file_routes.on("POST", REPOSITORY + "/preupload" + REVISION)
def preupload(store: Store, call: Call, kind: str, name: str, revision: str) -> Reply:
    """For each file that is to come: how it must be sent, and what is there now under its name."""
    present = commit_at(writable(store, call, kind, name), revision).files
    wanted = call.json()
    ignored = [line.strip() for line in wanted.get("gitIgnore", "").splitlines() if line.strip()]
    files = [
        {
            "path": file["path"],
            "uploadMode": "lfs" if is_large(file["path"], file["size"]) else "regular",
            "shouldIgnore": is_ignored(file["path"], ignored),
            "oid": present[file["path"]].etag if file["path"] in present else None,
        }
        for file in wanted["files"]
    ]
    return as_json({"files": files})


def is_ignored(path: str, patterns: list[str]) -> bool:
    """The plain patterns of a .gitignore: of a path, a file name or a folder."""
    parts = PurePosixPath(path).parts
    return any(fnmatch(part, pattern.strip("/")) for pattern in patterns for part in (path, *parts))


@file_routes.on("POST", PAGE + r"\.git/info/lfs/objects/batch")
def large_files(store: Store, call: Call, kind: str | None, name: str) -> Reply:
    """Where to send the large files that are not here yet."""
    readable(store, call, kind, name)
    require_write(call)
    objects = call.json()["objects"]
    for each in objects:
        if not store.has(each["oid"]):
            actions = {"upload": f"{call.storage_url}/storage/{each['oid']}", "verify": f"{call.url}/api/verify"}
            each["actions"] = {action: {"href": href} for action, href in actions.items()}
    return as_json({"transfer": "basic", "objects": objects})


@file_routes.on("PUT", "/storage/(?P<sha256>[0-9a-f]{64})")
def receive(store: Store, call: Call, sha256: str) -> Reply:
    if hashlib.sha256(call.body).hexdigest() != sha256:
        raise Refusal(400, "The content does not have the announced SHA-256")
    store.put(call.body)
    return Reply(200, {})


@file_routes.on("POST", "/api/verify")
def verify(store: Store, call: Call) -> Reply:
    sent = call.json()
    if not store.has(sent["oid"]) or store.size(sent["oid"]) != sent["size"]:
        raise Refusal(404, "The file did not arrive")
    return as_json({"success": True})


@file_routes.on("POST", REPOSITORY + "/commit" + REVISION)
def commit(store: Store, call: Call, kind: str, name: str, revision: str) -> Reply:
    """One commit, onto a branch or as a pull request."""
    repository = writable(store, call, kind, name)
    header, *operations = map(json.loads, call.body.splitlines())
    title, message = header["value"]["summary"], header["value"].get("description", "")
    proposal = call.asks("create_pr")
    ref = branch(repository, revision)
    parent = parent_commit(repository, ref, header["value"].get("parentCommit"), proposal)
    files = changed(store, parent.files, operations)
    page = call.url + page_of(kind, name)
    answer = {"success": True, "hookOutput": ""}
    if proposal:
        number = repository.open_pull(call.user, title)
        ref, answer["pullRequestUrl"] = f"refs/pr/{number}", f"{page}/discussions/{number}"
    made = repository.commit(ref, parent, files, call.user, title, message)
    store.save()
    return as_json(answer | {"commitOid": made.id, "commitUrl": f"{page}/commit/{made.id}"})


def branch(repository: Repository, revision: str) -> str:
    """The full name of a branch or pull request; a tag or a commit cannot move."""
    ref = repository.ref(revision)
    if not ref or ref.startswith("refs/tags/"):
        raise Refusal(404, f"{revision} is not a branch", "RevisionNotFound")
    return ref


def parent_commit(repository: Repository, ref: str, wanted: str | None, proposal: bool) -> Commit:
    """The commit to build on. A push onto a branch is refused if the branch has moved since the commit it wants."""
    last = commit_at(repository, ref)
    if wanted and proposal:
        return commit_at(repository, wanted)
    if wanted and not last.id.startswith(wanted):
        raise Refusal(412, f"A commit has happened since. Please refresh and try again: {ref} is at {last.id}")
    return last


def changed(store: Store, before: dict[str, File], operations: list[dict]) -> dict[str, File]:
    """The files after the operations of a commit."""
    files = dict(before)
    for operation in operations:
        change(store, files, operation["key"], operation["value"])
    if "README.md" in files:
        card_data(store.read(files["README.md"].sha256).decode())
    return files


def change(store: Store, files: dict[str, File], key: str, value: dict) -> None:
    """Do one operation of a commit."""
    path = value["path"].strip("/")
    if key == "file":
        files[path] = store.add(base64.b64decode(value["content"]))
    elif key == "lfsFile":
        if not store.has(value["oid"]):
            raise Refusal(400, f"The content of {path} was not sent before the commit")
        files[path] = store.add_large(value["oid"])
    elif key in ("deletedFile", "deletedFolder"):
        gone = [each for each in files if each == path or (key == "deletedFolder" and each.startswith(f"{path}/"))]
        if not gone:
            raise Refusal(404, f"A file with this name doesn't exist: {path}", "EntryNotFound")
        for each in gone:
            del files[each]
    else:
        raise Refusal(400, f"Unknown operation: {key}")


@file_routes.on("POST", REPOSITORY + "/tag" + REVISION)
def tag(store: Store, call: Call, kind: str, name: str, revision: str) -> Reply:
    repository, ref = writable(store, call, kind, name), f"refs/tags/{call.json()['tag']}"
    if ref in repository.refs:
        raise Refusal(409, f"Tag reference exists already: {ref}")
    repository.refs[ref] = commit_at(repository, revision).id
    store.save()
    return Reply(200, {})


# History


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
