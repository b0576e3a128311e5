"""Every picture of a folder: the next one is opened and the last one saved while one is being computed.

Started by `accelerate launch` or `torchrun`, the processes, on however many GPUs and machines, share the folder out.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import torch
from tqdm import tqdm

from srcnn.data.picture_sets import list_pictures
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import list_losses
from srcnn.inference.device import best_device


@dataclass
class FolderOutcome:
    """What became of a folder: how many pictures were made, how many were there, and why the rest is missing.

    losses: what results lack of their pictures, in words that follow the file's name.
    """

    made: int = 0
    there: int = 0
    refused: dict[Path, str] = field(default_factory=dict)
    losses: dict[Path, tuple[str, ...]] = field(default_factory=dict)

    def __add__(self, other: "FolderOutcome") -> "FolderOutcome":
        refused, losses = self.refused | other.refused, self.losses | other.losses
        return FolderOutcome(self.made + other.made, self.there + other.there, refused, losses)

    def __str__(self) -> str:
        parts = [f"{self.made} written"]
        if self.there:
            parts.append(f"{self.there} were there already (--overwrite writes them again)")
        if self.refused:
            parts.append(f"{len(self.refused)} could not be used")
        return ", ".join(parts)


@dataclass(frozen=True)
class Process:
    """Which of how many processes this one is, and where it computes."""

    device: torch.device
    process_index: int = 0
    num_processes: int = 1

    @property
    def is_main_process(self) -> bool:
        return self.process_index == 0


# What torchrun and `accelerate launch` tell each of the processes that they start, and what MPI does.
_COUNT_VARIABLES = ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE")


def current_process() -> Process:
    """This process, as its launcher numbered it. Needs Accelerate only where a launcher started several."""
    device = best_device()
    if all(int(os.environ.get(variable, 1)) == 1 for variable in _COUNT_VARIABLES):
        return Process(device)
    from accelerate import PartialState  # here, because it takes a second, and one process does without

    state = PartialState(cpu=device.type == "cpu")  # a launcher without GPUs has to be told so
    return Process(state.device, state.process_index, state.num_processes)


def _gather_outcomes(outcome: FolderOutcome) -> FolderOutcome:
    """The sum of all processes' outcomes, in each of them; they part after that."""
    from accelerate import PartialState
    from accelerate.utils import gather_object

    outcomes = gather_object([outcome])
    PartialState().destroy_process_group()
    return sum(outcomes, FolderOutcome())


def change_folder(
    source: Path,
    target: Path,
    change: Callable[[Picture], Picture],
    keep_metadata: bool = False,
    overwrite: bool = False,
) -> FolderOutcome:
    """Change every picture of a folder into a PNG file of the same name below `target`.

    What is there already is left alone, so that a run that was stopped goes on; a file appears whole or not at all.
    The outcome is that of all processes. Raises ImageError where the folder holds no picture.
    """
    process = current_process()
    files = list_pictures(source)
    results = dict(zip(files, _name_results(files, source, target), strict=True))
    mine = {file: results[file] for file in files[process.process_index :: process.num_processes]}
    outcome = _change_files(mine, change, keep_metadata, overwrite, process.is_main_process)
    return _gather_outcomes(outcome) if process.num_processes > 1 else outcome


def _change_files(
    files: dict[Path, Path],
    change: Callable[[Picture], Picture],
    keep_metadata: bool,
    overwrite: bool,
    show_progress: bool,
) -> FolderOutcome:
    missing = {file: result for file, result in files.items() if overwrite or not result.exists()}
    outcome = FolderOutcome(there=len(files) - len(missing))
    with (
        ThreadPoolExecutor(1) as writer,
        tqdm(total=len(missing), unit="picture", disable=not show_progress) as bar,
    ):
        saving: Future | None = None
        for file, opened in _open_ahead(list(missing), keep_metadata):
            try:
                changed = change(opened.result())
            except ImageError as error:
                outcome.refused[file] = str(error)
            else:
                if saving:
                    saving.result()  # at most one waits: a large picture needs much memory
                missing[file].parent.mkdir(parents=True, exist_ok=True)
                saving = writer.submit(changed.save, missing[file])
                if losses := (*changed.remarks, *list_losses(changed, missing[file])):
                    outcome.losses[file] = losses
                outcome.made += 1
            bar.update()
        if saving:
            saving.result()
    return outcome


def _open_ahead(files: list[Path], keep_metadata: bool) -> Iterator[tuple[Path, Future]]:
    """Each file with its picture, which is opened while its predecessor is in use."""
    with ThreadPoolExecutor(1) as reader:
        following = None
        for index, file in enumerate(files):
            opened = following or reader.submit(open_picture, file, keep_metadata=keep_metadata)
            following = None
            if index + 1 < len(files):
                following = reader.submit(open_picture, files[index + 1], keep_metadata=keep_metadata)
            yield file, opened


def _name_results(files: list[Path], source: Path, target: Path) -> list[Path]:
    """`a/b.jpg` becomes `a/b.png`, or `a/b.jpg.png` where there is an `a/b.png` or the like, too."""
    names = [file.relative_to(source) for file in files]
    count = Counter(name.with_suffix(".png") for name in names)
    return [
        target / (plain if count[plain := name.with_suffix(".png")] == 1 else name.with_name(f"{name.name}.png"))
        for name in names
    ]
