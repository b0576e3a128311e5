"""Enlarge: one or several pictures made larger by a network, to be downloaded."""

import json
from collections.abc import Iterator
from pathlib import Path

import gradio as gr

from demo.job import ONE_JOB_AT_A_TIME, start_deadline
from demo.tabs.enlarge_view import note_html, results_html
from demo.tabs.enlarging import Enlarged, EnlargeSettings, enlarge_in_steps
from demo.texts.language import error_text, language_of, page_text, text_for
from demo.widgets.api import add_endpoint
from demo.widgets.errors import VISITOR_ERRORS
from demo.widgets.examples import build_example_buttons
from demo.widgets.html import alert
from demo.widgets.part import error_html, part_html
from demo.widgets.pictures import accept_upload, was_sent
from demo.widgets.settings import Settings, build_settings
from srcnn.imaging.reading import SUFFIXES
from srcnn.variants.catalogue import ARTICLE_NETWORK

_MAX_PICTURES = 20  # at once
_PART_SCRIPT = "demo.addPart('enlarge', element, trigger, watch, enlarge.request, enlarge.shown, false)"
_CHOOSE_SCRIPT = "(...values) => { enlarge.choose(...values); return []; }"


def enlarge(file: str | None, scale: int, loss: str, ensemble: bool, network: str = ARTICLE_NETWORK):
    """Enlarge a picture by SRCNN, VDSR or EDSR to a PNG that keeps its alpha channel, 16-bit depth, profile and EXIF.

    Args:
        file: a picture of any common format, uploaded or as a data: address.
        scale: how many times to enlarge it: 2, 3 or 4; one that the network is there for.
        loss: what the network was trained with: mse, l1, charbonnier, perceptual, adversarial, mse+l1+charbonnier.
        ensemble: average the results on the picture's eight turns.
        network: 9-1-5, the article's SRCNN, or another one that /variants lists.
    """
    settings = EnlargeSettings(scale, loss, ensemble, network)
    *_, (_, result) = enlarge_in_steps(file, settings, start_deadline())
    pair = str(result.bicubic.file), str(result.result.file)
    return pair, str(result.file), note_html([result], None)


def _enlarge_all(text: str, visitor: gr.Request, progress=gr.Progress()) -> Iterator[str]:
    """Enlarge pictures one after another. Where it yields, after each band, Gradio ends it when the visitor cancels."""
    try:
        yield from _enlarge_requested(text, language_of(visitor), progress)
    except Exception as error:  # whatever it is, the visitor reads a sentence
        yield error_html(text, error, visitor)


def _enlarge_requested(text: str, reader: str, progress: gr.Progress) -> Iterator[str]:
    files, settings = _read_request(text)
    if not files or len(files) > _MAX_PICTURES:
        key = "too_many" if files else "no_picture"
        yield part_html(text, alert(text_for(key, reader, n=len(files), limit=_MAX_PICTURES)), reader)
        return
    results: list[Enlarged] = []
    failures: list[str] = []
    deadline = start_deadline()
    for number, file in enumerate(files):
        told = text_for("enlarging", reader, number=number + 1, total=len(files))
        progress(number / len(files), desc=told)
        try:
            for share, result in enlarge_in_steps(file if was_sent(file) else None, settings, deadline):
                progress((number + share) / len(files), desc=told)
                yield gr.skip()
                if result:
                    results.append(result)
        except VISITOR_ERRORS as error:
            failures.append(alert(error_text(error, reader), Path(file).name))
    yield part_html(text, results_html(results, failures, reader), reader)


def _read_request(text: str) -> tuple[list[str], EnlargeSettings | None]:
    """What the page has sent, see static/enlarge.js; no picture where it is none of the page's."""
    try:
        asked = json.loads(text)
        return [str(file) for file in asked.pop("pictures")], EnlargeSettings(**asked)
    except (TypeError, ValueError, KeyError, AttributeError):
        return [], None


def _show_cancelled(text: str, visitor: gr.Request) -> str:
    return part_html(text, f"<p>{text_for('cancelled', visitor)}</p>", visitor)


def build_enlarge_tab() -> Settings:
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            kinds = ["image", *SUFFIXES]
            files = gr.File(label=page_text("pictures"), file_count="multiple", file_types=kinds, height=160)
            chosen = build_example_buttons(files)
            choices = build_settings()
        with gr.Column(scale=3):
            with gr.Row():
                start = gr.Button(
                    page_text("enlarge"), variant="primary", scale=0, min_width=180, elem_id="enlarge-start"
                )
                cancel = gr.Button(page_text("cancel"), interactive=False, scale=0, min_width=120)
            gr.Markdown(page_text("enlarge_hint"))
            result = gr.HTML(js_on_load=_PART_SCRIPT, label=page_text("note"), padding=False, min_height=60)
    inputs, private, request = [files, *choices.widgets], {"api_visibility": "private"}, gr.Textbox(visible=False)
    gr.on([each.change for each in inputs], None, inputs, None, js=_CHOOSE_SCRIPT, **private)

    def run(trigger) -> gr.events.Dependency:
        begun = trigger(None, inputs, request, js="(...values) => enlarge.start(...values)", **private)
        working = begun.then(lambda: _set_working(True), None, [start, cancel], **private)
        running = working.then(
            _enlarge_all, request, result, trigger_mode="always_last", **private, **ONE_JOB_AT_A_TIME
        )
        running.then(lambda: _set_working(False), None, [start, cancel], **private)
        return running

    running = [run(trigger) for trigger in (start.click, result.select, chosen.success)]
    cancelled = cancel.click(_show_cancelled, request, result, cancels=running, **private)
    cancelled.then(lambda: _set_working(False), None, [start, cancel], **private)
    _offer_to_programs()
    return choices


def _set_working(yes: bool) -> tuple:
    """The buttons to start and to cancel."""
    return gr.update(interactive=not yes), gr.update(interactive=yes)


def _offer_to_programs() -> None:
    picture = gr.Image(visible=False, type="filepath")
    picture.preprocess = accept_upload
    slider = gr.ImageSlider(label="Bicubic | SRCNN", type="filepath", format="png", interactive=False, visible=False)
    file = gr.DownloadButton("Download PNG", visible=False)
    add_endpoint(enlarge, picture, [slider, file, gr.HTML(label="Note", visible=False)])
