"""The model card of a variant folder: what it is, how to use it, what it scores, how it was trained, what it cannot."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from srcnn.atomic_files import write_atomically
from srcnn.data.own_pairs import pair_opener
from srcnn.data.picture_sets import name_sets, picture_files
from srcnn.evaluation.published_scores import standard_set
from srcnn.evaluation.scores import Report, evaluate
from srcnn.imaging.reading import printable_name
from srcnn.inference.export.onnx_files import NETWORK_FILE, picture_file
from srcnn.naming import JUDGED_BY_EYE, LOSS_TITLES
from srcnn.networks.base import Network, count_parameters
from srcnn.networks.vgg19 import DISTANCE_LAYERS, Features
from srcnn.variants.card_metadata import ReportsByScale, build_metadata
from srcnn.variants.card_terms import find_base, find_licence_before, overlaps_text, terms_text
from srcnn.variants.card_texts import LOSS_NOTES, NETWORK_TEXTS, ONE_SCALE, SEVERAL_SCALES, NetworkText
from srcnn.variants.card_training import join_with_and, recipe_text
from srcnn.variants.loading import VariantError, load_any_scale
from srcnn.variants.recipe import list_curves
from srcnn.visuals.plots import draw_crops, draw_curves, find_missing_packages

_CROPS_FILE, _CURVES_FILE = "crops.png", "curves.png"
_SEAL_PREFIX = "<!-- Written by srcnn. SHA-256 of all that is above: "

_CARD_TEMPLATE = Path(__file__).with_name("card_template.md")

_REDUCED_BY_BICUBIC = "reduced and enlarged by MATLAB's bicubic"
_REDUCED_BY_PEOPLE = "the low-resolution pictures are the sets' own, enlarged by MATLAB's bicubic"
_BICUBIC_LIMIT = """\
- **It knows bicubic reduction only.** Pictures that are noisy, compressed or blurred in another way gain little."""
_OWN_LIMIT = """\
- **It knows pictures like its training pairs only.** Those that lost their detail in another way gain little."""

_RESULTS_TEXT = """\
{tables}

PSNR (dB) and SSIM of the luminance, the mean over the pictures of a set.
BT.601, studio swing, rounded to 8 bits; {reduced}; {times} pixels shaved from each side.
{note}{overlaps}
To measure again: `python -m srcnn evaluate {place} {option}--data FOLDER`."""

_DISTANCES_TEXT = f"""\
Perceptual distance: how different the result looks from the truth to VGG-19, 0: alike
(features of {", ".join(DISTANCE_LAYERS)} at unit length, mean squared difference).

{{tables}}"""


def write_card(
    folder: Path,
    tests: Sequence[str | Path],
    features: Features | None = None,
    namespace: str | None = None,
    low: Sequence[str | Path] = (),
    licence: str | None = None,
) -> None:
    """Measure the variant in `folder` on sets of test pictures, draw its pictures and write its README.md.

    With `features` the perceptual distance is measured, too. `namespace` is the user or organisation who will have it
    on the Hub, under the folder's name: the card's example then loads it from there. `low` names sets with the
    low-resolution pictures of the tests, which bicubic makes otherwise. `licence`: of the weights; None: that of the
    recipe, or of the card before. Raises ImageError for a test picture that cannot be used, VariantError for a folder
    that cannot be used or names no scale, or where what draws the pictures is not installed.
    """
    check_drawing()
    model = load_any_scale(folder.resolve())
    scales = model.config.scales
    name = printable_name(folder.resolve().name)
    sources = name_sets(tests)
    sets = {test: picture_files(source) for test, source in sources.items()}
    reports = {
        scale: {
            test: evaluate(model.for_scale(scale), files, features, pair_opener(low, scale))
            for test, files in sets.items()
        }
        for scale in scales
    }
    licence = licence or model.recipe.get("license") or find_licence_before(folder)
    base = find_base(name, model.recipe, namespace)
    header = build_metadata(name, model, reports, sources, base, licence).to_yaml()
    fields = _card_fields(name, model, namespace) | {
        "training": recipe_text(name, model.recipe, base),
        "terms": terms_text(model.recipe, licence),
        "reduced": _REDUCED_BY_PEOPLE if low else _REDUCED_BY_BICUBIC,
        "overlaps": overlaps_text(model.recipe, sets),
    }
    text = f"---\n{header}\n---\n\n{_card_body(model, reports, fields)}"
    files = {_CROPS_FILE: draw_crops(model.for_scale(max(scales)))}
    if model.recipe.get("history"):
        files[_CURVES_FILE] = draw_curves(list_curves(model.recipe))
    files["README.md"] = seal_card(text).encode()
    for file, content in files.items():
        with write_atomically(folder / file) as temporary:
            temporary.write_bytes(content)


def check_drawing() -> None:
    """Raises VariantError where what draws a card's pictures is not installed: better now than after the measuring."""
    if missing := find_missing_packages():
        names = " and ".join(missing)
        raise VariantError(f"A model card is drawn with {names}; install it: pip install {' '.join(missing)}")


