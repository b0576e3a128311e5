"""The sections under a comparison that look closer: a detail that the visitor chooses, and the maps of the errors."""

import gradio as gr

from demo.answers import answer, files_of, is_ready
from demo.job import ONE_JOB_AT_A_TIME
from demo.texts.language import page_text, text_for
from demo.widgets.chooser import CHOOSER_HTML, square_shares
from demo.widgets.part import Request, answer_part, build_part
from demo.widgets.pictures import address_of, new_folder, write_for_page
from demo.widgets.slider import slider_html
from demo.widgets.strip import detail_strip
from srcnn.visuals.crops import crop_at
from srcnn.visuals.rendering import draw_error_maps

_SIDES_PIXELS = (32, 64, 128)  # pixels of the truth
_CHOOSER_SCRIPT = "choosers.dress(element, place => compare.look(place))"


def build_detail_section() -> None:
    gr.Markdown(page_text("detail_text"))
    with gr.Row(elem_classes="detail"):
        with gr.Column(scale=1, min_width=280):
            gr.HTML(CHOOSER_HTML, js_on_load=_CHOOSER_SCRIPT, label=page_text("detail_choose"), padding=False)
            sides = [(f"{each} × {each}", each) for each in _SIDES_PIXELS]
            side = gr.Radio(sides, value=64, label=page_text("detail_side"))
        with gr.Column(scale=3, min_width=280):
            drawing = {"show_progress": "hidden", **ONE_JOB_AT_A_TIME}
            strip = answer_part(_detail_html, lambda request: is_ready(request.choice), tells=False)
            build_part("detail", strip, label=page_text("detail_choose"), **drawing)
    side.input(None, side, None, js="side => compare.chooseSide(side)", api_visibility="private")

    with gr.Accordion(page_text("error_maps"), open=False) as accordion:
        gr.Markdown(page_text("errors_text"))
        build_part(
            "maps", answer_part(_error_maps_html, tells=False), label=page_text("error_maps"), **ONE_JOB_AT_A_TIME
        )
    accordion.expand(None, None, None, js="() => compare.openMaps(true)", api_visibility="private")
    accordion.collapse(None, None, None, js="() => compare.openMaps(false)", api_visibility="private")


def _detail_html(request: Request) -> str:
    """The detail at the place that is asked for, or the most telling one; the script moves the square there."""
    found = answer(request.choice)
    x, y = request.asked.get("place") or found.point
    side = request.asked.get("side")
    detail = crop_at(found.result, round(x), round(y), side if side in _SIDES_PIXELS else _SIDES_PIXELS[1])
    truth, reader = found.result.truth, request.choice.language
    facts = square_shares(detail, truth) | {"width": truth.width, "height": truth.height}
    facts |= {"label": text_for("detail_square", reader), "truth": address_of(files_of(found)["truth"].file)}
    shown = detail_strip(detail, reader, kind=found.kind)
    return request.answer(shown, **facts)


def _error_maps_html(request: Request) -> str:
    found = answer(request.choice)
    maps, folder, reader = draw_error_maps(found.result), new_folder(), request.choice.language
    files = {
        "bicubic": write_for_page(maps.bicubic, "bicubic", folder),
        "result": write_for_page(maps.srcnn, "result", folder),
    }
    titles = {
        "bicubic": text_for("error_of", reader, kind=text_for("bicubic", reader)),
        "result": text_for("error_of", reader, kind=found.kind),
    }
    slider = slider_html("maps", files, titles, ("bicubic", "result"), reader, choose=False)
    return request.answer(slider)
