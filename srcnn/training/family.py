"""How every released variant is trained: each by a call of train.py or a few, one from the weights of another."""

from dataclasses import dataclass
from pathlib import Path

from srcnn.naming import LOSSES, SCALES

_RUNS = Path("runs")  # states of the runs, and the weights that others start from

_SHRINK = ["--shrink", 0.9, 0.8, 0.7, 0.6]
# bfloat16 is twice as fast on a processor that knows it; its rounding costs 0.02 dB, so the last steps are in float32
_LONG = ["--steps", 80_000, "--precision", "bf16", *_SHRINK]
_CARRIED_OVER = ["--steps", 45_000, "--precision", "bf16", *_SHRINK]  # from another scale's weights
_POLISH = ["--steps", 12_000, "--learning-rate", 5e-4, "--warmup", 0.02, *_SHRINK]
_POLISH_X3 = ["--steps", 15_000, "--learning-rate", 1e-3, "--warmup", 0.02, *_SHRINK]
# Maps that never fire are given work again, noise is taken out of the filters, and flat levels are learned, too.
_REVIVE = ["--revive", "--validate-every", 1000, *_SHRINK]
_REVIVE_FIRST = [*_REVIVE, "--span", 1e-5, "--flat", 0.2, "--steps", 9000, "--learning-rate", 2e-3]
_REVIVE_AGAIN = [*_REVIVE, "--span", 2e-6, "--flat", 0.05, "--steps", 5000, "--learning-rate", 1e-3]
_REVIVE_REST = [*_REVIVE, "--span", 1e-6, "--flat", 0.05, "--steps", 5000, "--learning-rate", 1e-3]
_REVIVE_LAST = [*_REVIVE, "--span", 1e-6, "--flat", 0.05, "--steps", 16_000, "--learning-rate", 2e-3]
# For a narrower span of the kernels, which each scale has its own of: it lets less noise through.
_QUIET = [*_REVIVE, "--flat", 0.05, "--steps", 6000, "--learning-rate", 1e-3]
_WIDE = ["--kernel-sizes", 9, 5, 5]
_WIDENED = [*_WIDE, "--learning-rate", 2e-3, "--validate-every", 2000, *_SHRINK]
# Revived at a gentle rate with large batches, in which few maps die.
_WIDE_REVIVE = [*_WIDE, "--revive", "--batch-size", 16, *_SHRINK]
_WIDE_REVIVE_FIRST = [*_WIDE_REVIVE, "--span", 1e-5, "--flat", 0.2, "--learning-rate", 1e-3]
_WIDE_REVIVE_AGAIN = [*_WIDE_REVIVE, "--span", 2e-6, "--flat", 0.05, "--learning-rate", 5e-4]
_WIDE_REVIVE_LAST = [*_WIDE_REVIVE, "--span", 1e-6, "--flat", 0.05, "--learning-rate", 2e-4]
_WIDE_REVIVE_ALL = [*_WIDE_REVIVE, "--span", 1e-6, "--flat", 0.05, "--learning-rate", 3e-4]
_WIDE_REVIVE_ALL += ["--steps", 9000, "--validate-every", 750]
_WIDE_REVIVE_RARE = [*_WIDE_REVIVE, "--span", 2e-6, "--flat", 0.05, "--learning-rate", 3e-4]
_WIDE_REVIVE_RARE += ["--steps", 4000, "--validate-every", 1000]
_WIDE_REVIVE_LONG = [*_WIDE_REVIVE, "--span", 1e-6, "--flat", 0.05, "--batch-size", 32, "--warmup", 0.03]

_SHORT = ["--steps", 4000, "--validate-every", 1000, "--learning-rate", 5e-4, "--span", 1e-6, "--flat", 0.05, *_SHRINK]
_BY_EYE = ["--feature-weight", 0.1, "--span", 1e-6, "--flat", 0.05, *_SHRINK]
_SEEING = [*_BY_EYE, "--steps", 6000, "--validate-every", 1500, "--batch-size", 16, "--learning-rate", 5e-4]
_FOOLING = [*_BY_EYE, "--steps", 500, "--validate-every", 250, "--batch-size", 8, "--learning-rate", 3e-4]
_FOOLING += ["--adversarial-weight", 5e-4, "--discriminator-rate", 5e-4]
# What other losses train with, from the weights of a run with MSE.
_FINE_TUNED = {"l1": _SHORT, "charbonnier": _SHORT, "perceptual": _SEEING}
_WITH_MSE = {2: "srcnn-x2-mse-last", 3: "srcnn-x3-mse-last", 4: "srcnn-x4-mse"}

