"""How VDSR and EDSR are trained: from smaller networks of their kind, then with more pictures on a GPU."""

from srcnn.naming import SCALES
from srcnn.training.family.family_job import ALL_SETS, LARGE_SETS, FamilyJob, next_job

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


def _edsr_job(scale: int, run: str, start: str, options: list, sets: tuple[str, ...] = LARGE_SETS) -> FamilyJob:
    return next_job("edsr-baseline", scale, run, start, options, sets)


DEEP_JOBS = [
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
        sets=ALL_SETS,
    ),
    FamilyJob(
        "vdsr-mse",
        SCALES,
        "mse",
        [*_VDSR_LAST, "--steps", 16_000, "--validate-every", 4000],
        "vdsr-mse-begun",
        needs_gpu=True,
        sets=LARGE_SETS,
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
    _edsr_job(2, "l1-again", "l1-begun", [*_EDSR_RISING, "--steps", 46_500, "--validate-every", 5750], ALL_SETS),
    _edsr_job(2, "l1", "l1-again", [*_EDSR_LARGE, "--batch-size", 32, "--steps", 30_000, "--validate-every", 3750]),
    _edsr_job(3, "l1-again", "l1-begun", [*_EDSR_RISING, "--steps", 44_000, "--validate-every", 5500], ALL_SETS),
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
