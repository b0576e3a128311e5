"""The sections under a comparison that look closer: a detail that the visitor chooses, and the maps of the errors."""

from dataclasses import dataclass

import gradio as gr

from demo.static import read_static
from demo.texts.language import page_text, text_for
from demo.widgets.pictures import build_slider, data_url, save_for_slider
from demo.widgets.strip import detail_strip
from srcnn.evaluation.comparison import Trio
from srcnn.imaging.picture import make_thumbnail
from srcnn.imaging.reading import open_picture
from srcnn.visuals.crops import Detail, crop_at, most_improved_point
from srcnn.visuals.rendering import draw_error_maps

_SIDES_PIXELS = (32, 64, 128)  # pixels of the truth
_OVERVIEW_PIXELS = 480  # pixels of the picture that one chooses on
_CHOOSER_SCRIPT = read_static("chooser.js")
_QUIET_EVENT = {"api_visibility": "private", "show_progress": "hidden"}


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
class DetailPlace:
    """Where the visitor looks: the middle of the detail, in pixels of the truth of `source`."""

    source: str
    x: int
    y: int


def build_detail_section(result: gr.State, events: list) -> gr.State:
    """The state of the Place. `result`: the Shown on the page, or None; `events`: after these it is another one."""
    place = gr.State()
    gr.Markdown(page_text("detail_text"))
    with gr.Row(elem_classes="detail"):
        with gr.Column(scale=1, min_width=280):
            chooser = gr.HTML(js_on_load=_CHOOSER_SCRIPT, label=page_text("detail_choose"), padding=False)
            side = gr.Radio(
                [(f"{each} × {each}", each) for each in _SIDES_PIXELS], value=64, label=page_text("detail_side")
            )
        with gr.Column(scale=3, min_width=280):
            strip = gr.HTML(label=page_text("detail_choose"), padding=False)
    chooser.select(_move_detail, [result, side], [strip, place], trigger_mode="always_last", **_QUIET_EVENT)
    side.input(_show_detail, [result, side, place], [chooser, strip, place], **_QUIET_EVENT)

    with gr.Accordion(page_text("error_maps"), open=False) as accordion:
        gr.Markdown(page_text("errors_text"))
        maps = build_slider(page_text("error_maps"))
    opened = gr.State(False)
    accordion.expand(_open_error_maps, result, [opened, maps], **_QUIET_EVENT)
    accordion.collapse(lambda: (False, None), None, [opened, maps], **_QUIET_EVENT)

    for event in events:
        event.success(_show_detail, [result, side, place], [chooser, strip, place], **_QUIET_EVENT)
        event.success(_renew_error_maps, [result, opened], maps, **_QUIET_EVENT)
    return place


def _show_detail(result: Shown | None, side: int, place: DetailPlace | None, request: gr.Request) -> tuple:
    """The picture to choose on, the detail, and its place: the most telling one of a picture that is new."""
    if not result:
        return "", "", None
    trio = result.trio()
    if not place or place.source != result.source:
        place = DetailPlace(result.source, *most_improved_point(trio, side))
    found = crop_at(trio, place.x, place.y, side)
    return _chooser_html(trio, found, request), detail_strip(found, request, kind=result.kind), place


def _move_detail(result: Shown | None, side: int, request: gr.Request, event: gr.EventData) -> tuple:
    """The detail at the place that the visitor has chosen."""
    if not result:
        return "", None
    trio = result.trio()
    place = DetailPlace(result.source, round(event.x * trio.truth.width), round(event.y * trio.truth.height))
    return detail_strip(crop_at(trio, place.x, place.y, side), request, kind=result.kind), place


def _open_error_maps(result: Shown | None, request: gr.Request) -> tuple:
    return True, _error_map_slider(result, request)


def _renew_error_maps(result: Shown | None, opened: bool, request: gr.Request):
    return _error_map_slider(result if opened else None, request)


def _error_map_slider(result: Shown | None, request: gr.Request):
    if not result:
        return None
    maps = draw_error_maps(result.trio())
    title = text_for("errors_slider", request, kind=result.kind)
    return gr.update(value=save_for_slider(bicubic=maps.bicubic, srcnn=maps.srcnn), label=title)


def _chooser_html(trio: Trio, found: Detail, request: gr.Request) -> str:
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
    picture = data_url(make_thumbnail(trio.truth, _OVERVIEW_PIXELS))
    return (
        f"<div class='chooser' style='{style}'>"
        f"<img src='{picture}' alt='{text_for('truth', request)}' draggable='false'>"
        f"<button type='button' aria-label='{text_for('detail_square', request)}'></button></div>"
    )
