"""Compare: a photograph reduced, enlarged again by bicubic and by a network, and both measured against it."""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass

import gradio as gr
import spaces

from demo.catalogue import variants
from demo.job import ONE_AT_A_TIME, Job
from demo.tabs.compare_detail import Shown, detail_section
from demo.tabs.compare_losses import losses_section
from demo.texts.language import label, say
from demo.widgets.api import endpoint
from demo.widgets.errors import on_page
from demo.widgets.examples import example_buttons
from demo.widgets.html import number, remark
from demo.widgets.permalink import from_link, link_button
from demo.widgets.pictures import beside, opened, picture_input, shown, slider
from demo.widgets.settings import Settings, kind_of, settings
from srcnn.evaluation import comparison
from srcnn.evaluation.comparison import Comparison
from srcnn.imaging.picture import Picture
from srcnn.inference.device import device_name
from srcnn.variants.catalogue import ARTICLE, Member
from srcnn.variants.loading import average

MAX_COMPARED = 16_000_000  # pixels of a ground truth
MOST_KEPT, SMALL = 40, 800_000  # results kept, and how many numbers a picture may have whose result is: 100 MB in all


@dataclass(frozen=True)
class Answer:
    """A comparison and how it came about; fell_back: on the CPU, because the GPU failed."""

    result: Comparison
    seconds: float
    device: str
    fell_back: bool


_kept: OrderedDict[tuple, Answer] = OrderedDict()


@spaces.GPU
def compare(
    file: str | None,
    scale: int,
    loss: str,
    ensemble: bool,
    network: str = ARTICLE,
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
    members = variants().chosen(scale, loss, network)
    answer = compared(opened(file, MAX_COMPARED).flattened(), members, ensemble)
    result, figures = answer.result, figures_of(answer, members, ensemble)
    bicubic, srcnn, truth = shown(bicubic=result.bicubic, srcnn=result.srcnn, truth=result.truth)
    return (bicubic, srcnn), (srcnn, truth), readout(answer, members, figures, request), figures


def compared(picture: Picture, members: list[Member], ensemble: bool) -> Answer:
    """`evaluate.compare` by the mean of the members; of small pictures, the examples among them, the last are kept."""
    origins = *((member.name, member.commit, member.model.scale) for member in members), ensemble
    key = hashlib.sha256(picture.pixels).digest(), picture.pixels.shape, origins
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    begin, job = time.perf_counter(), Job(members)
    result = job.run(lambda networks: comparison.compare(picture, average(networks, ensemble)))
    answer = Answer(result, time.perf_counter() - begin, device_name(job.device), job.fell_back)
    if picture.pixels.size <= SMALL:
        _kept[key] = answer
        if len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return answer


def figures_of(answer: Answer, members: list[Member], ensemble: bool) -> dict:
    result = answer.result
    return {
        "model": " + ".join(member.name for member in members),
        "origin": [member.origin for member in members],
        "scale": result.scale,
        "ensemble": ensemble,
        "width": result.truth.width,
        "height": result.truth.height,
        "bicubic": result.bicubic_score.rounded(),
        "srcnn": result.srcnn_score.rounded(),
        "seconds": round(answer.seconds, 3),
        "device": answer.device,
    }


def readout(answer: Answer, members: list[Member], figures: dict, request: gr.Request | None = None) -> str:
    """The figures as a table, and a line of what made them.

    Built from numbers and names of the Hub, which hold no character that is special in HTML: nothing that a visitor
    sends is in it.
    """
    before, after = answer.result.bicubic_score, answer.result.srcnn_score
    rows = [
        ("", say("bicubic", request), number(before.psnr, ".2f"), number(before.ssim, ".4f")),
        ("", kind_of(members), number(after.psnr, ".2f"), number(after.ssim, ".4f")),
        (
            "gain",
            say("gain", request),
            number(after.psnr - before.psnr, "+.2f"),
            number(after.ssim - before.ssim, "+.4f"),
        ),
    ]
    titles = say("against_truth", request), "PSNR-Y (dB)", "SSIM"
    head = "".join(f"<th scope='col'>{title}</th>" for title in titles)
    body = "".join(
        f"<tr class='{kind}'><th scope='row'>{name}</th><td>{psnr}</td><td>{ssim}</td></tr>"
        for kind, name, psnr, ssim in rows
    )
    names = ", ".join(f"{each.name} ({origin_text(each, request)})" for each in members)
    line = say("made_by", request, **figures | {"model": names})
    told = remark(say("fell_back", request)) if answer.fell_back else ""
    table = f"<table class='scores'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"{told}{table}<p class='quiet'>{line}</p>"


def compare_on_page(file: str | None, scale: int, loss: str, ensemble: bool, network: str, request: gr.Request):
    """`compare` with what the sections below it need."""
    (bicubic, srcnn), (_, truth), table, figures = compare(file, scale, loss, ensemble, network, request)
    kind = kind_of(variants().of(network))
    left = beside((bicubic, srcnn), say("bicubic", request), kind)
    right = beside((srcnn, truth), kind, say("truth", request))
    return left, right, table, Shown(file, kind, figures["scale"], truth, bicubic, srcnn)


def origin_text(member: Member, request: gr.Request | None) -> str:
    return member.origin if member.repository else say("bundled", request)


def nothing(sentence: str) -> tuple:
    """The page without a result, but a sentence."""
    return None, None, sentence, None


def cleared(request: gr.Request) -> tuple:
    return nothing(say("no_picture", request))


def compare_tab(demo: gr.Blocks) -> Settings:
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            picture = picture_input()
            chosen = example_buttons(picture)
            choices = settings()
            link_button(picture, choices)
        with gr.Column(scale=3, elem_classes="results-first"):
            with gr.Row():
                left, right = slider(label("bicubic_srcnn")), slider(label("srcnn_truth"))
            table = gr.HTML(label=label("scores"), padding=False)
            with gr.Accordion(label("protocol"), open=False):
                gr.Markdown(label("protocol_text"))
    result = gr.State()
    inputs, outputs = [picture, *choices.widgets], [left, right, table, result]

    run = on_page(compare_on_page, nothing)
    begin = {"api_visibility": "private", **ONE_AT_A_TIME}
    triggers = [picture.upload, *(widget.input for widget in (choices.scale, choices.loss, choices.ensemble))]
    events = [
        from_link(demo, picture, choices).then(run, inputs, outputs, **begin),
        gr.on(triggers, run, inputs, outputs, trigger_mode="always_last", **begin),
        chosen.success(run, inputs, outputs, **begin),
        choices.network_chosen.success(run, inputs, outputs, **begin),
    ]
    picture.clear(cleared, None, outputs, api_visibility="private")
    endpoint(compare, picture, [left, right, table, gr.JSON(label="Figures", visible=False)])

    place = detail_section(result, events)
    losses_section(result, place)
    return choices
