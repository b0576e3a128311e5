"""Train the whole released family again: three scales, five losses, and the wider network.

    python train_family.py --data T91 --data BSDS400 --features vgg19.safetensors --test Set5 --test Set14 --test BSD100

Every variant is a call of train.py or a few, each from the weights of the one before. What was interrupted goes on,
what is done is not trained again. `--only srcnn-x3-l1` trains that variant alone, and what it starts from.
"""

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from srcnn import SRCNN
from srcnn.losses import LOSSES
from srcnn.plots import draw_losses

RUNS = Path("runs")  # states of the runs, and the weights that others start from

# bfloat16 is twice as fast on a processor that knows it; its rounding costs 0.02 dB, so the last steps are in float32
LONG = ["--steps", 80_000, "--precision", "bf16"]
CARRIED_OVER = ["--steps", 45_000, "--precision", "bf16"]  # from another scale's weights
POLISH = ["--steps", 12_000, "--learning-rate", 5e-4, "--warmup", 0.02]
WIDE = ["--kernel-sizes", 9, 5, 5, "--validate-every", 2000]
FINE_TUNE = ["--steps", 8_000, "--learning-rate", 5e-4]


@dataclass(frozen=True)
class Job:
    """A call of train.py: the folder it writes, scale, loss, options, and the job whose weights it starts from."""

    output: Path
    scale: int
    loss: str
    options: list
    start: "Job | None" = None

    def run(self, shared: list[str]) -> None:
        """Do what it starts from, then itself, unless it is done."""
        if (self.output / "README.md").exists():  # written last
            return
        command = [
            Path(__file__).with_name("train.py"),
            "--scale",
            self.scale,
            "--loss",
            self.loss,
            "--output",
            self.output,
            *self.options,
        ]
        if self.start:
            self.start.run(shared)
            command += ["--start", self.start.output]
        print(f"{self.output}: {self.loss} x{self.scale}", flush=True)
        subprocess.run([sys.executable, *map(str, command), *shared, "--resume"], check=True)


def family(weights: Path) -> list[Job]:
    """The released variants, each with the jobs it starts from."""
    jobs = []
    for wide, name in ((False, "srcnn"), (True, "srcnn-955")):
        width = WIDE if wide else []
        first = Job(RUNS / f"{name}-x3-mse-long", 3, "mse", LONG + width)
        for scale in (3, 4, 2):
            carried = Job(RUNS / f"{name}-x{scale}-mse-long", scale, "mse", CARRIED_OVER + width, first)
            long = first if scale == 3 else carried
            mse = Job(weights / f"{name}-x{scale}-mse", scale, "mse", POLISH + width, long)
            jobs.append(mse)
            if not wide:
                jobs += [Job(weights / f"{name}-x{scale}-{loss}", scale, loss, FINE_TUNE, mse) for loss in LOSSES[1:]]
    return jobs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", required=True, help="folder of training pictures; repeatable")
    parser.add_argument("--test", action="append", default=[], help="folder of test pictures for the cards; repeatable")
    parser.add_argument("--features", required=True, help="VGG-19 weights: a safetensors file or a Hub repository")
    parser.add_argument("--output", type=Path, default=Path("weights"), help="where the variants go (default: weights)")
    parser.add_argument("--only", action="append", help="name of a variant; repeatable")
    args = parser.parse_args()
    shared = ["--features", args.features, "--shrink", "0.9", "0.8", "0.7", "0.6"]
    shared += [word for data in args.data for word in ("--data", data)]
    shared += [word for test in args.test for word in ("--test", test)]
    for job in family(args.output):
        if not args.only or job.output.name in args.only:
            job.run(shared)
    folders = [args.output / f"srcnn-x4-{loss}" for loss in LOSSES]
    if all(folder.exists() for folder in folders):
        draw_losses([SRCNN.from_pretrained(folder) for folder in folders], Path("docs/losses.png"))


if __name__ == "__main__":
    main()
