"""The training loop: random patches in, the best checkpoint of a run out, a log beside its state.

One code path from a laptop's CPU to several GPUs and machines: Accelerate knows how the process was started.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from srcnn.data.own_pairs import pair_opener
from srcnn.data.patches import PatchSampler
from srcnn.data.training_images import TrainingImages, count_overlaps, load_training_images
from srcnn.imaging.reading import printable_name
from srcnn.inference.unused_memory import return_memory
from srcnn.networks.architectures import load_network
from srcnn.networks.base import Network
from srcnn.training.accelerator import make_accelerator
from srcnn.training.checkpoint import hold_state
from srcnn.training.interrupts import StoppedBySignal, StopRequest
from srcnn.training.log import TrainingLog
from srcnn.training.options import TrainingError, TrainingOptions
from srcnn.training.trainer import Trainer, clone_state
from srcnn.training.warm_start import prepare_maps

_SHOW_EVERY_STEPS = 50  # steps between two looks at the loss


@dataclass(frozen=True)
class PreparedRun:
    """A run that can take its steps: the trainer, what draws its patches, and its pictures.

    overlaps: what `count_overlaps` found. is_silent: whether nothing is told on the terminal.
    """

    trainer: Trainer
    sampler: PatchSampler
    pictures: TrainingImages
    overlaps: dict[str, int]
    is_silent: bool


def train(options: TrainingOptions) -> Network:
    """Run the training to its end and return the network with the best weights, `recipe` filled in, on the CPU.

    Raises TrainingError or ImageError with one sentence for the person who started it, and StoppedBySignal once the
    state is saved.
    """
    with prepared_run(options) as run:
        for _ in take_steps(run):
            pass
        return finish_run(run)


@contextlib.contextmanager
def prepared_run(options: TrainingOptions, is_silent: bool = False) -> Iterator[PreparedRun]:
    """Everything before the first step; the state is this run's until the end of the block, and no step comes after it.

    Raises TrainingError or ImageError, as `train` does.
    """
    _check_output_folder(options.output)
    accelerator = make_accelerator(options)
    trainer = Trainer(options, accelerator)  # what is wrong with the options is said first
    with hold_state(options.state_file) if accelerator.is_main_process else contextlib.nullcontext():
        try:
            yield _prepare(trainer, is_silent or not accelerator.is_main_process)
        finally:
            _part_processes(trainer)


def _part_processes(run: Trainer) -> None:
    """What averages gradients has to go first: as the last owner of the connections, it would close them while it
    holds Python's lock, and waits forever for a thread of theirs that needs it (torch 2.13, Gloo)."""
    run.network = run.judge = None
    run.accelerator.free_memory()
    run.accelerator.end_training()


def _prepare(trainer: Trainer, is_silent: bool) -> PreparedRun:
    """What `prepared_run` does once the state is this run's."""
    options = trainer.options
    _check_state_is_wanted(options)
    if options.resume and options.state_file.exists():
        trainer.load()
    elif options.resume and not is_silent:
        tqdm.write(f"There is no state {options.state_file} to go on from; the run begins anew.")
    _check_variant_is_of_run(trainer)
    pictures = load_training_images(
        options.data,
        options.scale,
        trainer.patch,
        options.shrink,
        options.validate,
        pair_opener(options.low, options.scale[0]),
        show_progress=not is_silent,
    )
    trainer.check_pictures(pictures)
    overlaps = count_overlaps(pictures, options.test)
    if not is_silent:
        _report_pictures(pictures)
        if any(overlaps.values()):
            tqdm.write(f"{sum(overlaps.values())} of the test pictures are trained or validated on; the card says it.")
    if options.revive or options.span:
        _prepare_maps(trainer, pictures)
    if options.start and not trainer.step:
        trainer.validate_start(pictures.validation_pairs())
    sampler = trainer.make_sampler(pictures)
    return_memory()
    return PreparedRun(trainer, sampler, pictures, overlaps, is_silent)


def finish_run(run: PreparedRun) -> Network:
    """The network with the best weights so far, `recipe` filled in, on the CPU."""
    if not run.is_silent:
        _report_loss_of_start(run.trainer)
    return run.trainer.build_result(run.pictures, run.overlaps)


def pause_run(run: PreparedRun) -> None:
    """Measure and save a run between two of its steps: one with `resume` goes on from there.

    Raises TrainingError where the disk does not take it.
    """
    trainer = run.trainer
    if not trainer.history or trainer.history[-1]["step"] < trainer.step:
        before = trainer.history[-1] if trainer.history else {}
        trainer.validate(run.pictures.validation_pairs(), before.get("images_per_second", 0.0))
    trainer.save()


