"""The project's commands, each in a process of its own, without the seconds in which it loads torch: every process is a
fork of one that has loaded some modules and done nothing else."""

import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from tests.support.waiting import PATIENCE_SECONDS, wait_until

PROJECT = Path(__file__).resolve().parents[2]
# None of these reads a setting of the Hub's client from the environment: a fork with other settings can import that.
# torch._dynamo: the first optimiser of a process loads it.
WITHOUT_HUB = ("filelock", "jinja2", "matplotlib.figure", "onnx", "safetensors.torch", "skimage.io", "torch._dynamo")
APP_WITHOUT_HUB = (*WITHOUT_HUB, "fastapi", "mcp.server.fastmcp", "pandas", "skimage.data")
EVERYTHING = ("train", "srcnn.cli.parser", *WITHOUT_HUB)
# `spaces` must come before torch. app.py itself is left to the fork, as it claims a folder for its files.
APP = ("spaces", *(f"demo.tabs.{tab}" for tab in ("compare", "enlarge", "learn", "models", "train")), "skimage.data")

# Imports the modules of the command line, then reads lines: jobs to begin, a fork for each, which does it as
# `python ARGUMENTS` would, and the answer is the processes; or a process, and the answer is its exit status, null where
# it runs and nobody waits; or a branch, a fork that imports more with settings of its own, and then reads lines from a
# socket. A fork ends as Python does, waiting for threads, but leaves out to take torch apart, which takes a second.
_FORKS = """
import atexit, gc, json, os, resource, runpy, signal, socket, sys, threading, traceback
import importlib

def load(modules):
    for module in modules:
        importlib.import_module(module)
    gc.freeze()

def do(arguments, environment, folder, output, errors, largest, seconds):
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for place, number in ((os.devnull, 0), (output, 1), (errors, 2)):
        os.dup2(os.open(place, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
    encoding, _, handling = environment.get("PYTHONIOENCODING", "").partition(":")
    if encoding:
        sys.stdout.reconfigure(encoding=encoding, errors=handling or "strict")
    signal.alarm(seconds)
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

def ended(child, waits):
    found, status = os.waitpid(child, 0 if waits else os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None

def start_branch(address, environment, modules):
    child = os.fork()
    if child:
        return child
    try:
        os.environ.clear()
        os.environ.update(environment)
        for stream in (0, 1):
            os.dup2(os.open(os.devnull, os.O_RDWR), stream)
        load(modules)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(address)
            serve(connection.makefile(), connection.makefile("w"))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)

def answer_to(asked):
    if isinstance(asked, list):
        return [start(job) for job in asked]
    return ended(**asked) if "child" in asked else start_branch(**asked)

def serve(lines, answers):
    for line in lines:
        print(json.dumps(answer_to(json.loads(line))), file=answers, flush=True)

load(sys.argv[1:])
serve(sys.stdin, sys.stdout)
"""


class Branch(NamedTuple):
    """Of a process that forks, named as a `subprocess.Popen` names its pipes."""

    stdin: TextIO
    stdout: TextIO


Forks = subprocess.Popen | Branch


class Forked(NamedTuple):
    status: int
    output: str
    errors: str


class ForkedProcess:
    """A fork that goes on by itself, with what tests need of `subprocess.Popen`."""

    def __init__(
        self,
        arguments: Sequence[object],
        environment: Mapping[str, str] = os.environ,
        modules: tuple[str, ...] = EVERYTHING,
        log: Path = Path(os.devnull),
    ) -> None:
        """As `python ARGUMENTS`, what it says at the end of a file. modules: as for `run_forked`."""
        self._forks = _start_forks(modules)
        self.returncode: int | None = None
        (self.pid,) = _ask(self._forks, [_job(arguments, environment, PROJECT, log, log, seconds=0)])

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = _ask(self._forks, {"child": self.pid, "waits": False})
        return self.returncode

    def wait(self, timeout: float = PATIENCE_SECONDS) -> int:
        wait_until(lambda: self.poll() is not None, f"process {self.pid} ends", seconds=timeout)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> "ForkedProcess":
        return self

    def __exit__(self, *error: object) -> None:
        self.wait()


