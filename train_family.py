"""Train the whole released family again: three scales, five losses, the wider network, VDSR and EDSR.

    python train_family.py --data T91 --data BSDS400 --data open-photographs --features vgg19.safetensors --test Set5

Every variant is a call of train.py or a few, each from the weights of the one before. What was interrupted goes on,
what is done is not trained again. `--only srcnn-x3-l1` trains that variant alone, and what it starts from. What takes
days on a CPU is left out where there is no GPU, unless it is named.
"""

import argparse
import itertools
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from srcnn.atomic_files import write_atomically
from srcnn.data.picture_sets import SETS_HELP, set_name
from srcnn.inference.device import best_device
from srcnn.naming import LOSSES, SCALES
from srcnn.networks.architectures import load_network
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
# For a narrower span of the kernels, which each scale has its own of: it lets less noise through.
QUIET = [*REVIVE, "--flat", 0.05, "--steps", 6000, "--learning-rate", 1e-3]
WIDE = ["--kernel-sizes", 9, 5, 5]
WIDENED = [*WIDE, "--learning-rate", 2e-3, "--validate-every", 2000, *SHRINK]
# Revived at a gentle rate with large batches, in which few maps die.
WIDE_REVIVE = [*WIDE, "--revive", "--batch-size", 16, *SHRINK]
WIDE_REVIVE_FIRST = [*WIDE_REVIVE, "--span", 1e-5, "--flat", 0.2, "--learning-rate", 1e-3]
WIDE_REVIVE_AGAIN = [*WIDE_REVIVE, "--span", 2e-6, "--flat", 0.05, "--learning-rate", 5e-4]
WIDE_REVIVE_LAST = [*WIDE_REVIVE, "--span", 1e-6, "--flat", 0.05, "--learning-rate", 2e-4]
WIDE_REVIVE_ALL = [*WIDE_REVIVE, "--span", 1e-6, "--flat", 0.05, "--learning-rate", 3e-4]
WIDE_REVIVE_ALL += ["--steps", 9000, "--validate-every", 750]

SHORT = ["--steps", 4000, "--validate-every", 1000, "--learning-rate", 5e-4, "--span", 1e-6, "--flat", 0.05, *SHRINK]
BY_EYE = ["--feature-weight", 0.1, "--span", 1e-6, "--flat", 0.05, *SHRINK]
SEEING = [*BY_EYE, "--steps", 6000, "--validate-every", 1500, "--batch-size", 16, "--learning-rate", 5e-4]
FOOLING = [*BY_EYE, "--steps", 500, "--validate-every", 250, "--batch-size", 8, "--learning-rate", 3e-4]
FOOLING += ["--adversarial-weight", 5e-4, "--discriminator-rate", 5e-4]
# What other losses train with, from the weights of a run with MSE.
FINE_TUNED = {"l1": SHORT, "charbonnier": SHORT, "perceptual": SEEING}
WITH_MSE = {2: "srcnn-x2-mse-last", 3: "srcnn-x3-mse-last", 4: "srcnn-x4-mse"}

# chosen with reduced networks on the validation split: after 400 steps SOAP is 0.25 dB above Adam
DEEP = ["--clip", 0.1, "--precision", "bf16", "--validate-every", 500]
VDSR = ["--network", "vdsr", "--batch-size", 32, "--warmup", 0.03, *DEEP]
VDSR_REDUCED = [*VDSR, "--depth", 10, "--channels", 48]
EDSR = ["--network", "edsr", "--batch-size", 16, "--patch-size", 96, *DEEP]
EDSR_REDUCED = [*EDSR, "--depth", 8, "--channels", 48]
EDSR_RISING = [*EDSR, "--learning-rate", 1e-3, "--warmup", 0.03]
EDSR_BY_EYE = [*EDSR, "--feature-weight", 0.1]
EDSR_SEEING = [*EDSR_BY_EYE, "--learning-rate", 5e-4, "--warmup", 0.03, "--steps", 11_500, "--validate-every", 2750]
EDSR_GOING_ON = [*EDSR_BY_EYE, "--warmup", 0.05, "--ema", 0.99, "--flat", 0.15]
EDSR_SEEING_AGAIN = [*EDSR_GOING_ON, "--learning-rate", 3e-4, "--steps", 700, "--validate-every", 350]
EDSR_FOOLING = [*EDSR_GOING_ON, "--learning-rate", 2e-4, "--steps", 500, "--validate-every", 250]
EDSR_FOOLING += ["--adversarial-weight", 0.001, "--discriminator-rate", 5e-4]
EDSR_LOSSES = ("l1", "perceptual", "adversarial")  # that EDSR is trained with at x4

