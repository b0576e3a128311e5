"""The network before its first step: drawn at random around the bicubic picture, or another variant's weights."""

from pathlib import Path

import torch.nn.functional as F
from torch import Tensor, nn

from srcnn.model import SRCNN
from srcnn.options import TrainingError, TrainingOptions


def make_model(options: TrainingOptions) -> tuple[SRCNN, list[dict]]:
    """The network as it is before the first step, and the recipes of the runs that made it, the oldest first."""
    model = SRCNN(
        kernel_sizes=options.kernel_sizes,
        residual=options.residual,
        batch_norm=options.batch_norm,
        padding="replicate",
        scale=options.scale,
        loss=options.loss,
    )
    initialise(model)
    return model, load_start(model, options.start) if options.start else []


def load_start(model: SRCNN, folder: Path) -> list[dict]:
    """Take over another variant's weights; return its recipe, after those that it was made from itself.

    Raises TrainingError where the weights do not fit.
    """
    try:
        start = SRCNN.from_pretrained(folder)
        model.load_state_dict(widened(start.state_dict(), model))
    except (ValueError, OSError, RuntimeError) as error:
        raise TrainingError(
            f"{folder} cannot be started from; name a variant of the same network, or of one with smaller kernels."
        ) from error
    recipe = {key: value for key, value in start.recipe.items() if key != "before"}
    return [*start.recipe.get("before", []), {"name": folder.resolve().name, **recipe}] if recipe else []


def widened(weights: dict[str, Tensor], model: SRCNN) -> dict[str, Tensor]:
    """Each kernel in the middle of a larger one, zero around it: the same function, with room to learn more."""
    result = dict(weights)
    for name in ("conv1.weight", "conv2.weight", "conv3.weight"):
        room = model.state_dict()[name].shape[-1] - weights[name].shape[-1]
        if room > 0:
            result[name] = F.pad(weights[name], [room // 2] * 4)
    return result


def initialise(model: SRCNN) -> None:
    """A start that is the bicubic picture plus very little, so that a high learning rate kills no filter.

    Kaiming's normal distribution, and a last layer near zero. Without the global residual one filter of each layer
    hands the picture through instead: training then behaves as with a residual, and the result is a plain network.
    """
    for conv in (model.conv1, model.conv2):
        nn.init.kaiming_normal_(conv.weight)
        nn.init.zeros_(conv.bias)
    nn.init.normal_(model.conv3.weight, std=1e-3)
    nn.init.zeros_(model.conv3.bias)
    if not model.config.residual:
        nn.init.zeros_(model.conv2.weight[:1])
        for conv in (model.conv1, model.conv2, model.conv3):
            nn.init.dirac_(conv.weight[:1, :1])
