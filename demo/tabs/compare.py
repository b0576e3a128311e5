"""Compare: a photograph reduced, enlarged again by bicubic and by a network, and both measured against it."""

import functools
import json
import re
from dataclasses import replace

import gradio as gr

from demo.answers import Answer, answer, files_of, is_ready
from demo.catalogue import catalogue_version
from demo.choice import Choice, choice_of_file
from demo.job import ONE_JOB_AT_A_TIME
from demo.static import script_tag, style_tag
from demo.tabs.compare_detail import build_detail_section
from demo.tabs.compare_losses import build_losses_section
from demo.tabs.compare_view import choice_of_other, comparison_html, readout_html
from demo.texts.language import language_of, page_text, text_for
from demo.widgets.api import add_endpoint
from demo.widgets.examples import EXAMPLE_NAMES, build_example_buttons, examples_folder
from demo.widgets.part import Request, answer_part, build_part
from demo.widgets.permalink import build_link_button, set_from_link
from demo.widgets.pictures import build_picture_input, save_png
from demo.widgets.settings import Settings, build_settings, default_choice
from srcnn.variants.catalogue import ARTICLE_NETWORK

# From the widgets' values, to the token of the choice; see page.js.
_CHOOSE_SCRIPT = "(...values) => { demo.choose(demo.choiceOf(...values)); return []; }"
_TO_ENLARGE_SCRIPT = "() => document.querySelectorAll('[role=tab]')[1].click()"


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
    choice = choice_of_file(file, scale, loss, ensemble, network, language_of(request))
    found = answer(choice)
    result = found.result
    pictures = {"bicubic": result.bicubic, "srcnn": result.srcnn, "truth": result.truth}
    bicubic, srcnn, truth = (save_png(picture, name) for name, picture in pictures.items())
    return (bicubic, srcnn), (srcnn, truth), readout_html([found], choice.language), _list_figures(found, choice)


def _list_figures(found: Answer, choice: Choice) -> dict:
    result = found.result
    return {
        "model": " + ".join(member.name for member in found.members),
        "origin": [member.origin for member in found.members],
        "scale": result.scale,
        "ensemble": choice.ensemble,
        "width": result.truth.width,
        "height": result.truth.height,
        "bicubic": result.bicubic_score.round_figures(),
        "srcnn": result.srcnn_score.round_figures(),
        "seconds": round(found.seconds, 3),
        "device": found.device,
    }


def _view(request: Request) -> str:
    return request.answer(comparison_html(request.choice, request.asked.get("others", [])))


def _is_view_ready(request: Request) -> bool:
    wanted = [choice_of_other(request.choice, key) for key in request.asked.get("others", [])]
    return all(is_ready(choice) for choice in (request.choice, *wanted))


def first_view(language: str = "en") -> str:
    """What the page shows before anything was asked: the first example, compared when the app is started."""
    choice = replace(default_choice(EXAMPLE_NAMES[0]), language=language)
    files_of(answer(choice), stay_in=examples_folder())
    text = json.dumps({"choice": choice.token, "others": []}, ensure_ascii=False, separators=(",", ":"))
    return _view(Request(text, choice, {}))


def preview_html(language: str, tabs: tuple[str, ...]) -> str:
    """The first view, for the page before Gradio is loaded. Made once for all visitors, until the networks change.

    tabs: the names of their texts.
    """
    return _preview_of(language, tabs, catalogue_version())


@functools.lru_cache(maxsize=4)
def _preview_of(language: str, tab_names: tuple[str, ...], version: int) -> str:
    title, introduction = text_for("title", language).removeprefix("# ").split("\n", 1)
    introduction = re.sub(r"\[(.+?)\]\((.+?)\)", r"<a href='\2'>\1</a>", introduction)  # a link in Markdown
    tabs = "".join(f"<span>{text_for(name, language)}</span>" for name in tab_names)
    return (
        f"<div id='preview'>{style_tag('slider.css')}{style_tag('preview.css')}"
        f"<div class='page'><h1>{title}</h1><p>{introduction}</p><p class='tabs' aria-hidden='true'>{tabs}</p>"
        f"<div><p class='blank'></p><div>{first_view(language)}</div></div></div></div>{script_tag('preview.js')}"
    )


def build_compare_tab(demo: gr.Blocks) -> Settings:
    with gr.Row():
        with gr.Column(scale=1, min_width=300, elem_classes="settings"):
            picture = build_picture_input()
            build_example_buttons(picture)
            as_is = gr.Checkbox(False, label=page_text("as_is"), info=page_text("as_is_info"))
            choices = build_settings()
            widgets = [picture, *choices.widgets, as_is]
            build_link_button(widgets)
            to_enlarge = gr.Button(page_text("to_enlarge"), size="sm")
        with gr.Column(scale=3, elem_classes="results-first"):
            view = answer_part(_view, _is_view_ready)
            build_part("view", view, first_view(), label=page_text("compare"), **ONE_JOB_AT_A_TIME)
            with gr.Column(elem_classes="needs-truth"):
                with gr.Accordion(page_text("protocol"), open=False):
                    gr.Markdown(page_text("protocol_text"))
                build_detail_section()
                build_losses_section()
    to_enlarge.click(None, None, None, js=_TO_ENLARGE_SCRIPT, api_visibility="private")
    choose = {"fn": None, "inputs": widgets, "outputs": None, "js": _CHOOSE_SCRIPT, "api_visibility": "private"}
    set_from_link(demo, widgets, choices.offers).then(**choose)
    gr.on([each.change for each in widgets], **choose)
    hidden = {"visible": False}
    pair = {"type": "filepath", "format": "png", "interactive": False, **hidden}
    outputs = [gr.ImageSlider(label="Bicubic | SRCNN", **pair), gr.ImageSlider(label="SRCNN | Ground truth", **pair)]
    add_endpoint(compare, picture, [*outputs, gr.HTML(label="Scores", **hidden), gr.JSON(label="Figures", **hidden)])
    _watch_over_answers()
    return choices


def _watch_over_answers() -> None:
    """Where Gradio has missed an answer, see page.js, an event without any work brings it."""
    watch = gr.HTML("", js_on_load="demo.watchOver(() => trigger('nudge'));", padding=False)
    watch.nudge(lambda: None, None, None, show_progress="hidden", api_visibility="private")