# The training sets of the jobs, by the names of their folders or archives.
CLASSIC_SETS = ("T91", "BSDS400")
LARGE_SETS = ("BSDS400", "open-photographs")
ALL_SETS = (*CLASSIC_SETS, "open-photographs")


@dataclass(frozen=True)
class Job:
    """A call of train.py: the name of its folder, scale, loss, options, and the job whose weights it starts from."""

    name: str
    scale: int | tuple[int, ...]
    loss: str
    options: list
    start: str | None = None
    needs_gpu: bool = False  # it would take days on a CPU
    sets: tuple[str, ...] = CLASSIC_SETS  # that it is trained on

    @property
    def released(self) -> bool:
        """Whether its folder lies among the variants, else in RUNS, as only other jobs start from it."""
        return self.name.endswith(f"-{self.loss}") and "-reduced-" not in self.name

    def folder(self, weights: Path) -> Path:
        return (weights if self.released else RUNS) / self.name

    def command(self, weights: Path) -> list[str]:
        """Its arguments of train.py."""
        scales = self.scale if isinstance(self.scale, tuple) else (self.scale,)
        words = ["--scale", *scales, "--loss", self.loss, "--output", self.folder(weights), *self.options]
        if self.start:
            words += ["--start", JOBS[self.start].folder(weights)]
        return [str(word) for word in words]


def _revived_wide_jobs(scale: int, *options: list, last_sets: tuple[str, ...] = CLASSIC_SETS) -> list[Job]:
    """The wider network's runs after it has been widened, each from the weights of the one before."""
    name = f"srcnn-955-x{scale}-mse"
    names = [f"{name}-{run}" for run in ("widened", "revived", "again", "classic")[: len(options)]] + [name]
    runs = zip(itertools.pairwise(names), options, strict=True)
    jobs = [Job(run, scale, "mse", chosen, start) for (start, run), chosen in runs]
    return [*jobs[:-1], replace(jobs[-1], sets=last_sets)]


def _last_edsr_job(scale: int, loss: str, options: list, sets: tuple[str, ...], start: str = "l1-begun") -> Job:
    name = f"edsr-baseline-x{scale}"
    return Job(f"{name}-{loss}", scale, loss, options, f"{name}-{start}", needs_gpu=True, sets=sets)