# chosen with reduced networks on the validation split: after 400 steps SOAP is 0.25 dB above Adam
_DEEP = ["--clip", 0.1, "--precision", "bf16", "--validate-every", 500]
_VDSR = ["--network", "vdsr", "--batch-size", 32, "--warmup", 0.03, *_DEEP]
_VDSR_REDUCED = [*_VDSR, "--depth", 10, "--channels", 48]
_EDSR = ["--network", "edsr", "--batch-size", 16, "--patch-size", 96, *_DEEP]
_EDSR_REDUCED = [*_EDSR, "--depth", 8, "--channels", 48]
_EDSR_RISING = [*_EDSR, "--learning-rate", 1e-3, "--warmup", 0.03]
# A GPU's float16 rounds eight times finer than bfloat16. The patches are large, as every layer pads their borders with
# zeros: at the borders the network learns what it rarely meets in pictures.
_VDSR_LAST = [*_VDSR, "--precision", "fp16", "--patch-size", 96, "--flat", 0.02, "--learning-rate", 7e-4]
_EDSR_LARGE = [*_EDSR_RISING, "--precision", "fp16", "--flat", 0.05]
_EDSR_LARGE_X3 = [*_EDSR_LARGE, "--batch-size", 24, "--patch-size", 144]
_EDSR_LARGE_X4 = [*_EDSR_LARGE, "--patch-size", 192]
_EDSR_LAST = ["--learning-rate", 5e-4]  # from weights of the same kind
_EDSR_BY_EYE = [*_EDSR, "--feature-weight", 0.1]
_EDSR_SEEING = [*_EDSR_BY_EYE, "--precision", "fp16", "--patch-size", 192, "--batch-size", 8, "--flat", 0.1]
# A flat grey goes wrong in the picture's corners, between two borders of zeros: of these, small patches have more.
_EDSR_SEEING_CORNERS = [*_EDSR_BY_EYE, "--patch-size", 48, "--batch-size", 64, "--flat", 0.4, "--ema", 0.99]
_EDSR_SEEING_LAST = [*_EDSR_BY_EYE, "--ema", 0.99, "--flat", 0.3, "--learning-rate", 1e-4]
_EDSR_FOOLING = [*_EDSR_SEEING_LAST, "--adversarial-weight", 0.0003, "--discriminator-rate", 5e-4]
EDSR_LOSSES = ("l1", "perceptual", "adversarial")  # that EDSR is trained with at x4

# The training sets of the jobs, by the names of their folders or archives.
_CLASSIC_SETS = ("T91", "BSDS400")
_LARGE_SETS = ("BSDS400", "open-photographs")
_ALL_SETS = (*_CLASSIC_SETS, "open-photographs")


def _is_released(name: str) -> bool:
    """Whether a job's folder lies among the variants, else in `runs`, as only other jobs start from it."""
    return name.split("-")[-1] in LOSSES and "-reduced-" not in name


def _find_folder(name: str, weights: Path) -> Path:
    return (weights if _is_released(name) else _RUNS) / name


@dataclass(frozen=True)
class FamilyJob:
    """A call of train.py: the name of its folder, scale, loss, options, and the job whose weights it starts from."""

    name: str
    scale: int | tuple[int, ...]
    loss: str
    options: list
    start: str | None = None
    needs_gpu: bool = False  # it would take days on a CPU
    sets: tuple[str, ...] = _CLASSIC_SETS  # that it is trained on

    @property
    def released(self) -> bool:
        return _is_released(self.name)

    def folder(self, weights: Path) -> Path:
        return _find_folder(self.name, weights)

    def command(self, weights: Path) -> list[str]:
        """Its arguments of train.py."""
        scales = self.scale if isinstance(self.scale, tuple) else (self.scale,)
        words = ["--scale", *scales, "--loss", self.loss, "--output", self.folder(weights), *self.options]
        if self.start:
            words += ["--start", _find_folder(self.start, weights)]
        return [str(word) for word in words]


