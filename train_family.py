"""Train the whole released family again: three scales, five losses, the wider network, VDSR and EDSR.

    python train_family.py --data T91 --data BSDS400 --features vgg19.safetensors --test Set5 --test Set14 --test BSD100

Every variant is a call of train.py or a few, each from the weights of the one before. What was interrupted goes on,
what is done is not trained again. `--only srcnn-x3-l1` trains that variant alone, and what it starts from. VDSR in its
paper's size is left out where there is no GPU, unless it is named.
"""

import argparse
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from srcnn import SRCNN
from srcnn.data.picture_sets import SETS_HELP
from srcnn.inference.device import best_device
from srcnn.naming import LOSSES, SCALES, variant_name
from srcnn.visuals.plots import draw_losses

RUNS = Path("runs")  # states of the runs, and the weights that others start from
WIDE = (9, 5, 5)
WIDE_NETWORK = "srcnn-955"

SHRINK = ["--shrink", 0.9, 0.8, 0.7, 0.6]
# bfloat16 is twice as fast on a processor that knows it; its rounding costs 0.02 dB, so the last steps are in float32
LONG = ["--steps", 80_000, "--precision", "bf16", *SHRINK]
CARRIED_OVER = ["--steps", 45_000, "--precision", "bf16", *SHRINK]  # from another scale's weights
POLISH = ["--steps", 12_000, "--learning-rate", 5e-4, "--warmup", 0.02, *SHRINK]
# from the article's network
WIDENED = ["--steps", 30_000, "--learning-rate", 2e-3, "--validate-every", 2000, *SHRINK]
# from another scale's: at x4 better than from x4's narrow one; the rate begins anew twice, which brings 0.04 dB
WIDE_CARRIED_OVER = [["--steps", steps, *WIDENED[2:]] for steps in (24_000, 24_000, 40_000)]

SHORT = ["--steps", 4000, "--validate-every", 1000, "--learning-rate", 5e-4, *SHRINK]
BY_EYE = ["--steps", 2500, "--validate-every", 500, "--learning-rate", 5e-4, "--precision", "bf16", *SHRINK]
BY_EYE += ["--feature-weight", 0.03]
FOOLING = ["--adversarial-weight", 0.002, "--discriminator-rate", 5e-4]
FINE_TUNED = {"l1": SHORT, "charbonnier": SHORT, "perceptual": BY_EYE, "adversarial": BY_EYE + FOOLING}

# chosen with reduced networks on the validation split: after 400 steps SOAP is 0.25 dB above Adam
DEEP = ["--clip", 0.1, "--precision", "bf16", "--validate-every", 500]
VDSR = ["--network", "vdsr", "--batch-size", 32, "--warmup", 0.03, *DEEP]
EDSR = ["--network", "edsr", "--batch-size", 16, "--patch-size", 96, *DEEP]
VDSR_SIZES = {  # name -> options of the runs, each from the one before: a second rise of the rate brought 0.0 dB
    "vdsr-reduced-10x48-mse": [
        ["--depth", 10, "--channels", 48, "--steps", 5000, "--learning-rate", 1.5e-3],
        ["--depth", 10, "--channels", 48, "--steps", 2000, "--learning-rate", 1e-3],
    ],
    "vdsr-mse": [["--steps", 100_000, "--learning-rate", 1.5e-3]],
}
EDSR_REDUCED = {  # by scale; each starts from the one before, as the paper's x3 and x4 do (section 4.2)
    4: ["--depth", 8, "--channels", 48, "--steps", 3000, "--learning-rate", 1.5e-3, "--warmup", 0.03],
    3: ["--depth", 8, "--channels", 48, "--steps", 1200, "--learning-rate", 1e-3],
    2: ["--depth", 8, "--channels", 48, "--steps", 800, "--learning-rate", 1e-3],
}
# x4 and x2 go on from the reduced network of their scale, x3 from x2: after 500 steps that is above its reduced one
EDSR_BASELINE = {
    4: ["--steps", 9000, "--learning-rate", 1e-3, "--warmup", 0.03],
    2: ["--steps", 4000, "--learning-rate", 1e-3, "--warmup", 0.03, "--patch-size", 64],
    3: ["--steps", 3000, "--learning-rate", 1e-3, "--warmup", 0.03],
}
NEED_A_GPU = ("vdsr-mse",)  # it would take days


