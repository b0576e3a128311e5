"""How a request to the local Hub finds its answer, and who may do what. No network here: a `Call` in, a `Reply` out.

Paths, fields and error codes are those that huggingface_hub sends and reads. In two points this Hub cannot be like the
real one, because it has no https and no second machine. The client takes a 401 for a missing repository only from an
https address, so here the 401 carries the code that says so. And large files come from this same server under its other
name (`localhost` for `127.0.0.1`), which for the client is the storage host, where it must not send its token.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from tests.local_hub.store import Commit, Repository, Store

KIND = "/api/(?P<kind>models|datasets|spaces)"
REPOSITORY = KIND + "/(?P<name>[^/]+/[^/]+)"
PAGE = "(?:/(?P<kind>datasets|spaces))?/(?P<name>[^/]+/[^/]+?)"  # for a model there is no kind in the path
REVISION = "/(?P<revision>refs/[^/]+/[^/]+|[^/]+)"

ANONYMOUS = "Invalid username or password."
MISSING_BY_401 = re.compile(KIND + "/.+|.+/resolve/.+")  # the paths whose 401 the client reads as "no such repository"


@dataclass
class Call:
    """A request, and who sent it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]  # names in lower case
    body: bytes
    user: str | None = None
    may_write: bool = False

    @property
    def url(self) -> str:
        return f"http://{self.headers['host']}"

    @property
    def storage_url(self) -> str:
        """This server under another name than the one that the client used."""
        name, _, port = self.headers["host"].partition(":")
        return f"http://{'localhost' if name == '127.0.0.1' else '127.0.0.1'}:{port}"

    def json(self) -> dict:
        return json.loads(self.body)

    def asks(self, name: str) -> bool:
        return self.query.get(name, ["false"])[0].lower() in ("true", "1")


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes = b""


def as_json(value: object, status: int = 200) -> Reply:
    body = json.dumps(value, default=str).encode()
    return Reply(status, {"Content-Type": "application/json; charset=utf-8"}, body)


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str, code: str | None = None, **more):
        self.status, self.message, self.code, self.more = status, message, code, more

    def reply(self) -> Reply:
        reply = as_json({"error": self.message} | self.more, self.status)
        reply.headers["X-Error-Message"] = " ".join(self.message.split()).encode("ascii", "replace").decode()
        if self.code:
            reply.headers["X-Error-Code"] = self.code
        return reply


class Routes(list):
    """Methods and paths, and the functions that answer them."""

    def on(self, method: str, path: str) -> Callable:
        def register(function: Callable[..., Reply]) -> Callable[..., Reply]:
            self.append((method, re.compile(path), function))
            return function

        return register


def answer(routes: Routes, store: Store, tokens: dict[str, tuple[str, str]], call: Call) -> Reply:
    """What the Hub says to a request. HEAD is answered as GET; the server leaves the body away."""
    try:
        identify(call, tokens)
        for method, path, function in routes:
            match = path.fullmatch(call.path)
            if match and method == ("GET" if call.method == "HEAD" else call.method):
                parts = {name: part and unquote(part) for name, part in match.groupdict().items()}
                return function(store, call, **parts)
        raise Refusal(404, f"The local Hub has no {call.method} {call.path}")
    except Refusal as refusal:
        if refusal.message == ANONYMOUS and MISSING_BY_401.fullmatch(call.path):
            refusal.code = "RepoNotFound"
        return refusal.reply()


def identify(call: Call, tokens: dict[str, tuple[str, str]]) -> None:
    """Set who calls. A wrong token is an error even where none is needed."""
    token = call.headers.get("authorization", "").removeprefix("Bearer ")
    if token and token not in tokens:
        raise Refusal(401, "Invalid credentials in Authorization header")
    if token:
        call.user, role = tokens[token]
        call.may_write = role == "write"


def require_write(call: Call, namespace: str | None = None) -> None:
    """Refuse those who may not write, or not in this namespace."""
    if not call.user:
        raise Refusal(401, ANONYMOUS)
    if not call.may_write:
        raise Refusal(403, "Forbidden: you must use a write token")
    if namespace and namespace != call.user:
        raise Refusal(403, f"Forbidden: you don't have the rights to write under the namespace {namespace}")


def readable(store: Store, call: Call, kind: str | None, name: str) -> Repository:
    """The repository, where the caller may know of it."""
    repository = store.repositories.get((kind or "models", name))
    if repository and (not repository.private or call.user == repository.owner):
        return repository
    if call.user:
        raise Refusal(404, "Repository not found", "RepoNotFound")
    raise Refusal(401, ANONYMOUS)


def writable(store: Store, call: Call, kind: str | None, name: str) -> Repository:
    """The repository, where the caller may push to it, or at least propose a change where that is the wish."""
    repository = readable(store, call, kind, name)
    require_write(call, None if call.asks("create_pr") else repository.owner)
    return repository


def commit_at(repository: Repository, revision: str) -> Commit:
    commit = repository.at(revision)
    if not commit:
        raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")
    return commit


def page_of(kind: str, name: str) -> str:
    return f"/{name}" if kind == "models" else f"/{kind}/{name}"
