"""PyTorch's own ways of writing a network down: what they write is used at another size than the one that they saw."""

import pytest
import torch

from srcnn import load

NAMES = [("srcnn-x3-mse", 3), ("vdsr-mse", 2), ("edsr-baseline-x3-l1", 3)]


@pytest.fixture(scope="module")
def sizes():
    generator = torch.Generator().manual_seed(0)
    # EDSR enlarges the first of these in several strips, and the second in one
    return [torch.rand(1, 1, *size, generator=generator) for size in ((90, 70), (21, 34))]


@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize(("name", "scale"), NAMES)
def test_torchscript_is_for_every_size(name, scale, sizes, gradients):
    model = load(name, scale)
    with torch.set_grad_enabled(gradients):
        traced = torch.jit.trace(model, sizes[0], check_trace=False)
    check(traced, model, sizes)


@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize(("name", "scale"), NAMES)
def test_torch_export_is_for_every_size(name, scale, sizes, gradients):
    model = load(name, scale)
    free = {2: torch.export.Dim("height", min=8, max=4096), 3: torch.export.Dim("width", min=8, max=4096)}
    with torch.set_grad_enabled(gradients):
        exported = torch.export.export(model, (sizes[0],), dynamic_shapes={"x": free})
    check(exported.module(), model, sizes)


@torch.no_grad()
def check(recorded: torch.nn.Module, model: torch.nn.Module, sizes: list[torch.Tensor]) -> None:
    for x in sizes:
        expected = model(x)
        assert recorded(x).shape == expected.shape
        assert (recorded(x) - expected).abs().max() < 1e-5