def run_forked(
    arguments: Sequence[object],
    environment: Mapping[str, str],
    modules: tuple[str, ...] = WITHOUT_HUB,
    largest: int = 0,
    folder: Path = PROJECT,
    settings: Mapping[str, str] | None = None,
) -> Forked:
    """As `python ARGUMENTS` in a folder. modules: what is loaded already, in whatever environment.

    largest: bytes of a file that the disk takes, 0 for any. settings: of the environment, those of the Hub's client:
    with them everything is loaded already, once for all calls in a row that have the same.
    """
    forks = _start_forks(modules) if settings is None else _start_branch(tuple(settings.items()))
    (done,) = _run_at_once(forks, arguments, [environment], largest, folder)
    return done


def run_launched(count: int, arguments: Sequence[object]) -> list[Forked]:
    """As `torchrun --nproc_per_node COUNT ARGUMENTS`: so many processes that find each other."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(probe.getsockname()[1])}
    place |= {"WORLD_SIZE": str(count), "LOCAL_WORLD_SIZE": str(count)}
    ranks = [{"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(count)]
    return _run_at_once(_start_forks(EVERYTHING), arguments, [os.environ | place | rank for rank in ranks])


def _run_at_once(
    forks: Forks,
    arguments: Sequence[object],
    environments: Sequence[Mapping[str, str]],
    largest: int = 0,
    folder: Path = PROJECT,
) -> list[Forked]:
    """One process in each environment."""
    with tempfile.TemporaryDirectory() as outputs:
        files = [(Path(outputs, f"output{each}"), Path(outputs, f"errors{each}")) for each in range(len(environments))]
        jobs = [
            _job(arguments, environment, folder, output, errors, largest)
            for environment, (output, errors) in zip(environments, files, strict=True)
        ]
        statuses = [_ask(forks, {"child": child, "waits": True}) for child in _ask(forks, jobs)]
        return [
            Forked(status, output.read_text(), errors.read_text())
            for status, (output, errors) in zip(statuses, files, strict=True)
        ]


def _job(
    arguments: Sequence[object],
    environment: Mapping[str, str],
    folder: Path,
    output: Path,
    errors: Path,
    largest: int = 0,
    seconds: int = 300,
) -> dict:
    """seconds: after which the process is ended, 0 for never."""
    return {
        "arguments": [str(each) for each in arguments],
        "environment": dict(environment),
        "folder": str(folder),
        "output": str(output),
        "errors": str(errors),
        "largest": largest,
        "seconds": seconds,
    }


def _ask(forks: Forks, question: object) -> Any:
    forks.stdin.write(json.dumps(question) + "\n")
    forks.stdin.flush()
    return json.loads(forks.stdout.readline())


@functools.cache
def _start_forks(modules: tuple[str, ...]) -> subprocess.Popen:
    """One for all tests; it ends with them."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROJECT), "MPLBACKEND": "Agg"}
    command, pipe = [sys.executable, "-c", _FORKS, *modules], subprocess.PIPE
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdin=pipe, stdout=pipe, text=True)


@functools.lru_cache(maxsize=1)
def _start_branch(settings: tuple[tuple[str, str], ...]) -> Branch:
    """It ends when another one is asked for."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        address = f"{folder}/branch"
        listener.bind(address)
        listener.listen()
        listener.settimeout(PATIENCE_SECONDS)
        environment = os.environ | dict(settings)
        _ask(_start_forks(WITHOUT_HUB), {"address": address, "environment": environment, "modules": EVERYTHING})
        connection, _ = listener.accept()
    with connection:
        connection.settimeout(None)
        return Branch(connection.makefile("w"), connection.makefile())
