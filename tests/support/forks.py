"""The project's commands, each in a process of its own, without the seconds in which it loads torch: every process is a
fork of one that has loaded some modules and done nothing else."""

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
# None of these reads a setting of the Hub's client from the environment: a fork with other settings can import that.
# torch._dynamo: the first optimiser of a process loads it.
WITHOUT_HUB = ("filelock", "jinja2", "matplotlib.figure", "onnx", "safetensors.torch", "skimage.io", "torch._dynamo")
EVERYTHING = ("train", "srcnn.cli.parser", *WITHOUT_HUB)

# Imports the modules of the command line, then reads lines of jobs; a fork for each does them at the same time, as
# `python ARGUMENTS` would, and the answers are their process ids and, in the end, their exit statuses. A fork ends as
# Python does, waiting for threads, but leaves out to take torch apart, which takes a second.
_FORKS = """
import atexit, gc, json, os, resource, runpy, signal, sys, threading, traceback
import importlib
for module in sys.argv[1:]:
    importlib.import_module(module)

def do(arguments, environment, folder, output, errors, largest):
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for place, number in ((os.devnull, 0), (output, 1), (errors, 2)):
        os.dup2(os.open(place, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
    encoding, _, handling = environment.get("PYTHONIOENCODING", "").partition(":")
    if encoding:
        sys.stdout.reconfigure(encoding=encoding, errors=handling or "strict")
    signal.alarm(300)
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

def start(job):
    child = os.fork()
    if not child:
        status = status_of(job)
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return child

gc.freeze()
for line in sys.stdin:
    children = [start(job) for job in json.loads(line)]
    print(json.dumps(children), flush=True)
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    print(json.dumps(statuses), flush=True)
"""


class Forked(NamedTuple):
    status: int
    output: str
    errors: str


def run_forked(
    arguments: Sequence[object],
    environment: dict[str, str],
    modules: tuple[str, ...] = WITHOUT_HUB,
    largest: int = 0,
    folder: Path = PROJECT,
) -> Forked:
    """As `python ARGUMENTS` in a folder. modules: what is loaded already, in whatever environment.

    largest: bytes of a file that the disk takes, 0 for any.
    """
    (done,) = _run_at_once(arguments, [environment], modules, largest, folder)
    return done


def run_launched(count: int, arguments: Sequence[object]) -> list[Forked]:
    """As `torchrun --nproc_per_node COUNT ARGUMENTS`: so many processes that find each other."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(probe.getsockname()[1])}
    place |= {"WORLD_SIZE": str(count), "LOCAL_WORLD_SIZE": str(count)}
    ranks = [{"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(count)]
    return _run_at_once(arguments, [os.environ | place | rank for rank in ranks], EVERYTHING)


class ForkedProcess:
    """A `subprocess.Popen` of `python ARGUMENTS`, to be killed; whoever starts another one has waited for it."""

    def __init__(self, arguments: Sequence[object]):
        self._forks = _start_forks(EVERYTHING)
        self.returncode = None
        nowhere = {"output": os.devnull, "errors": os.devnull}
        job = _job(arguments, PROJECT) | nowhere | {"environment": dict(os.environ)}
        (self.pid,) = _begin(self._forks, [job])
        self._end = threading.Thread(target=self._hear_of_end)
        self._end.start()

    def _hear_of_end(self) -> None:
        (self.returncode,) = json.loads(self._forks.stdout.readline())

    def poll(self) -> int | None:
        return self.returncode

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
            if self.returncode is None:
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        self._end.join()
        return self.returncode

    def __enter__(self) -> "ForkedProcess":
        return self

    def __exit__(self, *error: object) -> None:
        self.wait()


def _run_at_once(
    arguments: Sequence[object],
    environments: Sequence[dict[str, str]],
    modules: tuple[str, ...],
    largest: int = 0,
    folder: Path = PROJECT,
) -> list[Forked]:
    """One process in each environment."""
    with tempfile.TemporaryDirectory() as outputs:
        same = _job(arguments, folder, largest)
        files = [(Path(outputs, f"output{each}"), Path(outputs, f"errors{each}")) for each in range(len(environments))]
        jobs = [
            same | {"environment": dict(environment), "output": str(output), "errors": str(errors)}
            for environment, (output, errors) in zip(environments, files, strict=True)
        ]
        forks = _start_forks(modules)
        _begin(forks, jobs)
        statuses = json.loads(forks.stdout.readline())
        return [
            Forked(status, output.read_text(), errors.read_text())
            for status, (output, errors) in zip(statuses, files, strict=True)
        ]


def _job(arguments: Sequence[object], folder: Path, largest: int = 0) -> dict:
    """What all processes of a command have alike."""
    return {"arguments": [str(each) for each in arguments], "folder": str(folder), "largest": largest}


def _begin(forks: subprocess.Popen, jobs: list[dict]) -> list[int]:
    """Start a process for each job; their ids."""
    forks.stdin.write(json.dumps(jobs) + "\n")
    forks.stdin.flush()
    return json.loads(forks.stdout.readline())


@functools.cache
def _start_forks(modules: tuple[str, ...]) -> subprocess.Popen:
    """One for all tests; it ends with them."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROJECT), "MPLBACKEND": "Agg"}
    command, pipe = [sys.executable, "-c", _FORKS, *modules], subprocess.PIPE
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdin=pipe, stdout=pipe, text=True)
