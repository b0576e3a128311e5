"""The web demo: bicubic, SRCNN and ground truth side by side. Start it with `python app.py`."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # the page talks to nobody but its visitor

import argparse
import functools
import html
import math
import tempfile
from pathlib import Path

import gradio as gr
import skimage.data
from gradio.utils import get_upload_folder

from srcnn import evaluate, images, upscale, variants
from srcnn.ensemble import Network
from srcnn.images import ImageError, Picture
from srcnn.model import parameter_count
from srcnn.variants import VariantError

MAX_FILE_SIZE = "50mb"
MAX_COMPARED = 16_000_000  # pixels of a ground truth
MAX_ENLARGED = 64_000_000  # pixels of an enlarged picture
SHOWN_SIDE = 2048  # larger pictures are shown by their middle; figures and downloads are of the whole
KEPT_SECONDS = 3600  # how long uploaded and produced files stay on the server
SCALES = (2, 3, 4)
ONE_AT_A_TIME = {"concurrency_id": "inference", "concurrency_limit": 1}  # a picture takes every core, or the GPU
EXAMPLES = ("astronaut", "chelsea", "coffee", "rocket", "camera")  # scikit-image's public-domain photographs

INTRODUCTION = """\
# SRCNN
The three convolutions that started deep super-resolution
([Dong et al., 2014](https://arxiv.org/abs/1501.00092)). Drag the handles to see what they add to bicubic interpolation.
"""
COMPARE_HINT = """\
The photograph is the ground truth: it is reduced, enlarged again by bicubic and by SRCNN, and both results are
measured against it. PSNR and SSIM are those of the papers: luminance only (BT.601), MATLAB's bicubic reduction, a
border as wide as the scale left out.
"""
NO_PICTURE = "There is no picture yet: upload one or choose an example."
ENLARGE_HINT = "Upload a picture or choose an example: it appears here, enlarged."
CSS = """
.gradio-container { width: 100% !important; max-width: 1400px !important; margin: 0 auto !important; }
.html-container { padding: 0 !important; }
[role=alert] {
    padding: .7em 1em; border-left: 4px solid var(--color-accent); background: var(--block-background-fill);
}
.scores, .scores :is(thead, tbody, tr) { border: 0 !important; }
.scores { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.scores :is(th, td) { padding: .45em .75em; text-align: right; border: 0 solid var(--border-color-primary) !important; }
.scores tr:not(:last-child) :is(th, td), .scores thead :is(th) { border-bottom-width: 1px !important; }
.scores :is(th, td):first-child { text-align: left; font-weight: 400; }
.scores .gain :is(th, td) { font-weight: 600; }
@media (max-width: 768px) { .results-first { order: -1; } }
"""


def compare(file: str | None, scale: int, loss: str, ensemble: bool):
    """Reduce a picture, enlarge it again by bicubic and by SRCNN, and measure both against the picture itself.

    Args:
        file: the ground truth, a picture of any common format.
        scale: how many times to reduce and enlarge it: 2, 3 or 4.
        loss: the loss that the network was trained with.
        ensemble: average the results on the picture's eight turns.
    """
    result = evaluate.compare(opened(file, MAX_COMPARED), model_of(scale, loss, ensemble))
    bicubic, srcnn, truth = shown(bicubic=result.bicubic, srcnn=result.srcnn, truth=result.truth)
    return (bicubic, srcnn), (srcnn, truth), score_table(result), figures(result, scale, loss, ensemble)


def enlarge(file: str | None, scale: int, loss: str, ensemble: bool):
    """Enlarge a picture by SRCNN, keeping its alpha channel and depth.

    Args:
        file: a picture of any common format.
        scale: how many times to enlarge it: 2, 3 or 4.
        loss: the loss that the network was trained with.
        ensemble: average the results on the picture's eight turns.
    """
    picture = opened(file, MAX_ENLARGED // scale**2)
    bicubic, srcnn = upscale.upscale_both(picture, model_of(scale, loss, ensemble))
    download = stored(srcnn, f"{Path(file).stem}-x{scale}")
    return shown(bicubic=bicubic, srcnn=srcnn), download, note(picture, srcnn)


def offered() -> list[dict]:
    """The variants that this demo runs: name, scale, loss and number of parameters."""
    models = {name: variants.load(name) for name in variants.bundled()}
    return [
        {"name": name, "scale": m.config.scale, "loss": m.config.loss, "parameters": parameter_count(m)}
        for name, m in models.items()
    ]


@functools.cache
def model_of(scale: int, loss: str, ensemble: bool) -> Network:
    return variants.load_ensemble(variants.names_of(scale, loss), turns=ensemble).to(upscale.best_device())


def opened(file: str | None, max_pixels: int) -> Picture:
    if not file:
        raise ImageError(NO_PICTURE)
    return images.open(file, max_pixels)


def shown(**pictures: Picture) -> tuple[str, ...]:
    """Files for the sliders, all of the same part of the picture."""
    return tuple(stored(picture.centre(SHOWN_SIDE), name) for name, picture in pictures.items())


def stored(picture: Picture, name: str) -> str:
    """Write a PNG where Gradio serves and later deletes it. A file is sent as it is, an array as lossy WebP."""
    cache = Path(get_upload_folder())
    cache.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=cache)) / f"{name}.png"
    images.save(picture, path)
    return str(path)


def score_table(result: evaluate.Comparison) -> str:
    """The figures as a table. Built from numbers only, so nothing that a visitor sends becomes HTML."""
    before, after = result.bicubic_score, result.srcnn_score
    rows = [
        ("", "Bicubic", number(before.psnr, ".2f"), number(before.ssim, ".4f")),
        ("", "SRCNN", number(after.psnr, ".2f"), number(after.ssim, ".4f")),
        ("gain", "Gain", number(after.psnr - before.psnr, "+.2f"), number(after.ssim - before.ssim, "+.4f")),
    ]
    head = "<th scope='col'>Against the ground truth</th><th scope='col'>PSNR-Y (dB)</th><th scope='col'>SSIM</th>"
    body = "".join(
        f"<tr class='{kind}'><th scope='row'>{name}</th><td>{psnr}</td><td>{ssim}</td></tr>"
        for kind, name, psnr, ssim in rows
    )
    return f"<table class='scores'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def number(value: float, form: str) -> str:
    """A figure for people: infinite where nothing differs, a dash where a picture is too small to tell."""
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else format(value, form)


def figures(result: evaluate.Comparison, scale: int, loss: str, ensemble: bool) -> dict:
    return {
        "model": " + ".join(variants.names_of(scale, loss)),
        "scale": scale,
        "ensemble": ensemble,
        "width": result.truth.width,
        "height": result.truth.height,
        "bicubic": result.bicubic_score.rounded(),
        "srcnn": result.srcnn_score.rounded(),
    }


def note(before: Picture, after: Picture) -> str:
    text = f"{before.width} × {before.height} became {after.width} × {after.height} pixels."
    if max(after.width, after.height) > SHOWN_SIDE:
        text += f" The slider shows the middle {SHOWN_SIDE} pixels, the download is the whole picture."
    return text


def answered(function, answer):
    """What a visitor did wrong goes to `answer` as one sentence, and nothing else breaks."""

    @functools.wraps(function)
    def wrapped(*args):
        try:
            return function(*args)
        except (ImageError, VariantError) as error:
            return answer(str(error))

    return wrapped


def on_page(function, outputs: list):
    """For the page: the sentence stands where the result would be."""
    return answered(function, lambda text: nothing(f"<p role='alert'>{html.escape(text)}</p>")[: len(outputs)])


def refuse(text: str) -> None:
    """For the named endpoints: the sentence is an error that a client can catch."""
    raise gr.Error(text, print_exception=False)


def nothing(text: str) -> tuple:
    """Both tabs without a result: two empty outputs, then the text, then, of Compare, no figures."""
    return None, None, text, None


def example_files(folder: Path) -> list[str]:
    """scikit-image's photographs as PNG files."""
    for name in EXAMPLES:
        images.save(Picture(getattr(skimage.data, name)()), folder / f"{name}.png")
    return [str(folder / f"{name}.png") for name in EXAMPLES]


def controls(label: str, examples: list[str], first: str | None):
    """The column that both tabs have: the picture and the settings; and the event of a chosen example."""
    picture = gr.Image(first, label=label, type="filepath", sources=["upload", "clipboard"], height=280)
    picture.preprocess = file_as_it_came
    scale = gr.Radio([(f"x{n}", n) for n in SCALES], value=3, label="Scale")
    loss = gr.Dropdown([*variants.losses().items()], value="mse", label="Trained with the loss")
    ensemble = gr.Checkbox(False, label="Self-ensemble: slower, better")
    chosen = gr.Examples(examples, inputs=picture, label="Example photographs").load_input_event
    return [picture, scale, loss, ensemble], chosen


def file_as_it_came(payload) -> str | None:
    """In place of gr.Image's own, which opens the file: `srcnn.images` does, with checks and words of its own."""
    return payload.path if payload else None


def compute_on_change(function, inputs: list, chosen, outputs: list, empty: str) -> None:
    """A visitor presses no button: every choice shows its result. The named endpoint runs the same function."""
    picture, *settings = inputs
    run = on_page(function, outputs)
    triggers = [picture.upload, *(setting.input for setting in settings)]
    gr.Button(visible=False).click(
        answered(function, refuse), inputs, outputs, api_name=function.__name__, **ONE_AT_A_TIME
    )
    gr.on(triggers, run, inputs, outputs, api_visibility="private", trigger_mode="always_last", **ONE_AT_A_TIME)
    chosen.success(run, inputs, outputs, api_visibility="private", **ONE_AT_A_TIME)
    picture.clear(lambda: nothing(empty)[: len(outputs)], None, outputs, api_visibility="private")


def compare_tab(demo: gr.Blocks, examples: list[str]) -> None:
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            inputs, chosen = controls("Ground truth", examples, first=examples[0])
        with gr.Column(scale=3, elem_classes="results-first"):
            with gr.Row():
                sliders = [slider("Bicubic | SRCNN"), slider("SRCNN | Ground truth")]
            table = gr.HTML(label="Scores", padding=False)
            gr.Markdown(COMPARE_HINT)
    outputs = [*sliders, table, gr.JSON(label="Figures", visible=False)]
    compute_on_change(compare, inputs, chosen, outputs, NO_PICTURE)
    demo.load(on_page(compare, outputs), inputs, outputs, api_visibility="private", **ONE_AT_A_TIME)


def enlarge_tab(examples: list[str]) -> None:
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            inputs, chosen = controls("Picture to enlarge", examples, first=None)
        with gr.Column(scale=3):
            result = slider("Bicubic | SRCNN")
            text = gr.HTML(ENLARGE_HINT, label="Note", padding=False)
            download = gr.DownloadButton("Download PNG", interactive=False)
    compute_on_change(enlarge, inputs, chosen, [result, download, text], ENLARGE_HINT)
    result.change(
        lambda pair: gr.DownloadButton(interactive=pair is not None), result, download, api_visibility="private"
    )


def slider(label: str) -> gr.ImageSlider:
    return gr.ImageSlider(label=label, type="filepath", format="png", interactive=False, max_height=580)


def build() -> gr.Blocks:
    with (
        tempfile.TemporaryDirectory() as folder,  # Gradio takes copies of the examples
        gr.Blocks(title="SRCNN", delete_cache=(600, KEPT_SECONDS)) as demo,
    ):
        examples = example_files(Path(folder))
        gr.Markdown(INTRODUCTION)
        with gr.Tab("Compare"):
            compare_tab(demo, examples)
        with gr.Tab("Enlarge"):
            enlarge_tab(examples)
        gr.api(offered, api_name="variants")
    return demo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME"), help="address to listen on")
    parser.add_argument("--port", type=int, help="port to listen on; default: the first free one from 7860")
    parser.add_argument("--share", action="store_true", help="make a public link through Gradio's servers")
    args = parser.parse_args()
    # the theme's own fonts come from Google
    fonts = {"font": ["system-ui", "sans-serif"], "font_mono": ["ui-monospace", "monospace"]}
    build().queue(max_size=64).launch(
        server_name=args.host,
        server_port=args.port,
        share=args.share,
        max_file_size=MAX_FILE_SIZE,
        theme=gr.themes.Default(**fonts),
        css=CSS,
        ssr_mode=False,
        footer_links=["api"],
    )


if __name__ == "__main__":
    main()