def seal_card(text: str) -> str:
    """A card's text with its checksum at the end, where nobody sees it."""
    return f"{text}\n{_SEAL_PREFIX}{hashlib.sha256(text.encode()).hexdigest()} -->\n"


def is_generated(text: str) -> bool:
    """Whether a README.md is a card as `write_card` left it: nobody has edited it since, but for its line ends."""
    text = text.replace("\r\n", "\n")
    above, _, _ = text.rpartition(f"\n{_SEAL_PREFIX}")
    return text == seal_card(above)


def _card_body(model: Network, reports: ReportsByScale, known: dict) -> str:
    """known: what the template and the texts in it speak of, by the names in their braces."""
    texts = NETWORK_TEXTS[model.config.architecture]
    several = len(model.config.scales) > 1
    parts = {
        "network": "\n\n".join([texts.intro, texts.other_size] if known["size"] else [texts.intro]),
        "alone": texts.alone,
        "limits": texts.limits,
        "scale_limit": SEVERAL_SCALES if several else ONE_SCALE,
        "outlook": texts.outlook,
        "degradation_limit": _OWN_LIMIT if model.recipe.get("low") else _BICUBIC_LIMIT,
    }
    return _CARD_TEMPLATE.read_text("utf-8").format(
        **known,
        **{part: text.format(**known) for part, text in parts.items()},
        loss_note=LOSS_NOTES.get(model.config.loss, ""),
        results=_results_text(texts, reports, known),
        curves=f"![Loss and validation PSNR over the steps]({_CURVES_FILE})" if model.recipe.get("history") else "",
        crops=_CROPS_FILE,
    )


