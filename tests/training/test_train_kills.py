import numpy as np

from benchmarks.killed_training import list_differences, run_undisturbed, run_with_kills


def test_a_run_that_is_killed_again_and_again_ends_as_one_that_nobody_disturbs(tmp_path):
    """`python -m benchmarks.killed_training` strikes more often."""
    struck = run_with_kills(tmp_path / "killed", 3, np.random.default_rng())
    run_undisturbed(tmp_path / "whole", 3)
    assert struck, "the run had ended before it was killed"
    assert list_differences(tmp_path / "killed", tmp_path / "whole") == []
