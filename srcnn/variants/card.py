"""The model card of a variant folder: what it is, how to use it, what it scores, how it was trained, what it cannot."""

import hashlib
import math
from collections.abc import Callable, Iterable
from pathlib import Path

from srcnn.atomic_files import written_whole
from srcnn.data.picture_sets import name_of, pictures
from srcnn.evaluation.scores import Report, Score, evaluate
from srcnn.naming import JUDGED_BY_EYE, LOSS_TITLES
from srcnn.networks.base import Network, parameter_count
from srcnn.networks.vgg19 import DISTANCE_LAYERS, Features
from srcnn.variants.card_metadata import Reports, card_data
from srcnn.variants.card_texts import LOSS_NOTES, NETWORK_TEXTS, ONE_SCALE, SEVERAL_SCALES, NetworkText
from srcnn.variants.card_training import listed, recipe_text
from srcnn.variants.loading import read
from srcnn.variants.recipe import training_sets, whole_history
from srcnn.visuals.plots import draw_crops, draw_curves

CROPS, CURVES = "crops.png", "curves.png"
SEAL = "<!-- Written by srcnn. SHA-256 of all that is above: "

TEMPLATE = Path(__file__).with_name("card_template.md")

RESEARCH_ONLY = ("T91", "BSDS400", "BSDS500")

RESULTS = """\
{tables}

PSNR (dB) and SSIM of the luminance, the mean over the pictures of a set.
BT.601, studio swing, rounded to 8 bits; reduced and enlarged by MATLAB's bicubic; {times} pixels shaved from each side.
{note}
To measure again: `python -m srcnn evaluate {place} {option}--data FOLDER`."""

DISTANCES = f"""\
Perceptual distance: how different the result looks from the truth to VGG-19, 0: alike
(features of {", ".join(DISTANCE_LAYERS)} at unit length, mean squared difference).

{{tables}}"""


def write_card(
    folder: Path, tests: tuple[str | Path, ...], features: Features | None = None, namespace: str | None = None
) -> None:
    """Measure the variant in `folder` on sets of test pictures, draw its pictures and write its README.md.

    With `features` the perceptual distance is measured, too. `namespace` is the user or organisation who will have it
    on the Hub, under the folder's name: the card's example then loads it from there, and its metadata name the variant
    that it was fine-tuned from. Raises ImageError for a test picture that cannot be used, VariantError for a folder
    that cannot be used or names no scale.
    """
    model = read(folder.resolve())
    scales = model.config.scales
    name = folder.resolve().name
    sets = {name_of(test): pictures(test) for test in tests}
    reports = {
        scale: {test: evaluate(model.at(scale), files, features) for test, files in sets.items()} for scale in scales
    }
    draw_crops(model.at(max(scales)), folder / CROPS)
    if "history" in model.recipe:
        draw_curves(whole_history(model.recipe), folder / CURVES)
    header = card_data(name, model, reports, namespace).to_yaml()
    text = f"---\n{header}\n---\n\n{body(name, model, reports, namespace)}"
    with written_whole(folder / "README.md") as temporary:
        temporary.write_text(sealed(text), encoding="utf-8", newline="\n")


def sealed(text: str) -> str:
    """A card's text with its checksum at the end, where nobody sees it."""
    return f"{text}\n{SEAL}{hashlib.sha256(text.encode()).hexdigest()} -->\n"


def is_generated(text: str) -> bool:
    """Whether a README.md is a card as `write_card` left it: nobody has edited it since, but for its line ends."""
    text = text.replace("\r\n", "\n")
    above, _, _ = text.rpartition(f"\n{SEAL}")
    return text == sealed(above)


def body(name: str, model: Network, reports: Reports, namespace: str | None = None) -> str:
    texts, known = NETWORK_TEXTS[model.config.architecture], fields(name, model, namespace)
    several = len(model.config.scales) > 1
    parts = {
        "network": "\n\n".join([texts.intro, texts.other_size] if known["size"] else [texts.intro]),
        "alone": texts.alone,
        "limits": texts.limits,
        "scale_limit": SEVERAL_SCALES if several else ONE_SCALE,
        "outlook": texts.outlook,
    }
    return TEMPLATE.read_text("utf-8").format(
        **known,
        **{part: text.format(**known) for part, text in parts.items()},
        loss_note=LOSS_NOTES.get(model.config.loss, ""),
        results=results_text(texts, reports, known),
        training=recipe_text(name, model.recipe, namespace),
        curves=f"![Loss and validation PSNR over the steps]({CURVES})" if "history" in model.recipe else "",
        crops=CROPS,
        terms=terms_text(model.recipe),
    )


