"""What the local Hub keeps: repositories with their commits, collections, and the bytes of all files.

Everything lies in one folder: the bytes once per content under their SHA-256 in `objects`, and the rest in `hub.json`,
which is written anew after every change. A Hub that starts on the folder of another one therefore continues it.
"""

import hashlib
import json
import shutil
import tempfile
import weakref
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

LARGE_FILES = ("*.safetensors", "*.png")
LARGE_SIZE = 100_000  # bytes; the real Hub has 10 MB, too much to push in a test


def is_large(path: str, size: int) -> bool:
    """Whether git keeps only a pointer to the file (Git LFS)."""
    return size >= LARGE_SIZE or any(fnmatch(path, pattern) for pattern in LARGE_FILES)


def git_oid(content: bytes) -> str:
    """The name that git gives to a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass
class File:
    """A file of a commit. The bytes are in the store, under `sha256`."""

    oid: str  # of the content, or of the pointer that stands for a large file in git
    sha256: str
    size: int
    large: bool

    @property
    def pointer(self) -> bytes:
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {self.size}\n"
        return pointer.encode()

    @property
    def etag(self) -> str:
        return self.sha256 if self.large else self.oid


@dataclass
class Commit:
    id: str
    parent: str | None
    title: str
    message: str
    author: str
    date: str
    files: dict[str, File]


@dataclass
class Repository:
    kind: str  # "models", "datasets" or "spaces", as in the paths of the API
    name: str  # "namespace/name"
    private: bool = False
    sdk: str | None = None
    created: str = field(default_factory=now)
    refs: dict[str, str] = field(default_factory=dict)  # the full name of a branch, tag or pull request: commit
    commits: dict[str, Commit] = field(default_factory=dict)
    pulls: list[dict] = field(default_factory=list)
    variables: dict[str, dict] = field(default_factory=dict)  # of a Space: {"value": ..., "updatedAt": ...}

    @property
    def owner(self) -> str:
        return self.name.split("/")[0]

    def ref(self, revision: str) -> str | None:
        """The full name of a branch, tag or pull request. HEAD is the branch `main`."""
        revision = "main" if revision == "HEAD" else revision
        names = (revision, f"refs/heads/{revision}", f"refs/tags/{revision}")
        return next((name for name in names if name in self.refs), None)

    def at(self, revision: str) -> Commit | None:
        """The commit that a branch, tag, pull request or commit id stands for."""
        ref = self.ref(revision)
        return self.commits.get(self.refs[ref] if ref else revision)

    def history(self, commit: Commit | None) -> list[Commit]:
        """A commit and those before it."""
        commits = []
        while commit:
            commits.append(commit)
            commit = self.commits.get(commit.parent)
        return commits

    def commit(
        self, ref: str, parent: Commit | None, files: dict[str, File], author: str, title: str, message: str
    ) -> Commit:
        """Put a commit on top of `parent` and let `ref` point to it. Equal content on an equal parent has one id."""
        before = parent and parent.id
        content = [before, title, message, {path: file.oid for path, file in sorted(files.items())}]
        commit_id = hashlib.sha1(json.dumps(content).encode()).hexdigest()
        commit = Commit(commit_id, before, title, message, author, now(), files)
        self.commits[commit_id] = commit
        self.refs[ref] = commit_id
        return commit

    def open_pull(self, author: str, title: str) -> int:
        """The number of a new pull request, whose commits are those of the ref `refs/pr/NUMBER`."""
        number = len(self.pulls) + 1
        self.pulls.append({"num": number, "title": title, "author": author, "createdAt": now(), "status": "open"})
        return number


class Store:
    """All repositories and collections, and the bytes of the files."""

    def __init__(self, folder: Path | None = None):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="local-hub-"))
        if not folder:
            weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.objects = self.folder / "objects"
        self.objects.mkdir(parents=True, exist_ok=True)
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.collections: dict[str, dict] = {}
        self._load()

    @property
    def _file(self) -> Path:
        return self.folder / "hub.json"

    def _load(self) -> None:
        if not self._file.exists():
            return
        state = json.loads(self._file.read_text())
        self.collections = state["collections"]
        for entry in state["repositories"]:
            repository = Repository(**entry)
            for commit in entry["commits"].values():
                files = {path: File(**file) for path, file in commit["files"].items()}
                repository.commits[commit["id"]] = Commit(**commit | {"files": files})
            self.repositories[repository.kind, repository.name] = repository

    def save(self) -> None:
        """Write all but the bytes, in a way that leaves the old state or the new one if the process ends here."""
        repositories = [asdict(repository) for repository in self.repositories.values()]
        unfinished = self._file.with_suffix(".part")
        unfinished.write_text(json.dumps({"repositories": repositories, "collections": self.collections}, indent=1))
        unfinished.replace(self._file)

    def create(self, kind: str, name: str, private: bool, sdk: str | None) -> Repository:
        """A repository with the one commit that the Hub makes itself."""
        repository = Repository(kind, name, private, sdk)
        files = {".gitattributes": "".join(f"{each} filter=lfs diff=lfs merge=lfs -text\n" for each in LARGE_FILES)}
        if kind == "spaces":
            files["README.md"] = f"---\ntitle: {name.split('/')[1]}\nsdk: {sdk}\n---\n"
        stored = {path: self.add(text.encode()) for path, text in files.items()}
        repository.commit("refs/heads/main", None, stored, repository.owner, "initial commit", "")
        self.repositories[kind, name] = repository
        return repository

    def put(self, content: bytes) -> str:
        """Keep the bytes; give the SHA-256 under which they are."""
        sha256 = hashlib.sha256(content).hexdigest()
        (self.objects / sha256).write_bytes(content)
        return sha256

    def has(self, sha256: str) -> bool:
        return (self.objects / sha256).exists()

    def size(self, sha256: str) -> int:
        return (self.objects / sha256).stat().st_size

    def read(self, sha256: str) -> bytes:
        return (self.objects / sha256).read_bytes()

    def add(self, content: bytes) -> File:
        """A file that was sent within a commit."""
        return File(git_oid(content), self.put(content), len(content), large=False)

    def add_large(self, sha256: str) -> File:
        """A file that was sent on its own before the commit."""
        file = File("", sha256, self.size(sha256), large=True)
        file.oid = git_oid(file.pointer)
        return file
