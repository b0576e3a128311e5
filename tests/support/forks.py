"""The project's commands, each in a process of its own, without the seconds in which it loads torch: every process is a
fork of one that has loaded some modules and done nothing else."""

import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
# None of these reads a setting of the Hub's client from the environment: a fork with other settings can import that.
WITHOUT_HUB = ("matplotlib", "numpy", "onnx", "PIL.Image", "safetensors.torch", "torch", "torch.fx")
EVERYTHING = ("train", "srcnn.cli.parser", "matplotlib.figure", "skimage.data")

# Imports the modules of the command line, then reads one job per line; a fork does it as `python ARGUMENTS` would, and
# its exit status is the answer. It ends as Python does, waiting for threads, but leaves out to take torch apart, which
# takes a second.
_FORKS = """
import atexit, gc, json, os, resource, runpy, signal, sys, threading, traceback
import importlib
for module in sys.argv[1:]:
    importlib.import_module(module)

def do(arguments, environment, output, errors, largest):
    os.environ.clear()
    os.environ.update(environment)
    for place, number in ((os.devnull, 0), (output, 1), (errors, 2)):
        os.dup2(os.open(place, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
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


class Forked(NamedTuple):
    status: int
    output: str
    errors: str


def run_forked(
    arguments: Sequence[object], environment: dict[str, str], modules: tuple[str, ...] = WITHOUT_HUB, largest: int = 0
) -> Forked:
    """As `python ARGUMENTS` in the project's folder. modules: what is loaded already, in whatever environment.

    largest: bytes of a file that the disk takes, 0 for any.
    """
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        job = {"arguments": [str(each) for each in arguments], "environment": environment, "largest": largest}
        process = _start_forks(modules)
        process.stdin.write(json.dumps(job | {"output": str(output), "errors": str(errors)}) + "\n")
        process.stdin.flush()
        status = int(process.stdout.readline())
        return Forked(status, output.read_text(), errors.read_text())


@functools.cache
def _start_forks(modules: tuple[str, ...]) -> subprocess.Popen:
    """One for all tests; it ends with them."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROJECT), "MPLBACKEND": "Agg"}
    command, pipe = [sys.executable, "-c", _FORKS, *modules], subprocess.PIPE
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdin=pipe, stdout=pipe, text=True)
