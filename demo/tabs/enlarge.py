"""Enlarge: one or several pictures made larger by a network, to be downloaded."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import spaces

from demo.catalogue import variants
from demo.job import ONE_AT_A_TIME, Job, time_allowed
from demo.texts.language import label, say, say_error
from demo.widgets.api import endpoint
from demo.widgets.errors import TOLD
from demo.widgets.examples import example_buttons
from demo.widgets.html import alert
from demo.widgets.pictures import (
    SHOWN_SIDE,
    beside,
    file_as_it_came,
    files_as_they_came,
    new_folder,
    opened,
    shown,
    slider,
    stored,
)
from demo.widgets.settings import Settings, kind_of, settings
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import SUFFIXES
from srcnn.inference.engine import Deadline
from srcnn.inference.upscaling import upscale_both_steps
from srcnn.variants.catalogue import ARTICLE
from srcnn.variants.loading import average

MAX_ENLARGED = 64_000_000  # pixels of an enlarged picture
MAX_PICTURES = 20  # at once
# On a phone the result is far below the examples. (Gradio's scroll_to_output ends at other places.)
TO_RESULT = "() => { if (innerWidth <= 768) document.getElementById('enlarge-start').scrollIntoView(); return []; }"


@dataclass(frozen=True)
class Enlarged:
    """What became of a picture. kind: of the network, pair: files for the slider, file: the PNG to download, sizes: as
    (width, height).

    fell_back: on the CPU, because the GPU failed.
    """

    name: str
    kind: str
    pair: tuple[str, str]
    file: str
    before: tuple[int, int]
    after: tuple[int, int]
    fell_back: bool


@spaces.GPU
def enlarged(
    file: str | None, scale: int, loss: str, ensemble: bool, network: str, deadline: Deadline
) -> Iterator[float | Enlarged]:
    """Yields the share done after each band, and in the end the result."""
    deadline.check()
    picture = opened(file, MAX_ENLARGED // scale**2, keep_metadata=True)
    members = variants().chosen(scale, loss, network)
    job = Job(members, deadline)
    bicubic, srcnn = yield from job.steps(lambda models: upscale_both_steps(picture, average(models, ensemble)))
    name, kind = Path(file).name, kind_of(members)
    download = stored(srcnn, f"{Path(name).stem}-x{scale}")
    yield Enlarged(name, kind, shown(bicubic=bicubic, srcnn=srcnn), download, size(picture), size(srcnn), job.fell_back)


def size(picture: Picture) -> tuple[int, int]:
    return picture.width, picture.height


def enlarge(file: str | None, scale: int, loss: str, ensemble: bool, network: str = ARTICLE):
    """Enlarge a picture by SRCNN, VDSR or EDSR to a PNG that keeps its alpha channel, 16-bit depth, profile and EXIF.

    Args:
        file: a picture of any common format, uploaded or as a data: address.
        scale: how many times to enlarge it: 2, 3 or 4; one that the network is there for.
        loss: what the network was trained with: mse, l1, charbonnier, perceptual, adversarial, mse+l1+charbonnier.
        ensemble: average the results on the picture's eight turns.
        network: 9-1-5, the article's SRCNN, or another one that /variants lists.
    """
    *_, result = enlarged(file, scale, loss, ensemble, network, time_allowed())
    return result.pair, result.file, note([result], [], None)


def enlarge_all(
    files: list[str] | None,
    scale: int,
    loss: str,
    ensemble: bool,
    network: str,
    request: gr.Request,
    progress=gr.Progress(),
) -> Iterator[tuple]:
    """Enlarge pictures one after another. Where it yields, after each band, Gradio ends it when the visitor cancels."""
    yield nothing("")
    if not files or len(files) > MAX_PICTURES:
        key = "too_many" if files else "no_picture"
        yield nothing(alert(say(key, request, n=len(files or []), limit=MAX_PICTURES)))
        return
    results, failures, deadline = [], [], time_allowed()
    for number, file in enumerate(files):
        told = say("enlarging", request, number=number + 1, total=len(files))
        progress(number / len(files), desc=told)
        try:
            for step in enlarged(file, scale, loss, ensemble, network, deadline):
                if isinstance(step, Enlarged):
                    results.append(step)
                else:
                    progress((number + step) / len(files), desc=told)
                    yield gr.skip()
        except TOLD as error:
            failures.append(alert(say_error(error, request), Path(file).name))
    try:
        yield finished(results, failures, request)
    except OSError as error:
        yield nothing(alert(say_error(error, request)))


def finished(results: list[Enlarged], failures: list[str], request: gr.Request) -> tuple:
    """The page with the results, or without any. Raises OSError where there is no room for the ZIP."""
    text = note(results, failures, request)
    if not results:
        return nothing(text)
    several = len(results) > 1
    names = [(f"{each.name} ({sizes(each)})", number) for number, each in enumerate(results)]
    which = gr.update(choices=names, value=0, visible=several)
    file = packed(results) if several else results[0].file
    download = gr.update(
        value=file, label=say("download_zip" if several else "download_png", request), interactive=True
    )
    first = beside(results[0].pair, say("bicubic", request), results[0].kind)
    return first, which, download, text, [result.pair for result in results]


def packed(results: list[Enlarged]) -> str:
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


def note(results: list[Enlarged], failures: list[str], request: gr.Request | None) -> str:
    """What was done as HTML, behind what went wrong."""
    told = []
    if len(results) == 1:
        told.append(say("became", request, sizes=sizes(results[0])))
    elif results:
        told.append(say("all_became", request, n=len(results)))
    if any(each.fell_back for each in results):
        told.append(say("fell_back", request))
    if any(max(each.after) > SHOWN_SIDE for each in results):
        told.append(say("middle", request, side=SHOWN_SIDE))
    return "".join(failures) + (f"<p>{' '.join(told)}</p>" if told else "")


def sizes(result: Enlarged) -> str:
    return " → ".join(f"{width} × {height}" for width, height in (result.before, result.after))


def nothing(text: str) -> tuple:
    """The page without a result, but a text."""
    return None, gr.update(choices=[], value=None, visible=False), gr.update(value=None, interactive=False), text, []


def working(yes: bool) -> tuple:
    """The buttons to start and to cancel."""
    return gr.update(interactive=not yes), gr.update(interactive=yes)


def cancelled(request: gr.Request) -> tuple:
    return *nothing(f"<p>{say('cancelled', request)}</p>"), *working(False)


def cleared(request: gr.Request) -> tuple:
    return nothing(say("enlarge_hint", request))


def enlarge_tab() -> Settings:
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            files = gr.File(label=label("pictures"), file_count="multiple", file_types=["image", *SUFFIXES], height=160)
            files.preprocess = files_as_they_came
            sample = gr.Image(visible=False, type="filepath")
            sample.preprocess = file_as_it_came
            chosen = example_buttons(sample)
            choices = settings()
        with gr.Column(scale=3):
            with gr.Row():
                start = gr.Button(label("enlarge"), variant="primary", scale=0, min_width=180, elem_id="enlarge-start")
                cancel = gr.Button(label("cancel"), interactive=False, scale=0, min_width=120)
                download = gr.DownloadButton(label("download_png"), interactive=False, scale=0, min_width=180)
            text = gr.HTML(label("enlarge_hint"), label=label("note"), padding=False)
            which = gr.Dropdown([], label=label("which"), visible=False)
            result = slider(label("bicubic_srcnn"))
    pairs = gr.State([])
    outputs, buttons, private = [result, which, download, text, pairs], [start, cancel], {"api_visibility": "private"}

    def run(trigger) -> gr.events.Dependency:
        begun = trigger(lambda: working(True), None, buttons, js=TO_RESULT, **private)
        running = begun.then(
            enlarge_all, [files, *choices.widgets], outputs, show_progress_on=result, **private, **ONE_AT_A_TIME
        )
        running.then(lambda: working(False), None, buttons, **private)
        return running

    taken = chosen.success(lambda file: file and [file], sample, files, **private)
    running = [run(start.click), run(taken.success)]
    cancel.click(cancelled, None, [*outputs, *buttons], cancels=running, **private)
    files.clear(cleared, None, outputs, **private)
    which.input(lambda number, pairs: pairs[number], [which, pairs], result, **private)
    endpoint(enlarge, sample, [result, download, text])
    return choices
