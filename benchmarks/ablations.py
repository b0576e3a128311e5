"""What each choice of the training does: one short run of train.py a row, all else as in the first, at x3.

    python -m benchmarks.ablations --data T91 --data BSDS400 > docs/ablations.md

The figure is the PSNR on the validation pictures, which are no test pictures. Every run sees the same number of
patches.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from srcnn.data.picture_sets import SETS_HELP, sets_for_recipe
from srcnn.training.log import read_log

STEPS = 6000
BATCH = 4

# title: options of train.py beside those of the first row
ROWS = {
    "**The reference**: MSE, SOAP 3e-3, cosine, turns, EMA, clipping": [],
    "the same with another seed": ["--seed", 1],
    "the same with a third seed": ["--seed", 2],
    "Adam 1.5e-3": ["--optimizer", "adam", "--learning-rate", 1.5e-3],
    "AdamW 1.5e-3, weight decay 1e-4": ["--optimizer", "adamw", "--learning-rate", 1.5e-3, "--weight-decay", 1e-4],
    "SGD 0.1, momentum 0.9": ["--optimizer", "sgd", "--learning-rate", 0.1],
    "step decay: halved five times": ["--schedule", "step", "--decay-every", STEPS // 6],
    "exponential decay by the same factor": ["--schedule", "exponential", "--decay-every", STEPS // 6],
    "reduce on plateau": ["--schedule", "plateau", "--patience", 2],
    "constant rate": ["--schedule", "constant"],
    "no turns and mirrors": ["--no-turns"],
    "scaling: copies at 0.9, 0.8, 0.7, 0.6": ["--shrink", 0.9, 0.8, 0.7, 0.6],
    "global residual": ["--residual"],
    "batch normalisation": ["--batch-norm"],
    "no moving average of the weights": ["--ema", 0],
    "no gradient clipping": ["--clip", 0],
    "bfloat16": ["--precision", "bf16"],
    "larger patches: 1 of 96x96": ["--batch-size", 1, "--patch-size", 96],
    "larger batches: 16, a quarter of the steps": ["--batch-size", 16, "--steps", STEPS // 4, "--validate-every", 125],
    "early stopping after 3 validations without a better one": ["--stop-after", 3],
    "L1": ["--loss", "l1"],
    "Charbonnier": ["--loss", "charbonnier"],
    "9-5-5 instead of 9-1-5": ["--kernel-sizes", 9, 5, 5],
}

INTRODUCTION = """\
# What each choice of the training does

Measured by `benchmarks/ablations.py`: SRCNN 9-1-5, x3, {steps:,} steps of {batch} patches of 48x48 from {sets}, a
short run beside those of the released variants. The figure is the mean PSNR of the validation pictures, which are
neither trained nor tested on. The first three rows differ in the seed alone: what is within their spread is no
difference. How to read the rest: [the choices](training.md#the-choices).

| Choice | Validation PSNR | Against the reference | Steps |
|---|---|---|---|"""


def measure(settings: list, args: argparse.Namespace) -> tuple[float, int]:
    """Validation PSNR in dB of the weights that would be released, and the steps done."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "train.py", "--scale", 3, "--steps", STEPS, "--validate-every", STEPS // 12]
        command += ["--output", f"{folder}/srcnn", "--state", f"{folder}/state"]
        command += [word for data in args.data for word in ("--data", data)] + settings
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
        entries = read_log(Path(folder, "state/log.jsonl"))
    return max(entry["psnr"] for entry in entries), entries[-1]["step"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", required=True, metavar="SET", help=f"training pictures: {SETS_HELP}")
    args = parser.parse_args()
    print(INTRODUCTION.format(steps=STEPS, batch=BATCH, sets=" and ".join(sets_for_recipe(args.data))))
    reference = None
    for title, settings in ROWS.items():
        try:
            psnr, steps = measure(settings, args)
        except subprocess.CalledProcessError as error:  # train.py has said why
            return error.returncode
        reference = reference or psnr
        print(f"| {title} | {psnr:.3f} dB | {psnr - reference:+.3f} dB | {steps:,} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
