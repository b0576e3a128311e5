"""Train the whole released family again: three scales, five losses, the wider network, VDSR and EDSR.

    python train_family.py --data T91 --data BSDS400 --features vgg19.safetensors --test Set5 --test Set14 --test BSD100

Every variant is a call of train.py or a few, each from the weights of the one before. What was interrupted goes on,
what is done is not trained again. `--only srcnn-x3-l1` trains that variant alone, and what it starts from. VDSR in its
paper's size is left out where there is no GPU, unless it is named.
"""

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from srcnn import SRCNN
from srcnn.atomic_files import write_atomically
from srcnn.data.picture_sets import SETS_HELP
from srcnn.inference.device import best_device
from srcnn.naming import LOSSES, SCALES
from srcnn.visuals.plots import draw_losses

RUNS = Path("runs")  # states of the runs, and the weights that others start from

SHRINK = ["--shrink", 0.9, 0.8, 0.7, 0.6]
# bfloat16 is twice as fast on a processor that knows it; its rounding costs 0.02 dB, so the last steps are in float32
LONG = ["--steps", 80_000, "--precision", "bf16", *SHRINK]
CARRIED_OVER = ["--steps", 45_000, "--precision", "bf16", *SHRINK]  # from another scale's weights
POLISH = ["--steps", 12_000, "--learning-rate", 5e-4, "--warmup", 0.02, *SHRINK]
POLISH_X3 = ["--steps", 15_000, "--learning-rate", 1e-3, "--warmup", 0.02, *SHRINK]
# Maps that never fire are given work again, noise is taken out of the filters, and flat levels are learned, too.
REVIVE = ["--revive", "--validate-every", 1000, *SHRINK]
REVIVE_FIRST = [*REVIVE, "--span", 1e-5, "--flat", 0.2, "--steps", 9000, "--learning-rate", 2e-3]
REVIVE_AGAIN = [*REVIVE, "--span", 2e-6, "--flat", 0.05, "--steps", 5000, "--learning-rate", 1e-3]
REVIVE_REST = [*REVIVE, "--span", 1e-6, "--flat", 0.05, "--steps", 5000, "--learning-rate", 1e-3]
REVIVE_LAST = [*REVIVE, "--span", 1e-6, "--flat", 0.05, "--steps", 16_000, "--learning-rate", 2e-3]
WIDE = ["--kernel-sizes", 9, 5, 5]
WIDENED = ["--learning-rate", 2e-3, "--validate-every", 2000, *SHRINK]

SHORT = ["--steps", 4000, "--validate-every", 1000, "--learning-rate", 5e-4, "--span", 1e-6, "--flat", 0.05, *SHRINK]
BY_EYE = ["--steps", 2500, "--validate-every", 500, "--learning-rate", 5e-4, "--precision", "bf16", *SHRINK]
BY_EYE += ["--feature-weight", 0.03]
FOOLING = ["--adversarial-weight", 0.002, "--discriminator-rate", 5e-4]
# What each other loss trains with, and from which of the runs with MSE.
FINE_TUNED = {
    "l1": (SHORT, "mse"),
    "charbonnier": (SHORT, "mse"),
    "perceptual": (BY_EYE, "mse-polished"),
    "adversarial": (BY_EYE + FOOLING, "mse-polished"),
}

# chosen with reduced networks on the validation split: after 400 steps SOAP is 0.25 dB above Adam
DEEP = ["--clip", 0.1, "--precision", "bf16", "--validate-every", 500]
VDSR = ["--network", "vdsr", "--batch-size", 32, "--warmup", 0.03, *DEEP]
VDSR_REDUCED = [*VDSR, "--depth", 10, "--channels", 48]
EDSR = ["--network", "edsr", "--batch-size", 16, "--patch-size", 96, *DEEP]
EDSR_REDUCED = [*EDSR, "--depth", 8, "--channels", 48]


