"""Train the whole released family again: three scales, five losses, the wider network, VDSR and EDSR.

    python train_family.py --data T91 --data BSDS400 --data open-photographs --features vgg19.safetensors --test Set5

Every variant is a call of train.py or a few, each from the weights of the one before. What was interrupted goes on,
what is done is not trained again. `--only srcnn-x3-l1` trains that variant alone, and what it starts from. What takes
days on a CPU is left out where there is no GPU, unless it is named.
"""

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from srcnn.atomic_files import write_atomically
from srcnn.data.picture_sets import SETS_HELP, set_name
from srcnn.inference.device import best_device
from srcnn.naming import LOSSES
from srcnn.networks.architectures import load_network
from srcnn.training.family.family_job import FamilyJob
from srcnn.training.family.jobs import EDSR_LOSSES, JOBS
from srcnn.visuals.plots import draw_losses


def choose_variants(only: list[str] | None) -> list[str]:
    """The names that were asked for, or else those of all released variants that this machine can train."""
    if only:
        return only
    has_gpu = best_device().type != "cpu"
    return [job.name for job in JOBS.values() if job.released and (has_gpu or not job.needs_gpu)]


def pending_jobs(variants: list[str], weights: Path) -> list[FamilyJob]:
    """The jobs of these variants that are not done, and those that they start from, in the order of JOBS."""
    needed, pending = set(variants), []
    for job in reversed(JOBS.values()):
        done = (job.folder(weights) / "README.md").exists()  # train.py writes it last
        if job.name in needed and not done:
            pending.insert(0, job)
            needed.add(job.start)
    return pending


def run_job(job: FamilyJob, weights: Path, sources: Mapping[str, str], shared: list[str]) -> None:
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
