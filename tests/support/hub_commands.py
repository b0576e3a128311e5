"""The project's commands against a local Hub, each in a process of its own with the real client.

The client reads its settings at import, so every command needs a process in which nothing has imported it yet.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.local_hub.server import USER, WRITE_TOKEN, LocalHub
from tests.support.forks import run_forked

# Does commands one after another, and prints the exit status, the output and the errors of each.
_EACH = """
import contextlib, io, json, sys
from srcnn.cli.parser import main
done = []
for arguments in json.loads(sys.argv[1]):
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        status = main(arguments)
    done.append([status, output.getvalue(), errors.getvalue()])
print(json.dumps(done))
"""


class Done(NamedTuple):
    status: int
    output: str
    errors: str
    progress: list[str]  # the states of bars

    @property
    def result(self):
        """Of a script that prints JSON."""
        assert self.status == 0, self.errors
        return json.loads(self.output)

    @property
    def sentence(self) -> str:
        """The one of a command that must not go well."""
        assert (self.status, self.errors.count("\n")) == (1, 0), self.errors
        assert self.errors.endswith(".")
        return self.errors


def _without_bars(status: int, output: str, errors: str) -> Done:
    said = [line for line in errors.replace("\r", "\n").splitlines() if line.strip()]
    progress = [line for line in said if "%|" in line]
    return Done(status, output, "\n".join(line for line in said if line not in progress), progress)


class Commands:
    """Commands of a person with a token, an own cache and the Hub's address."""

    def __init__(self, hub: LocalHub, home: Path, token: str = WRITE_TOKEN, is_loaded: bool = False):
        """is_loaded: whether processes begin with the client loaded, which pays where there are many of them."""
        self.hub, self.home, self._is_loaded = hub, home, is_loaded
        own = {"HF_HOME": str(home), "HF_TOKEN": token, "HF_HUB_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}
        self._settings = hub.environment | own
        self.environment = os.environ | self._settings

    def __call__(self, *arguments: object, largest: int = 0, **environment: str) -> Done:
        """As `python ARGUMENTS`; `largest`: bytes of a file that the disk takes, 0 for any."""
        settings = self._settings if self._is_loaded and not environment else None
        done = run_forked(arguments, self.environment | environment, largest=largest, settings=settings)
        return _without_bars(*done)

    def srcnn(self, *arguments: object, **settings) -> Done:
        return self("-m", "srcnn", *arguments, **settings)

    def each(self, commands: Sequence[Sequence[object]]) -> list[Done]:
        """Several commands of srcnn, one after another in one process."""
        words = [[str(word) for word in command] for command in commands]
        return [_without_bars(*done) for done in self("-c", _EACH, json.dumps(words)).result]

    def works(self, *arguments: object, **settings) -> str:
        """What a command prints that has to go well."""
        done = self.srcnn(*arguments, **settings)
        assert done.status == 0, done.errors
        return done.output

    def fails(self, *arguments: object, **settings) -> str:
        """The one sentence of a command that must not go well."""
        return self.srcnn(*arguments, **settings).sentence


def emptied(hub: LocalHub) -> LocalHub:
    """As it was when it started, for the next test."""
    if hub.stopping.is_set():
        hub.start()
    hub.heal()
    hub.requests.clear()
    hub.store.repositories.clear()
    hub.store.collections.clear()
    for file in hub.store.objects.iterdir():
        file.unlink()
    return hub


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def put(hub: LocalHub, repository: str, files: Mapping[str, bytes], kind: str = "models", private: bool = False) -> str:
    """Somebody pushed: a commit on `main`, on top of what is there."""
    with hub.lock:
        there = hub.store.repositories.get((kind, repository)) or hub.store.create(kind, repository, private, None)
        large = {path: path.endswith((".safetensors", ".png", ".bin", ".zip", ".gz")) for path in files}
        add, add_large = hub.store.add, lambda content: hub.store.add_large(hub.store.put(content))
        stored = {path: (add_large if large[path] else add)(content) for path, content in files.items()}
        last = there.at("main")
        made = there.commit("refs/heads/main", last, last.files | stored, USER, f"Push {len(there.commits)}", "")
        return made.id


def pushed(hub: LocalHub, repository: str, kind: str = "models", revision: str = "main") -> dict[str, bytes]:
    """What the Hub has, without its own .gitattributes."""
    files = hub.store.repositories[kind, repository].at(revision).files
    return {path: hub.store.read(file.sha256) for path, file in files.items() if path != ".gitattributes"}


def titles(hub: LocalHub, repository: str, kind: str = "models") -> list[str]:
    """Of the commits on `main`, the newest first."""
    there = hub.store.repositories[kind, repository]
    return [commit.title for commit in there.history(there.at("main"))]


def lines(hub: LocalHub) -> list[str]:
    """The requests, without the client's question who its user is an agent of."""
    found = [f"{request.method} {request.path}" for request in hub.requests]
    return [line for line in found if not line.startswith("GET /api/agent-harnesses")]


def sent(hub: LocalHub) -> list[str]:
    """Those of the requests that change something."""
    return [line for line in lines(hub) if not line.startswith(("GET ", "HEAD "))]
