"""The commands that a document shows: which program they start, and whether it knows their arguments."""

import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from tests.support.parsing import complaint, options_of
from tests.support.paths import SOURCES, exists, is_of_the_project
from tests.support.project import PROJECT

OTHER_PROGRAMS = ("pip", "pip-audit", "hf", "export", "curl", ".", "ruff", "uv", "git", "cd", "npm")
OTHER_MODULES = ("venv", "pip", "pytest", "http.server")  # of `python -m`


class Command(NamedTuple):
    """partial: whether it may leave out arguments that the program needs."""

    text: str
    partial: bool


def is_command(code: str) -> bool:
    """Whether inline code is a command: a program with at least one argument."""
    program, *arguments = code.split()
    return bool(arguments) and (program in ("srcnn", "torchrun", "accelerate", *OTHER_PROGRAMS) or is_python(program))


def is_python(word: str) -> bool:
    return re.fullmatch(r"(.*/)?python3?", word) is not None


def commands_in(block: str) -> Iterator[Command]:
    """Those of a shell's block, without comments; what is assigned to a variable is left out."""
    for line in block.replace("\\\n", " ").splitlines():
        for part in re.split(r"\s(?:&&|[;&])(?:\s|$)", re.sub(r"(^|\s)#.*", "", line)):
            if part.strip() and not re.match(r"\w+=", part.strip()):
                yield Command(part.strip(), "..." in part.split())


def complaints_about(commands: Sequence[Command]) -> list[str]:
    """A line for each program, file or argument that there is not."""
    found = []
    for command in commands:
        words = [word for word in shlex.split(command.text) if word != "..."]
        if program := program_of(words):
            said = complaint(*program)
            if said and not (command.partial and "arguments are required" in said):
                found.append(f"{command.text}: {said}")
        elif not is_foreign(words):
            found.append(f"no program for {command.text}")
        found += [f"no path {word}" for word in words if is_of_the_project(word) and not exists(word)]
    return found


def program_of(words: list[str]) -> tuple[str, tuple[str, ...]] | None:
    """The program of this project that a command starts, perhaps by a launcher, and its arguments."""
    if words[0] == "srcnn":
        return "srcnn", tuple(words[1:])
    launched = words[0] == "torchrun" or words[:2] == ["accelerate", "launch"]
    for place, word in enumerate(words[1:], 1):
        if place > 1 and not launched or not (launched or is_python(words[0])):
            return None
        if word == "-m" and words[place + 1].split(".")[0] in SOURCES:
            return words[place + 1], tuple(words[place + 2 :])
        if word.endswith(".py"):
            return word, tuple(words[place + 1 :])
    return None


def is_foreign(words: list[str]) -> bool:
    name = words[0].rsplit("/", 1)[-1]
    return name in OTHER_PROGRAMS or (is_python(words[0]) and words[1] == "-m" and words[2] in OTHER_MODULES)


@cache
def all_options() -> frozenset[str]:
    """Those of every program of the project that documents may show."""
    programs = ["srcnn", "train.py", "train_family.py", "app.py"]
    programs += [f"benchmarks.{file.stem}" for file in (PROJECT / "benchmarks").glob("[a-z]*.py")]
    return frozenset().union(*map(options_of, programs))
