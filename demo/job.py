"""A visitor's job: it ends in time, and where the GPU fails it is done on the CPU."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import torch
from torch import Tensor

from demo.server.fair_queue import is_abandoned
from srcnn.errors import SentenceError
from srcnn.inference.device import DEVICE_FAULTS, best_device
from srcnn.inference.unused_memory import return_memory
from srcnn.networks.architectures import load_network
from srcnn.networks.base import AnyNetwork, Network
from srcnn.networks.strips import StripNetwork
from srcnn.networks.wrappers import NetworkWrapper, RowStream
from srcnn.variants.catalogue import Variant
from srcnn.variants.loading import first_line

JOB_SECONDS = 300  # of work; waiting in the queue does not count
Result = TypeVar("Result")


class TimeUpError(SentenceError):
    """A job took longer than it may; the message is one sentence for the visitor who waits."""


class Deadline:
    """`seconds` from now, by a clock that nobody can set."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.end = seconds, time.monotonic() + seconds

    def check(self) -> None:
        """Raises TimeUpError where the time is over, or nobody waits any more."""
        if is_abandoned():
            raise TimeUpError("Nobody waits for this any more.")
        if time.monotonic() > self.end:
            raise TimeUpError(
                "This takes longer than the {seconds:.0f} seconds that there are for it here; use a smaller "
                "picture, or no self-ensemble.",
                seconds=self.seconds,
            )


class DeadlineWrapper(NetworkWrapper):
    """The network until the deadline. Raises TimeUpError after it."""

    def __init__(self, model: AnyNetwork, deadline: Deadline) -> None:
        super().__init__(model)
        self.model, self.deadline = model, deadline

    def for_device(self, exact: bool = False) -> "DeadlineWrapper":
        network = self.model.for_device(exact)
        if isinstance(network, StripNetwork):  # a piece of a picture takes it many seconds
            network.before_strip = self.deadline.check
        return DeadlineWrapper(network, self.deadline)

    def open_stream(self, width: int) -> RowStream | None:
        return self.model.open_stream(width)

    def forward(self, x: Tensor) -> Tensor:
        self.deadline.check()
        return self.model(x)


def start_deadline() -> Deadline:
    """For a job that begins now."""
    return Deadline(JOB_SECONDS)


class Job:
    """A visitor's work with the networks of some members, each at a scale.

    device: where it was done, the CPU from when the GPU has failed. fell_back: whether it has.
    """

    def __init__(self, members: list[Variant], deadline: Deadline | None = None) -> None:
        self.members, self.deadline = members, deadline or start_deadline()
        self.device = best_device()
        self.fell_back = False

    def run(self, work: Callable[[list[DeadlineWrapper]], Result]) -> Result:
        """What `work` returns for the networks."""
        (result,) = self.steps(lambda networks: [work(networks)])
        return result

    def steps(self, work: Callable[[list[DeadlineWrapper]], Iterable[Result]]) -> Iterator[Result]:
        """What `work` yields for the networks; where the GPU fails, all of it once more, for those on the CPU."""
        try:
            yield from work(self._limit([member.model for member in self.members]))
            return
        except DEVICE_FAULTS as error:
            spares = self._load_spares(error)
        finally:
            return_memory()
        yield from work(self._limit(spares))

    def _load_spares(self, fault: Exception) -> list[Network]:
        """The same networks on the CPU, from their files: what lies on a lost GPU cannot be read any more."""
        logging.getLogger("srcnn").warning(f"The GPU failed, the CPU is used: {first_line(fault)}")
        self.device, self.fell_back = torch.device("cpu"), True
        return [load_network(member.folder).for_scale(member.model.scale) for member in self.members]

    def _limit(self, models: list[Network]) -> list[DeadlineWrapper]:
        return [DeadlineWrapper(model, self.deadline) for model in models]


ONE_JOB_AT_A_TIME = {"concurrency_id": "inference", "concurrency_limit": 1}  # a picture takes every core, or the GPU
TRAINING_ALONE = {"concurrency_id": "training", "concurrency_limit": 1}  # on one core, beside the pictures
