"""Waiting for what somebody else does: as long as it takes, but not for ever."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 300  # for what takes a few, on a busy machine


def wait_until(
    condition: Callable[[], object],
    what: str,
    pause: Callable[[], object] = lambda: time.sleep(0.01),
    seconds: float = PATIENCE_SECONDS,
) -> None:
    """Ask again and again, with pauses, until a condition holds. Fails with `what` where it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        pause()