def _card_fields(name: str, model: Network, namespace: str | None) -> dict:
    """What the texts of a card speak of, by the names that stand in their braces.

    shown: the scale of the examples. size: as the config says. reach, work: pixels of the input a side
    that an output pixel depends on, and multiplications for it. place, folder: what loads it, and the network alone.
    package, package_source: what pip installs, and where that is; a namespace's demo is its Space called srcnn.
    """
    config = model.config
    scales, several = config.scales, len(config.scales) > 1
    shown, times = scales[len(scales) // 2], _join_with_or(map(str, scales))
    place = f"{namespace}/{name}" if namespace else name
    where = "from the Hub" if namespace else "or a folder, or a Hub repository"
    return vars(config) | {
        "name": name,
        "title": config.title,
        "trained": _loss_text(config.loss),
        "scales": join_with_and([f"x{scale}" for scale in scales]),
        "times": times,
        "shown": shown,
        "size": config.size,
        "parameters": count_parameters(model),
        "paper_parameters": count_parameters(type(model)(scale=config.scale)),
        "reach": model.field,
        "work": config.multiply_adds(shown),
        "package": package_address(f"{namespace}/srcnn") if namespace else ".",
        "package_source": "from the demo's Space" if namespace else "in the project's folder",
        "place": place,
        "folder": place if namespace else f"weights/{name}",
        "arguments": f'"{place}", scale={shown}' if several else f'"{place}"',
        "option": f"--scale {shown} " if several else "",
        "from_where": f"scale {times}; {where}" if several else where,
        "state": "already enlarged by bicubic" if model.upsampling == 1 else "at low resolution",
        **_onnx_fields(model, place, namespace),
    }


def _onnx_fields(model: Network, place: str, namespace: str | None) -> dict[str, str]:
    """What a card says of the ONNX files: which there are, where they come from, and how the example gets one."""
    scales = model.config.scales
    files = [NETWORK_FILE, *(picture_file(model, scale) for scale in scales)]
    shown = scales[len(scales) // 2]
    option = f" --scale {shown}" if len(scales) > 1 else ""
    written = f"`srcnn export {place} -o picture.onnx --picture{option}`"
    download = f'hf_hub_download("{place}", "{picture_file(model, shown)}")'
    return {
        "onnx_files": join_with_and([f"`{file}`" for file in files]),
        "onnx_source": f"`srcnn push` makes them for the Hub, and {written} writes one.",
        "onnx_import": "from huggingface_hub import hf_hub_download\n" if namespace else "",
        "onnx_place": download if namespace else '"picture.onnx"',
    }


def package_address(space: str) -> str:
    """What pip installs the package from where a Space holds it, NAMESPACE/NAME: a Space is a git repository."""
    return f"git+https://huggingface.co/spaces/{space}"


def _join_with_or(parts: Iterable[str]) -> str:
    """2, 3 or 4."""
    *first, last = parts
    return f"{', '.join(first)} or {last}" if first else last


def _loss_text(loss: str | None) -> str:
    title = loss if loss in JUDGED_BY_EYE else LOSS_TITLES.get(loss, loss)
    return f", trained with the {title} loss" if loss else ""


def _results_text(texts: NetworkText, reports: ReportsByScale, known: dict) -> str:
    if not any(reports.values()):
        return "Not measured yet: `python -m srcnn card FOLDER --test FOLDER` fills this in."
    tables = _join_by_scale(reports, lambda scale, by_test: results_table(texts, scale, by_test))
    text = _RESULTS_TEXT.format(tables=tables, note=texts.note.format(**known), **known)
    measured = {
        scale: {test: report for test, report in by_test.items() if report.srcnn.distance is not None}
        for scale, by_test in reports.items()
    }
    if not any(measured.values()):
        return text
    distances = _join_by_scale(measured, lambda _, by_test: _distance_table(by_test))
    return f"{text}\n\n{_DISTANCES_TEXT.format(tables=distances)}"


def _join_by_scale(reports: ReportsByScale, table_of: Callable[[int, dict[str, Report]], str]) -> str:
    """A table for each scale, below its name where there are several."""
    tables = {scale: table_of(scale, by_test) for scale, by_test in reports.items()}
    return "\n\n".join(f"**x{scale}**\n\n{each}" if len(tables) > 1 else each for scale, each in tables.items())


def results_table(texts: NetworkText, scale: int, reports: dict[str, Report]) -> str:
    """Bicubic and others' figures beside the variant, a row a test set."""
    rows = [["Test set (pictures)", "Bicubic", *texts.published, "This variant", "Gain over bicubic"]]
    for test, report in reports.items():
        standard = standard_set(test, scale, report.bicubic)
        theirs = [scores.get(scale, {}).get(standard) for scores in texts.published.values()]
        others = [score.text() if score else "-" for score in (report.bicubic, *theirs)]
        gain = f"{report.srcnn.psnr - report.bicubic.psnr:+.2f} dB"
        rows.append([_title_of_set(test, report), *others, f"**{report.srcnn.text()}**", gain])
    return "\n".join(markdown_table(rows))


def _distance_table(reports: dict[str, Report]) -> str:
    rows = [["Test set (pictures)", "Bicubic", "This variant"]]
    for test, report in reports.items():
        distances = [f"{score.distance:.4f}" for score in (report.bicubic, report.srcnn)]
        rows.append([_title_of_set(test, report), *distances])
    return "\n".join(markdown_table(rows))


def markdown_table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table in Markdown, each as soon as its row is there; the first row is the head."""
    for number, cells in enumerate(rows):
        yield f"| {' | '.join(cells)} |"
        if number == 0:
            yield "|---" * len(cells) + "|"


def _title_of_set(test: str, report: Report) -> str:
    return f"{test} ({len(report.names)})"