def _next_job(
    network: str, scale: int, run: str, start: str, options: list, sets: tuple[str, ...], needs_gpu: bool = True
) -> FamilyJob:
    """A run from the weights of another of the same network. run, start: the loss, and where other runs follow, a word
    for which it is."""
    name = f"{network}-x{scale}"
    return FamilyJob(f"{name}-{run}", scale, run.split("-")[0], options, f"{name}-{start}", needs_gpu, sets)


def _wide_job(scale: int, run: str, start: str, options: list) -> FamilyJob:
    return _next_job("srcnn-955", scale, run, start, options, _CLASSIC_SETS, needs_gpu=False)


def _large_wide_job(scale: int, run: str, start: str, options: list) -> FamilyJob:
    return _next_job("srcnn-955", scale, run, start, options, _ALL_SETS)


def _edsr_job(scale: int, run: str, start: str, options: list, sets: tuple[str, ...] = _LARGE_SETS) -> FamilyJob:
    return _next_job("edsr-baseline", scale, run, start, options, sets)


_LIST = [
    # The article's network: x3 from the beginning, x4 and x2 from what it learned.
    FamilyJob("srcnn-x3-mse-long", 3, "mse", _LONG),
    FamilyJob("srcnn-x3-mse-polished", 3, "mse", _POLISH_X3, "srcnn-x3-mse-long"),
    FamilyJob("srcnn-x3-mse-revived", 3, "mse", _REVIVE_FIRST, "srcnn-x3-mse-polished"),
    FamilyJob("srcnn-x3-mse-again", 3, "mse", _REVIVE_AGAIN, "srcnn-x3-mse-revived"),
    FamilyJob("srcnn-x3-mse-last", 3, "mse", _REVIVE_LAST, "srcnn-x3-mse-again"),
    FamilyJob("srcnn-x3-mse", 3, "mse", [*_QUIET, "--span", 2e-6], "srcnn-x3-mse-last"),
    FamilyJob("srcnn-x4-mse-long", 4, "mse", _CARRIED_OVER, "srcnn-x3-mse-long"),
    FamilyJob("srcnn-x4-mse-polished", 4, "mse", _POLISH, "srcnn-x4-mse-long"),
    FamilyJob("srcnn-x4-mse-revived", 4, "mse", _REVIVE_FIRST, "srcnn-x4-mse-polished"),
    FamilyJob("srcnn-x4-mse-again", 4, "mse", _REVIVE_AGAIN, "srcnn-x4-mse-revived"),
    FamilyJob("srcnn-x4-mse", 4, "mse", _REVIVE_LAST, "srcnn-x4-mse-again"),
    FamilyJob("srcnn-x2-mse-long", 2, "mse", _CARRIED_OVER, "srcnn-x3-mse-long"),
    FamilyJob("srcnn-x2-mse-polished", 2, "mse", _POLISH, "srcnn-x2-mse-long"),
    FamilyJob("srcnn-x2-mse-revived", 2, "mse", _REVIVE_LAST, "srcnn-x2-mse-polished"),
    FamilyJob("srcnn-x2-mse-last", 2, "mse", _REVIVE_REST, "srcnn-x2-mse-revived"),
    FamilyJob("srcnn-x2-mse", 2, "mse", [*_QUIET, "--span", 5e-6], "srcnn-x2-mse-last"),
    # The other losses.
    *(
        FamilyJob(f"srcnn-x{scale}-{loss}", scale, loss, options, _WITH_MSE[scale])
        for scale in (3, 4, 2)
        for loss, options in _FINE_TUNED.items()
    ),
    *(
        FamilyJob(f"srcnn-x{scale}-adversarial", scale, "adversarial", _FOOLING, f"srcnn-x{scale}-perceptual")
        for scale in (3, 4, 2)
    ),
    # The wider network from the article's; x4 from the wide x3, which is better than from x4's narrow one. Its rate
    # begins anew twice, which brings 0.04 dB.
    FamilyJob("srcnn-955-x3-mse-widened", 3, "mse", [*_WIDENED, "--steps", 30_000], "srcnn-x3-mse-polished"),
    FamilyJob("srcnn-955-x2-mse-widened", 2, "mse", [*_WIDENED, "--steps", 30_000], "srcnn-x2-mse-polished"),
    FamilyJob("srcnn-955-x4-mse-carried", 4, "mse", [*_WIDENED, "--steps", 24_000], "srcnn-955-x3-mse-widened"),
    FamilyJob("srcnn-955-x4-mse-restarted", 4, "mse", [*_WIDENED, "--steps", 24_000], "srcnn-955-x4-mse-carried"),
    FamilyJob("srcnn-955-x4-mse-widened", 4, "mse", [*_WIDENED, "--steps", 40_000], "srcnn-955-x4-mse-restarted"),
    # Its dead maps are given work again, twice or three times, and at x3 and x4 it goes on with more pictures.
    _wide_job(3, "mse-revived", "mse-widened", [*_WIDE_REVIVE_FIRST, "--steps", 31_000, "--validate-every", 3750]),
    _wide_job(3, "mse-again", "mse-revived", [*_WIDE_REVIVE_AGAIN, "--steps", 38_500, "--validate-every", 4750]),
    _wide_job(3, "mse-classic", "mse-again", [*_WIDE_REVIVE_LAST, "--steps", 9000, "--validate-every", 1000]),
    _large_wide_job(3, "mse-large", "mse-classic", _WIDE_REVIVE_ALL),
    _large_wide_job(
        3,
        "mse-long",
        "mse-large",
        [*_WIDE_REVIVE_LONG, "--learning-rate", 5e-4, "--steps", 46_000, "--validate-every", 9200],
    ),
    _large_wide_job(3, "mse", "mse-long", _WIDE_REVIVE_RARE),
    _wide_job(2, "mse-revived", "mse-widened", [*_WIDE_REVIVE_FIRST, "--steps", 32_000, "--validate-every", 4000]),
    _wide_job(2, "mse-again", "mse-revived", [*_WIDE_REVIVE_AGAIN, "--steps", 38_500, "--validate-every", 4750]),
    _wide_job(2, "mse", "mse-again", [*_WIDE_REVIVE_LAST, "--steps", 8500, "--validate-every", 1000]),
    _wide_job(4, "mse-revived", "mse-widened", [*_WIDE_REVIVE_FIRST, "--steps", 31_500, "--validate-every", 3750]),
    _wide_job(4, "mse-again", "mse-revived", [*_WIDE_REVIVE_AGAIN, "--steps", 37_500, "--validate-every", 4500]),
    _large_wide_job(4, "mse-large", "mse-again", _WIDE_REVIVE_ALL),
    _large_wide_job(
        4,
        "mse-long",
        "mse-large",
        [*_WIDE_REVIVE_LONG, "--learning-rate", 5e-4, "--steps", 120_500, "--validate-every", 15_062],
    ),
    _large_wide_job(
        4,
        "mse",
        "mse-long",
        [*_WIDE_REVIVE_LONG, "--learning-rate", 2.5e-4, "--steps", 46_000, "--validate-every", 9200],
    ),
    # VDSR: a network of half as many layers first, which is grown into the paper's and trained on.
    FamilyJob("vdsr-reduced-10x48-mse-1", SCALES, "mse", [*_VDSR_REDUCED, "--steps", 5000, "--learning-rate", 1.5e-3]),
    FamilyJob(
        "vdsr-reduced-10x48-mse",
        SCALES,
        "mse",
        [*_VDSR_REDUCED, "--steps", 2000, "--learning-rate", 1e-3],
        "vdsr-reduced-10x48-mse-1",
    ),
    FamilyJob(
        "vdsr-mse-begun",
        SCALES,
        "mse",
        [*_VDSR, "--batch-size", 64, "--steps", 55_500, "--validate-every", 6750, "--learning-rate", 1.5e-3],
        "vdsr-reduced-10x48-mse",
        needs_gpu=True,
        sets=_ALL_SETS,
    ),
    FamilyJob(
        "vdsr-mse",
        SCALES,
        "mse",
        [*_VDSR_LAST, "--steps", 16_000, "--validate-every", 4000],
        "vdsr-mse-begun",
        needs_gpu=True,
        sets=_LARGE_SETS,
    ),
    # EDSR reduced: x3 from x4 and x2 from x3, as the paper's x3 and x4 start from its x2 (section 4.2).
    FamilyJob(
        "edsr-reduced-8x48-x4-l1",
        4,
        "l1",
        [*_EDSR_REDUCED, "--steps", 3000, "--learning-rate", 1.5e-3, "--warmup", 0.03],
    ),
    FamilyJob(
        "edsr-reduced-8x48-x3-l1",
        3,
        "l1",
        [*_EDSR_REDUCED, "--steps", 1200, "--learning-rate", 1e-3],
        "edsr-reduced-8x48-x4-l1",
    ),
    FamilyJob(
        "edsr-reduced-8x48-x2-l1",
        2,
        "l1",
        [*_EDSR_REDUCED, "--steps", 800, "--learning-rate", 1e-3, "--validate-every", 400],
        "edsr-reduced-8x48-x3-l1",
    ),
    # EDSR-baseline: x4 and x2 from the reduced network of their scale; x3 from x2, which after 500 steps is better.
    FamilyJob("edsr-baseline-x4-l1-begun", 4, "l1", [*_EDSR_RISING, "--steps", 9000], "edsr-reduced-8x48-x4-l1"),
    FamilyJob(
        "edsr-baseline-x2-l1-begun",
        2,
        "l1",
        [*_EDSR_RISING, "--steps", 4000, "--patch-size", 64],
        "edsr-reduced-8x48-x2-l1",
    ),
    FamilyJob("edsr-baseline-x3-l1-begun", 3, "l1", [*_EDSR_RISING, "--steps", 3000], "edsr-baseline-x2-l1-begun"),
    # With more pictures on a GPU. The few of T91, drawn as often as all others, were learned by heart, so later runs
    # leave them out.
    _edsr_job(2, "l1-again", "l1-begun", [*_EDSR_RISING, "--steps", 46_500, "--validate-every", 5750], _ALL_SETS),
    _edsr_job(2, "l1", "l1-again", [*_EDSR_LARGE, "--batch-size", 32, "--steps", 30_000, "--validate-every", 3750]),
    _edsr_job(3, "l1-again", "l1-begun", [*_EDSR_RISING, "--steps", 44_000, "--validate-every", 5500], _ALL_SETS),
    _edsr_job(3, "l1-large", "l1-again", [*_EDSR_LARGE_X3, "--steps", 31_500, "--validate-every", 3937]),
    _edsr_job(3, "l1", "l1-large", [*_EDSR_LARGE_X3, *_EDSR_LAST, "--steps", 14_000, "--validate-every", 2800]),
    _edsr_job(4, "l1-again", "l1-begun", [*_EDSR_RISING, "--steps", 11_000, "--validate-every", 1250]),
    _edsr_job(4, "l1-large", "l1-again", [*_EDSR_LARGE_X4, "--steps", 15_000, "--validate-every", 1875]),
    _edsr_job(
        4,
        "l1",
        "l1-large",
        [*_EDSR_LARGE_X4, *_EDSR_LAST, "--shrink", 0.8, 0.65, "--steps", 13_000, "--validate-every", 2600],
    ),
    # What enough capacity makes of the losses that are judged by eye.
    _edsr_job(
        4,
        "perceptual-begun",
        "l1-large",
        [*_EDSR_SEEING, "--learning-rate", 5e-4, "--steps", 7000, "--validate-every", 2333],
    ),
    _edsr_job(
        4,
        "perceptual-again",
        "perceptual-begun",
        [*_EDSR_SEEING, "--learning-rate", 4e-4, "--steps", 5500, "--validate-every", 2750],
    ),
    _edsr_job(
        4,
        "perceptual-flat",
        "perceptual-again",
        [*_EDSR_SEEING_CORNERS, "--learning-rate", 3e-4, "--steps", 800, "--validate-every", 200],
    ),
    _edsr_job(4, "perceptual-calm", "perceptual-flat", [*_EDSR_SEEING_LAST, "--steps", 400, "--validate-every", 100]),
    _edsr_job(
        4,
        "perceptual-corners",
        "perceptual-calm",
        [*_EDSR_SEEING_CORNERS, "--learning-rate", 2e-4, "--steps", 400, "--validate-every", 100],
    ),
    _edsr_job(4, "perceptual", "perceptual-corners", [*_EDSR_SEEING_LAST, "--steps", 300, "--validate-every", 100]),
    _edsr_job(4, "adversarial", "perceptual", [*_EDSR_FOOLING, "--steps", 400, "--validate-every", 200]),
]
JOBS = {job.name: job for job in _LIST}  # in the order they are trained in: each after the one that it starts from
