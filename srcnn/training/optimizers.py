"""The optimisers, SOAP among them, and the learning rate of each step."""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from srcnn.networks.base import Network
from srcnn.training.options import TrainingOptions

# Of the mean variance: directions without gradient stay where they are, whatever rounding says.
_COVARIANCE_DAMPING = 1e-4


class SOAP(torch.optim.Optimizer):
    """Adam in a basis that turns with the gradients: Vyas et al., "SOAP: Improving and Stabilizing Shampoo using Adam",
    2024, algorithm 3.

    The gradient of a convolution (out, in, height, width) is taken as (out, in, height * width): three modes, each with
    a basis of its own. Biases and other vectors get plain Adam. The bases start as identities, so that the first steps
    are Adam's, too, and are brought up to date every `refresh` steps by one power iteration and a QR decomposition.

    Weights of one shape, such as those of equal layers, take their steps together: a GPU gets a few large products in
    place of hundreds of small ones. What is remembered of them lies, stacked, with the first of them.
    """

    def __init__(
        self,
        params: Iterable,
        lr: float = 3e-3,
        betas: tuple[float, float] = (0.95, 0.95),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        refresh: int = 10,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})
        self.refresh = refresh

    @torch.no_grad()
    def step(self, closure: Callable | None = None) -> None:
        for group in self.param_groups:
            alike: dict[torch.Size, list[Tensor]] = {}
            for weight in group["params"]:
                if weight.grad is not None:
                    alike.setdefault(weight.shape, []).append(weight)
            for shape, weights in alike.items():
                gradients = torch.stack([weight.grad.float() for weight in weights])  # (N, *shape), as the changes
                changes = self.direction(gradients, self.state[weights[0]], *group["betas"], group["eps"])
                torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
                torch._foreach_add_(weights, list(changes.view(-1, *shape).unbind()), alpha=-group["lr"])

    def direction(self, gradients: Tensor, state: dict, beta1: float, beta2: float, eps: float) -> Tensor:
        """Adam's step for N weights of one shape, each taken in its own basis and turned back.

        Keeps what it needs in `state`. Every tensor below has the shape of the gradients, (N, ...), but for the bases
        and covariances, (N, size of the mode, the same).
        """
        # 1. The modes: dimensions of more than one entry. A vector has none.
        gradients = gradients.flatten(3) if gradients.dim() == 5 else gradients
        modes = [mode for mode in range(1, gradients.dim()) if gradients.shape[mode] > 1] if gradients.dim() > 2 else []

        # 2. At the first step: averages of zero, and bases that turn nothing.
        if not state:
            state["step"] = torch.zeros((), dtype=torch.int64)
            state["momentum"], state["variance"] = torch.zeros_like(gradients), torch.zeros_like(gradients)
            for mode in modes:
                state[f"covariance{mode}"] = covariance = _mode_covariance(gradients, mode)
                unturned = torch.eye(gradients.shape[mode], device=gradients.device)
                state[f"basis{mode}"] = unturned.expand_as(covariance).clone()
        state["step"] += 1
        step = state["step"].item()

        # 3. Adam's averages: of the gradient as it is, and of its square in the basis.
        state["momentum"].lerp_(gradients, 1 - beta1)
        turned = self.turn(gradients, state, modes)
        state["variance"].mul_(beta2).addcmul_(turned, turned, value=1 - beta2)

        # 4. Adam's step in the basis, turned back; the averages begin at zero, which `correction` makes up for.
        correction = (1 - beta2**step) ** 0.5 / (1 - beta1**step)
        scaled = self.turn(state["momentum"], state, modes) / (state["variance"].sqrt() + eps)
        result = self.turn(scaled, state, modes, back=True) * correction

        # 5. The covariances of the gradients, whose eigenvectors the bases follow.
        for mode in modes:
            state[f"covariance{mode}"].lerp_(_mode_covariance(gradients, mode), 1 - beta2)
            if step % self.refresh == 0:
                _refresh_basis(state, mode)
        return result

    @staticmethod
    def turn(tensor: Tensor, state: dict, modes: list[int], back: bool = False) -> Tensor:
        """Into the basis of each mode, or with `back` out of it."""
        for mode in modes:
            basis = state[f"basis{mode}"]
            last = tensor.movedim(mode, -1)  # the mode's entries in rows
            rows = last.flatten(1, -2) @ (basis.mT if back else basis)  # (N, all else, size of the mode)
            tensor = rows.view(last.shape).movedim(-1, mode)
        return tensor


def _mode_covariance(gradients: Tensor, mode: int) -> Tensor:
    """(N, size of the mode, size of the mode): the products of each gradient's slices with each other."""
    rows = gradients.movedim(mode, 1).flatten(2)  # (N, size of the mode, all else)
    return rows @ rows.mT


def _refresh_basis(state: dict, mode: int) -> None:
    """One step of the power iteration, the directions sorted by how much gradient lies in them."""
    matrix, basis = state[f"covariance{mode}"], state[f"basis{mode}"]
    damping = _COVARIANCE_DAMPING * matrix.diagonal(dim1=1, dim2=2).mean(1)
    product = matrix @ basis + damping[:, None, None] * basis
    order = (basis * product).sum(1).argsort(descending=True)  # (N, size of the mode)
    along_mode = order.view(len(order), *(-1 if other == mode else 1 for other in range(1, state["variance"].dim())))
    state["variance"].copy_(state["variance"].take_along_dim(along_mode, mode))
    # in rows, as a state that was saved and read again is: a product rounds otherwise where its factor lies in columns
    state[f"basis{mode}"] = torch.linalg.qr(product.take_along_dim(order[:, None], 2))[0].contiguous()


def make_optimizer(options: TrainingOptions, model: Network) -> torch.optim.Optimizer:
    settings = {"lr": options.learning_rate, "weight_decay": options.weight_decay}
    if options.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), momentum=options.momentum, **settings)
    kinds = {"soap": SOAP, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    return kinds[options.optimizer](model.parameters(), **settings)


def learning_rate_at(options: TrainingOptions, step: int, validations: list[float]) -> float:
    """Linear warm-up, then the chosen schedule. `validations` are the PSNRs so far, in dB, oldest first."""
    warm = round(options.warmup * options.steps)
    if step < warm:
        return options.learning_rate * (step + 1) / warm
    return options.learning_rate * _schedule_fraction(options, step, warm, validations)


def _schedule_fraction(options: TrainingOptions, step: int, warm: int, validations: list[float]) -> float:
    """What is left of the peak."""
    if options.schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, options.steps - warm)))
    if options.schedule == "step":
        return options.decay ** (step // options.decay_every)
    if options.schedule == "exponential":
        return options.decay ** (step / options.decay_every)
    if options.schedule == "plateau":
        return options.decay ** count_plateaus(validations, options.patience)
    return 1.0


def count_plateaus(validations: list[float], patience: int) -> int:
    """How often `patience` validations in a row brought nothing better than the best before them."""
    best, waited, count = -math.inf, 0, 0
    for psnr in validations:
        best, waited = (psnr, 0) if psnr > best else (best, waited + 1)
        if waited == patience:
            waited, count = 0, count + 1
    return count
