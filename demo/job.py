"""A visitor's job: it ends in time, and where the GPU fails it is done on the CPU."""

import ctypes
import logging
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import TypeVar

import torch

from srcnn.inference.device import DEVICE_FAULTS, best_device
from srcnn.inference.engine import Deadline, DeadlineWrapper
from srcnn.networks.architectures import load_network
from srcnn.variants.catalogue import Variant
from srcnn.variants.loading import first_line

JOB_SECONDS = 300  # of work; waiting in the queue does not count
WorkResult = TypeVar("Result")


def start_deadline() -> Deadline:
    """For a job that begins now."""
    return Deadline(JOB_SECONDS)


class Job:
    """Work with the networks of some members, each at a scale.

    device: where it was done, the CPU from when the GPU has failed.
    """

    def __init__(self, members: list[Variant], deadline: Deadline | None = None) -> None:
        self.members, self.deadline = members, deadline or start_deadline()
        self.device = best_device()
        self.fell_back = False

    def networks(self) -> list[DeadlineWrapper]:
        return [DeadlineWrapper(member.model, self.deadline) for member in self.members]

    def spares(self, fault: Exception) -> list[DeadlineWrapper]:
        """The same networks on the CPU, from their files: what lies on a lost GPU cannot be read any more."""
        logging.getLogger("srcnn").warning(f"The GPU failed, the CPU is used: {first_line(fault)}")
        self.device, self.fell_back = torch.device("cpu"), True
        fresh = [load_network(member.folder).for_scale(member.model.scale) for member in self.members]
        return [DeadlineWrapper(model, self.deadline) for model in fresh]

    def run(self, work: Callable[[list[DeadlineWrapper]], WorkResult]) -> WorkResult:
        try:
            return work(self.networks())
        except DEVICE_FAULTS as error:
            spares = self.spares(error)
        finally:
            _return_memory()
        return work(spares)

    def steps(self, work: Callable[[list[DeadlineWrapper]], Generator]) -> Generator:
        """As `run`, of work that is done step by step; all its steps come once more where the GPU failed."""
        try:
            return (yield from work(self.networks()))
        except DEVICE_FAULTS as error:
            spares = self.spares(error)
        finally:
            _return_memory()
        return (yield from work(spares))


def _return_memory() -> None:
    """To the system: glibc keeps what a thread has freed for that thread, and each job may run in another one."""
    with suppress(OSError, AttributeError, TypeError):  # not on glibc
        ctypes.CDLL(None).malloc_trim(0)


ONE_JOB_AT_A_TIME = {"concurrency_id": "inference", "concurrency_limit": 1}  # a picture takes every core, or the GPU
