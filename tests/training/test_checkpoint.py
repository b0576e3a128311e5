import math

import pytest
import torch

from srcnn.training.checkpoint import collect_optimizer_tensors, hold_state, read_state, restore_optimizer, write_state


def test_a_state_comes_back_as_it_was(tmp_path):
    parts = {"model": {"a.weight": torch.rand(2, 3)}, "random": {"patches": torch.arange(5, dtype=torch.uint8)}}
    write_state(tmp_path / "deep" / "state.safetensors", parts, {"step": 7, "best": -math.inf})
    again, numbers = read_state(tmp_path / "deep" / "state.safetensors")
    assert numbers == {"step": 7, "best": -math.inf}
    assert again.keys() == parts.keys()
    assert torch.equal(again["model"]["a.weight"], parts["model"]["a.weight"])
    assert torch.equal(again["random"]["patches"], parts["random"]["patches"])


def test_a_write_that_fails_leaves_the_old_state(tmp_path):
    file = tmp_path / "state.safetensors"
    write_state(file, {"model": {"a": torch.ones(1)}}, {"step": 1})
    with pytest.raises(TypeError):
        write_state(file, {"model": {"a": torch.zeros(1)}}, {"step": object()})
    assert read_state(file)[1] == {"step": 1}


def test_what_killed_runs_left_is_gone_once_another_has_the_state(tmp_path):
    """A day need not pass: the lock says that nobody else is writing there."""
    left = tmp_path / ".srcnn-killed.part" / ".part.safetensors"
    left.parent.mkdir()
    left.touch()
    (tmp_path / ".mine").touch()
    with hold_state(tmp_path / "state.safetensors"):
        assert {file.name for file in tmp_path.iterdir()} == {".mine", "running.lock"}


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD])
def test_an_optimiser_goes_on_as_if_never_stopped(kind):
    settings = {"lr": 0.1, "momentum": 0.9} if kind is torch.optim.SGD else {"lr": 0.1}
    weights = [torch.nn.Parameter(torch.tensor([1.0, 2.0])) for _ in range(2)]
    first, second = (kind([weight], **settings) for weight in weights)

    def step(optimizer, weight):
        optimizer.zero_grad()
        (weight**3).sum().backward()
        optimizer.step()

    step(first, weights[0])
    step(first, weights[0])
    with torch.no_grad():
        weights[1].copy_(weights[0])
    restore_optimizer(second, {name: tensor.clone() for name, tensor in collect_optimizer_tensors(first).items()})
    step(first, weights[0])
    step(second, weights[1])
    assert torch.equal(weights[0], weights[1])
