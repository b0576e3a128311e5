"""The metadata of a model card: what the Hub files a variant under, and what a listing reads back."""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from huggingface_hub import EvalResult, ModelCardData

from srcnn.data.picture_sets import dataset_repository
from srcnn.evaluation.published_scores import standard_set
from srcnn.evaluation.scores import Report
from srcnn.naming import LOSSES
from srcnn.networks.base import Network
from srcnn.variants.recipe import dataset_repositories

# figure of a Score -> the metric's type on the Hub, its name for people, decimals
_HUB_METRICS = {
    "psnr": ("psnr", "PSNR (Y)", 2),
    "ssim": ("ssim", "SSIM (Y)", 4),
    "distance": ("perceptual_distance", "Perceptual distance (Y, VGG-19)", 4),
}
_POSSIBLE_FIGURES = {  # figure -> whether a number can be one
    "psnr": lambda value: 0 < value < 1000,
    "ssim": lambda value: -1 <= value <= 1,
    "distance": lambda value: 0 <= value < 1000,
}
_SCALE_TAG_PATTERN = re.compile("x([1-9][0-9]?)")
_TASK_PATTERN = re.compile("x([1-9][0-9]?) super-resolution")  # that a figure is of

# Names of licences that the Hub knows; of others its metadata say "other" and the name.
HUB_LICENCES = frozenset(
    """
    afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bigscience-openrail-m bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear
    bsl-1.0 c-uda cc cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0
    cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0
    cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0 creativeml-openrail-m ecl-2.0 epl-1.0 epl-2.0 etalab-2.0
    eupl-1.1 eupl-1.2 gfdl gpl gpl-2.0 gpl-3.0 isc lgpl lgpl-2.1 lgpl-3.0 lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl odc-by
    ofl-1.1 openrail openrail++ osl-3.0 pddl postgresql unlicense wtfpl zlib other unknown
    """.split()  # noqa: SIM905 (sixty lines as a list)
)

ReportsByScale = dict[int, dict[str, Report]]  # by scale and test set


def build_metadata(
    name: str,
    model: Network,
    reports: ReportsByScale,
    sources: Mapping[str, str | Path] | None = None,
    base: str | None = None,
    licence: str | None = None,
) -> ModelCardData:
    """The metadata of a variant, by the results at each of its scales on each test set.

    sources: where test sets are, by their names in the results; those on the Hub are linked. base: the repository that
    it was fine-tuned from. licence: of the weights; what the Hub has no name for becomes "other" with this name.
    """
    results = list(_build_eval_results(reports, sources or {}))
    known = licence in HUB_LICENCES
    return ModelCardData(
        library_name="srcnn",
        pipeline_tag="image-to-image",
        license=licence if known or not licence else "other",
        license_name=None if known or not licence else _make_id(licence),
        tags=[
            "super-resolution",
            model.config.architecture,
            *(f"x{scale}" for scale in model.config.scales),
            *filter(None, [model.config.loss]),
        ],
        datasets=dataset_repositories(model.recipe) or None,
        base_model=base,
        base_model_relation=base and "finetune",
        model_name=name if results else None,
        eval_results=results or None,
    )


def _build_eval_results(reports: ReportsByScale, sources: Mapping[str, str | Path]) -> Iterator[EvalResult]:
    """Those of several scales are told apart by the set's configuration, too: the Hub's client merges what differs in
    the task's name alone."""
    measured = [(scale, *each) for scale, by_test in reports.items() for each in by_test.items()]
    for scale, test, report in measured:
        shown = standard_set(test, scale, report.bicubic) or test
        for figure, (kind, title, decimals) in _HUB_METRICS.items():
            value = getattr(report.srcnn, figure)
            if value is not None and math.isfinite(value):  # the Hub keeps metadata as JSON, which knows no NaN
                yield EvalResult(
                    task_type="image-to-image",
                    task_name=f"x{scale} super-resolution",
                    dataset_type=dataset_repository(sources.get(test, "")) or _make_id(shown),
                    dataset_name=shown,
                    dataset_config=f"bicubic_x{scale}" if len(reports) > 1 else None,
                    metric_type=kind,
                    metric_name=title,
                    metric_value=round(value, decimals),
                )


def _make_id(name: str) -> str:
    """A name in the letters that the Hub allows in ids: "Urban 100 (HR)" is urban-100-hr."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-") or "unnamed"


def summarize_card(metadata: ModelCardData | dict | None) -> list[dict]:
    """What a card says of each of its scales: [{"scale": 3, "loss": "mse", "psnr": {"Set5": 32.68}}], PSNR by test set.

    None, and no test set, where anybody's card does not say it. Takes what `ModelInfo.card_data` and its `to_dict()`
    give, and raises nothing.
    """
    if isinstance(metadata, dict):
        metadata = _parse_metadata(metadata)
    tags = getattr(metadata, "tags", None)
    tags = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    scales = [int(match[1]) for match in map(_SCALE_TAG_PATTERN.fullmatch, tags) if match]
    losses = [tag for tag in tags if tag in LOSSES]
    results = read_results(metadata)
    return [
        {
            "scale": scale,
            "loss": next(iter(losses), None),
            "psnr": {test: figures["psnr"] for test, figures in results.get(scale, {}).items() if "psnr" in figures},
        }
        for scale in scales or [None]
    ]


def read_results(metadata: ModelCardData | dict | None) -> dict[int, dict[str, dict[str, float]]]:
    """A card's figures by scale and test set: {3: {"Set5": {"psnr": 32.68, "ssim": 0.9083}}}; "distance" if measured.

    Only what can be such a figure, whatever anybody's card says; takes what `summarize_card` does, and raises nothing.
    """
    if isinstance(metadata, dict):
        metadata = _parse_metadata(metadata)
    entries = getattr(metadata, "eval_results", None)
    found: dict[int, dict[str, dict[str, float]]] = {}
    for entry in entries if isinstance(entries, list) else []:
        task = _TASK_PATTERN.fullmatch(str(getattr(entry, "task_name", "")))
        for figure, (kind, _, _) in _HUB_METRICS.items():
            if task and entry.metric_type == kind and _is_possible_figure(figure, entry.metric_value):
                by_test = found.setdefault(int(task[1]), {})
                by_test.setdefault(str(entry.dataset_name), {})[figure] = float(entry.metric_value)
    return found


def _parse_metadata(metadata: dict) -> ModelCardData | None:
    with suppress(Exception):  # the client does not foresee every shape of a stranger's YAML
        return ModelCardData(**metadata, ignore_metadata_errors=True)
    return None


def _is_possible_figure(figure: str, value: object) -> bool:
    return type(value) in (int, float) and _POSSIBLE_FIGURES[figure](value)
