"""A training run that is killed again and again and resumed each time, beside one that nobody disturbs.

    python -m benchmarks.killed_training --kills 20

Both have to end with the same weights, bit for bit, the same files beside them and the same log, and nothing
half-written may be left. A third of the kills strikes while the process starts, a third between two saved states, a
third while a state is being written. The seed of the moments is printed; --seed takes it again.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from srcnn import SRCNN
from srcnn.training.log import read_log
from tests.support.photographs import save_photographs
from tests.support.project import PROJECT

START, BETWEEN, AMID = KINDS = ("while it started", "between two states", "amid writing a state")
SAVES, SAVES_A_KILL = 20, 5  # how long the run is: a busy machine may notice a saved state some states later
START_TAKES, SAVE_TAKES, WRITE_TAKES = 6.0, 0.1, 0.002  # seconds, about
PATIENCE_SECONDS = 120
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    args = parser.parse_args()
    print(f"{args.kills} kills, --seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        struck = run_with_kills(folder / "killed", args.kills, np.random.default_rng(args.seed))
        run_undisturbed(folder / "whole", args.kills)
        wrong = list_differences(folder / "killed", folder / "whole")
    for kind in KINDS:
        halves = [half for each, half in struck if each == kind]
        print(f"{len(halves)} {kind}; {sum(halves)} left something half-written")
    if len(struck) < args.kills:
        wrong.append(f"the run ended after {len(struck)} kills")
    print("; ".join(wrong) or "Both runs ended with the same weights, bit for bit.")
    return 1 if wrong else 0


def start_python(arguments: Sequence[str]) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, *arguments], cwd=PROJECT, **SILENT)


def run_with_kills(
    folder: Path,
    kills: int,
    moments: np.random.Generator,
    start: Callable[[Sequence[str]], subprocess.Popen] = start_python,
    start_takes: float = START_TAKES,
) -> list[tuple[str, bool]]:
    """Train with interruptions. Of each kill that struck, its kind, and whether it left something half-written.

    start: begins `python ARGUMENTS`; start_takes: seconds, about, until that trains.
    """
    struck = []
    state = folder / "state"
    for number in range(kills):
        kind, left_before = KINDS[number % 3], list_leftovers(state)
        with start(training_call(folder, kills)) as process:
            wait_for_moment(kind, process, state, moments, start_takes)
            process.kill()
        if process.returncode == 0:
            break
        struck.append((kind, bool(list_leftovers(state) - left_before)))
    run_undisturbed(folder, kills, start)
    return struck


def run_undisturbed(
    folder: Path, kills: int, start: Callable[[Sequence[str]], subprocess.Popen] = start_python
) -> None:
    with start(training_call(folder, kills)) as process:
        process.wait()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, training_call(folder, kills))


def training_call(folder: Path, kills: int) -> list[str]:
    """Python's arguments for a run that outlasts the kills."""
    data = folder.parent / "photographs"
    if not data.exists():
        data.mkdir()
        save_photographs(data)
    steps = 2 * (SAVES + SAVES_A_KILL * kills)
    command = ["train.py", "--data", data, "--output", folder / "srcnn-x2", "--state", folder / "state", "--resume"]
    command += ["--scale", 2, "--patch-size", 24, "--steps", steps, "--validate-every", 2, "--device", "cpu"]
    return [str(word) for word in command]


def wait_for_moment(
    kind: str, process: subprocess.Popen, state: Path, moments: np.random.Generator, start_takes: float
) -> None:
    """Return at a moment to kill the process, or when it has ended."""
    if kind == START:
        wait(process, lambda: False, start_takes * moments.random())
        return
    for _ in range(1 + moments.integers(3)):
        before = state_write_time(state)
        wait(process, lambda before=before: state_write_time(state) != before)
    if kind == BETWEEN:
        wait(process, lambda: False, SAVE_TAKES * moments.random())
        return
    wait(process, lambda: any(name.endswith(".part") for name in os.listdir(state)))
    wait(process, lambda: False, WRITE_TAKES * moments.random())


def wait(process: subprocess.Popen, over: Callable[[], bool], longest: float = PATIENCE_SECONDS) -> None:
    end = time.monotonic() + longest
    while time.monotonic() < end and process.poll() is None and not over():
        time.sleep(0.0001)  # a state is written in two thousandths of a second


def state_write_time(state: Path) -> int:
    """When the state was last written, in nanoseconds; 0 where there is none."""
    file = state / "state.safetensors"
    return file.stat().st_mtime_ns if file.exists() else 0


def list_differences(one: Path, other: Path) -> list[str]:
    """What differs between the variants and the logs of two runs, and what was left beside the states."""
    first, second = read_variant(one / "srcnn-x2"), read_variant(other / "srcnn-x2")
    names = sorted(name for name in first | second if first.get(name) != second.get(name))
    if read_figures(one / "state") != read_figures(other / "state"):
        names.append("log.jsonl")
    left = list_leftovers(one / "state") | list_leftovers(other / "state")
    return [f"{name} differs" for name in names] + [f"{file.name} was left" for file in left]


def list_leftovers(state: Path) -> set[Path]:
    """The hidden files of a folder: what was half-written when its writer was killed."""
    return set(state.glob(".*"))


def read_figures(state: Path) -> list[dict]:
    """The entries of a log without the speed, which no two runs have alike."""
    return [
        {key: entry[key] for key in entry.keys() - {"images_per_second"}} for entry in read_log(state / "log.jsonl")
    ]


def read_variant(variant: Path) -> dict[str, object]:
    """A variant's weights as bytes, its recipe, and its other files: safetensors orders its header at random."""
    model = SRCNN.from_pretrained(variant)
    weights = {name: weight.numpy().tobytes() for name, weight in model.state_dict().items()}
    files = {file.name: file.read_bytes() for file in variant.iterdir() if file.suffix != ".safetensors"}
    return weights | files | {"recipe": model.recipe}


if __name__ == "__main__":
    sys.exit(main())
