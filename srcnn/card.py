"""The model card of a variant folder: what it is, how to use it, what it scores, how it was trained, what it cannot."""

import hashlib
from pathlib import Path

from srcnn.card_data import card_data
from srcnn.evaluate import Report, Score, evaluate
from srcnn.features import DISTANCE_LAYERS, Features
from srcnn.files import written_whole
from srcnn.losses import CHARBONNIER_EPSILON
from srcnn.model import SRCNN, parameter_count
from srcnn.options import JUDGED_BY_EYE
from srcnn.plots import draw_crops, draw_curves
from srcnn.published import AUTHORS
from srcnn.recipe import recipe_text, training_sets, whole_history
from srcnn.sources import name_of, pictures
from srcnn.variants import TITLES

CROPS, CURVES = "crops.png", "curves.png"
SEAL = "<!-- Written by srcnn. SHA-256 of all that is above: "

# The Hub files a model under every arXiv paper that its card links to: the template links to SRCNN's only.
TEMPLATE = Path(__file__).with_name("card_template.md")

RESEARCH_ONLY = ("T91", "BSDS400", "BSDS500")

LOSS_NOTES = {
    "mse": """\
Mean squared error is what PSNR measures, so no other loss is expected to give a higher PSNR. Where several details
would fit a blurred one, its best answer is their mean, which is soft.""",
    "l1": """\
The mean absolute error counts large errors less than MSE does: where several details would fit a blurred one, its best
answer is their median instead of their mean.""",
    "charbonnier": f"""\
The Charbonnier loss, sqrt(error^2 + epsilon^2) with epsilon = {CHARBONNIER_EPSILON} of the range 0..1, is L1 with a
rounded tip: smooth where the error is small.""",
    "perceptual": """\
The perceptual loss compares what VGG-19, a network trained on ImageNet, sees in the result and in the truth, beside
MSE. It rewards an edge that is as sharp as in a photograph even where its place is a guess. A wrong guess costs more
than a blur, so **PSNR is lower than with MSE by design**.""",
    "adversarial": """\
A second network learned to tell restored patches from photographs, and this one to fool it, beside MSE and a loss that
compares what VGG-19, a network trained on ImageNet, sees. That rewards what looks real over what is safe, so **PSNR is
lower than with MSE by design**, and what looks like detail may be invented: do not measure anything in such a
picture.""",
}

RESULTS = """\
{table}

PSNR (dB) and SSIM of the luminance, the mean over the pictures of a set.
BT.601, studio swing, rounded to 8 bits; reduced and enlarged by MATLAB's bicubic; {scale} pixels shaved from each side.
Authors': the weights that the authors of SRCNN released for x{scale} ({releases}), measured in the same way.
To measure again: `python -m srcnn evaluate {place} --data FOLDER`."""

DISTANCES = f"""\
Perceptual distance: how different the result looks from the truth to VGG-19, 0: alike
(features of {", ".join(DISTANCE_LAYERS)} at unit length, mean squared difference).

{{table}}"""


def write_card(
    folder: Path, tests: tuple[str | Path, ...], features: Features | None = None, namespace: str | None = None
) -> None:
    """Measure the variant in `folder` on sets of test pictures, draw its pictures and write its README.md.

    With `features` the perceptual distance is measured, too. `namespace` is the user or organisation who will have it
    on the Hub, under the folder's name: the card's example then loads it from there, and its metadata name the variant
    that it was fine-tuned from. Raises ImageError for a test picture that cannot be used.
    """
    model = SRCNN.from_pretrained(folder)
    name = folder.resolve().name
    reports = {name_of(test): evaluate(model, pictures(test), features) for test in tests}
    draw_crops(model, folder / CROPS)
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


def body(name: str, model: SRCNN, reports: dict[str, Report], namespace: str | None = None) -> str:
    config = model.config
    place = f"{namespace}/{name}" if namespace else name
    return TEMPLATE.read_text("utf-8").format(
        name=name,
        architecture="-".join(map(str, config.kernel_sizes)),
        scale=config.scale,
        trained=trained_text(config.loss),
        parameters=parameter_count(model),
        reach=2 * model.halo + 1,
        loss_note=LOSS_NOTES.get(config.loss, ""),
        place=place,
        from_where="from the Hub" if namespace else "or a folder, or a Hub repository",
        folder=place if namespace else f"weights/{name}",
        results=results_text(place, config.scale, reports),
        training=recipe_text(name, model.recipe, namespace),
        curves=f"![Loss and validation PSNR over the steps]({CURVES})" if "history" in model.recipe else "",
        crops=CROPS,
        terms=terms_text(model.recipe),
    )


def trained_text(loss: str | None) -> str:
    title = loss if loss in JUDGED_BY_EYE else TITLES.get(loss, loss)
    return f", trained with the {title} loss" if loss else ""


def results_text(place: str, scale: int, reports: dict[str, Report]) -> str:
    if not reports:
        return "Not measured yet: `python -m srcnn card FOLDER --test FOLDER` fills this in."
    text = RESULTS.format(table=results_table(scale, reports), scale=scale, releases="; ".join(AUTHORS), place=place)
    measured = {test: report for test, report in reports.items() if report.srcnn.distance is not None}
    return f"{text}\n\n{DISTANCES.format(table=distance_table(measured))}" if measured else text


def results_table(scale: int, reports: dict[str, Report]) -> str:
    """Bicubic and the authors' weights beside the variant, a row a test set."""
    authors = [f"Authors' {release.split(',')[0]}" for release in AUTHORS]
    rows = [["Test set (pictures)", "Bicubic", *authors, "This variant", "Gain over bicubic"]]
    for test, report in reports.items():
        theirs = [figures(scores.get(scale, {}).get(test.split("/")[-1])) for scores in AUTHORS.values()]
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
    return f"{score.psnr:.2f} / {score.ssim:.4f}" if score else "-"


def terms_text(recipe: dict) -> str:
    known = any(entry in RESEARCH_ONLY for entry in training_sets(recipe))
    return "; T91 and BSDS500, which BSDS400 is a part of, are for research use" if known else ""
