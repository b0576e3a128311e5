"""The metadata of a model card: what the Hub files a variant under, and what a listing reads back."""

import math
import re
from collections.abc import Iterator
from contextlib import suppress

from huggingface_hub import EvalResult, ModelCardData

from srcnn.evaluate import Report
from srcnn.losses import LOSSES
from srcnn.model import SRCNN
from srcnn.recipe import base_of, dataset_repositories

# figure of a Score -> the metric's type on the Hub, its name for people, decimals
METRICS = {
    "psnr": ("psnr", "PSNR (Y)", 2),
    "ssim": ("ssim", "SSIM (Y)", 4),
    "distance": ("perceptual_distance", "Perceptual distance (Y, VGG-19)", 4),
}
POSSIBLE = {  # figure -> whether a number can be one
    "psnr": lambda value: 0 < value < 1000,
    "ssim": lambda value: -1 <= value <= 1,
    "distance": lambda value: 0 <= value < 1000,
}
SCALE_TAG = re.compile("x([1-9][0-9]?)")


def card_data(name: str, model: SRCNN, reports: dict[str, Report], namespace: str | None = None) -> ModelCardData:
    """The metadata of a variant, by the results on each test set.

    `base_model` needs `namespace`, the user or organisation who will have the variant on the Hub: a name alone is no
    model there.
    """
    base = base_of(name, model.recipe) if namespace else None
    results = list(eval_results(model, reports))
    return ModelCardData(
        library_name="srcnn",
        pipeline_tag="image-to-image",
        license="mit",
        tags=["super-resolution", "srcnn", f"x{model.config.scale}", *filter(None, [model.config.loss])],
        datasets=dataset_repositories(model.recipe) or None,
        base_model=base and f"{namespace}/{base}",
        base_model_relation=base and "finetune",
        model_name=name if results else None,
        eval_results=results or None,
    )


def eval_results(model: SRCNN, reports: dict[str, Report]) -> Iterator[EvalResult]:
    for test, report in reports.items():
        for figure, (kind, title, decimals) in METRICS.items():
            value = getattr(report.srcnn, figure)
            if value is not None and math.isfinite(value):  # the Hub keeps metadata as JSON, which knows no NaN
                yield EvalResult(
                    task_type="image-to-image",
                    task_name=f"x{model.config.scale} super-resolution",
                    dataset_type=test.lower(),
                    dataset_name=test,
                    metric_type=kind,
                    metric_name=title,
                    metric_value=round(value, decimals),
                )


def summary(metadata: ModelCardData | dict | None) -> dict:
    """Scale, loss and PSNR by test set of a card: {"scale": 3, "loss": "mse", "psnr": {"Set5": 32.68}}.

    None, and no test set, where anybody's card does not say it. Takes what `ModelInfo.card_data` and its `to_dict()`
    give, and raises nothing.
    """
    if isinstance(metadata, dict):
        metadata = parsed(metadata)
    tags = getattr(metadata, "tags", None)
    tags = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    scales = [int(match[1]) for match in map(SCALE_TAG.fullmatch, tags) if match]
    losses = [tag for tag in tags if tag in LOSSES]
    return {
        "scale": next(iter(scales), None),
        "loss": next(iter(losses), None),
        "psnr": {test: figures["psnr"] for test, figures in results_of(metadata).items() if "psnr" in figures},
    }


def results_of(metadata: ModelCardData | dict | None) -> dict[str, dict[str, float]]:
    """A card's figures by test set: {"Set5": {"psnr": 32.68, "ssim": 0.9083}}; "distance", too, where it was measured.

    Only what can be such a figure, whatever anybody's card says; takes what `summary` does, and raises nothing.
    """
    if isinstance(metadata, dict):
        metadata = parsed(metadata)
    entries = getattr(metadata, "eval_results", None)
    found: dict[str, dict[str, float]] = {}
    for entry in entries if isinstance(entries, list) else []:
        for figure, (kind, _, _) in METRICS.items():
            if isinstance(entry, EvalResult) and entry.metric_type == kind and is_figure(figure, entry.metric_value):
                found.setdefault(str(entry.dataset_name), {})[figure] = float(entry.metric_value)
    return found


def parsed(metadata: dict) -> ModelCardData | None:
    with suppress(Exception):  # the client does not foresee every shape of a stranger's YAML
        return ModelCardData(**metadata, ignore_metadata_errors=True)
    return None


def is_figure(figure: str, value: object) -> bool:
    return type(value) in (int, float) and POSSIBLE[figure](value)
