"""What became of the pictures of a run, and how it is told."""

from dataclasses import dataclass, field, fields
from pathlib import Path

from srcnn.errors import Remark
from srcnn.imaging.reading import printable_name

_NAMED_EACH = 3  # files of which the same is said, before they are counted


@dataclass
class Outcome:
    """What became of the pictures of a run.

    made: the results that were written, with width and height. there: how many were there already.
    refused: pictures that could not be used, with the reason. unwritten: results that could not be written, with the
    reason. losses: what results lack of their pictures, and what else a person should know of
    a file that is no fault. results: how many files are results of others of them,
    made by an earlier run, and were left alone. others: how many files are no pictures.
    ending: why the run ended before all was done, as a sentence. is_stopped: whether a person ended it.
    """

    made: dict[Path, tuple[int, int]] = field(default_factory=dict)
    there: int = 0
    refused: dict[Path, str] = field(default_factory=dict)
    unwritten: dict[Path, str] = field(default_factory=dict)
    losses: dict[Path, tuple[Remark, ...]] = field(default_factory=dict)
    results: int = 0
    others: int = 0
    ending: str = ""
    is_stopped: bool = False

    def __add__(self, other: "Outcome") -> "Outcome":
        def join(one, another):
            return one + another if type(one) is int else one | another if isinstance(one, dict) else one or another

        parts = {each.name: join(getattr(self, each.name), getattr(other, each.name)) for each in fields(self)}
        return Outcome(**parts)

    def __str__(self) -> str:
        parts = [f"{len(self.made)} written"]
        if self.there:
            parts.append(f"{self.there} were there already (--overwrite writes them again)")
        if self.refused:
            parts.append(f"{len(self.refused)} could not be used")
        if self.unwritten:
            parts.append(f"{len(self.unwritten)} could not be written")
        if self.results:
            parts.append(f"{self.results} were left alone as results of others")
        if self.others:
            parts.append(f"{self.others} {'file is no picture' if self.others == 1 else 'files are no pictures'}")
        return ", ".join(parts)

    @property
    def is_complete(self) -> bool:
        """Whether every picture has its result."""
        return not (self.refused or self.unwritten or self.ending)

    def list_notes(self) -> list[str]:
        """A line for each picture without a result, and for what results lack."""
        lines = [f"{printable_name(file)}: {reason}" for file, reason in (self.refused | self.unwritten).items()]
        files_by_loss: dict[str, list[Path]] = {}
        for file, losses in self.losses.items():
            for loss in losses:
                files_by_loss.setdefault(str(loss), []).append(file)
        for loss, files in files_by_loss.items():
            if len(files) > _NAMED_EACH:
                lines.append(f"{printable_name(files[0])} and {len(files) - 1:,} more: {loss}.")
            else:
                lines += [f"{printable_name(file)}: {loss}." for file in files]
        return lines + [self.ending] * bool(self.ending)
