import math
from dataclasses import fields

import pytest

from srcnn.training.options import TrainingError, TrainingOptions


@pytest.mark.parametrize(
    "choices",
    [
        {"steps": 0},
        {"batch_size": -1},
        {"data": ()},
        {"output": None},
        {"shrink": (2.0,)},
        {"teacher_weight": 1.5},
        {"teacher_weight": float("nan")},
    ],
)
def test_impossible_options_are_refused(options, choices):
    with pytest.raises(TrainingError, match=r"--\w+"):
        options(**choices)


NUMBERS = [field.name for field in fields(TrainingOptions) if type(field.default) in (int, float)]
OF_A_NETWORK = {"residual_scaling"}  # checked where the network is made


@pytest.mark.parametrize("value", [-1, -math.inf, math.inf, math.nan])
@pytest.mark.parametrize("name", [name for name in NUMBERS if name not in OF_A_NETWORK])
def test_no_number_is_negative_infinite_or_none_at_all(options, name, value):
    with pytest.raises(TrainingError, match=f"^--{name.replace('_', '-')} must be .*, not {value}\\.$"):
        options(**{name: value})


@pytest.mark.parametrize(
    "choices",
    [
        {"learning_rate": 0.0},
        {"discriminator_rate": 0.0},
        {"ema": 1.0},
        {"flat": 1.0},
        {"momentum": 1.0},
        {"warmup": 1.01},
        {"decay": 0.0},
        {"decay": 1.01},
        {"seed": 2**63},
    ],
    ids=str,
)
def test_the_ends_of_the_ranges(options, choices):
    with pytest.raises(TrainingError, match=r"^--[a-z-]+ must be "):
        options(**choices)


def test_numbers_at_the_ends_that_belong_to_the_ranges_are_taken(options):
    options(
        ema=0.0,
        momentum=0.0,
        flat=0.0,
        span=0.0,
        warmup=1.0,
        decay=1.0,
        seed=0,
        clip=0.0,
        weight_decay=0.0,
        stop_after=0,
    )


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"scale": 1}, "--scale 1 nothing is reduced"),
        ({"scale": (2, 3), "network": "vdsr", "low": ("a",)}, "--low has pictures of one size"),
        ({"shrink": (0.9,), "low": ("a",)}, "--shrink makes low-resolution copies"),
    ],
)
def test_own_pairs_come_at_one_scale_and_pictures_of_equal_size_need_them(options, choices, words):
    with pytest.raises(TrainingError, match=words):
        options(**choices)
