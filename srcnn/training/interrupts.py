"""How a run is stopped from outside: Ctrl-C and a cluster's SIGTERM are noted, and obeyed between two steps."""

import signal
import threading
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StoppedBySignal(Exception):
    """The run was told to stop, and its state is saved."""

    def __init__(self, number: int, step: int) -> None:
        super().__init__(f"stopped at step {step} by {signal.Signals(number).name}")
        self.number, self.step = number, step


class StopRequest:
    """Inside its `with` block a first signal is only noted; a second one does what it did before the block.

    Only the main thread hears of signals, so elsewhere this does nothing.
    """

    def __init__(self) -> None:
        self.number = 0  # of the signal; 0: there was none
        self._handlers: dict = {}

    def __enter__(self) -> "StopRequest":
        if threading.current_thread() is threading.main_thread():
            self._handlers = {number: signal.signal(number, self._note) for number in _SIGNALS}
        return self

    def __exit__(self, *error: object) -> None:
        self._restore_handlers()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self._restore_handlers()

    def _restore_handlers(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers = {}
