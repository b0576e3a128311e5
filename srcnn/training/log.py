"""The log of a run: a line of JSON for each validation, to watch with `tail -f` or to read into a table."""

import json
from pathlib import Path

from srcnn.atomic_files import write_atomically


class TrainingLog:
    """Appends to a file, which is first written anew from the history of the run: its entries so far, oldest first.

    A run may be killed after it saved its state and before it appended the line, or amid the line. Its history is in
    the state, so a resumed run has every line once.
    """

    def __init__(self, file: Path, history: list[dict]) -> None:
        self.file = file
        # States of earlier versions know fewer figures of an entry than its line does.
        lines = {entry["step"]: entry for entry in read_log(file)} if history else {}
        file.parent.mkdir(parents=True, exist_ok=True)
        with write_atomically(file) as temporary:
            temporary.write_text("".join(_format_entry(lines.get(entry["step"], {}) | entry) for entry in history))

    def append(self, entry: dict) -> None:
        with self.file.open("a") as opened:
            opened.write(_format_entry(entry))


def read_log(file: Path) -> list[dict]:
    """The entries of a log; a last line that was cut short by a crash is left out."""
    lines = file.read_text().splitlines(keepends=True) if file.exists() else []
    return [json.loads(text) for text in lines if text.endswith("\n")]


def _format_entry(entry: dict) -> str:
    return (
        json.dumps({key: float(f"{value:.6g}") if isinstance(value, float) else value for key, value in entry.items()})
        + "\n"
    )
