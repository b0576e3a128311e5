"""Compare: a photograph reduced, enlarged again by bicubic and by SRCNN, and both measured against it."""

import math

import gradio as gr
import spaces

from demo import current
from demo.parts import NO_PICTURE, ONE_AT_A_TIME, compute_on_change, controls, on_page, opened, shown, slider
from srcnn import evaluate
from srcnn.family import Member

MAX_COMPARED = 16_000_000  # pixels of a ground truth
COMPARE_HINT = """\
The photograph is the ground truth: it is reduced, enlarged again by bicubic and by SRCNN, and both results are
measured against it. PSNR and SSIM are those of the papers: luminance only (BT.601), MATLAB's bicubic reduction, a
border as wide as the scale left out.
"""


@spaces.GPU
def compare(file: str | None, scale: int, loss: str, ensemble: bool):
    """Reduce a picture, enlarge it again by bicubic and by SRCNN, and measure both against the picture itself.

    Args:
        file: the ground truth, a picture of any common format.
        scale: how many times to reduce and enlarge it: 2, 3 or 4.
        loss: the loss that the network was trained with.
        ensemble: average the results on the picture's eight turns.
    """
    family = current.variants()
    members, network = family.chosen(scale, loss), family.network(scale, loss, ensemble)
    result = evaluate.compare(opened(file, MAX_COMPARED), network)
    bicubic, srcnn, truth = shown(bicubic=result.bicubic, srcnn=result.srcnn, truth=result.truth)
    return (bicubic, srcnn), (srcnn, truth), score_table(result) + origins(members), figures(result, members, ensemble)


def origins(members: list[Member]) -> str:
    """Where the weights come from. Names of the Hub's hold no character that is special in HTML."""
    return f"<p>{', '.join(f'{member.name} ({member.origin})' for member in members)}</p>"


def score_table(result: evaluate.Comparison) -> str:
    """The figures as a table. Built from numbers only, so nothing that a visitor sends becomes HTML."""
    before, after = result.bicubic_score, result.srcnn_score
    rows = [
        ("", "Bicubic", number(before.psnr, ".2f"), number(before.ssim, ".4f")),
        ("", "SRCNN", number(after.psnr, ".2f"), number(after.ssim, ".4f")),
        ("gain", "Gain", number(after.psnr - before.psnr, "+.2f"), number(after.ssim - before.ssim, "+.4f")),
    ]
    head = "<th scope='col'>Against the ground truth</th><th scope='col'>PSNR-Y (dB)</th><th scope='col'>SSIM</th>"
    body = "".join(
        f"<tr class='{kind}'><th scope='row'>{name}</th><td>{psnr}</td><td>{ssim}</td></tr>"
        for kind, name, psnr, ssim in rows
    )
    return f"<table class='scores'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def number(value: float, form: str) -> str:
    """A figure for people: infinite where nothing differs, a dash where a picture is too small to tell."""
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else format(value, form)


def figures(result: evaluate.Comparison, members: list[Member], ensemble: bool) -> dict:
    return {
        "model": " + ".join(member.name for member in members),
        "origin": [member.origin for member in members],
        "scale": members[0].model.config.scale,
        "ensemble": ensemble,
        "width": result.truth.width,
        "height": result.truth.height,
        "bicubic": result.bicubic_score.rounded(),
        "srcnn": result.srcnn_score.rounded(),
    }


def compare_tab(demo: gr.Blocks, examples: list[str]) -> list:
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            inputs, chosen = controls("Ground truth", examples, first=examples[0])
        with gr.Column(scale=3, elem_classes="results-first"):
            with gr.Row():
                sliders = [slider("Bicubic | SRCNN"), slider("SRCNN | Ground truth")]
            table = gr.HTML(label="Scores", padding=False)
            gr.Markdown(COMPARE_HINT)
    outputs = [*sliders, table, gr.JSON(label="Figures", visible=False)]
    compute_on_change(compare, inputs, chosen, outputs, NO_PICTURE)
    demo.load(on_page(compare, outputs), inputs, outputs, api_visibility="private", **ONE_AT_A_TIME)
    return inputs