@dataclass(frozen=True)
class Job:
    """A call of train.py: the name of its folder, scale, loss, options, and the job whose weights it starts from."""

    name: str
    scale: int | tuple[int, ...]
    loss: str
    options: list
    start: str | None = None
    released: bool = True  # its folder lies among the variants, else in RUNS: only other jobs start from it
    needs_gpu: bool = False  # it would take days on a CPU

    def folder(self, weights: Path) -> Path:
        return (weights if self.released else RUNS) / self.name

    def command(self, weights: Path) -> list[str]:
        """Its arguments of train.py."""
        scales = self.scale if isinstance(self.scale, tuple) else (self.scale,)
        words = ["--scale", *scales, "--loss", self.loss, "--output", self.folder(weights), *self.options]
        if self.start:
            words += ["--start", JOBS[self.start].folder(weights)]
        return [str(word) for word in words]


_LIST = [
    # The article's network: x3 from the beginning, x4 and x2 from what it learned.
    Job("srcnn-x3-mse-long", 3, "mse", LONG, released=False),
    Job("srcnn-x3-mse-polished", 3, "mse", POLISH_X3, "srcnn-x3-mse-long", released=False),
    Job("srcnn-x3-mse-revived", 3, "mse", REVIVE_FIRST, "srcnn-x3-mse-polished", released=False),
    Job("srcnn-x3-mse-again", 3, "mse", REVIVE_AGAIN, "srcnn-x3-mse-revived", released=False),
    Job("srcnn-x3-mse", 3, "mse", REVIVE_LAST, "srcnn-x3-mse-again"),
    Job("srcnn-x4-mse-long", 4, "mse", CARRIED_OVER, "srcnn-x3-mse-long", released=False),
    Job("srcnn-x4-mse-polished", 4, "mse", POLISH, "srcnn-x4-mse-long", released=False),
    Job("srcnn-x4-mse-revived", 4, "mse", REVIVE_FIRST, "srcnn-x4-mse-polished", released=False),
    Job("srcnn-x4-mse-again", 4, "mse", REVIVE_AGAIN, "srcnn-x4-mse-revived", released=False),
    Job("srcnn-x4-mse", 4, "mse", REVIVE_LAST, "srcnn-x4-mse-again"),
    Job("srcnn-x2-mse-long", 2, "mse", CARRIED_OVER, "srcnn-x3-mse-long", released=False),
    Job("srcnn-x2-mse-polished", 2, "mse", POLISH, "srcnn-x2-mse-long", released=False),
    Job("srcnn-x2-mse-revived", 2, "mse", REVIVE_LAST, "srcnn-x2-mse-polished", released=False),
    Job("srcnn-x2-mse", 2, "mse", REVIVE_REST, "srcnn-x2-mse-revived"),
    # The other losses, each from MSE of its scale.
    *(
        Job(f"srcnn-x{scale}-{loss}", scale, loss, options, f"srcnn-x{scale}-{start}")
        for scale in (3, 4, 2)
        for loss, (options, start) in FINE_TUNED.items()
    ),
    # The wider network from the article's; x4 from the wide x3, which is better than from x4's narrow one. Its rate
    # begins anew twice, which brings 0.04 dB.
    Job("srcnn-955-x3-mse", 3, "mse", [*WIDE, "--steps", 30_000, *WIDENED], "srcnn-x3-mse-polished"),
    Job("srcnn-955-x2-mse", 2, "mse", [*WIDE, "--steps", 30_000, *WIDENED], "srcnn-x2-mse-polished"),
    Job("srcnn-955-x4-mse-carried", 4, "mse", [*WIDE, "--steps", 24_000, *WIDENED], "srcnn-955-x3-mse", released=False),
    Job(
        "srcnn-955-x4-mse-restarted",
        4,
        "mse",
        [*WIDE, "--steps", 24_000, *WIDENED],
        "srcnn-955-x4-mse-carried",
        released=False,
    ),
    Job("srcnn-955-x4-mse", 4, "mse", [*WIDE, "--steps", 40_000, *WIDENED], "srcnn-955-x4-mse-restarted"),
    # VDSR; a second rise of the rate brought 0.0 dB.
    Job(
        "vdsr-reduced-10x48-mse-1",
        SCALES,
        "mse",
        [*VDSR_REDUCED, "--steps", 5000, "--learning-rate", 1.5e-3],
        released=False,
    ),
    Job(
        "vdsr-reduced-10x48-mse",
        SCALES,
        "mse",
        [*VDSR_REDUCED, "--steps", 2000, "--learning-rate", 1e-3],
        "vdsr-reduced-10x48-mse-1",
    ),
    Job("vdsr-mse", SCALES, "mse", [*VDSR, "--steps", 100_000, "--learning-rate", 1.5e-3], needs_gpu=True),
    # EDSR reduced: x3 from x4 and x2 from x3, as the paper's x3 and x4 start from its x2 (section 4.2).
    Job(
        "edsr-reduced-8x48-x4-l1",
        4,
        "l1",
        [*EDSR_REDUCED, "--steps", 3000, "--learning-rate", 1.5e-3, "--warmup", 0.03],
        released=False,
    ),
    Job(
        "edsr-reduced-8x48-x3-l1",
        3,
        "l1",
        [*EDSR_REDUCED, "--steps", 1200, "--learning-rate", 1e-3],
        "edsr-reduced-8x48-x4-l1",
        released=False,
    ),
    Job(
        "edsr-reduced-8x48-x2-l1",
        2,
        "l1",
        [*EDSR_REDUCED, "--steps", 800, "--learning-rate", 1e-3, "--validate-every", 400],
        "edsr-reduced-8x48-x3-l1",
        released=False,
    ),
    # EDSR-baseline: x4 and x2 from the reduced network of their scale; x3 from x2, which after 500 steps is better.
    Job(
        "edsr-baseline-x4-l1",
        4,
        "l1",
        [*EDSR, "--steps", 9000, "--learning-rate", 1e-3, "--warmup", 0.03],
        "edsr-reduced-8x48-x4-l1",
    ),
    Job(
        "edsr-baseline-x2-l1",
        2,
        "l1",
        [*EDSR, "--steps", 4000, "--learning-rate", 1e-3, "--warmup", 0.03, "--patch-size", 64],
        "edsr-reduced-8x48-x2-l1",
    ),
    Job(
        "edsr-baseline-x3-l1",
        3,
        "l1",
        [*EDSR, "--steps", 3000, "--learning-rate", 1e-3, "--warmup", 0.03],
        "edsr-baseline-x2-l1",
    ),
]
JOBS = {job.name: job for job in _LIST}  # in the order they are trained in: each after the one that it starts from


