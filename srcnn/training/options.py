"""Every choice of a training run, in one place."""

import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from srcnn.data.picture_sets import SETS_HELP, sets_for_recipe
from srcnn.imaging.reading import printable_name
from srcnn.naming import ALL_SCALES, JUDGED_BY_EYE, LOSSES
from srcnn.networks.architectures import NETWORKS
from srcnn.networks.base import Network
from srcnn.networks.vgg19 import PRETRAINED_REPOSITORY, VGG_LAYERS

_SCHEDULES = ("cosine", "step", "exponential", "plateau", "constant")
_OPTIMIZERS = ("soap", "adam", "adamw", "sgd")
_PRECISIONS = ("fp32", "bf16", "fp16")
_STATE_NAME = "state.safetensors"
_CHECKSUM_DIGITS = 8
# The numbers that an option can have, in words and as a check that NaN does not pass, and the options. What a network
# is made of (depth, channels, kernel sizes, residual scaling) is checked by its config.
_RANGES: dict[str, tuple[Callable[[float], bool], tuple[str, ...]]] = {
    "at least 1": (
        lambda value: 1 <= value < math.inf,
        ("steps", "batch_size", "patch_size", "decay_every", "patience", "validate_every"),
    ),
    "0 or a positive number": (
        lambda value: 0 <= value < math.inf,
        ("weight_decay", "clip", "stop_after", "span", "feature_weight", "adversarial_weight"),
    ),
    "a positive number": (lambda value: 0 < value < math.inf, ("learning_rate", "discriminator_rate")),
    "from 0 to 1": (lambda value: 0 <= value <= 1, ("teacher_weight", "warmup")),
    "from 0 to less than 1": (lambda value: 0 <= value < 1, ("ema", "momentum", "flat")),
    "more than 0 and at most 1": (lambda value: 0 < value <= 1, ("decay",)),
    "from 0 to 2^63 - 1": (lambda value: 0 <= value < 2**63, ("seed",)),
}


class TrainingError(ValueError):
    """A run that cannot start or go on; the message is one sentence for the person who started it."""


class DivergedError(TrainingError):
    """A run whose loss or weights are no numbers any more."""


def option(default: Any, help: str, **argparse: Any) -> Any:
    return field(default=default, metadata={"help": help, **argparse})


