"""A run of the family: a call of train.py that trains a released variant, or weights that others start from."""

from dataclasses import dataclass
from pathlib import Path

from srcnn.naming import LOSSES

_RUNS = Path("runs")  # states of the runs, and the weights that others start from

# The training sets of the jobs, by the names of their folders or archives.
CLASSIC_SETS = ("T91", "BSDS400")
LARGE_SETS = ("BSDS400", "open-photographs")
ALL_SETS = (*CLASSIC_SETS, "open-photographs")


def _is_released(name: str) -> bool:
    """Whether a job's folder lies among the variants, else in `runs`, as only other jobs start from it."""
    return name.split("-")[-1] in LOSSES and "-reduced-" not in name


def _find_folder(name: str, weights: Path) -> Path:
    return (weights if _is_released(name) else _RUNS) / name


@dataclass(frozen=True)
class FamilyJob:
    """A call of train.py: the name of its folder, scale, loss, options, and the job whose weights it starts from."""

    name: str
    scale: int | tuple[int, ...]
    loss: str
    options: list
    start: str | None = None
    needs_gpu: bool = False  # it would take days on a CPU
    sets: tuple[str, ...] = CLASSIC_SETS  # that it is trained on

    @property
    def released(self) -> bool:
        return _is_released(self.name)

    def folder(self, weights: Path) -> Path:
        return _find_folder(self.name, weights)

    def command(self, weights: Path) -> list[str]:
        """Its arguments of train.py."""
        scales = self.scale if isinstance(self.scale, tuple) else (self.scale,)
        words = ["--scale", *scales, "--loss", self.loss, "--output", self.folder(weights), *self.options]
        if self.start:
            words += ["--start", _find_folder(self.start, weights)]
        return [str(word) for word in words]


def next_job(
    network: str, scale: int, run: str, start: str, options: list, sets: tuple[str, ...], needs_gpu: bool = True
) -> FamilyJob:
    """A run from the weights of another of the same network. run, start: the loss, and where other runs follow, a word
    for which it is."""
    name = f"{network}-x{scale}"
    return FamilyJob(f"{name}-{run}", scale, run.split("-")[0], options, f"{name}-{start}", needs_gpu, sets)
