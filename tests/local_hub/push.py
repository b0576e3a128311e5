"""The local Hub's answers while files are pushed: large files apart, commits, tags."""

import base64
import hashlib
import json
from fnmatch import fnmatch
from pathlib import PurePosixPath

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
from tests.local_hub.store import Commit, File, Repository, Store, is_large

push_routes = Routes()


@push_routes.on("POST", REPOSITORY + "/preupload" + REVISION)
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


@push_routes.on("POST", PAGE + r"\.git/info/lfs/objects/batch")
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


@push_routes.on("PUT", "/storage/(?P<sha256>[0-9a-f]{64})")
def receive(store: Store, call: Call, sha256: str) -> Reply:
    if hashlib.sha256(call.body).hexdigest() != sha256:
        raise Refusal(400, "The content does not have the announced SHA-256")
    store.put(call.body)
    return Reply(200, {})


@push_routes.on("POST", "/api/verify")
def verify(store: Store, call: Call) -> Reply:
    sent = call.json()
    if not store.has(sent["oid"]) or store.size(sent["oid"]) != sent["size"]:
        raise Refusal(404, "The file did not arrive")
    return as_json({"success": True})


@push_routes.on("POST", REPOSITORY + "/commit" + REVISION)
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


@push_routes.on("POST", REPOSITORY + "/tag" + REVISION)
def tag(store: Store, call: Call, kind: str, name: str, revision: str) -> Reply:
    repository, ref = writable(store, call, kind, name), f"refs/tags/{call.json()['tag']}"
    if ref in repository.refs:
        raise Refusal(409, f"Tag reference exists already: {ref}")
    repository.refs[ref] = commit_at(repository, revision).id
    store.save()
    return Reply(200, {})
