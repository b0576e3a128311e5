from types import SimpleNamespace

import pytest
import torch

from srcnn import EDSR, SRCNN, VDSR
from srcnn.inference import engine, timing
from srcnn.inference.ensemble import Ensemble
from srcnn.inference.timing import measure_seconds_per_megapixel

MODELS = [SRCNN(scale=2), VDSR(depth=2, channels=4, scale=3), EDSR(depth=1, channels=4, scale=4)]


@pytest.mark.parametrize("model", [*MODELS, Ensemble(MODELS[2:], turns=True)])
@pytest.mark.parametrize(("runs", "timed"), [([0.5, 0.25, 0.5, 9], 3), ([0.25, 0.125, 0.1, 0.1, 0.1, 9], 5)])
def test_the_fastest_run_after_the_first_is_taken_for_a_million_pixels(monkeypatch, model, runs, timed):
    results, super_resolve = [], engine.super_resolve

    def resolve(*arguments, **choices) -> torch.Tensor:
        results.append(super_resolve(*arguments, **choices))
        return results[-1]

    clock = iter([time for seconds in runs for time in (100, 100 + seconds)])
    monkeypatch.setattr(timing, "super_resolve", resolve)
    stopwatch = SimpleNamespace(perf_counter=lambda: next(clock) if results else pytest.fail("too early"))
    monkeypatch.setattr(timing, "time", stopwatch)  # its clock only: other threads look at that of the process, too
    assert measure_seconds_per_megapixel(model) == pytest.approx(min(runs) / (480 * 480) * 1e6)
    assert [result.shape for result in results] == [(480, 480)] * (timed + 1)