def fields(name: str, model: Network, namespace: str | None) -> dict:
    """What the texts of a card speak of, by the names that stand in their braces.

    shown: the scale of the examples. size: as the config says. reach, work: pixels of the input a side
    that an output pixel depends on, and multiplications for it. place, folder: what loads it, and the network alone.
    """
    config = model.config
    scales, several = config.scales, len(config.scales) > 1
    shown, times = scales[len(scales) // 2], choice(map(str, scales))
    place = f"{namespace}/{name}" if namespace else name
    where = "from the Hub" if namespace else "or a folder, or a Hub repository"
    return vars(config) | {
        "name": name,
        "title": config.title,
        "trained": trained_text(config.loss),
        "scales": listed([f"x{scale}" for scale in scales]),
        "times": times,
        "shown": shown,
        "size": config.size,
        "parameters": parameter_count(model),
        "paper_parameters": parameter_count(type(model)(scale=config.scale)),
        "reach": 2 * model.halo + 1,
        "work": config.multiply_adds(shown),
        "place": place,
        "folder": place if namespace else f"weights/{name}",
        "arguments": f'"{place}", scale={shown}' if several else f'"{place}"',
        "option": f"--scale {shown} " if several else "",
        "from_where": f"scale {times}; {where}" if several else where,
    }


def choice(parts: Iterable[str]) -> str:
    """2, 3 or 4."""
    *first, last = parts
    return f"{', '.join(first)} or {last}" if first else last


def trained_text(loss: str | None) -> str:
    title = loss if loss in JUDGED_BY_EYE else LOSS_TITLES.get(loss, loss)
    return f", trained with the {title} loss" if loss else ""


def results_text(texts: NetworkText, reports: Reports, known: dict) -> str:
    if not any(reports.values()):
        return "Not measured yet: `python -m srcnn card FOLDER --test FOLDER` fills this in."
    tables = by_scale(reports, lambda scale, by_test: results_table(texts, scale, by_test))
    text = RESULTS.format(tables=tables, note=texts.note.format(**known), **known)
    measured = {
        scale: {test: report for test, report in by_test.items() if report.srcnn.distance is not None}
        for scale, by_test in reports.items()
    }
    if not any(measured.values()):
        return text
    distances = by_scale(measured, lambda _, by_test: distance_table(by_test))
    return f"{text}\n\n{DISTANCES.format(tables=distances)}"


def by_scale(reports: Reports, table_of: Callable[[int, dict[str, Report]], str]) -> str:
    """A table for each scale, below its name where there are several."""
    tables = {scale: table_of(scale, by_test) for scale, by_test in reports.items()}
    return "\n\n".join(f"**x{scale}**\n\n{each}" if len(tables) > 1 else each for scale, each in tables.items())


def results_table(texts: NetworkText, scale: int, reports: dict[str, Report]) -> str:
    """Bicubic and others' figures beside the variant, a row a test set."""
    rows = [["Test set (pictures)", "Bicubic", *texts.published, "This variant", "Gain over bicubic"]]
    for test, report in reports.items():
        theirs = [figures(scores.get(scale, {}).get(test.split("/")[-1])) for scores in texts.published.values()]
        gain = f"{report.srcnn.psnr - report.bicubic.psnr:+.2f} dB"
        rows.append([set_title(test, report), figures(report.bicubic), *theirs, f"**{figures(report.srcnn)}**", gain])
    return table(rows)


def distance_table(reports: dict[str, Report]) -> str:
    rows = [["Test set (pictures)", "Bicubic", "This variant"]]
    for test, report in reports.items():
        distances = [f"{score.distance:.4f}" for score in (report.bicubic, report.srcnn)]
        rows.append([set_title(test, report), *distances])
    return table(rows)


def table(rows: list[list[str]]) -> str:
    head, *rest = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *rest])


def set_title(test: str, report: Report) -> str:
    return f"{test} ({len(report.names)})"


def figures(score: Score | None) -> str:
    if score is None:
        return "-"
    return f"{score.psnr:.2f} / {'-' if math.isnan(score.ssim) else f'{score.ssim:.4f}'}"


def terms_text(recipe: dict) -> str:
    known = any(entry in RESEARCH_ONLY for entry in training_sets(recipe))
    return "; T91 and BSDS500, which BSDS400 is a part of, are for research use" if known else ""
