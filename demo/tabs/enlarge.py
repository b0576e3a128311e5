"""Enlarge: one or several pictures made larger by a network, to be downloaded."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import gradio as gr
import spaces

from demo.catalogue import current_catalogue
from demo.job import ONE_JOB_AT_A_TIME, Deadline, Job, start_deadline
from demo.texts.language import error_text, page_text, remark_text, text_for
from demo.widgets.api import add_endpoint
from demo.widgets.errors import VISITOR_ERRORS
from demo.widgets.examples import build_example_buttons
from demo.widgets.html import alert, notice
from demo.widgets.pictures import (
    SHOWN_SIDE_PIXELS,
    accept_upload,
    accept_uploads,
    build_slider,
    new_folder,
    open_upload,
    save_for_slider,
    save_png,
    slider_update,
)
from demo.widgets.settings import Settings, architecture_title, build_settings
from srcnn.errors import Remark
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import SUFFIXES
from srcnn.imaging.writing import list_losses
from srcnn.inference.upscaling import Canvas, upscale_in_bands
from srcnn.networks.base import AnyNetwork
from srcnn.variants.catalogue import ARTICLE_NETWORK
from srcnn.variants.loading import average_networks

MAX_ENLARGED_PIXELS = 64_000_000  # pixels of an enlarged picture
_MAX_PICTURES = 20  # at once
# On a phone the result is far below the examples. (Gradio's scroll_to_output ends at other places.)
_SCROLL_TO_RESULT = (
    "() => { if (innerWidth <= 768) document.getElementById('enlarge-start').scrollIntoView(); return []; }"
)


@dataclass(frozen=True)
class Enlarged:
    """What became of a picture. kind: of the network, pair: files for the slider, file: the PNG to download, sizes: as
    (width, height).

    fell_back: on the CPU, because the GPU failed. losses: what the download lacks of the picture's file.
    """

    name: str
    kind: str
    pair: tuple[str, str]
    file: str
    before: tuple[int, int]
    after: tuple[int, int]
    fell_back: bool
    losses: tuple[Remark, ...]


@spaces.GPU
def _enlarge_in_steps(
    file: str | None, scale: int, loss: str, ensemble: bool, network: str, deadline: Deadline
) -> Iterator[tuple[float, Enlarged | None]]:
    """Enlarge a picture. Yields the share done after each band, 0..1, and at last the result with it."""
    deadline.check()
    picture = open_upload(file, MAX_ENLARGED_PIXELS // scale**2, keep_metadata=True)
    members = current_catalogue().choose_variants(scale, loss, network)
    job = Job(members, deadline)
    for painted in job.steps(lambda models: _paint_both(picture, average_networks(models, ensemble))):
        yield painted.share, None
    name, kind = Path(file).name, architecture_title(members)
    download = save_png(painted.result, f"{Path(name).stem}-x{scale}")
    pair = save_for_slider(bicubic=painted.bicubic, srcnn=painted.result)
    sizes = _size_of(picture), _size_of(painted.result)
    losses = (*painted.result.remarks, *list_losses(painted.result, Path(download)))
    yield 1.0, Enlarged(name, kind, pair, download, *sizes, job.fell_back, losses)


class Painted(NamedTuple):
    """A picture enlarged by bicubic and by the network; of both, the upper `share`, 0..1, is painted."""

    share: float
    bicubic: Picture
    result: Picture


def _paint_both(picture: Picture, model: AnyNetwork) -> Iterator[Painted]:
    """Enlarge a picture. Yields both pictures after each band; at last they are whole."""
    bicubic, result = Canvas(picture, model.scale), Canvas(picture, model.scale)
    for rows, planes, luminance in upscale_in_bands(picture, model):
        bicubic.paint(rows, planes)
        planes[0] = luminance
        result.paint(rows, planes)
        yield Painted(rows.stop / result.picture.height, bicubic.picture, result.picture)


def _size_of(picture: Picture) -> tuple[int, int]:
    return picture.width, picture.height


def enlarge(file: str | None, scale: int, loss: str, ensemble: bool, network: str = ARTICLE_NETWORK):
    """Enlarge a picture by SRCNN, VDSR or EDSR to a PNG that keeps its alpha channel, 16-bit depth, profile and EXIF.

    Args:
        file: a picture of any common format, uploaded or as a data: address.
        scale: how many times to enlarge it: 2, 3 or 4; one that the network is there for.
        loss: what the network was trained with: mse, l1, charbonnier, perceptual, adversarial, mse+l1+charbonnier.
        ensemble: average the results on the picture's eight turns.
        network: 9-1-5, the article's SRCNN, or another one that /variants lists.
    """
    *_, (_, result) = _enlarge_in_steps(file, scale, loss, ensemble, network, start_deadline())
    return result.pair, result.file, _note_html([result], [], None)


def _enlarge_all(
    files: list[str] | None,
    scale: int,
    loss: str,
    ensemble: bool,
    network: str,
    request: gr.Request,
    progress=gr.Progress(),
) -> Iterator[tuple]:
    """Enlarge pictures one after another. Where it yields, after each band, Gradio ends it when the visitor cancels."""
    yield _show_only_note("")
    if not files or len(files) > _MAX_PICTURES:
        key = "too_many" if files else "no_picture"
        yield _show_only_note(alert(text_for(key, request, n=len(files or []), limit=_MAX_PICTURES)))
        return
    results, failures, deadline = [], [], start_deadline()
    for number, file in enumerate(files):
        told = text_for("enlarging", request, number=number + 1, total=len(files))
        progress(number / len(files), desc=told)
        try:
            for share, result in _enlarge_in_steps(file, scale, loss, ensemble, network, deadline):
                progress((number + share) / len(files), desc=told)
                yield gr.skip()
                if result:
                    results.append(result)
        except VISITOR_ERRORS as error:
            failures.append(alert(error_text(error, request), Path(file).name))
    try:
        yield _show_results(results, failures, request)
    except OSError as error:
        yield _show_only_note(alert(error_text(error, request)))


def _show_results(results: list[Enlarged], failures: list[str], request: gr.Request) -> tuple:
    """The page with the results, or without any. Raises OSError where there is no room for the ZIP."""
    text = _note_html(results, failures, request)
    if not results:
        return _show_only_note(text)
    several = len(results) > 1
    names = [(f"{each.name} ({_sizes_text(each)})", number) for number, each in enumerate(results)]
    which = gr.update(choices=names, value=0, visible=several)
    file = _pack_zip(results) if several else results[0].file
    download = gr.update(
        value=file, label=text_for("download_zip" if several else "download_png", request), interactive=True
    )
    first = slider_update(results[0].pair, text_for("bicubic", request), results[0].kind)
    return first, which, download, text, [result.pair for result in results]


def _pack_zip(results: list[Enlarged]) -> str:
    """All pictures in a ZIP, no two of one name on any file system. PNG is compressed already."""
    path, taken = new_folder() / "enlarged.zip", set()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for result in results:
            file = Path(result.file)
            name, number = file.name, 1
            while name.lower() in taken:
                number += 1
                name = f"{file.stem} ({number}){file.suffix}"
            taken.add(name.lower())
            archive.write(file, name)
            file.unlink()
    return str(path)


def _note_html(results: list[Enlarged], failures: list[str], request: gr.Request | None) -> str:
    """What was done as HTML, behind what went wrong."""
    told = []
    if len(results) == 1:
        told.append(text_for("became", request, sizes=_sizes_text(results[0])))
    elif results:
        told.append(text_for("all_became", request, n=len(results)))
    if any(each.fell_back for each in results):
        told.append(text_for("fell_back", request))
    if any(max(each.after) > SHOWN_SIDE_PIXELS for each in results):
        told.append(text_for("middle", request, side=SHOWN_SIDE_PIXELS))
    lost = [notice(f"{each.name}: {remark_text(loss, request)}.") for each in results for loss in each.losses]
    return "".join(failures) + (f"<p>{' '.join(told)}</p>" if told else "") + "".join(lost)


def _sizes_text(result: Enlarged) -> str:
    return " → ".join(f"{width} × {height}" for width, height in (result.before, result.after))


def _show_only_note(text: str) -> tuple:
    """The page without a result, but a text."""
    return None, gr.update(choices=[], value=None, visible=False), gr.update(value=None, interactive=False), text, []


def _set_working(yes: bool) -> tuple:
    """The buttons to start and to cancel."""
    return gr.update(interactive=not yes), gr.update(interactive=yes)


def _show_cancelled(request: gr.Request) -> tuple:
    return *_show_only_note(f"<p>{text_for('cancelled', request)}</p>"), *_set_working(False)


def _show_hint(request: gr.Request) -> tuple:
    return _show_only_note(text_for("enlarge_hint", request))


def build_enlarge_tab() -> Settings:
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            files = gr.File(
                label=page_text("pictures"), file_count="multiple", file_types=["image", *SUFFIXES], height=160
            )
            files.preprocess = accept_uploads
            sample = gr.Image(visible=False, type="filepath")
            sample.preprocess = accept_upload
            chosen = build_example_buttons(sample)
            choices = build_settings()
        with gr.Column(scale=3):
            with gr.Row():
                start = gr.Button(
                    page_text("enlarge"), variant="primary", scale=0, min_width=180, elem_id="enlarge-start"
                )
                cancel = gr.Button(page_text("cancel"), interactive=False, scale=0, min_width=120)
                download = gr.DownloadButton(page_text("download_png"), interactive=False, scale=0, min_width=180)
            text = gr.HTML(page_text("enlarge_hint"), label=page_text("note"), padding=False)
            which = gr.Dropdown([], label=page_text("which"), visible=False)
            result = build_slider(page_text("bicubic_srcnn"))
    pairs = gr.State([])
    outputs, buttons, private = [result, which, download, text, pairs], [start, cancel], {"api_visibility": "private"}

    def run(trigger) -> gr.events.Dependency:
        begun = trigger(lambda: _set_working(True), None, buttons, js=_SCROLL_TO_RESULT, **private)
        running = begun.then(
            _enlarge_all, [files, *choices.widgets], outputs, show_progress_on=result, **private, **ONE_JOB_AT_A_TIME
        )
        running.then(lambda: _set_working(False), None, buttons, **private)
        return running

    taken = chosen.success(lambda file: file and [file], sample, files, **private)
    running = [run(start.click), run(taken.success)]
    cancel.click(_show_cancelled, None, [*outputs, *buttons], cancels=running, **private)
    files.clear(_show_hint, None, outputs, **private)
    which.input(lambda number, pairs: pairs[number], [which, pairs], result, **private)
    add_endpoint(enlarge, sample, [result, download, text])
    return choices
