"""Compare: a photograph reduced, enlarged again by bicubic and by a network, and both measured against it."""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass

import gradio as gr
import spaces

from demo.catalogue import current_catalogue
from demo.job import ONE_JOB_AT_A_TIME, Job
from demo.tabs.compare_detail import Shown, build_detail_section
from demo.tabs.compare_losses import build_losses_section
from demo.texts.language import page_text, text_for
from demo.widgets.api import add_endpoint
from demo.widgets.errors import errors_as_html
from demo.widgets.examples import build_example_buttons
from demo.widgets.html import (
    SCORE_TITLES,
    format_figure,
    html_table,
    notice,
    score_cells,
    table_cell,
    table_row,
    title_cell,
)
from demo.widgets.permalink import build_link_button, set_from_link
from demo.widgets.pictures import build_picture_input, build_slider, open_upload, save_for_slider, slider_update
from demo.widgets.settings import Settings, architecture_title, build_settings
from srcnn.evaluation import comparison
from srcnn.evaluation.comparison import Comparison
from srcnn.imaging.picture import Picture
from srcnn.inference.device import name_device
from srcnn.variants.catalogue import ARTICLE_NETWORK, Variant
from srcnn.variants.loading import average_networks

MAX_TRUTH_PIXELS = 16_000_000  # pixels of a ground truth
_KEPT_ANSWERS, _MAX_KEPT_NUMBERS = (
    40,
    800_000,
)  # results kept, and how many numbers a picture may have whose result is: 100 MB in all


@dataclass(frozen=True)
class TimedComparison:
    """A comparison and how it came about; fell_back: on the CPU, because the GPU failed."""

    result: Comparison
    seconds: float
    device: str
    fell_back: bool


_kept: OrderedDict[tuple, TimedComparison] = OrderedDict()


@spaces.GPU
def compare(
    file: str | None,
    scale: int,
    loss: str,
    ensemble: bool,
    network: str = ARTICLE_NETWORK,
    request: gr.Request | None = None,
):
    """Reduce a picture, enlarge it again by bicubic and by SRCNN, VDSR or EDSR, and measure both against the picture.

    Args:
        file: the ground truth, a picture of any common format, uploaded or as a data: address.
        scale: how many times to reduce and enlarge it: 2, 3 or 4; one that the network is there for.
        loss: what the network was trained with: mse, l1, charbonnier, perceptual, adversarial, mse+l1+charbonnier.
        ensemble: average the results on the picture's eight turns.
        network: 9-1-5, the article's SRCNN, or another one that /variants lists.
    """
    members = current_catalogue().choose_variants(scale, loss, network)
    answer = _compare_or_recall(open_upload(file, MAX_TRUTH_PIXELS).flattened(), members, ensemble)
    result, figures = answer.result, _list_figures(answer, members, ensemble)
    bicubic, srcnn, truth = save_for_slider(bicubic=result.bicubic, srcnn=result.srcnn, truth=result.truth)
    return (bicubic, srcnn), (srcnn, truth), _readout_html(answer, members, figures, request), figures


def _compare_or_recall(picture: Picture, members: list[Variant], ensemble: bool) -> TimedComparison:
    """`evaluate.compare` by the mean of the members; of small pictures, the examples among them, the last are kept."""
    origins = *((member.name, member.commit, member.model.scale) for member in members), ensemble
    key = hashlib.sha256(picture.pixels).digest(), picture.pixels.shape, origins
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    begin, job = time.perf_counter(), Job(members)
    result = job.run(lambda networks: comparison.compare(picture, average_networks(networks, ensemble)))
    answer = TimedComparison(result, time.perf_counter() - begin, name_device(job.device), job.fell_back)
    if picture.pixels.size <= _MAX_KEPT_NUMBERS:
        _kept[key] = answer
        if len(_kept) > _KEPT_ANSWERS:
            _kept.popitem(last=False)
    return answer