def choose_variants(only: list[str] | None) -> list[str]:
    """The names that were asked for, or else those of all released variants that this machine can train."""
    if only:
        return only
    has_gpu = best_device().type != "cpu"
    return [job.name for job in JOBS.values() if job.released and (has_gpu or not job.needs_gpu)]


def pending_jobs(variants: list[str], weights: Path) -> list[Job]:
    """The jobs of these variants that are not done, and those that they start from, in the order of JOBS."""
    needed, pending = set(variants), []
    for job in reversed(JOBS.values()):
        done = (job.folder(weights) / "README.md").exists()  # train.py writes it last
        if job.name in needed and not done:
            pending.insert(0, job)
            needed.add(job.start)
    return pending


def run_job(job: Job, weights: Path, shared: list[str]) -> None:
    """Call train.py; `shared` are the arguments that all jobs have."""
    print(f"{job.folder(weights)}:", flush=True)
    train = Path(__file__).with_name("train.py")
    subprocess.run([sys.executable, train, *job.command(weights), *shared, "--resume"], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", required=True, metavar="SET", help=f"training pictures: {SETS_HELP}")
    parser.add_argument("--test", action="append", default=[], metavar="SET", help=f"test pictures: {SETS_HELP}")
    parser.add_argument("--features", required=True, help="VGG-19 weights: a safetensors file or a Hub repository")
    parser.add_argument("--output", type=Path, default=Path("weights"), help="where the variants go (default: weights)")
    parser.add_argument("--only", action="append", help="name of a variant; repeatable")
    args = parser.parse_args()
    shared = ["--features", args.features]
    shared += [word for data in args.data for word in ("--data", data)]
    shared += [word for test in args.test for word in ("--test", test)]
    try:
        for job in pending_jobs(choose_variants(args.only), args.output):
            run_job(job, args.output, shared)
    except subprocess.CalledProcessError as error:  # train.py has said why
        return error.returncode
    folders = [args.output / f"srcnn-x4-{loss}" for loss in LOSSES]
    if all(folder.exists() for folder in folders):
        plot = draw_losses([SRCNN.from_pretrained(folder) for folder in folders])
        with write_atomically(Path("docs/losses.png")) as temporary:
            temporary.write_bytes(plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
