"""The training loop: random patches in, the best checkpoint of a run out, a log beside its state.

One code path from a laptop's CPU to several GPUs and machines: Accelerate knows how the process was started.
"""

import os
import time
from pathlib import Path

from accelerate import Accelerator
from tqdm import tqdm

from srcnn.data.patches import PatchSampler, TrainingImages, load_training_images
from srcnn.networks.base import Network
from srcnn.training.log import TrainingLog
from srcnn.training.options import TrainingError, TrainingOptions
from srcnn.training.trainer import Trainer

_SHOW_EVERY_STEPS = 50  # steps between two looks at the loss


def train(options: TrainingOptions) -> Network:
    """Run the training to its end and return the network with the best weights, `recipe` filled in, on the CPU.

    Raises TrainingError or images.ImageError with one sentence for the person who started it.
    """
    _check_output_folder(options.output)
    accelerator = make_accelerator(options)
    run = Trainer(options, accelerator)
    if options.resume:
        run.load()
    pictures = load_training_images(options.data, options.scale, run.patch, options.shrink)
    if accelerator.is_main_process:
        _report_pictures(pictures)
    _run_steps(run, run.make_sampler(pictures), pictures)
    accelerator.end_training()
    return run.build_result(pictures)


def _run_steps(run: Trainer, sampler: PatchSampler, pictures: TrainingImages) -> None:
    """Steps, and now and then a look at the loss, a validation, a saved state and a line in the log."""
    options, accelerator = run.options, run.accelerator
    silent = not accelerator.is_main_process
    log = None if silent else TrainingLog(options.state_file.with_name("log.jsonl"), run.history)
    started, first = time.monotonic(), run.step
    with tqdm(total=options.steps, initial=first, unit="step", smoothing=0.05, disable=silent) as bar:
        while run.step < options.steps and not run.should_stop():
            loss = run.train_step(sampler)
            bar.update()
            validating = run.step % options.validate_every == 0 or run.step == options.steps
            if not validating and run.step % _SHOW_EVERY_STEPS:
                continue  # reading the loss off a GPU would make it wait
            loss = accelerator.reduce(loss, "mean").item()
            run.check_finite(loss)
            speed = options.batch_size * (run.step - first) / (time.monotonic() - started)
            if validating:
                run.validate(pictures.validation, speed)
                run.save()
                accelerator.log(run.history[-1], step=run.step)
                if log:
                    log.append(run.history[-1])
            best = f", validation {run.best_psnr:.3f} dB" if run.history else ""
            bar.set_postfix_str(f"loss {loss:.3e}{best}, {speed:.0f} images/s")


def make_accelerator(options: TrainingOptions) -> Accelerator:
    """Raises TrainingError for a precision, a tracker or a number of processes that this run cannot have."""
    state = options.state_file.parent
    try:
        accelerator = Accelerator(
            cpu=options.device == "cpu",
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


def _check_output_folder(folder: Path) -> None:
    """Raises TrainingError where the result could not be written: better now than after hours."""
    place = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not place.is_dir() or not os.access(place, os.W_OK):
        raise TrainingError(f"{folder} cannot be written, because {place} is not a folder that you may write to.")


def _report_pictures(pictures: TrainingImages) -> None:
    for file, reason in pictures.skipped.items():
        tqdm.write(f"skipped {file}: {reason}")
    skipped = len(pictures.skipped)
    tqdm.write(f"{pictures.used} pictures to train on, {pictures.kept_out} to validate on, {skipped} skipped")
