"""Where a run computes: one process or several, on CPUs or GPUs, at which precision, with which tracker."""

import os

from accelerate import Accelerator
from accelerate.state import AcceleratorState

from srcnn.inference.device import best_device
from srcnn.training.options import TrainingError, TrainingOptions


def make_accelerator(options: TrainingOptions) -> Accelerator:
    """Raises TrainingError for a precision, a tracker or a number of processes that this run cannot have."""
    state = options.state_file.parent
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    if not several:
        AcceleratorState._reset_state(reset_partial_state=True)  # a notebook trains again, at another precision
    try:
        accelerator = Accelerator(
            # A launcher's processes find each other without a GPU only where Accelerate is told to use the CPU.
            cpu=options.device == "cpu" or (several and best_device().type == "cpu"),
            mixed_precision={"fp32": "no"}.get(options.precision, options.precision),
            log_with=options.tracker or None,
            project_dir=state,
        )
    except ValueError as error:
        raise TrainingError(f"Accelerate cannot do that here: {error}") from error
    if options.precision == "fp16" and accelerator.scaler is None:
        raise TrainingError("--precision fp16 needs a GPU; choose bf16 or fp32.")
    if options.batch_size % accelerator.num_processes:
        raise TrainingError(
            f"--batch-size {options.batch_size} cannot be shared by {accelerator.num_processes} processes; "
            "choose a multiple of their number."
        )
    if options.tracker and not accelerator.log_with:
        raise TrainingError(f"The tracker {options.tracker} is not installed; install it or drop --tracker.")
    config = {key: value if isinstance(value, int | float) else str(value) for key, value in options.recipe().items()}
    accelerator.init_trackers(options.output.name, config)
    return accelerator
