import numpy as np

from benchmarks.killed_training import list_differences, run_undisturbed, run_with_kills
from tests.support.forks import ForkedProcess

START_TAKES_SECONDS = 0.6  # a fork, about


def test_a_run_that_is_killed_again_and_again_ends_as_one_that_nobody_disturbs(tmp_path):
    """`python -m benchmarks.killed_training` strikes more often, and processes from their very start."""
    struck = run_with_kills(tmp_path / "killed", 3, np.random.default_rng(), ForkedProcess, START_TAKES_SECONDS)
    run_undisturbed(tmp_path / "whole", 3, ForkedProcess)
    assert struck, "the run had ended before it was killed"
    assert list_differences(tmp_path / "killed", tmp_path / "whole") == []
