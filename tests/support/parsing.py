"""Parse command lines by the parsers of the programs themselves, without doing what they ask for."""

import argparse
import contextlib
import io
import os
import runpy
from collections.abc import Iterator, Sequence
from functools import cache
from unittest import mock

from tests.support.project import PROJECT

parse_args = argparse.ArgumentParser.parse_args


class Parsed(BaseException):
    """The arguments are right; ends the program before it does anything."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        super().__init__()
        self.parser = parser


def parse_and_stop(parser: argparse.ArgumentParser, arguments=None, namespace=None) -> None:
    parse_args(parser, arguments, namespace)
    raise Parsed(parser)


def stop_at_once(parser: argparse.ArgumentParser, arguments=None, namespace=None) -> None:
    raise Parsed(parser)


def complaint(program: str, arguments: Sequence[str]) -> str:
    """What the program's parser says of its arguments; empty where they are right.

    program: a file such as train.py, or a module such as srcnn, as for `python -m`.
    """
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            start(program, arguments, parse_and_stop)
        except Parsed:
            return ""
        except SystemExit as end:
            return said.getvalue().strip().splitlines()[-1] if end.code else ""  # 0: --help
        except (ImportError, OSError) as error:
            return str(error)
    return "It parses no arguments."


@cache
def options_of(program: str) -> frozenset[str]:
    """Every option of a program, those of its commands included."""
    try:
        start(program, [], stop_at_once)
    except Parsed as parsed:
        return frozenset(options_in(parsed.parser))
    raise AssertionError(f"{program} parses no arguments")


def options_in(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from options_in(command)


def start(program: str, arguments: Sequence[str], stop) -> None:
    """Run a program up to where it parses its arguments, as from the project's folder; what it sets is set back."""
    with (
        mock.patch.object(argparse.ArgumentParser, "parse_args", stop),
        mock.patch("sys.argv", [program, *arguments]),
        mock.patch.dict(os.environ),
    ):
        if program.endswith(".py"):
            runpy.run_path(str(PROJECT / program), run_name="__main__")
        else:
            runpy.run_module(program, run_name="__main__")
