"""Where the project lies, and its commands run as a person would run them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import torch

from srcnn import SRCNN
from tests.support.forks import EVERYTHING, PROJECT, WITHOUT_HUB, run_forked

SHARED = PROJECT.parent / "shared"


def same_weights(a: SRCNN, b: SRCNN) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


# Programs that need no process from its very start.
_FORKED = (["-m", "srcnn"], ["-m", "benchmarks.ablations"], ["-m", "torch.distributed.run"])


def run_python(
    *arguments: object, env: Mapping[str, str] | None = None, cwd: Path = PROJECT, largest: int = 0
) -> subprocess.CompletedProcess:
    """Run a command as a person would; one of the project's own is a fork. largest: as for `run_forked`."""
    words, environment = [str(each) for each in arguments], dict(env or os.environ)
    command = [sys.executable, *words]
    if words[:2] in _FORKED or Path(words[0]).name in ("train.py", "train_family.py"):
        modules = EVERYTHING if _settings(environment) == _settings(os.environ) else WITHOUT_HUB
        return subprocess.CompletedProcess(command, *run_forked(words, environment, modules, largest, cwd))
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)


def _settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What the project and its libraries read, Python itself left out."""
    return {name: value for name, value in environment.items() if not name.startswith("PYTHON")}
