"""What a run begins with: the network, drawn at random or with another variant's weights, its maps, its teachers."""

from collections.abc import Sequence
from pathlib import Path

from accelerate.optimizer import AcceleratedOptimizer
from torch import Tensor

from srcnn.networks.architectures import load_network
from srcnn.networks.base import Network
from srcnn.networks.srcnn import SRCNN
from srcnn.training.kernel_span import find_kernel_span, project_kernels
from srcnn.training.options import TrainingError, TrainingOptions, variant_for_recipe
from srcnn.training.revival import revive_dead_maps
from srcnn.variants.loading import load_any_scale


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
    if options.plain_start:
        if options.start or not isinstance(model, SRCNN):
            raise TrainingError("--plain-start is for srcnn without --start; drop it.")
        model.initialise_plainly()
    else:
        model.initialise()
    return model, _start_from(model, options.start) if options.start else []


def _start_from(model: Network, variant: str | Path) -> list[dict]:
    """Take over another variant's weights; return its recipe, after those that it was made from itself.

    Raises TrainingError where the variant cannot be had or its weights do not fit.
    """
    try:
        start = load_network(Path(variant)) if Path(variant).is_dir() else load_any_scale(variant)
    except (ValueError, OSError) as error:
        raise TrainingError(f"{variant} cannot be started from: {error}") from error
    try:
        model.load_smaller(start.state_dict())
    except (ValueError, RuntimeError, KeyError) as error:
        raise TrainingError(
            f"{variant} cannot be started from; name a variant of the same network, or of a smaller one."
        ) from error
    recipe = {key: value for key, value in start.recipe.items() if key != "before"}
    return [*start.recipe.get("before", []), {"name": variant_for_recipe(variant), **recipe}] if recipe else []


def load_teachers(options: TrainingOptions) -> dict[int, Network]:
    """The network that teaches each scale: the first of the teachers that was trained for it.

    Raises TrainingError for a variant that cannot teach this run or has nothing to teach that those before it do not,
    and for a scale that none of them teaches.
    """
    teachers: dict[int, Network] = {}
    for variant in options.teacher:
        try:
            teacher = load_any_scale(variant)
            common = [scale for scale in options.scale if scale in teacher.config.scales]
            taught = {scale: teacher.for_scale(scale) for scale in common or options.scale}  # raises where none is
        except ValueError as error:
            raise TrainingError(f"{variant} cannot be the teacher: {error}") from error
        if taught.keys() <= teachers.keys():
            raise TrainingError(
                f"{variant} has nothing to teach that those before it do not; leave it out of --teacher."
            )
        teachers = taught | teachers
    untaught = [scale for scale in options.scale if scale not in teachers]
    if options.teacher and untaught:
        raise TrainingError(f"No --teacher was trained for x{untaught[0]}; name a variant that was, too.")
    return teachers


def prepare_maps(
    model: Network, optimizer: AcceleratedOptimizer, options: TrainingOptions, planes: Sequence[Tensor], begins: bool
) -> None:
    """Do what `--revive` and `--span` ask for: before the first step, and after each one keep the kernels to the span.

    planes: what the network sees, (H, W) grey levels 0..255 each.
    begins: whether the run is at its first step; the weights of one that goes on have been prepared.

    Raises TrainingError for a network that is not of the kind.
    """
    if not isinstance(model, SRCNN) or model.config.batch_norm:
        raise TrainingError("--span and --revive are for srcnn without batch normalisation; drop them.")
    if options.span:
        span = find_kernel_span(planes, model.config.kernel_sizes[0], options.span).to(model.conv1.weight.device)
        if begins:
            project_kernels(model.conv1, span)
        optimizer.optimizer.register_step_post_hook(lambda *_: project_kernels(model.conv1, span))
    if options.revive and begins:
        revive_dead_maps(model, planes)
