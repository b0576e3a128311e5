"""The network before its first step: drawn at random around the picture it gets, or another variant's weights."""

from pathlib import Path

from srcnn.networks.architectures import load_network
from srcnn.networks.base import Network
from srcnn.training.options import TrainingError, TrainingOptions


def build_network(options: TrainingOptions) -> tuple[Network, list[dict]]:
    """The network as it is before the first step, and the recipes of the runs that made it, the oldest first.

    Raises TrainingError for options that describe none.
    """
    kind = options.kind
    chosen = {name: value for name in kind.training_fields if (value := getattr(options, name)) is not None}
    scale = options.scale[0] if len(options.scale) == 1 else tuple(sorted(options.scale))
    try:
        model = kind(**kind.training_defaults, **chosen, scale=scale, loss=options.loss)
    except ValueError as error:
        raise TrainingError(f"{options.network} cannot be trained so: {error}") from error
    if options.patch_size % model.upsampling:
        raise TrainingError(f"--patch-size must be a multiple of {model.upsampling} here, not {options.patch_size}.")
    model.initialise()
    return model, _start_from(model, options.start) if options.start else []


def _start_from(model: Network, folder: Path) -> list[dict]:
    """Take over another variant's weights; return its recipe, after those that it was made from itself.

    Raises TrainingError where the weights do not fit.
    """
    try:
        start = load_network(folder)
        model.load_smaller(start.state_dict())
    except (ValueError, OSError, RuntimeError, KeyError) as error:
        raise TrainingError(
            f"{folder} cannot be started from; name a variant of the same network, or of a smaller one."
        ) from error
    recipe = {key: value for key, value in start.recipe.items() if key != "before"}
    return [*start.recipe.get("before", []), {"name": folder.resolve().name, **recipe}] if recipe else []