def _prepare_maps(run: Trainer, pictures: TrainingImages) -> None:
    """What `--revive` and `--span` ask for, by what the network sees of the pictures to validate on."""
    planes = [pair.input_of(run.model) for pairs in pictures.validation_pairs() for pair in pairs]
    prepare_maps(run.model, run.optimizer, run.options, planes, begins=run.step == 0)
    if run.step == 0:
        run.average.load_state_dict(run.model.state_dict())
        run.best = clone_state(run.average.state_dict())


def take_steps(prepared: PreparedRun) -> Iterator[Tensor]:
    """Steps, and now and then a look at the loss, a validation, a saved state and a line in the log.

    Yields the loss of each step, not yet waited for on a GPU. Whoever asks for no more of them ends the run there.
    Raises DivergedError where the loss is no number any more, TrainingError for a full disk, and StoppedBySignal.
    """
    run, pictures, is_silent = prepared.trainer, prepared.pictures, prepared.is_silent
    options, accelerator = run.options, run.accelerator
    writes_log = accelerator.is_main_process
    log = TrainingLog(options.state_file.with_name("log.jsonl"), run.history) if writes_log else None
    started, first = time.monotonic(), run.step
    bar = tqdm(total=options.steps, initial=first, unit="step", smoothing=0.05, disable=is_silent)
    with StopRequest() as stop, bar:
        while run.step < options.steps and not run.should_stop():
            loss = run.train_step(prepared.sampler)
            bar.update()
            validating = run.step % options.validate_every == 0 or run.step == options.steps
            alone_and_stopped = stop.number and accelerator.num_processes == 1
            # Reading the loss off a GPU makes it wait, so that is not done at every step.
            if validating or run.step % _SHOW_EVERY_STEPS == 0 or alone_and_stopped:
                loss = accelerator.reduce(loss, "mean")
                run.check_finite(loss.item())
                speed = options.batch_size * (run.step - first) / (time.monotonic() - started)
                if validating:
                    run.validate(pictures.validation_pairs(), speed)
                    run.save()
                    accelerator.log(run.history[-1], step=run.step)
                    if log:
                        log.append(run.history[-1])
                if number := _agree_on_signal(run, stop):
                    run.save()
                    raise StoppedBySignal(number, run.step)
                best = f", validation {run.best_psnr:.3f} dB" if run.history else ""
                bar.set_postfix_str(f"loss {loss.item():.3e}{best}, {speed:.0f} images/s")
            yield loss


def _agree_on_signal(run: Trainer, stop: StopRequest) -> int:
    """The number of the signal that any of the processes got; 0 for none. All of them have to ask at the same step."""
    numbers = run.accelerator.gather(torch.tensor([stop.number], device=run.accelerator.device))
    return int(numbers.max())


def _check_output_folder(folder: Path) -> None:
    """Raises TrainingError where the result could not be written: better now than after hours."""
    place = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not place.is_dir() or not os.access(place, os.W_OK):
        raise TrainingError(f"{folder} cannot be written, because {place} is not a folder that you may write to.")


def _report_pictures(pictures: TrainingImages) -> None:
    for file, reason in pictures.skipped.items():
        tqdm.write(f"skipped {printable_name(file)}: {reason}")
    skipped = len(pictures.skipped)
    tqdm.write(f"{pictures.used} pictures to train on, {pictures.kept_out} to validate on, {skipped} skipped")


def _report_loss_of_start(run: Trainer) -> None:
    """A run that has another aim than its start may well end below it; it is said."""
    if run.start_psnr is not None and run.best_psnr < run.start_psnr:
        below = run.start_psnr - run.best_psnr
        tqdm.write(f"These weights validate {below:.2f} dB below those that the run started from.")
    elif run.start_psnr is not None and run.best_step == 0:
        tqdm.write("No weights of this run validate better than those it started from, which are kept.")


def _check_state_is_wanted(options: TrainingOptions) -> None:
    """Raises TrainingError where the state of an earlier run would be overwritten and nobody asked for that."""
    if options.state_file.exists() and not options.resume and not options.overwrite:
        raise TrainingError(
            f"{options.state_file} is the state of an earlier run; go on from it with --resume, name another folder "
            "with --state, or begin anew with --overwrite."
        )


def _check_variant_is_of_run(run: Trainer) -> None:
    """Raises TrainingError where the output holds the variant of another run and nobody asked to overwrite it."""
    output = run.options.output
    if run.options.overwrite or not (output / "model.safetensors").exists():
        return
    try:
        history = load_network(output).recipe.get("history")
    except (ValueError, OSError):
        history = None
    if not run.history or history != run.rounded_history():
        raise TrainingError(
            f"{output} holds a variant that another run made; name another --output, or replace it with --overwrite."
        )