@dataclass(frozen=True)
class TrainingOptions:
    """Every choice of a training run; `train.py` offers each as a command-line option."""

    network: str = option("srcnn", "which network", choices=tuple(NETWORKS))
    scale: tuple[int, ...] = option(
        (3,), "enlargement to train for; vdsr: one or several", nargs="+", choices=ALL_SCALES
    )
    loss: str = option("mse", "what to minimise", choices=LOSSES)
    data: tuple[str | Path, ...] = option(
        (), f"training pictures: {SETS_HELP}; repeatable, each is drawn equally often"
    )
    low: tuple[str | Path, ...] = option(
        (),
        f"low-resolution pictures of one's own in place of reduced ones: {SETS_HELP}; repeatable; each has the name of "
        "its picture in --data, --validate or --test, and a size of 1/scale",
    )
    validate: tuple[str | Path, ...] = option(
        (), f"pictures to validate on: {SETS_HELP}; repeatable, each counts the same; default: some 15th of --data"
    )
    test: tuple[str | Path, ...] = option((), f"test pictures for the card: {SETS_HELP}; never trained or tuned on")
    output: Path | None = option(None, "variant folder to write: config, safetensors, model card")
    license: str = option(
        "", "licence that you put the weights under, for the card: a name of the Hub's, such as mit or cc-by-nc-4.0"
    )
    push_to: str = option("", "send the result to this user or organisation of the Hub", metavar="NAMESPACE")
    state: Path | None = option(None, "folder for the state of the run; default: runs/NAME OF THE OUTPUT")
    resume: bool = option(False, "go on from the state of an interrupted run, if there is one")
    overwrite: bool = option(False, "begin anew where the state of a run or a variant is, which are then lost")

    kernel_sizes: tuple[int, ...] = option((9, 1, 5), "srcnn: kernel sizes of the three layers", nargs=3)
    residual: bool = option(False, "srcnn: learn the difference to the bicubic picture")
    batch_norm: bool = option(False, "srcnn: normalise after the first and the second layer")
    depth: int | None = option(None, "vdsr: layers (default: 20); edsr: residual blocks (default: 16)")
    channels: int | None = option(None, "vdsr, edsr: feature maps of a layer (default: 64)")
    residual_scaling: float = option(1.0, "edsr: factor of what a residual block adds; 0.1 steadies wide networks")
    start: str | Path = option("", "variant whose weights to start from, by name, folder or repository: fine-tuning")
    plain_start: bool = option(
        False, "srcnn: draw every weight at random, in place of a start that gives the bicubic picture"
    )
    revive: bool = option(False, "srcnn: split busy maps in place of dead and rare ones before the first step")
    span: float = option(
        0.0, "srcnn: keep the first kernels to patterns with at least this mean square in enlarged pictures; 0: any"
    )
    teacher: tuple[str, ...] = option(
        (),
        "variant of another network to learn from, by name, folder or repository: distillation; several where one is "
        "not for every --scale",
        nargs="+",
    )
    teacher_weight: float = option(0.5, "share of the teacher's picture in what is learned; the rest is the truth's")

    features: str = option(
        PRETRAINED_REPOSITORY, "VGG-19 weights of the perceptual loss: a safetensors file or a Hub repository"
    )
    feature_layers: tuple[str, ...] = option(
        ("relu2_2", "relu3_1"), "layers of VGG-19 that are compared", nargs="+", choices=VGG_LAYERS, metavar="LAYER"
    )
    feature_weight: float = option(0.03, "of the features beside the pixel term: perceptual and adversarial")
    adversarial_weight: float = option(2e-3, "of the discriminator's judgement beside the other terms: adversarial")
    discriminator_rate: float = option(2e-4, "learning rate of the discriminator")

    steps: int = option(160_000, "optimiser steps")
    batch_size: int = option(4, "patches a step")
    patch_size: int = option(48, "side of a patch's measured part, in pixels; the network's reach is added around it")
    turns: bool = option(True, "turn and mirror the patches at random")
    shrink: tuple[float, ...] = option((), "also train on copies of the pictures reduced by these factors", nargs="+")
    flat: float = option(0.0, "share of the patches that are flat greys instead")
    optimizer: str = option("soap", "what follows the gradient", choices=_OPTIMIZERS)
    learning_rate: float = option(3e-3, "at its peak")
    weight_decay: float = option(0.0, "pull of the weights to zero")
    momentum: float = option(0.9, "of sgd")
    warmup: float = option(0.05, "share of the steps in which the rate rises to its peak")
    schedule: str = option("cosine", "how the rate falls then", choices=_SCHEDULES)
    decay: float = option(0.5, "factor of the schedules step, exponential and plateau")
    decay_every: int = option(40_000, "steps in which the rate falls by that factor: step and exponential")
    patience: int = option(5, "validations without a better one after which plateau lowers the rate")
    clip: float = option(0.05, "largest norm of the gradient; 0: any")
    ema: float = option(0.999, "decay of the moving average of the weights, which is what gets released; 0: none")
    validate_every: int = option(4000, "steps between two validations; the state is saved with each")
    stop_after: int = option(0, "validations without a better one after which the run ends early; 0: never")
    seed: int = option(0, "of the weights' start and of the patches")
    precision: str = option("fp32", "mixed precision: bf16, or on a GPU fp16 with loss scaling", choices=_PRECISIONS)
    device: str = option("auto", "auto: the GPU where there is one", choices=("auto", "cpu"))
    tracker: str = option("", "also log to tensorboard, trackio or another of Accelerate's trackers", metavar="NAME")

    def __post_init__(self) -> None:
        for range_text, (is_inside, names) in _RANGES.items():
            for name in names:
                if not is_inside(getattr(self, name)):
                    raise TrainingError(f"--{name.replace('_', '-')} must be {range_text}, not {getattr(self, name)}.")
        if not all(0.1 <= factor < 1 for factor in self.shrink):
            raise TrainingError(f"--shrink takes factors from 0.1 to less than 1, not {self.shrink}.")
        if isinstance(self.scale, int):
            object.__setattr__(self, "scale", (self.scale,))
        if isinstance(self.teacher, str):
            object.__setattr__(self, "teacher", (self.teacher,) if self.teacher else ())
        if self.low and len(self.scale) > 1:
            raise TrainingError("--low has pictures of one size; choose one --scale.")
        if self.low and self.shrink:
            raise TrainingError("--shrink makes low-resolution copies of its own; leave it out with --low.")
        if 1 in self.scale and not self.low:
            raise TrainingError(
                "At --scale 1 nothing is reduced and there is nothing to restore; name the pictures to start from with "
                "--low."
            )
        if not self.data:
            raise TrainingError("There is nothing to train on; name a folder of pictures with --data.")
        if not self.output:
            raise TrainingError("There is no place for the result; name a folder with --output.")
        if printable_name(self.output) != str(self.output):
            raise TrainingError("The name of --output is no text, and it becomes the variant's name; choose another.")

    @property
    def kind(self) -> type[Network]:
        return NETWORKS[self.network]

    @property
    def judged_by_eye(self) -> bool:
        return self.loss in JUDGED_BY_EYE

    @property
    def state_file(self) -> Path:
        """Where no folder is chosen: below runs/, in one with the name of the output.

        Where that has the state of another output of the same name, the folder's name ends with a checksum.
        """
        if self.state:
            return self.state / _STATE_NAME
        usual = Path("runs", self.output.name, _STATE_NAME)
        if _read_output_checksum(usual) in (None, self.output_checksum):
            return usual
        return usual.parent.with_name(f"{self.output.name}-{self.output_checksum}") / _STATE_NAME

    @property
    def output_checksum(self) -> str:
        """What tells the path of the output from others, of which nothing can be read from it."""
        output, here = Path(os.path.abspath(self.output)), Path.cwd()
        place = output.relative_to(here) if output.is_relative_to(here) else output  # a project may be moved
        return hashlib.sha256(os.fsencode(place.as_posix())).hexdigest()[:_CHECKSUM_DIGITS]

    def recipe(self) -> dict:
        """The choices that the weights depend on, for the card: sets by name, nothing of this machine."""
        left_out = ["test", "output", "push_to", "state", "resume", "overwrite", "device", "tracker"]
        if not self.judged_by_eye:
            left_out += ["features", "feature_layers", "feature_weight"]
        if self.loss != "adversarial":
            left_out += ["adversarial_weight", "discriminator_rate"]
        optional = ("low", "validate", "license", "plain_start", "revive", "span", "flat")
        left_out += [name for name in optional if not getattr(self, name)]
        if not self.teacher:
            left_out += ["teacher", "teacher_weight"]
        left_out += {name for kind in NETWORKS.values() for name in kind.training_fields} - {*self.kind.training_fields}
        chosen = {key: value for key, value in dataclasses.asdict(self).items() if key not in left_out}
        chosen["scale"] = self.scale[0] if len(self.scale) == 1 else self.scale
        chosen["data"] = sets_for_recipe(self.data)
        for name in ("low", "validate"):
            if getattr(self, name):
                chosen[name] = sets_for_recipe(getattr(self, name))
        if "features" in chosen and Path(self.features).exists():
            chosen["features"] = Path(self.features).name
        if self.teacher:
            names = [variant_for_recipe(teacher) for teacher in self.teacher]
            chosen["teacher"] = names[0] if len(names) == 1 else names
        chosen["start"] = variant_for_recipe(self.start) if self.start else None
        return chosen


def variant_for_recipe(variant: str | Path) -> str:
    """What a recipe keeps of a variant, nothing of this machine: the folder's name, or a repository as it was given."""
    return Path(variant).resolve().name if Path(variant).exists() else str(variant)


def _read_output_checksum(state: Path) -> str | None:
    """Whose output the state of a run is; None where it does not tell."""
    try:
        with safe_open(state, framework="pt") as opened:
            return json.loads((opened.metadata() or {})["state"]).get("output")
    except (OSError, SafetensorError, KeyError, ValueError, RecursionError, AttributeError):
        return None
