"""The run itself: the next picture is opened and the last result saved while one is being computed."""

import contextlib
import errno
import functools
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
from tqdm import tqdm

from srcnn.data.folders import FileIdentity
from srcnn.errors import Remark
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture, printable_name
from srcnn.imaging.writing import check_writable, list_losses
from srcnn.inference.batch.checks import check_file, check_folder
from srcnn.inference.batch.choices import Choices
from srcnn.inference.batch.earlier_results import (
    ResultError,
    State,
    find_state,
    identify_files,
)
from srcnn.inference.batch.inputs import find_pictures
from srcnn.inference.batch.origins import find_results_of_others, tell_provenance
from srcnn.inference.batch.outcome import Outcome
from srcnn.inference.batch.processes import current_process, gather_outcomes
from srcnn.inference.batch.result_names import name_results

_NO_MORE_CAN_BE_WRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_SPARED = Remark("it is the folder of the results, so no pictures were taken from it")
_STOPPED = "Stopped: what is written stays, and the same command goes on from here."
_OUT_OF_MEMORY = "The memory does not suffice for it; use a smaller picture or another --model."


class Opened(NamedTuple):
    """origin: `Picture.origin` of the picture's result."""

    picture: Picture
    origin: str


def change_into_folder(places: Iterable[Path], target: Path, choices: Choices) -> Outcome:
    """Change pictures, and every picture of folders, into files of the same names below `target`.

    Results that are there already are left alone, so that a run that was stopped goes on; a file appears whole or not
    at all. The outcome is that of all processes. Raises ImageError where there is no picture at all.
    """
    process = current_process()
    found = find_pictures(places, target)
    files = list(found.names)
    results = [target / name for name in name_results(list(found.names.values()), choices.suffix)]
    mine = slice(process.process_index, None, process.num_processes)
    outcome = Outcome(refused=found.left_out, others=found.others) if process.is_main_process else Outcome()
    pairs = dict(list(zip(files, results, strict=True))[mine])
    if found.spared and process.is_main_process:
        outcome.losses[found.spared] = (_SPARED,)
    for file in find_results_of_others(list(pairs), files):
        del pairs[file]
        outcome.results += 1
    _change_all(pairs, choices, identify_files(files), outcome, show_progress=process.is_main_process)
    return gather_outcomes(outcome) if process.num_processes > 1 else outcome


def change_one(source: Path, target: Path, choices: Choices) -> Outcome:
    """Change one picture into a file."""
    outcome = Outcome()
    _change_all({source: target}, choices, identify_files([source]), outcome, show_progress=False)
    return outcome


def _change_all(
    results: dict[Path, Path], choices: Choices, inputs: set[FileIdentity], outcome: Outcome, show_progress: bool
) -> None:
    """Change pictures one after another. results: of each picture. inputs: the identities of all processes' pictures.

    What becomes of them is put into `outcome`, and a bar shows it in a terminal. A fault of one picture or result is no
    other's; a full disk and Ctrl-C end the run.
    """
    try:
        find = functools.partial(find_state, choices=choices, inputs=inputs)
        check = functools.partial(check_file, check=functools.cache(check_folder))
        missing = [file for file, result in results.items() if _is_to_be_made(file, result, find, check, outcome)]
        with (
            ThreadPoolExecutor(1) as writer,
            tqdm(total=len(missing), unit="picture", disable=None if show_progress else True) as bar,
        ):
            saving: Future | None = None
            try:
                for file, opened in _open_ahead(missing, choices):
                    changed = _change(file, results[file], opened, choices, outcome)
                    if saving:
                        saving.result()  # at most one waits: a large picture needs much memory
                        saving = None
                    if changed:
                        saving = writer.submit(_save, file, results[file], changed, choices, outcome)
                    bar.update()
            finally:
                if saving:
                    saving.result()
    except OSError as error:
        if error.errno not in _NO_MORE_CAN_BE_WRITTEN:
            raise
        where = printable_name(error.filename or "The result")
        outcome.ending = f"{where} cannot be written ({error.strerror}), nor can the rest; what is written stays."
    except KeyboardInterrupt:
        outcome.ending, outcome.is_stopped = _STOPPED, True


def _is_to_be_made(
    file: Path, result: Path, find: Callable[[Path, Path], State], check: Callable[[Path], None], outcome: Outcome
) -> bool:
    try:
        state = find(file, result)
        if state is State.MISSING:
            check(result)
    except (ResultError, ImageError) as error:
        outcome.unwritten[result] = str(error)
        return False
    outcome.there += state is State.DONE
    return state is State.MISSING


def _open_ahead(files: list[Path], choices: Choices) -> Iterator[tuple[Path, Future]]:
    """Each file with its picture, which is opened while its predecessor is in use."""
    with ThreadPoolExecutor(1) as reader:
        following = None
        for index, file in enumerate(files):
            opened = following or reader.submit(_open, file, choices)
            following = reader.submit(_open, files[index + 1], choices) if index + 1 < len(files) else None
            yield file, opened


def _open(file: Path, choices: Choices) -> Opened:
    origin = ""
    with contextlib.suppress(OSError):  # the opening tells why it cannot be read
        origin = str(tell_provenance(file, choices))  # first: what is replaced meanwhile is then seen to be outdated
    return Opened(open_picture(file, choices.max_pixels, keep_metadata=True), origin)


def _change(file: Path, result: Path, opened: Future, choices: Choices, outcome: Outcome) -> Picture | None:
    """The changed picture; None where it cannot be used, and the reason is in `outcome`."""
    try:
        picture, origin = opened.result()
        check_writable(picture, result, choices.find_size(picture.width, picture.height))  # before the work
        return replace(choices.change(picture), origin=origin)
    except ImageError as error:
        outcome.refused[file] = str(error)
    except OSError as error:
        outcome.refused[file] = f"It cannot be read ({error.strerror})."
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        outcome.refused[file] = _OUT_OF_MEMORY
    return None


def _is_out_of_memory(error: Exception) -> bool:
    """Of numpy, of a GPU, and of torch on a CPU, which has no class of errors for it."""
    told = ("not enough memory", "Cannot allocate memory")  # on Windows and macOS, and on Linux
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(words in str(error) for words in told)


def _save(file: Path, result: Path, changed: Picture, choices: Choices, outcome: Outcome) -> None:
    """Write a result. Raises OSError where no further one can be written."""
    try:
        result.parent.mkdir(parents=True, exist_ok=True)
        changed.save(result, choices.quality)
    except ImageError as error:
        outcome.unwritten[result] = str(error)
    except MemoryError:
        outcome.unwritten[result] = _OUT_OF_MEMORY
    except OSError as error:
        if error.errno in _NO_MORE_CAN_BE_WRITTEN:
            raise OSError(error.errno, error.strerror, str(result)) from error
        outcome.unwritten[result] = f"It cannot be written ({os.strerror(error.errno)})." if error.errno else str(error)
    else:
        outcome.made[result] = changed.width, changed.height
        if losses := (*changed.remarks, *list_losses(changed, result)):
            outcome.losses[file] = losses
