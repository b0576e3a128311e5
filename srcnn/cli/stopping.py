"""Ctrl-C while a program still loads what it needs, which takes seconds: a sentence and no traceback."""

import sys
from types import TracebackType

STOPPED_STATUS = 130  # to exit with, as a program that Ctrl-C ended


def tell_ctrl_c() -> None:
    """From now on, Ctrl-C that nobody else takes ends this process with a sentence. To be called before the imports."""
    sys.excepthook = _report_error


def _report_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        print("Stopped.", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
