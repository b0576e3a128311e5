import pytest

from srcnn.training.options import TrainingError


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
