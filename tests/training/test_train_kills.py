import numpy as np

from benchmarks.killed_training import differences, killed_run, undisturbed_run


def test_a_run_that_is_killed_again_and_again_ends_as_one_that_nobody_disturbs(tmp_path):
    """`python -m benchmarks.killed_training` strikes more often."""
    struck = killed_run(tmp_path / "killed", 3, np.random.default_rng())
    undisturbed_run(tmp_path / "whole", 3)
    assert struck, "the run had ended before it was killed"
    assert differences(tmp_path / "killed", tmp_path / "whole") == []
