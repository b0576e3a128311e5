"""Every choice of a training run, in one place."""

import dataclasses
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from srcnn.losses import LOSSES


class TrainingError(ValueError):
    """A run that cannot start or go on; the message is one sentence for the person who started it."""


def option(default: Any, help: str, **argparse: Any) -> Any:
    return field(default=default, metadata={"help": help, **argparse})


@dataclass(frozen=True)
class TrainingOptions:
    """Every choice of a training run; `train.py` offers each as a command-line option."""

    scale: int = option(3, "enlargement to train for", choices=(2, 3, 4))
    loss: str = option("mse", "what to minimise", choices=tuple(LOSSES))
    data: tuple[Path, ...] = option((), "folder of training pictures; repeatable, each is drawn equally often")
    test: tuple[Path, ...] = option((), "folder of test pictures for the card's results; never trained or tuned on")
    output: Path | None = option(None, "variant folder to write: config, safetensors, model card")
    state: Path | None = option(None, "folder for the state of the run; default: runs/NAME OF THE OUTPUT")
    resume: bool = option(False, "go on from the state of an interrupted run")

    kernel_sizes: tuple[int, ...] = option((9, 1, 5), "kernel sizes of the three layers", nargs=3)
    residual: bool = option(False, "learn the difference to the bicubic picture")
    batch_norm: bool = option(False, "normalise after the first and the second layer")

    steps: int = option(160_000, "optimiser steps")
    batch_size: int = option(4, "patches a step")
    patch_size: int = option(48, "side of a patch's measured part, in pixels; the network's reach is added around it")
    learning_rate: float = option(1.5e-3, "Adam's learning rate at its peak")
    warmup: float = option(0.05, "share of the steps in which the rate rises; then it falls to zero along a cosine")
    clip: float = option(0.05, "largest norm of the gradient")
    ema: float = option(0.999, "decay of the moving average of the weights, which is what gets released")
    validate_every: int = option(4000, "steps between two validations; the state is saved with each")
    seed: int = option(0, "of the weights' start and of the patches")
    device: str = option("auto", "auto, cpu, cuda or mps")

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "patch_size", "validate_every"):
            if getattr(self, name) < 1:
                raise TrainingError(f"--{name.replace('_', '-')} must be at least 1, not {getattr(self, name)}.")
        if not self.data:
            raise TrainingError("There is nothing to train on; name a folder of pictures with --data.")
        if not self.output:
            raise TrainingError("There is no place for the result; name a folder with --output.")

    @property
    def state_file(self) -> Path:
        return (self.state or Path("runs") / self.output.name) / "state.safetensors"

    def learning_rate_at(self, step: int) -> float:
        """Linear warm-up, then half a cosine to zero."""
        warm = max(1, round(self.warmup * self.steps))
        if step < warm:
            return self.learning_rate * (step + 1) / warm
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, self.steps - warm)))

    def recipe(self) -> dict:
        """The choices that the weights depend on, for the card: folders by name, nothing of this machine."""
        places = ("test", "output", "state", "resume", "device")
        chosen = {key: value for key, value in dataclasses.asdict(self).items() if key not in places}
        return {**chosen, "data": [folder.resolve().name for folder in self.data]}
