"""The project's commands against a local Hub, each in a process of its own with the real client.

The client reads its settings at import, so every command needs a fresh process. To spare the seconds in which torch is
loaded, they are forks of one process that has done that and nothing else.
"""

import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.local_hub.server import USER, WRITE_TOKEN, LocalHub
from tests.support.project import PROJECT

# Reads one job per line; a fork does it as `python ARGUMENTS` would, and its exit status is the answer. It ends as
# Python does, waiting for threads, but leaves out to take torch apart, which takes a second.
FORKS = """
import atexit, gc, json, os, resource, runpy, signal, sys, threading, traceback
import matplotlib, numpy, onnx, PIL.Image, safetensors.torch, torch, torch.fx

def do(arguments, environment, output, errors, largest):
    os.environ.clear()
    os.environ.update(environment)
    for place, number in ((os.devnull, 0), (output, 1), (errors, 2)):
        os.dup2(os.open(place, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
    signal.alarm(120)
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    first, *rest = arguments
    sys.argv = [first, *rest[1:]] if first in ("-m", "-c") else arguments
    if first == "-m":
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        exec(rest[0], {"__name__": "__main__"})
    else:
        runpy.run_path(first, run_name="__main__")

def status_of(job):
    try:
        do(**job)
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

gc.freeze()
for line in sys.stdin:
    child = os.fork()
    if not child:
        status = status_of(json.loads(line))
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Done(NamedTuple):
    status: int
    output: str
    errors: str
    progress: list[str]  # the states of bars
    seconds: float

    @property
    def result(self):
        """Of a script that prints JSON."""
        assert self.status == 0, self.errors
        return json.loads(self.output)


class Commands:
    """Commands of a person with a token, an own cache and the Hub's address."""

    def __init__(self, hub: LocalHub, home: Path, token: str = WRITE_TOKEN):
        self.home = home
        own = {"HF_HOME": str(home), "HF_TOKEN": token, "HF_HUB_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}
        self.environment = os.environ | hub.environment | own

    def __call__(self, *arguments: object, largest: int = 0, **environment: str) -> Done:
        """As `python ARGUMENTS`; `largest`: bytes of a file that the disk takes, 0 for any."""
        with tempfile.TemporaryDirectory() as folder:
            output, errors = Path(folder, "output"), Path(folder, "errors")
            job = {"arguments": [str(each) for each in arguments], "environment": self.environment | environment}
            job |= {"output": str(output), "errors": str(errors), "largest": largest}
            start = time.monotonic()
            forks().stdin.write(json.dumps(job) + "\n")
            forks().stdin.flush()
            status = int(forks().stdout.readline())
            seconds = time.monotonic() - start
            said = [line for line in errors.read_text().replace("\r", "\n").splitlines() if line.strip()]
            progress = [line for line in said if "%|" in line]
            told = "\n".join(line for line in said if line not in progress)
            return Done(status, output.read_text(), told, progress, seconds)

    def srcnn(self, *arguments: object, **settings) -> Done:
        return self("-m", "srcnn", *arguments, **settings)

    def works(self, *arguments: object, **settings) -> str:
        """What a command prints that has to go well."""
        done = self.srcnn(*arguments, **settings)
        assert done.status == 0, done.errors
        return done.output

    def fails(self, *arguments: object, **settings) -> str:
        """The one sentence of a command that must not go well."""
        done = self.srcnn(*arguments, **settings)
        assert (done.status, done.errors.count("\n")) == (1, 0), done.errors
        assert done.errors.endswith(".")
        return done.errors


@functools.cache
def forks() -> subprocess.Popen:
    """One for all tests; it ends with them."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROJECT), "MPLBACKEND": "Agg"}
    command, pipe = [sys.executable, "-c", FORKS], subprocess.PIPE
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdin=pipe, stdout=pipe, text=True)


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
        large = {path: path.endswith((".safetensors", ".png", ".bin")) for path in files}
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
