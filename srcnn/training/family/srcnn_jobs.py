"""How every released SRCNN is trained: the article's network with each loss, and the wider one."""

from srcnn.training.family.family_job import ALL_SETS, CLASSIC_SETS, FamilyJob, next_job

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


def _wide_job(scale: int, run: str, start: str, options: list) -> FamilyJob:
    return next_job("srcnn-955", scale, run, start, options, CLASSIC_SETS, needs_gpu=False)


def _large_wide_job(scale: int, run: str, start: str, options: list) -> FamilyJob:
    return next_job("srcnn-955", scale, run, start, options, ALL_SETS)


SRCNN_JOBS = [
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
]
