"""What a command prints: any name is printable, and a reader or a disk that refuses it breaks nothing."""

import contextlib
import errno
import os
import sys


def let_output_take_any_name() -> None:
    """A file's name may be bytes that are no text, at which stdout would end the command, and stderr does not."""
    if hasattr(sys.stdout, "reconfigure"):  # a notebook's has none
        sys.stdout.reconfigure(errors="backslashreplace")


def flush_output() -> int:
    """Write out what a command has printed: the status to exit with, 1 after a sentence where a disk refuses it.

    A reader that has left, as `head` does, needs no more, and is no fault.
    """
    try:
        if sys.stdout:  # a program without a terminal has none
            sys.stdout.flush()
        return 0
    except OSError as error:
        with contextlib.suppress(OSError):  # so that Python, which flushes once more at its end, does not complain
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError) or error.errno == errno.EINVAL:  # the latter on Windows
            return 0
        print(f"What is printed cannot be written ({error.strerror}); files that were made stay.", file=sys.stderr)
        return 1
