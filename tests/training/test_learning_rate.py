import pytest

from srcnn.training.optimizers import count_plateaus, learning_rate_at
from srcnn.training.options import TrainingOptions


def rates(**choices) -> list[float]:
    chosen = {"data": ("x",), "output": "y", "steps": 100, "warmup": 0.0, "learning_rate": 1.0, "decay_every": 20}
    options = TrainingOptions(**chosen | choices)
    return [learning_rate_at(options, step, validations=[]) for step in range(101)]


def test_the_rate_rises_linearly_in_the_warm_up():
    assert rates(warmup=0.1)[:10] == pytest.approx([n / 10 for n in range(1, 11)])


def test_cosine_falls_from_the_peak_to_zero():
    falling = rates(schedule="cosine")
    assert falling[0] == 1
    assert falling[50] == pytest.approx(0.5)
    assert falling[100] == pytest.approx(0, abs=1e-9)
    assert falling == sorted(falling, reverse=True)


def test_step_falls_all_at_once():
    assert rates(schedule="step", decay=0.1)[18:22] == pytest.approx([1, 1, 0.1, 0.1])


def test_exponential_falls_evenly():
    falling = rates(schedule="exponential", decay=0.1)
    assert falling[20] == pytest.approx(0.1)
    assert falling[10] == pytest.approx(0.1**0.5)


def test_constant_does_not_fall():
    assert set(rates(schedule="constant")) == {1}


def test_plateau_falls_when_validation_stands_still():
    options = TrainingOptions(data=("x",), output="y", warmup=0.0, schedule="plateau", decay=0.5, patience=2)
    peak = options.learning_rate
    for validations, left in (([30, 31, 30.9], 1), ([30, 31, 30.9, 31], 0.5), ([30, 31, 31, 31, 32, 31, 31], 0.25)):
        assert learning_rate_at(options, 0, validations) == pytest.approx(left * peak)


@pytest.mark.parametrize(
    ("validations", "count"),
    [([], 0), ([1, 2, 3, 4], 0), ([4, 3, 2], 0), ([4, 3, 2, 1], 1), ([4, 4, 4, 4], 1), ([9, 1, 1, 1, 1, 1, 1], 2)],
)
def test_a_plateau_is_three_validations_without_a_better_one(validations, count):
    assert count_plateaus(validations, patience=3) == count