_LIST = [
    # The article's network: x3 from the beginning, x4 and x2 from what it learned.
    Job("srcnn-x3-mse-long", 3, "mse", LONG),
    Job("srcnn-x3-mse-polished", 3, "mse", POLISH_X3, "srcnn-x3-mse-long"),
    Job("srcnn-x3-mse-revived", 3, "mse", REVIVE_FIRST, "srcnn-x3-mse-polished"),
    Job("srcnn-x3-mse-again", 3, "mse", REVIVE_AGAIN, "srcnn-x3-mse-revived"),
    Job("srcnn-x3-mse-last", 3, "mse", REVIVE_LAST, "srcnn-x3-mse-again"),
    Job("srcnn-x3-mse", 3, "mse", [*QUIET, "--span", 2e-6], "srcnn-x3-mse-last"),
    Job("srcnn-x4-mse-long", 4, "mse", CARRIED_OVER, "srcnn-x3-mse-long"),
    Job("srcnn-x4-mse-polished", 4, "mse", POLISH, "srcnn-x4-mse-long"),
    Job("srcnn-x4-mse-revived", 4, "mse", REVIVE_FIRST, "srcnn-x4-mse-polished"),
    Job("srcnn-x4-mse-again", 4, "mse", REVIVE_AGAIN, "srcnn-x4-mse-revived"),
    Job("srcnn-x4-mse", 4, "mse", REVIVE_LAST, "srcnn-x4-mse-again"),
    Job("srcnn-x2-mse-long", 2, "mse", CARRIED_OVER, "srcnn-x3-mse-long"),
    Job("srcnn-x2-mse-polished", 2, "mse", POLISH, "srcnn-x2-mse-long"),
    Job("srcnn-x2-mse-revived", 2, "mse", REVIVE_LAST, "srcnn-x2-mse-polished"),
    Job("srcnn-x2-mse-last", 2, "mse", REVIVE_REST, "srcnn-x2-mse-revived"),
    Job("srcnn-x2-mse", 2, "mse", [*QUIET, "--span", 5e-6], "srcnn-x2-mse-last"),
    # The other losses.
    *(
        Job(f"srcnn-x{scale}-{loss}", scale, loss, options, WITH_MSE[scale])
        for scale in (3, 4, 2)
        for loss, options in FINE_TUNED.items()
    ),
    *(
        Job(f"srcnn-x{scale}-adversarial", scale, "adversarial", FOOLING, f"srcnn-x{scale}-perceptual")
        for scale in (3, 4, 2)
    ),
    # The wider network from the article's; x4 from the wide x3, which is better than from x4's narrow one. Its rate
    # begins anew twice, which brings 0.04 dB.
    Job("srcnn-955-x3-mse-widened", 3, "mse", [*WIDENED, "--steps", 30_000], "srcnn-x3-mse-polished"),
    Job("srcnn-955-x2-mse-widened", 2, "mse", [*WIDENED, "--steps", 30_000], "srcnn-x2-mse-polished"),
    Job("srcnn-955-x4-mse-carried", 4, "mse", [*WIDENED, "--steps", 24_000], "srcnn-955-x3-mse-widened"),
    Job("srcnn-955-x4-mse-restarted", 4, "mse", [*WIDENED, "--steps", 24_000], "srcnn-955-x4-mse-carried"),
    Job("srcnn-955-x4-mse-widened", 4, "mse", [*WIDENED, "--steps", 40_000], "srcnn-955-x4-mse-restarted"),
    # Its dead maps are given work again, twice or three times.
    *_revived_wide_jobs(
        3,
        [*WIDE_REVIVE_FIRST, "--steps", 31_000, "--validate-every", 3750],
        [*WIDE_REVIVE_AGAIN, "--steps", 38_500, "--validate-every", 4750],
        [*WIDE_REVIVE_LAST, "--steps", 9000, "--validate-every", 1000],
        WIDE_REVIVE_ALL,
        last_sets=ALL_SETS,
    ),
    *_revived_wide_jobs(
        2,
        [*WIDE_REVIVE_FIRST, "--steps", 32_000, "--validate-every", 4000],
        [*WIDE_REVIVE_AGAIN, "--steps", 38_500, "--validate-every", 4750],
        [*WIDE_REVIVE_LAST, "--steps", 8500, "--validate-every", 1000],
    ),
    *_revived_wide_jobs(
        4,
        [*WIDE_REVIVE_FIRST, "--steps", 31_500, "--validate-every", 3750],
        [*WIDE_REVIVE_AGAIN, "--steps", 37_500, "--validate-every", 4500],
        WIDE_REVIVE_ALL,
        last_sets=ALL_SETS,
    ),
    # VDSR: a network of half as many layers first, which is grown into the paper's and trained on.
    Job("vdsr-reduced-10x48-mse-1", SCALES, "mse", [*VDSR_REDUCED, "--steps", 5000, "--learning-rate", 1.5e-3]),
    Job(
        "vdsr-reduced-10x48-mse",
        SCALES,
        "mse",
        [*VDSR_REDUCED, "--steps", 2000, "--learning-rate", 1e-3],
        "vdsr-reduced-10x48-mse-1",
    ),
    Job(
        "vdsr-mse",
        SCALES,
        "mse",
        [*VDSR, "--batch-size", 64, "--steps", 55_500, "--validate-every", 6750, "--learning-rate", 1.5e-3],
        "vdsr-reduced-10x48-mse",
        needs_gpu=True,
        sets=ALL_SETS,
    ),
    # EDSR reduced: x3 from x4 and x2 from x3, as the paper's x3 and x4 start from its x2 (section 4.2).
    Job(
        "edsr-reduced-8x48-x4-l1",
        4,
        "l1",
        [*EDSR_REDUCED, "--steps", 3000, "--learning-rate", 1.5e-3, "--warmup", 0.03],
    ),
    Job(
        "edsr-reduced-8x48-x3-l1",
        3,
        "l1",
        [*EDSR_REDUCED, "--steps", 1200, "--learning-rate", 1e-3],
        "edsr-reduced-8x48-x4-l1",
    ),
    Job(
        "edsr-reduced-8x48-x2-l1",
        2,
        "l1",
        [*EDSR_REDUCED, "--steps", 800, "--learning-rate", 1e-3, "--validate-every", 400],
        "edsr-reduced-8x48-x3-l1",
    ),
    # EDSR-baseline: x4 and x2 from the reduced network of their scale; x3 from x2, which after 500 steps is better.
    Job("edsr-baseline-x4-l1-begun", 4, "l1", [*EDSR_RISING, "--steps", 9000], "edsr-reduced-8x48-x4-l1"),
    Job(
        "edsr-baseline-x2-l1-begun",
        2,
        "l1",
        [*EDSR_RISING, "--steps", 4000, "--patch-size", 64],
        "edsr-reduced-8x48-x2-l1",
    ),
    Job("edsr-baseline-x3-l1-begun", 3, "l1", [*EDSR_RISING, "--steps", 3000], "edsr-baseline-x2-l1-begun"),
    # With more pictures on a GPU. At x4 the few of T91, drawn as often as all others, were learned by heart.
    _last_edsr_job(2, "l1", [*EDSR_RISING, "--steps", 46_500, "--validate-every", 5750], ALL_SETS),
    _last_edsr_job(3, "l1", [*EDSR_RISING, "--steps", 44_000, "--validate-every", 5500], ALL_SETS),
    _last_edsr_job(4, "l1", [*EDSR_RISING, "--steps", 11_000, "--validate-every", 1250], LARGE_SETS),
    # What enough capacity makes of the losses that are judged by eye: the adversarial one goes on from the perceptual.
    Job("edsr-baseline-x4-perceptual-begun", 4, "perceptual", EDSR_SEEING, "edsr-baseline-x4-l1-begun", needs_gpu=True),
    _last_edsr_job(4, "perceptual", EDSR_SEEING_AGAIN, LARGE_SETS, "perceptual-begun"),
    _last_edsr_job(4, "adversarial", EDSR_FOOLING, LARGE_SETS, "perceptual"),
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


def run_job(job: Job, weights: Path, sources: Mapping[str, str], shared: list[str]) -> None:
    """Call train.py; `sources` are the training sets by name, `shared` the arguments that all jobs have."""
    print(f"{job.folder(weights)}:", flush=True)
    train = Path(__file__).with_name("train.py")
    data = [word for name in job.sets for word in ("--data", sources[name])]
    subprocess.run([sys.executable, train, *job.command(weights), *data, *shared, "--resume"], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", required=True, metavar="SET", help=f"training pictures: {SETS_HELP}")
    parser.add_argument("--test", action="append", default=[], metavar="SET", help=f"test pictures: {SETS_HELP}")
    parser.add_argument("--features", required=True, help="VGG-19 weights: a safetensors file or a Hub repository")
    parser.add_argument("--output", type=Path, default=Path("weights"), help="where the variants go (default: weights)")
    parser.add_argument("--only", action="append", help="name of a variant; repeatable")
    args = parser.parse_args()
    shared = ["--features", args.features]
    shared += [word for test in args.test for word in ("--test", test)]
    sources = {set_name(source): source for source in args.data}
    jobs = pending_jobs(choose_variants(args.only), args.output)
    if missing := {name for job in jobs for name in job.sets} - sources.keys():
        print(f"These variants are also trained on {', '.join(sorted(missing))}; name it with --data.", file=sys.stderr)
        return 1
    try:
        for job in jobs:
            run_job(job, args.output, sources, shared)
    except subprocess.CalledProcessError as error:  # train.py has said why
        return error.returncode
    names = [f"srcnn-x4-{loss}" for loss in LOSSES] + [f"edsr-baseline-x4-{loss}" for loss in EDSR_LOSSES]
    folders = [args.output / name for name in names]
    if all(folder.exists() for folder in folders):
        plot = draw_losses([load_network(folder) for folder in folders])
        with write_atomically(Path("docs/losses.png")) as temporary:
            temporary.write_bytes(plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
