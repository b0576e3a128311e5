"""All losses at once: the article's network for a scale, trained with each, on the picture of the comparison, as a
table, a plot and a detail."""

from collections.abc import Iterator

import gradio as gr
import spaces

from demo.answers import MAX_TRUTH_PIXELS
from demo.catalogue import current_catalogue, perceptual_features
from demo.job import ONE_JOB_AT_A_TIME, Job
from demo.texts.language import Reader, page_text, text_for
from demo.widgets.html import SCORE_TITLES, alert, html_table, notice, score_cells, table_row, title_cell
from demo.widgets.part import Request, error_html, part_html, read_request
from demo.widgets.pictures import data_url
from demo.widgets.strip import magnified_figure, psnr_text, strip_html
from srcnn.evaluation.comparison import BICUBIC_ROW, LossResult, Trio, compare_losses, measure_distances
from srcnn.imaging.picture import Picture
from srcnn.naming import LOSS_TITLES, LOSSES
from srcnn.visuals.crops import crop_at, most_improved_point
from srcnn.visuals.plots import draw_tradeoff

_DETAIL_PIXELS = 64  # pixels
_PART_SCRIPT = (
    "demo.addPart('losses', element, trigger, watch, compare.requests.losses, () => {}, false, compare.forgetLosses)"
)


def build_losses_section() -> None:
    gr.Markdown(page_text("losses_text"))
    with gr.Row():
        start = gr.Button(page_text("losses_start"), variant="primary", scale=0, min_width=240)
        cancel = gr.Button(page_text("cancel"), interactive=False, scale=0, min_width=120)
    private, request = {"api_visibility": "private"}, gr.Textbox(visible=False)
    part = gr.HTML(js_on_load=_PART_SCRIPT, label=page_text("losses_start"), padding=False)
    asked = gr.on([start.click, part.select], None, None, request, js="() => compare.askLosses()", **private)
    running = asked.then(lambda: gr.update(interactive=True), None, cancel, **private).then(
        _measure_all_losses, request, part, **private, **ONE_JOB_AT_A_TIME
    )
    running.then(lambda: gr.update(interactive=False), None, cancel, **private)
    cancel.click(_stop_measuring, request, [part, cancel], cancels=[running], **private)


def _stop_measuring(request: str, visitor: gr.Request) -> tuple:
    told = text_for("cancelled", visitor)
    return part_html(request, f"<p>{told}</p>", visitor), gr.update(interactive=False)


@spaces.GPU
def _measure_all_losses(text: str, visitor: gr.Request, progress=gr.Progress()) -> Iterator[str]:
    """A row more each time, and in the end the plot and the strip."""
    try:
        request = read_request(text)
        yield from _rows_and_plot(request, progress)
    except Exception as error:  # whatever it is, the visitor reads a sentence
        yield error_html(text, error, visitor)


def _rows_and_plot(request: Request, progress: gr.Progress) -> Iterator[str]:
    choice, family = request.choice, current_catalogue()
    reader = choice.language
    members = {LOSS_TITLES[loss]: member for loss in LOSSES if (member := family.find(choice.scale, loss))}
    if not members:
        yield request.answer(alert(text_for("losses_none", reader, scale=choice.scale)))
        return
    job, rows, truth = Job([*members.values()]), [], choice.open(MAX_TRUTH_PIXELS).flattened()
    for row in job.steps(lambda models: compare_losses(truth, dict(zip(members, models, strict=True)))):
        rows = [*rows, row] if row.name != BICUBIC_ROW else [row]  # where the GPU failed, they come once more
        progress((len(rows), len(members) + 1))
        yield request.answer(_losses_table_html(rows, reader))
    if features := perceptual_features():
        rows = measure_distances(rows, truth, features)
    told = notice(text_for("fell_back", reader)) if job.fell_back else ""
    content = (
        f"{told}<div class='by-loss-figures'>{_losses_table_html(rows, reader)}{_tradeoff_html(rows, reader)}</div>"
        f"{_losses_strip_html(rows, truth, request)}"
    )
    yield request.answer(content)


def _losses_table_html(rows: list[LossResult], reader: Reader) -> str:
    titles = [text_for("loss_column", reader), *SCORE_TITLES]
    if rows[-1].score.distance is not None:
        titles.append(text_for("distance_column", reader))
    lines = [table_row(_name_of_row(row, reader), score_cells(row.score)) for row in rows]
    return html_table("scores", map(title_cell, titles), lines)


def _name_of_row(row: LossResult, reader: Reader) -> str:
    return text_for("bicubic", reader) if row.name == BICUBIC_ROW else row.name


def _tradeoff_html(rows: list[LossResult], reader: Reader) -> str:
    plot = data_url(draw_tradeoff(rows))
    return f"<img class='plot' src='{plot}' alt='{text_for('losses_plot', reader)}'>"


def _losses_strip_html(rows: list[LossResult], truth: Picture, request: Request) -> str:
    """The visitor's detail, or the most telling one, by every loss and in truth."""
    reader, scale, bicubic = request.choice.language, request.choice.scale, rows[0].picture
    truth = truth.crop(bicubic.height, bicubic.width)
    x, y = request.asked.get("place") or most_improved_point(
        Trio(scale, truth, bicubic, rows[1].picture), _DETAIL_PIXELS
    )
    pictures = []
    for row in rows:
        found = crop_at(Trio(scale, truth, bicubic, row.picture), round(x), round(y), _DETAIL_PIXELS)
        pictures.append(magnified_figure(found.srcnn, _name_of_row(row, reader), psnr_text(found.srcnn_psnr)))
    return strip_html([*pictures, magnified_figure(found.truth, text_for("truth", reader))])
