"""Enlarge: a picture made larger by SRCNN, to be downloaded."""

from pathlib import Path

import gradio as gr
import spaces

from demo import current
from demo.parts import (
    DEFAULT_NETWORK,
    ONE_AT_A_TIME,
    SHOWN_SIDE,
    Settings,
    endpoint,
    on_page,
    opened,
    picture_input,
    settings,
    shown,
    slider,
    stored,
)
from srcnn import upscale
from srcnn.images import Picture

MAX_ENLARGED = 64_000_000  # pixels of an enlarged picture
ENLARGE_HINT = "Upload a picture or choose an example: it appears here, enlarged."


@spaces.GPU
def enlarge(file: str | None, scale: int, loss: str, ensemble: bool, network: str = DEFAULT_NETWORK):
    """Enlarge a picture by SRCNN, keeping its alpha channel and depth.

    Args:
        file: a picture of any common format.
        scale: how many times to enlarge it: 2, 3 or 4.
        loss: the loss that the network was trained with.
        ensemble: average the results on the picture's eight turns.
        network: the sizes of the kernels of its layers, 9-1-5 or 9-5-5.
    """
    picture = opened(file, MAX_ENLARGED // scale**2)
    bicubic, srcnn = upscale.upscale_both(picture, current.variants().network(scale, loss, network, ensemble))
    download = stored(srcnn, f"{Path(file).stem}-x{scale}")
    return shown(bicubic=bicubic, srcnn=srcnn), download, note(picture, srcnn)


def note(before: Picture, after: Picture) -> str:
    text = f"{before.width} × {before.height} became {after.width} × {after.height} pixels."
    if max(after.width, after.height) > SHOWN_SIDE:
        text += f" The slider shows the middle {SHOWN_SIDE} pixels, the download is the whole picture."
    return text


def enlarge_tab(examples: list[str]) -> Settings:
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            picture, chosen = picture_input(examples, first=None)
            choices = settings()
        with gr.Column(scale=3):
            result = slider("Bicubic | SRCNN")
            text = gr.HTML(ENLARGE_HINT, label="Note", padding=False)
            download = gr.DownloadButton("Download PNG", interactive=False)
    inputs, outputs = [picture, *choices.widgets], [result, download, text]
    run = on_page(enlarge, lambda sentence: (None, None, sentence))
    gr.on(
        [picture.upload, *(widget.input for widget in choices.widgets)],
        run,
        inputs,
        outputs,
        api_visibility="private",
        trigger_mode="always_last",
        **ONE_AT_A_TIME,
    )
    chosen.load_input_event.success(run, inputs, outputs, api_visibility="private", **ONE_AT_A_TIME)
    endpoint(enlarge, inputs, outputs)
    picture.clear(lambda: (None, None, ENLARGE_HINT), None, outputs, api_visibility="private")
    result.change(
        lambda pair: gr.DownloadButton(interactive=pair is not None), result, download, api_visibility="private"
    )
    return choices
