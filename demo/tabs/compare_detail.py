"""The sections under a comparison that look closer: a detail that the visitor chooses, and the maps of the errors."""

from dataclasses import dataclass

import gradio as gr

from demo.static import read_static
from demo.texts.language import label, say
from demo.widgets.pictures import data_address, shown, slider
from demo.widgets.strip import panels
from srcnn.evaluation.comparison import Trio
from srcnn.imaging.picture import thumbnail
from srcnn.imaging.reading import open_picture
from srcnn.visuals.crops import Detail, region, telling
from srcnn.visuals.rendering import error_map

SIDES = (32, 64, 128)  # pixels of the truth
OVERVIEW = 480  # pixels of the picture that one chooses on
SCRIPT = read_static("chooser.js")
QUIET = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True)
class Shown:
    """The files of the comparison on a visitor's page, all of the same part of the pictures; `source`: what was
    compared, however it was; `kind`: SRCNN, VDSR or EDSR."""

    source: str
    kind: str
    scale: int
    truth: str
    bicubic: str
    srcnn: str

    def trio(self) -> Trio:
        return Trio(self.scale, *(open_picture(file) for file in (self.truth, self.bicubic, self.srcnn)))


@dataclass(frozen=True)
class Place:
    """Where the visitor looks: the middle of the detail, in pixels of the truth of `source`."""

    source: str
    x: int
    y: int


def detail_section(result: gr.State, events: list) -> gr.State:
    """The state of the Place. `result`: the Shown on the page, or None; `events`: after these it is another one."""
    place = gr.State()
    gr.Markdown(label("detail_text"))
    with gr.Row(elem_classes="detail"):
        with gr.Column(scale=1, min_width=280):
            chooser = gr.HTML(js_on_load=SCRIPT, label=label("detail_choose"), padding=False)
            side = gr.Radio([(f"{each} × {each}", each) for each in SIDES], value=64, label=label("detail_side"))
        with gr.Column(scale=3, min_width=280):
            strip = gr.HTML(label=label("detail_choose"), padding=False)
    chooser.select(moved, [result, side], [strip, place], trigger_mode="always_last", **QUIET)
    side.input(looked, [result, side, place], [chooser, strip, place], **QUIET)

    with gr.Accordion(label("error_maps"), open=False) as accordion:
        gr.Markdown(label("errors_text"))
        maps = slider(label("error_maps"))
    opened = gr.State(False)
    accordion.expand(errors_opened, result, [opened, maps], **QUIET)
    accordion.collapse(lambda: (False, None), None, [opened, maps], **QUIET)

    for event in events:
        event.success(looked, [result, side, place], [chooser, strip, place], **QUIET)
        event.success(errors_again, [result, opened], maps, **QUIET)
    return place


def looked(result: Shown | None, side: int, place: Place | None, request: gr.Request) -> tuple:
    """The picture to choose on, the detail, and its place: the most telling one of a picture that is new."""
    if not result:
        return "", "", None
    trio = result.trio()
    if not place or place.source != result.source:
        place = Place(result.source, *telling(trio, side))
    found = region(trio, place.x, place.y, side)
    return chooser_html(trio, found, request), panels(found, request, kind=result.kind), place


def moved(result: Shown | None, side: int, request: gr.Request, event: gr.EventData) -> tuple:
    """The detail at the place that the visitor has chosen."""
    if not result:
        return "", None
    trio = result.trio()
    place = Place(result.source, round(event.x * trio.truth.width), round(event.y * trio.truth.height))
    return panels(region(trio, place.x, place.y, side), request, kind=result.kind), place


def errors_opened(result: Shown | None, request: gr.Request) -> tuple:
    return True, error_maps(result, request)


def errors_again(result: Shown | None, opened: bool, request: gr.Request):
    return error_maps(result if opened else None, request)


def error_maps(result: Shown | None, request: gr.Request):
    if not result:
        return None
    maps = error_map(result.trio())
    title = say("errors_slider", request, kind=result.kind)
    return gr.update(value=shown(bicubic=maps.bicubic, srcnn=maps.srcnn), label=title)


def chooser_html(trio: Trio, found: Detail, request: gr.Request) -> str:
    """The whole picture, small, with a square where the detail is; chooser.js moves it."""
    rows, columns = found.place
    width, height = trio.truth.width, trio.truth.height
    where = {
        "--left": columns.start / width,
        "--top": rows.start / height,
        "--wide": (columns.stop - columns.start) / width,
        "--high": (rows.stop - rows.start) / height,
    }
    style = ";".join(f"{name}:{share:.4%}" for name, share in where.items())
    picture = data_address(thumbnail(trio.truth, OVERVIEW))
    return (
        f"<div class='chooser' style='{style}'><img src='{picture}' alt='{say('truth', request)}' draggable='false'>"
        f"<button type='button' aria-label='{say('detail_square', request)}'></button></div>"
    )
