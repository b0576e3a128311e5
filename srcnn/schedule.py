"""The learning rate of a step, from the options and the validations so far alone: nothing else to keep for a resume."""

import math

from srcnn.options import TrainingOptions


def learning_rate(options: TrainingOptions, step: int, validations: list[float]) -> float:
    """Linear warm-up, then the chosen schedule. `validations` are the PSNRs so far, in dB, oldest first."""
    warm = round(options.warmup * options.steps)
    if step < warm:
        return options.learning_rate * (step + 1) / warm
    return options.learning_rate * fraction(options, step, warm, validations)


def fraction(options: TrainingOptions, step: int, warm: int, validations: list[float]) -> float:
    """What is left of the peak."""
    if options.schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, options.steps - warm)))
    if options.schedule == "step":
        return options.decay ** (step // options.decay_every)
    if options.schedule == "exponential":
        return options.decay ** (step / options.decay_every)
    if options.schedule == "plateau":
        return options.decay ** plateaus(validations, options.patience)
    return 1.0


def plateaus(validations: list[float], patience: int) -> int:
    """How often `patience` validations in a row brought nothing better than the best before them."""
    best, waited, count = -math.inf, 0, 0
    for psnr in validations:
        best, waited = (psnr, 0) if psnr > best else (best, waited + 1)
        if waited == patience:
            waited, count = 0, count + 1
    return count