def _list_figures(answer: TimedComparison, members: list[Variant], ensemble: bool) -> dict:
    result = answer.result
    return {
        "model": " + ".join(member.name for member in members),
        "origin": [member.origin for member in members],
        "scale": result.scale,
        "ensemble": ensemble,
        "width": result.truth.width,
        "height": result.truth.height,
        "bicubic": result.bicubic_score.round_figures(),
        "srcnn": result.srcnn_score.round_figures(),
        "seconds": round(answer.seconds, 3),
        "device": answer.device,
    }


def _readout_html(
    answer: TimedComparison, members: list[Variant], figures: dict, request: gr.Request | None = None
) -> str:
    """The figures as a table, and a line of what made them.

    Built from numbers and names of the Hub, which hold no character that is special in HTML: nothing that a visitor
    sends is in it.
    """
    before, after = answer.result.bicubic_score, answer.result.srcnn_score
    gain = format_figure(after.psnr - before.psnr, "+.2f"), format_figure(after.ssim - before.ssim, "+.4f")
    rows = [
        table_row(text_for("bicubic", request), score_cells(before)),
        table_row(architecture_title(members), score_cells(after)),
        table_row(text_for("gain", request), map(table_cell, gain), "gain"),
    ]
    titles = text_for("against_truth", request), *SCORE_TITLES
    names = ", ".join(f"{each.name} ({_describe_origin(each, request)})" for each in members)
    line = text_for("made_by", request, **figures | {"model": names})
    told = notice(text_for("fell_back", request)) if answer.fell_back else ""
    table = html_table("scores", map(title_cell, titles), rows)
    return f"{told}{table}<p class='quiet'>{line}</p>"


def _compare_for_page(file: str | None, scale: int, loss: str, ensemble: bool, network: str, request: gr.Request):
    """`compare` with what the sections below it need."""
    (bicubic, srcnn), (_, truth), table, figures = compare(file, scale, loss, ensemble, network, request)
    kind = architecture_title(current_catalogue().of(network))
    left = slider_update((bicubic, srcnn), text_for("bicubic", request), kind)
    right = slider_update((srcnn, truth), kind, text_for("truth", request))
    return left, right, table, Shown(file, kind, figures["scale"], truth, bicubic, srcnn)


def _describe_origin(member: Variant, request: gr.Request | None) -> str:
    return member.origin if member.repository else text_for("bundled", request)


def _show_only_sentence(sentence: str) -> tuple:
    """The page without a result, but a sentence."""
    return None, None, sentence, None


def _ask_for_picture(request: gr.Request) -> tuple:
    return _show_only_sentence(text_for("no_picture", request))


def build_compare_tab(demo: gr.Blocks) -> Settings:
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            picture = build_picture_input()
            chosen = build_example_buttons(picture)
            choices = build_settings()
            build_link_button(picture, choices)
        with gr.Column(scale=3, elem_classes="results-first"):
            with gr.Row():
                left, right = build_slider(page_text("bicubic_srcnn")), build_slider(page_text("srcnn_truth"))
            table = gr.HTML(label=page_text("scores"), padding=False)
            with gr.Accordion(page_text("protocol"), open=False):
                gr.Markdown(page_text("protocol_text"))
    result = gr.State()
    inputs, outputs = [picture, *choices.widgets], [left, right, table, result]

    run = errors_as_html(_compare_for_page, _show_only_sentence)
    begin = {"api_visibility": "private", **ONE_JOB_AT_A_TIME}
    triggers = [picture.upload, *(widget.input for widget in (choices.scale, choices.loss, choices.ensemble))]
    events = [
        set_from_link(demo, picture, choices).then(run, inputs, outputs, **begin),
        gr.on(triggers, run, inputs, outputs, trigger_mode="always_last", **begin),
        chosen.success(run, inputs, outputs, **begin),
        choices.network_chosen.success(run, inputs, outputs, **begin),
    ]
    picture.clear(_ask_for_picture, None, outputs, api_visibility="private")
    add_endpoint(compare, picture, [left, right, table, gr.JSON(label="Figures", visible=False)])

    place = build_detail_section(result, events)
    build_losses_section(result, place)
    return choices
