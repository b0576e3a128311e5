"""Several processes, on however many GPUs and machines, that share a run out among them.

`accelerate launch` and `torchrun` start them.
"""

import os
from dataclasses import dataclass

import torch

from srcnn.inference.batch.outcome import Outcome
from srcnn.inference.device import best_device


@dataclass(frozen=True)
class Process:
    """Which of how many processes this one is, and where it computes."""

    device: torch.device
    process_index: int = 0
    num_processes: int = 1

    @property
    def is_main_process(self) -> bool:
        return self.process_index == 0


# What torchrun and `accelerate launch` tell each of the processes that they start, and what MPI does.
_COUNT_VARIABLES = ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE")


def current_process() -> Process:
    """This process, as its launcher numbered it. Needs Accelerate only where a launcher started several."""
    device = best_device()
    if all(int(os.environ.get(variable, 1)) == 1 for variable in _COUNT_VARIABLES):
        return Process(device)
    from accelerate import PartialState  # here, because it takes a second, and one process does without

    state = PartialState(cpu=device.type == "cpu")  # a launcher without GPUs has to be told so
    return Process(state.device, state.process_index, state.num_processes)


def gather_outcomes(outcome: Outcome) -> Outcome:
    """The sum of all processes' outcomes, in each of them; they part after that."""
    from accelerate import PartialState
    from accelerate.utils import gather_object

    outcomes = gather_object([outcome])
    PartialState().destroy_process_group()
    return sum(outcomes, Outcome())
