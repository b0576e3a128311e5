import itertools

import pytest
import torch

from srcnn import EDSR, SRCNN, VDSR, timing
from srcnn.ensemble import Ensemble

MODELS = [SRCNN(scale=2), VDSR(depth=2, channels=4, scale=3), EDSR(depth=1, channels=4, scale=4)]


@pytest.mark.parametrize("model", [*MODELS, Ensemble(MODELS[2:], turns=True)])
def test_the_second_of_two_pictures_is_timed_for_a_million_pixels_of_the_result(monkeypatch, model):
    results = []

    def resolve(*arguments, **choices) -> torch.Tensor:
        results.append(super_resolve(*arguments, **choices))
        return results[-1]

    super_resolve = timing.super_resolve
    clock = itertools.count(100, 0.25)
    monkeypatch.setattr(timing, "super_resolve", resolve)
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock) if len(results) else pytest.fail("too early"))
    assert timing.seconds_per_megapixel(model) == pytest.approx(0.25 / (480 * 480) * 1e6)
    assert [result.shape for result in results] == [(480, 480)] * 2
