"""Where the project lies, and its commands run as a person would run them."""

import os
import subprocess
import sys

import torch

from srcnn import SRCNN
from tests.support.forks import EVERYTHING, PROJECT, WITHOUT_HUB, run_forked

SHARED = PROJECT.parent / "shared"


def same_weights(a: SRCNN, b: SRCNN) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def run_python(*arguments: object, **settings) -> subprocess.CompletedProcess:
    """Run a command of the project as a person would; what needs no process from its very start is a fork."""
    command = [sys.executable, *map(str, arguments)]
    if (command[1] == "train.py" or command[1:3] == ["-m", "srcnn"]) and settings.keys() <= {"env"}:
        environment = settings.get("env", os.environ)
        modules = EVERYTHING if environment == os.environ else WITHOUT_HUB
        return subprocess.CompletedProcess(command, *run_forked(command[1:], dict(environment), modules))
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, **settings)
