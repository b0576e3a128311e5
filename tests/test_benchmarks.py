"""The benchmarks run; what they measure is for people to read, not for a test to judge."""

from conftest import run_python


def test_training_speed_compares_the_two_loops():
    done = run_python("-m", "benchmarks.training_speed", "--seconds", 0.2)
    assert done.returncode == 0, done.stderr
    setting, tutorial, ours, sampling = done.stdout.splitlines()
    assert "16 patches of 60x60, fp32" in setting
    assert float(tutorial.split()[2]) > 0
    assert float(ours.split()[2]) > 0
    assert ours.endswith("times")
    assert 0 < float(sampling.split()[1].rstrip("%")) < 100
