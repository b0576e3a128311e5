"""The resumable state of a run as one safetensors file: tensors by part and name, numbers as JSON in its header.

No pickle, so a state from anywhere can be loaded safely; written under a temporary name, so it is whole or not there.
"""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import torch
from huggingface_hub.utils import WeakFileLock
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from srcnn.atomic_files import remove_leftovers, write_atomically
from srcnn.training.options import TrainingError

_PATIENCE_SECONDS = 0.1  # for another run to let go of the state

StateParts = dict[str, dict[str, Tensor]]  # {"model": {"conv1.weight": ...}, "optimizer": {"0.exp_avg": ...}, ...}


@contextlib.contextmanager
def hold_state(file: Path) -> Iterator[None]:
    """Keep other runs from the state's folder as long as this one goes on.

    Raises TrainingError where another run has it.
    """
    lock, is_held = file.with_name("running.lock"), False
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with WeakFileLock(lock, timeout=_PATIENCE_SECONDS):
            is_held = True
            remove_leftovers(file.parent)  # of runs that were killed
            yield
    except TimeoutError as error:
        if is_held:
            raise  # of something else
        raise TrainingError(
            f"Another run is writing {file}; wait for its end, or name another folder with --state."
        ) from error
    finally:
        if is_held:
            with contextlib.suppress(OSError):  # on Windows, where a third run has opened it since
                lock.unlink()


def write_state(file: Path, parts: StateParts, numbers: dict) -> None:
    tensors = {
        f"{part}.{name}": tensor.detach().cpu().contiguous()
        for part, content in parts.items()
        for name, tensor in content.items()
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with write_atomically(file) as temporary:
        save_file(tensors, temporary, metadata={"state": json.dumps(numbers)})


def read_state(file: Path) -> tuple[StateParts, dict]:
    """What `write_state` wrote. Raises TrainingError for a file that it did not write, or not as it writes
    it now, or that was damaged since."""
    parts: StateParts = {}
    try:
        with safe_open(file, framework="pt") as opened:
            numbers = json.loads((opened.metadata() or {})["state"])
            names = opened.keys()  # no dict: it cannot be iterated itself
            for full_name in names:
                part, name = full_name.split(".", 1)
                parts.setdefault(part, {})[name] = opened.get_tensor(full_name)
    except (SafetensorError, KeyError, ValueError, RecursionError) as error:
        raise TrainingError(
            f"{file} is not the state of a run, or damaged; begin anew with --overwrite in place of --resume."
        ) from error
    if any(name.endswith(".covariance0") for name in parts.get("optimizer", {})):
        raise TrainingError(
            f"{file} was saved by an earlier version, whose optimiser went weight by weight; begin anew with "
            "--overwrite in place of --resume."
        )
    return parts, numbers


def collect_optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """What an optimiser remembers of each parameter, by "number of the parameter.name"."""
    state = optimizer.state_dict()["state"]
    return {f"{index}.{name}": value for index, content in state.items() for name, value in content.items()}


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    whole = optimizer.state_dict()
    whole["state"] = {}
    for full_name, value in tensors.items():
        index, name = full_name.split(".")
        whole["state"].setdefault(int(index), {})[name] = value
    optimizer.load_state_dict(whole)
