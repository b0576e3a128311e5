"""Where the project lies, and its commands run as a person would run them."""

import subprocess
import sys
from pathlib import Path

import torch

from srcnn import SRCNN

PROJECT = Path(__file__).resolve().parents[2]

SHARED = PROJECT.parent / "shared"


def same_weights(a: SRCNN, b: SRCNN) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def run_python(*arguments: object, **settings) -> subprocess.CompletedProcess:
    """Run a command of the project as a person would."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, **settings)
