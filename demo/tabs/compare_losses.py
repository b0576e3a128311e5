"""All losses at once: the article's network for a scale, trained with each, on the picture of the comparison, as a
table, a plot and a detail."""

from collections.abc import Iterator

import gradio as gr
import spaces

from demo import catalogue
from demo.catalogue import variants
from demo.job import ONE_AT_A_TIME, Job
from demo.tabs.compare_detail import Place, Shown
from demo.texts.language import label, say, say_error
from demo.widgets.errors import TOLD
from demo.widgets.html import alert, number, remark
from demo.widgets.pictures import data_address, drawn
from demo.widgets.strip import decibels, pixels, strip
from srcnn.evaluation.comparison import BICUBIC_ROW, LossResult, Trio, compare_losses, with_distances
from srcnn.naming import LOSS_TITLES, LOSSES
from srcnn.visuals.crops import region, telling
from srcnn.visuals.plots import draw_tradeoff

DETAIL = 64  # pixels


def losses_section(result: gr.State, place: gr.State) -> None:
    """`result`: the Shown on the page, `place`: where the visitor looks."""
    gr.Markdown(label("losses_text"))
    with gr.Row():
        start = gr.Button(label("losses_start"), variant="primary", scale=0, min_width=240)
        cancel = gr.Button(label("cancel"), interactive=False, scale=0, min_width=120)
    with gr.Row():
        with gr.Column(scale=3, min_width=280):
            table = gr.HTML(label=label("losses_start"), padding=False)
        with gr.Column(scale=2, min_width=280):
            plot = gr.HTML(label=label("losses_plot"), padding=False)
    strip = gr.HTML(label=label("losses_start"), padding=False)
    private = {"api_visibility": "private"}
    running = start.click(lambda: gr.update(interactive=True), None, cancel, **private).then(
        all_losses, [result, place], [table, plot, strip], **private, **ONE_AT_A_TIME
    )
    running.then(lambda: gr.update(interactive=False), None, cancel, **private)
    cancel.click(stopped, None, [table, cancel], cancels=[running], **private)


def stopped(request: gr.Request) -> tuple:
    return say("cancelled", request), gr.update(interactive=False)


@spaces.GPU
def all_losses(
    result: Shown | None, place: Place | None, request: gr.Request, progress=gr.Progress()
) -> Iterator[tuple]:
    """A row more each time, and in the end the plot and the strip."""
    if not result:
        yield say("no_picture", request), "", ""
        return
    family = variants()
    members = {LOSS_TITLES[loss]: member for loss in LOSSES if (member := family.find(result.scale, loss))}
    if not members:
        yield alert(say("losses_none", request, scale=result.scale)), "", ""
        return
    job, rows = Job([*members.values()]), []
    try:
        trio = result.trio()
        for row in job.steps(lambda models: compare_losses(trio.truth, dict(zip(members, models, strict=True)))):
            rows = [*rows, row] if row.name != BICUBIC_ROW else [row]  # where the GPU failed, they come once more
            progress((len(rows), len(members) + 1))
            yield table_html(rows, request), "", ""
        if features := catalogue.features():
            rows = with_distances(rows, trio.truth, features)
    except TOLD as error:
        yield alert(say_error(error, request)), "", ""
        return
    told = remark(say("fell_back", request)) if job.fell_back else ""
    yield told + table_html(rows, request), plot_html(rows, request), strip_html(rows, trio, place, request)


def table_html(rows: list[LossResult], request: gr.Request) -> str:
    titles = [say("loss_column", request), "PSNR-Y (dB)", "SSIM", say("distance_column", request)]
    measured = rows[-1].score.distance is not None
    head = "".join(f"<th scope='col'>{title}</th>" for title in titles[: 4 if measured else 3])
    body = ""
    for row in rows:
        figures = [number(row.score.psnr, ".2f"), number(row.score.ssim, ".4f")]
        figures += [number(row.score.distance, ".4f")] if measured else []
        body += f"<tr><th scope='row'>{named(row, request)}</th>{''.join(f'<td>{each}</td>' for each in figures)}</tr>"
    return f"<table class='scores'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def named(row: LossResult, request: gr.Request) -> str:
    return say("bicubic", request) if row.name == BICUBIC_ROW else row.name


def plot_html(rows: list[LossResult], request: gr.Request) -> str:
    plot = data_address(drawn(draw_tradeoff, rows))
    return f"<img class='plot' src='{plot}' alt='{say('losses_plot', request)}'>"


def strip_html(rows: list[LossResult], trio: Trio, place: Place | None, request: gr.Request) -> str:
    """The visitor's detail, or the most telling one, by every loss and in truth."""
    x, y = (place.x, place.y) if place else telling(trio, DETAIL)
    pictures = []
    for row in rows:
        found = region(Trio(trio.scale, trio.truth, trio.bicubic, row.picture), x, y, DETAIL)
        pictures.append(pixels(found.srcnn, named(row, request), decibels(found.srcnn_psnr)))
    return strip([*pictures, pixels(found.truth, say("truth", request))])
