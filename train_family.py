"""Train the whole released family again: three scales, five losses, and the wider network.

    python train_family.py --data T91 --data BSDS400 --features vgg19.safetensors --test Set5 --test Set14 --test BSD100

Each variant is one or two calls of train.py. What was interrupted goes on, what is done is not trained again.
`--only srcnn-x3-l1` trains the named variants alone (and what they start from).
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path

SCALES = (2, 3, 4)
RUNS = Path("runs")  # states of the runs, and the variants that others start from


@dataclass(frozen=True)
class Job:
    """A call of train.py. The output's name tells where it goes: what others only start from stays below `runs`."""

    output: Path
    scale: int
    loss: str
    options: dict[str, object] = field(default_factory=dict)
    start: Path | None = None

    def command(self, shared: list[str]) -> list[str]:
        words = [sys.executable, "train.py", "--scale", self.scale, "--loss", self.loss, "--output", self.output]
        if self.start:
            words += ["--start", self.start]
        for name, value in self.options.items():
            words += [f"--{name.replace('_', '-')}", *(value if isinstance(value, tuple) else (value,))]
        return [*map(str, words), *shared, "--resume"]


# bfloat16 is twice as fast where the processor has it, but its rounding costs 0.02 dB: the last steps are in float32
LONG = {"steps": 80_000, "precision": "bf16"}
POLISH = {"steps": 15_000, "learning_rate": 1e-3, "warmup": 0.02}
WIDE_LONG = LONG | {"steps": 40_000, "kernel_sizes": (9, 5, 5), "validate_every": 2000}
WIDE_POLISH = POLISH | {"steps": 8_000, "kernel_sizes": (9, 5, 5), "validate_every": 1000}