@dataclass(frozen=True)
class Job:
    """A call of train.py: the folder it writes, scale, loss, options, and the job whose weights it starts from."""

    output: Path
    scale: int | tuple[int, ...]
    loss: str
    options: list
    start: "Job | None" = None

    def run(self, shared: list[str]) -> None:
        """Do what it starts from, then itself, unless it is done."""
        if (self.output / "README.md").exists():  # written last
            return
        scales = self.scale if isinstance(self.scale, tuple) else (self.scale,)
        command = ["--scale", *scales, "--loss", self.loss, "--output", self.output, *self.options]
        if self.start:
            self.start.run(shared)
            command += ["--start", self.start.output]
        print(f"{self.output}: {self.loss} x{', x'.join(map(str, scales))}", flush=True)
        train = Path(__file__).with_name("train.py")
        subprocess.run([sys.executable, train, *map(str, command), *shared, "--resume"], check=True)


def family(weights: Path) -> list[Job]:
    """The released variants, each with the jobs it starts from."""
    article = mse_jobs(weights)
    fine_tuned = [
        Job(weights / variant_name(scale, loss), scale, loss, options, start)
        for scale, start in article.items()
        for loss, options in FINE_TUNED.items()
    ]
    return [*article.values(), *fine_tuned, *wide_jobs(weights, article), *deep_jobs(weights)]


def wide_jobs(weights: Path, article: dict[int, Job]) -> list[Job]:
    """x2 and x3 from the article's network of the same scale, x4 from what the wide one learned at x3."""

    def wide(scale: int, options: list, start: Job, output: Path | None = None) -> Job:
        name, shape = variant_name(scale, "mse", WIDE_NETWORK), ["--kernel-sizes", *WIDE]
        return Job(output or weights / name, scale, "mse", shape + options, start)

    first = wide(3, WIDENED, article[3])
    carried, restarted, last = WIDE_CARRIED_OVER
    before = wide(4, carried, first, RUNS / "srcnn-955-x4-mse-carried")
    before = wide(4, restarted, before, RUNS / "srcnn-955-x4-mse-restarted")
    return [first, wide(2, WIDENED, article[2]), wide(4, last, before)]


def deep_jobs(weights: Path) -> list[Job]:
    """VDSR and EDSR, reduced and in their papers' sizes."""
    jobs = []
    for name, runs in VDSR_SIZES.items():
        places = [*(RUNS / f"{name}-{number}" for number in range(1, len(runs))), weights / name]
        jobs.append(chain([Job(place, SCALES, "mse", VDSR + own) for place, own in zip(places, runs, strict=True)])[-1])
    reduced = chain([edsr_job(weights, "edsr-reduced-8x48", *each) for each in EDSR_REDUCED.items()])
    starts = {job.scale: job for job in reduced}
    for scale, options in EDSR_BASELINE.items():
        before = starts[2 if scale == 3 else scale]
        starts[scale] = replace(edsr_job(weights, "edsr-baseline", scale, options), start=before)
    return [*jobs, *reduced, *starts.values()]


def edsr_job(weights: Path, network: str, scale: int, options: list) -> Job:
    return Job(weights / variant_name(scale, "l1", network), scale, "l1", EDSR + options)


def chain(jobs: list[Job]) -> list[Job]:
    """The same jobs, each starting from the one before."""
    linked: list[Job] = []
    for job in jobs:
        linked.append(replace(job, start=linked[-1] if linked else None))
    return linked


def mse_jobs(weights: Path) -> dict[int, Job]:
    """By scale: x3 from the beginning, the others from what it learned."""

    def long(scale: int, options: list, start: Job | None = None) -> Job:
        return Job(RUNS / f"{variant_name(scale, 'mse')}-long", scale, "mse", options, start)

    first = long(3, LONG)
    starts = {3: first, 4: long(4, CARRIED_OVER, first), 2: long(2, CARRIED_OVER, first)}
    return {
        scale: Job(weights / variant_name(scale, "mse"), scale, "mse", POLISH, start) for scale, start in starts.items()
    }


def wanted(name: str, only: list[str] | None) -> bool:
    """What was asked for by name, or else all that this machine can train."""
    if only:
        return name in only
    return best_device().type != "cpu" or name not in NEED_A_GPU


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
        for job in family(args.output):
            if wanted(job.output.name, args.only):
                job.run(shared)
    except subprocess.CalledProcessError as error:  # train.py has said why
        return error.returncode
    folders = [args.output / f"srcnn-x4-{loss}" for loss in LOSSES]
    if all(folder.exists() for folder in folders):
        draw_losses([SRCNN.from_pretrained(folder) for folder in folders], Path("docs/losses.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
