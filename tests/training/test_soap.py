import torch

from srcnn.training.optimizers import SOAP


def descend(kind, steps: int, **settings) -> float:
    """What is left of a regression's error whose inputs are as correlated as neighbouring pixels."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(256, 1, 12, generator=generator).cumsum(2) / 4
    wanted = torch.randn(8, 1, 12, generator=generator)
    targets = torch.einsum("nci,oci->no", inputs, wanted)
    weight = torch.nn.Parameter(torch.zeros(8, 1, 12, 1))
    optimizer = kind([weight], **settings)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = settings["lr"] * (1 - step / steps)
        optimizer.zero_grad()
        loss = (torch.einsum("nci,oci->no", inputs, weight[..., 0]) - targets).square().mean()
        loss.backward()
        optimizer.step()
    return loss.item()


def test_correlated_inputs_slow_it_less_than_adam():
    left = {kind: min(descend(kind, 300, lr=lr) for lr in (0.01, 0.03, 0.1)) for kind in (SOAP, torch.optim.Adam)}
    assert left[SOAP] < 0.1 * left[torch.optim.Adam]


def test_its_first_steps_and_those_of_vectors_are_adams():
    weights = [torch.nn.Parameter(torch.ones(2, 3, 1, 1)), torch.nn.Parameter(torch.ones(4))]
    mirrored = [torch.nn.Parameter(weight.detach().clone()) for weight in weights]
    optimizers = [SOAP(weights, lr=0.1), torch.optim.Adam(mirrored, lr=0.1, betas=(0.95, 0.95))]
    for number in range(9):
        for group, optimizer in zip((weights, mirrored), optimizers, strict=True):
            optimizer.zero_grad()
            sum(((weight * (index + 1 + number)) ** 2).sum() for index, weight in enumerate(group)).backward()
            optimizer.step()
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(weights, mirrored, strict=True))


def test_its_bases_stay_orthonormal():
    torch.manual_seed(0)
    weight = torch.nn.Parameter(torch.randn(6, 5, 3, 3))
    optimizer = SOAP([weight], lr=0.01)
    for _ in range(50):
        optimizer.zero_grad()
        (weight * torch.randn_like(weight)).sum().backward()
        optimizer.step()
    state = optimizer.state[weight]
    assert [state[f"basis{mode}"].shape for mode in (1, 2, 3)] == [(1, 6, 6), (1, 5, 5), (1, 9, 9)]
    for mode in (1, 2, 3):
        basis = state[f"basis{mode}"][0]
        assert torch.allclose(basis.T @ basis, torch.eye(len(basis)), atol=1e-5)
        assert not torch.allclose(basis, torch.eye(len(basis)), atol=0.1)


def test_weight_decay_pulls_to_zero_whatever_the_gradient():
    weight = torch.nn.Parameter(torch.ones(2, 2, 1, 1))
    optimizer = SOAP([weight], lr=0.1, weight_decay=0.5)
    weight.grad = torch.zeros_like(weight)
    optimizer.step()
    assert torch.allclose(weight, torch.full_like(weight, 0.95))


def test_weights_of_one_shape_step_together_as_each_would_alone():
    torch.manual_seed(0)
    alone = [torch.nn.Parameter(torch.randn(6, 5, 3, 3, dtype=torch.float64)) for _ in range(3)]
    together = [torch.nn.Parameter(weight.detach().clone()) for weight in alone]
    optimizers = [*(SOAP([weight], lr=0.01) for weight in alone), SOAP(together, lr=0.01)]
    for _ in range(25):  # the bases are brought up to date twice
        push = [torch.randn_like(weight) for weight in alone]
        for weights in (alone, together):
            for weight, towards in zip(weights, push, strict=True):
                weight.grad = weight.detach() + towards
        for optimizer in optimizers:
            optimizer.step()
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(alone, together, strict=True))
