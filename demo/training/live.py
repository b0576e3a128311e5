"""A training that somebody watches: it is done in slices of a moment each, on a thread of its own with one core."""

import functools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch

from demo.job import ONE_JOB_AT_A_TIME
from demo.server.fair_queue import is_busy
from demo.training.details import CloserLook, Magnifier, Place
from demo.training.pictures import measured_set, training_set
from demo.training.settings import TrainSettings, options_for
from srcnn.imaging.picture import Picture
from srcnn.networks.base import Network
from srcnn.training.loop import PreparedRun, finish_run, pause_run, prepared_run, take_steps
from srcnn.training.options import DivergedError
from srcnn.training.trainer import measure_mean_psnr
from srcnn.visuals.filters import draw_forming_filters

SLICE_SECONDS = 0.25  # between two looks
Returned = TypeVar("Returned")


@dataclass(frozen=True)
class Look:
    """What a training looks like at a moment.

    points: (step, mean loss since the point before or None, PSNR in dB) of every measurement so far. bicubic, released:
    PSNR of bicubic interpolation and of the variant that the app runs. steps_per_second: 0 where it is not known yet.
    closer: at the detail that the visitor has chosen, by the weights of now. state: "running", "paused", "done",
    "diverged". best: the step and the PSNR of the weights that the result has.
    """

    step: int
    points: list[tuple[int, float | None, float]]
    bicubic: float
    released: float
    steps_per_second: float
    closer: CloserLook
    filters: Picture
    state: str = "running"
    best: tuple[int, float] = (0, 0.0)


class LiveTraining:
    """Steps of a run, as long as they are asked for. All its methods run on the training's thread.

    reasons: why pictures of the visitor's are not trained on, by name.
    """

    def __init__(
        self, settings: TrainSettings, files: list[str], folder: Path, resume: bool, place: Callable[[], Place | None]
    ) -> None:
        """folder: for the variant, the state and the visitor's pictures. place: of the detail, whenever it is asked.

        Raises SettingsError or ImageError for pictures that cannot be trained on.
        """
        data, self.reasons = training_set(settings, files, folder)
        self.magnifier, self.place = Magnifier(settings), place
        options = options_for(settings, data, measured_set(settings.measured), folder, resume)
        self.hold = ExitStack()
        self.run: PreparedRun = self.hold.enter_context(prepared_run(options, is_silent=True))
        self.steps = take_steps(self.run)
        self.first, self.seconds = self.run.trainer.step, 0.0
        self.begun = measure_mean_psnr(self.run.trainer.average.eval(), self.run.pictures.validation_pairs())

    def advance(self, seconds: float) -> Look:
        """Train for a moment; where another visitor's job runs, it gets half of the time."""
        begin = time.monotonic()
        end, state = begin + seconds, "running"
        while begin < end:
            try:
                next(self.steps)
            except StopIteration:
                state = "done"
                break
            except DivergedError:
                state = "diverged"
                break
            took = time.monotonic() - begin
            self.seconds += took
            if is_busy(ONE_JOB_AT_A_TIME["concurrency_id"]):
                time.sleep(took)
            begin = time.monotonic()
        return self.look(state)

    def look(self, state: str) -> Look:
        trainer = self.run.trainer
        points = [(entry["step"], entry["loss"], entry["psnr"]) for entry in trainer.history]
        if not self.first:
            points.insert(0, (0, None, self.begun))
        model = trainer.average.eval()
        return Look(
            trainer.step,
            points,
            self.magnifier.bicubic,
            self.magnifier.released,
            (trainer.step - self.first) / self.seconds if self.seconds else 0.0,
            self.magnifier.look(model, self.place()),
            draw_forming_filters(model),
            state,
        )

    def close(self) -> None:
        """Let go of the state."""
        self.hold.close()

    def end(self, last: Look) -> tuple[Look, Network]:
        """Keep what there is. The last look, and the network with the best weights.

        Raises TrainingError where there is no room for the state.
        """
        if last.state == "running":
            pause_run(self.run)
            last = self.look("paused")
        model = finish_run(self.run)
        return replace(last, best=(model.recipe["best_step"], model.recipe["validation_psnr"])), model


def watch(
    make: Callable[[], LiveTraining],
    is_wanted: Callable[[], bool],
    finish: Callable[[LiveTraining, Look, Network], None],
) -> Iterator[Look]:
    """Look at a training again and again, until it is done or not wanted any more; at last with what it has made.

    finish: called with that on the training's thread, before the last look is given. Raises what `make` raises.
    """
    training = on_training_thread(make)

    def end() -> Look:
        ended, model = training.end(last)
        finish(training, ended, model)
        return ended

    try:
        yield on_training_thread(lambda: training.look("running"))
        while True:
            last = on_training_thread(lambda: training.advance(SLICE_SECONDS))
            if last.state != "running" or not is_wanted():
                break
            yield last
        yield on_training_thread(end)
    finally:
        _trainer().submit(training.close)  # nobody waits for it: this may be where the server collects garbage


def on_training_thread(work: Callable[[], Returned]) -> Returned:
    """What `work` returns or raises, done on the one thread that trains, which uses one core."""
    return _trainer().submit(work).result()


@functools.cache
def warm_up() -> None:
    """Let the first training begin soon: torch reads thousands of lines when the first optimiser of a process is made.

    Returns at once.
    """
    _trainer().submit(lambda: torch.optim.SGD([torch.zeros(1)], lr=1.0))


def _use_one_core() -> None:
    torch.set_num_threads(1)
    torch.get_num_threads()  # a thread takes what was said last when it first asks, and then keeps it


@functools.cache
def _trainer() -> ThreadPoolExecutor:
    cores = torch.get_num_threads()
    executor = ThreadPoolExecutor(1, "training", initializer=_use_one_core)
    executor.submit(threading.get_ident).result()
    torch.set_num_threads(cores)  # threads that begin from now on take what was said last
    return executor
