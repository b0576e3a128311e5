"""All losses at once: the article's network for a scale, trained with each, on the picture of the comparison, as a
table, a plot and a detail."""

from collections.abc import Iterator

import gradio as gr
import spaces

from demo.catalogue import current_catalogue, perceptual_features
from demo.job import ONE_JOB_AT_A_TIME, Job
from demo.tabs.compare_detail import DetailPlace, Shown
from demo.texts.language import error_text, page_text, text_for
from demo.widgets.errors import VISITOR_ERRORS
from demo.widgets.html import SCORE_TITLES, alert, html_table, notice, score_cells, table_row, title_cell
from demo.widgets.pictures import data_url
from demo.widgets.strip import magnified_figure, psnr_text, strip_html
from srcnn.evaluation.comparison import BICUBIC_ROW, LossResult, Trio, compare_losses, measure_distances
from srcnn.naming import LOSS_TITLES, LOSSES
from srcnn.visuals.crops import crop_at, most_improved_point
from srcnn.visuals.plots import draw_tradeoff

_DETAIL_PIXELS = 64  # pixels


def build_losses_section(result: gr.State, place: gr.State) -> None:
    """`result`: the Shown on the page, `place`: where the visitor looks."""
    gr.Markdown(page_text("losses_text"))
    with gr.Row():
        start = gr.Button(page_text("losses_start"), variant="primary", scale=0, min_width=240)
        cancel = gr.Button(page_text("cancel"), interactive=False, scale=0, min_width=120)
    with gr.Row():
        with gr.Column(scale=3, min_width=280):
            table = gr.HTML(label=page_text("losses_start"), padding=False)
        with gr.Column(scale=2, min_width=280):
            plot = gr.HTML(label=page_text("losses_plot"), padding=False)
    strip = gr.HTML(label=page_text("losses_start"), padding=False)
    private = {"api_visibility": "private"}
    running = start.click(lambda: gr.update(interactive=True), None, cancel, **private).then(
        _measure_all_losses, [result, place], [table, plot, strip], **private, **ONE_JOB_AT_A_TIME
    )
    running.then(lambda: gr.update(interactive=False), None, cancel, **private)
    cancel.click(_stop_measuring, None, [table, cancel], cancels=[running], **private)


def _stop_measuring(request: gr.Request) -> tuple:
    return text_for("cancelled", request), gr.update(interactive=False)


@spaces.GPU
def _measure_all_losses(
    result: Shown | None, place: DetailPlace | None, request: gr.Request, progress=gr.Progress()
) -> Iterator[tuple]:
    """A row more each time, and in the end the plot and the strip."""
    if not result:
        yield text_for("no_picture", request), "", ""
        return
    family = current_catalogue()
    members = {LOSS_TITLES[loss]: member for loss in LOSSES if (member := family.find(result.scale, loss))}
    if not members:
        yield alert(text_for("losses_none", request, scale=result.scale)), "", ""
        return
    job, rows = Job([*members.values()]), []
    try:
        trio = result.trio()
        for row in job.steps(lambda models: compare_losses(trio.truth, dict(zip(members, models, strict=True)))):
            rows = [*rows, row] if row.name != BICUBIC_ROW else [row]  # where the GPU failed, they come once more
            progress((len(rows), len(members) + 1))
            yield _losses_table_html(rows, request), "", ""
        if features := perceptual_features():
            rows = measure_distances(rows, trio.truth, features)
    except VISITOR_ERRORS as error:
        yield alert(error_text(error, request)), "", ""
        return
    told = notice(text_for("fell_back", request)) if job.fell_back else ""
    yield (
        told + _losses_table_html(rows, request),
        _tradeoff_html(rows, request),
        _losses_strip_html(rows, trio, place, request),
    )


def _losses_table_html(rows: list[LossResult], request: gr.Request) -> str:
    titles = [text_for("loss_column", request), *SCORE_TITLES]
    if rows[-1].score.distance is not None:
        titles.append(text_for("distance_column", request))
    lines = [table_row(_name_of_row(row, request), score_cells(row.score)) for row in rows]
    return html_table("scores", map(title_cell, titles), lines)


def _name_of_row(row: LossResult, request: gr.Request) -> str:
    return text_for("bicubic", request) if row.name == BICUBIC_ROW else row.name


def _tradeoff_html(rows: list[LossResult], request: gr.Request) -> str:
    plot = data_url(draw_tradeoff(rows))
    return f"<img class='plot' src='{plot}' alt='{text_for('losses_plot', request)}'>"


def _losses_strip_html(rows: list[LossResult], trio: Trio, place: DetailPlace | None, request: gr.Request) -> str:
    """The visitor's detail, or the most telling one, by every loss and in truth."""
    x, y = (place.x, place.y) if place else most_improved_point(trio, _DETAIL_PIXELS)
    pictures = []
    for row in rows:
        found = crop_at(Trio(trio.scale, trio.truth, trio.bicubic, row.picture), x, y, _DETAIL_PIXELS)
        pictures.append(magnified_figure(found.srcnn, _name_of_row(row, request), psnr_text(found.srcnn_psnr)))
    return strip_html([*pictures, magnified_figure(found.truth, text_for("truth", request))])
